"""Every state, slip and flaw has its sentence, in every language."""

import pytest

from wizard.answers import Silence
from wizard.catalog import Catalog
from wizard.records.dkim import DkimState
from wizard.records.dkim_key import KeyFlaw
from wizard.records.dmarc import Policy
from wizard.records.find_dkim import PROBLEMS
from wizard.records.plan import RecordAction, RecordNeed, RecordState, Slip
from wizard.texts import LANGUAGES, Texts

# Of a name server alone these cannot be said.
ELSEWHERE = {Silence.NO_RESOLVER, Silence.INSIDE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_that_are_made_from_a_value(language: str) -> None:
    texts = Texts.load(language)
    keys = [
        *(f"record.server.{silence}" for silence in set(Silence) - ELSEWHERE),
        *(f"record.problem.dkim_{state}" for state in PROBLEMS),
        *(f"record.problem.key_{flaw}" for flaw in set(KeyFlaw) - {KeyFlaw.WEAK}),
        *(f"record.problem.dmarc_{policy}" for policy in set(Policy) - {Policy.NONE}),
        *(f"record.note.dmarc_policy_{policy}" for policy in Policy),
        *(f"record.note.dmarc_only_{way}" for way in ("spf", "dkim")),
        *(f"record.problem.server_{what}" for what in ("old", "nothing")),
        *(f"record.elsewhere.{slip}" for slip in Slip),
        *(f"record.state.{state}" for state in RecordState),
        *(f"record.need.{need}" for need in RecordNeed),
        *(f"record.why.dkim.{need}" for need in RecordNeed),
        *(f"record.why.provider_dkim.{need}" for need in RecordNeed),
        *(f"hand_over.action.{action}" for action in set(RecordAction) - {RecordAction.NONE}),
        *(f"dns_note.{note}" for host in Catalog.load().dns_hosts.values() for note in host.notes),
    ]
    assert [key for key in keys if key not in texts] == []


def test_every_state_of_an_alias_is_a_problem_or_none() -> None:
    quiet = {DkimState.OK, DkimState.MISSING, DkimState.UNKNOWN, DkimState.NOT_SEEN}
    assert set(DkimState) == PROBLEMS | quiet
