"""What of a set-up is proven to work, and when it was tested. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from wizard.current import mailbox_freshness, records_freshness, sending_freshness, wanted_mailboxes
from wizard.erp.senders import can_send
from wizard.flow import Step, StepState
from wizard.model import Route, readable
from wizard.proof.standing import letter_state
from wizard.records.plan import RecordState
from wizard.server_form import Freshness
from wizard.setup import Setup
from wizard.texts import Message, duration, message

MAX_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Working:
    """Something that was tested in this session and works; ``when`` is an aware time."""

    step: Step
    message: Message
    when: datetime | None


def working(setup: Setup) -> tuple[Working, ...]:
    """Everything that is proven to work now, in the order of the steps."""
    return (*_sending(setup), *_receiving(setup), *_records(setup), *_proof(setup))


def _sending(setup: Setup) -> list[Working]:
    test = setup.sending.test
    fresh = sending_freshness(setup) is Freshness.FRESH
    if setup.sending.route is Route.PLATFORM or test is None or not fresh:
        return []
    if not (test.report.ok or can_send(setup)):
        return []
    settings = test.report.settings
    said = message("summary.working.sending", host=settings.host, port=str(settings.port))
    return [Working(Step.SENDING, said, test.report.finished)]


def _receiving(setup: Setup) -> list[Working]:
    """A few mailboxes by name; many in one line, so that they do not bury the rest."""
    tested = [
        (readable(f"{entry.local.strip()}@{setup.domain}"), entry.test.report.finished)
        for entry in wanted_mailboxes(setup)
        if entry.test is not None
        and entry.test.report.ok
        and mailbox_freshness(setup, entry) is Freshness.FRESH
    ]
    if len(tested) > MAX_NAMED:
        said = message("summary.working.mailboxes", n=len(tested))
        return [Working(Step.RECEIVING, said, max(when for _, when in tested))]
    return [
        Working(Step.RECEIVING, message("summary.working.mailbox", address=address), when)
        for address, when in tested
    ]


def _records(setup: Setup) -> list[Working]:
    plan = setup.records.plan
    if plan is None or records_freshness(setup) is not Freshness.FRESH:
        return []
    return [
        Working(
            Step.RECORDS,
            message("summary.working.record", type=record.type, name=record.name),
            None,
        )
        for record in plan.records
        if record.state is RecordState.OK
    ]


def _proof(setup: Setup) -> list[Working]:
    """What arrived, in one line: what did not is open, and stands there letter by letter."""
    arrived = [
        (letter.sent, letter.arrival.elapsed_ms)
        for letter in setup.proof.letters
        if letter_state(setup, letter) is StepState.DONE and letter.arrival is not None
    ]
    if not arrived:
        return []
    slowest = max(elapsed_ms for _, elapsed_ms in arrived)
    said = message("summary.working.proof", n=len(arrived), after=duration(slowest))
    latest = max((sent for sent, _ in arrived if sent is not None), default=None)
    return [Working(Step.PROOF, said, latest)]
