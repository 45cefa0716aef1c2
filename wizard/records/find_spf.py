"""The plan's SPF record: the present one, the edit, and how both stand at every server.

How a record is edited is in ``spf``.
"""

from dataclasses import replace
from typing import Any, Final

from wizard.answers import Answer, Found
from wizard.records.looking import Look
from wizard.records.needs import Needs
from wizard.records.plan import PlannedRecord, Purpose, RecordAction, RecordState
from wizard.records.spf.edit import SpfAction, SpfEdit, edit_spf
from wizard.records.spf.effect import report_on
from wizard.records.spf.parse import is_spf, problem_message
from wizard.records.spf.snapshot import Snapshot, take_snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.records.truth import texts_that
from wizard.texts import Message, message

TTL: Final = 3600


async def find_spf(look: Look, needs: Needs, server: str) -> tuple[PlannedRecord, str | None]:
    """The record, and the one value that is published now, for undo.

    ``server`` is the host the set-up sends through, empty for none.
    """
    task = look.begin(look.domain, "TXT", texts_that(is_spf))
    snapshot = await take_snapshot(look.domain, needs.includes, look.resolver)
    truth = await task
    if truth.corrects and truth.agreed is not None:
        # A resolver remembers an older record: an edit of that one could lose a term.
        known = look.resolver.knowing({(look.domain, "TXT"): truth.agreed})
        snapshot = await take_snapshot(look.domain, needs.includes, known)
    edit = edit_spf(snapshot, needs.includes)
    if edit.action is SpfAction.CREATE and not needs.includes:
        # Nobody's servers are known, so there is nothing to put into a new record.
        edit = replace(edit, record=None, strings=())
    if truth.differ:
        # Which of the two states is the newer one nobody can tell: an edit could undo it.
        edit = replace(edit, record=None, strings=())
    report = await report_on(snapshot, edit, needs.includes, look.resolver, server=server)
    draft = replace(_draft(look.domain, needs, edit), spf=report)

    judged: dict[Answer[Any], bool] = {}

    def right(answer: Answer[Any]) -> bool:
        # Servers that agree say the same with other times to live.
        same = replace(answer, ttl=0) if isinstance(answer, Found) else answer
        if same not in judged:
            judged[same] = _is_right(snapshot, answer, needs.includes)
        return judged[same]

    record = await look.settle(draft, truth, right)
    return record, edit.found[0] if len(edit.found) == 1 else None


def _is_right(snapshot: Snapshot, answer: Answer[Any], includes: tuple[str, ...]) -> bool:
    """Would nothing have to be changed if this were the answer?"""
    assumed = replace(snapshot, txt={**snapshot.txt, snapshot.domain: answer})
    edit = edit_spf(assumed, includes)
    return edit.action is SpfAction.NONE and bool(edit.found)


def _draft(domain: str, needs: Needs, edit: SpfEdit) -> PlannedRecord:
    state, action = _state(edit)
    if edit.record is None:
        action = RecordAction.NONE
    return PlannedRecord(
        purpose=Purpose.SPF,
        type="TXT",
        name=domain,
        value=edit.record or (edit.found[0] if state is RecordState.OK else None),
        strings=edit.strings,
        ttl=TTL,
        need=needs.spf,
        why=needs.spf_why,
        state=state,
        action=action,
        old_value=edit.found[0] if len(edit.found) == 1 else None,
        problems=_problems(edit),
        published=(),
        visible=(),
    )


def _state(edit: SpfEdit) -> tuple[RecordState, RecordAction]:
    match edit.action:
        case SpfAction.CREATE:
            return RecordState.MISSING, RecordAction.CREATE
        case SpfAction.UPDATE:
            return RecordState.WRONG, RecordAction.REPLACE
        case SpfAction.NONE:
            state = RecordState.OK if edit.found else RecordState.MISSING
            return state, RecordAction.NONE
        case SpfAction.FIX_FIRST:
            only_silence = not set(edit.warnings) & BLOCKING and not edit.found
            silent = SpfWarning.DNS_TEMPERROR in edit.warnings and only_silence
            return RecordState.UNKNOWN if silent else RecordState.CONFLICT, RecordAction.NONE


def _problems(edit: SpfEdit) -> tuple[Message, ...]:
    """What to say about the record: the errors in it first, then every warning."""
    said = [problem_message(problem) for problem in edit.problems]
    said += [message(f"spf.warning.{code}") for code in edit.warnings]
    return tuple(said)
