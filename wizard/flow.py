"""The way through: the eight steps, their order, what is done, stale, failed or open.

The names of the steps and their order are :mod:`wizard.steps`'s; every step may be visited at any
time. What a page looks like does not belong in here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.current import (
    mailbox_freshness,
    open_preparations,
    records_freshness,
    sending_freshness,
    signs_in,
    unproven_mailboxes,
    wanted_mailboxes,
)
from wizard.erp.senders import can_send, sender_settings
from wizard.model import Invalid, Route, Who, readable
from wizard.proof.standing import astray, letter_state
from wizard.records.plan import RecordNeed, RecordState
from wizard.server_form import FormField, Freshness, ServerForm, ServerTest
from wizard.setup import (
    MailboxEntry,
    ReceivingWay,
    Setup,
    parse_company,
)
from wizard.signin.client import AdminConsent, secret_reminder
from wizard.steps import Step as Step
from wizard.steps import StepState as StepState
from wizard.steps import next_step as next_step
from wizard.steps import previous_step as previous_step
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that is left to do, and who can do it."""

    step: Step
    message: Message
    who: Who


_Points = tuple[OpenPoint, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One row of the table: how a step stands, what is open in it, what makes it unusable."""

    step: Step
    state: Callable[[Setup, Catalog], StepState]
    open_points: Callable[[Setup, Catalog], _Points]
    blocker: Callable[[Setup], Message | None]


def state_of(step: Step, setup: Setup, catalog: Catalog) -> StepState:
    return _ROWS[step].state(setup, catalog)


def blocker_of(step: Step, setup: Setup) -> Message | None:
    """What keeps Next from going on: only an entry that cannot be used."""
    return _ROWS[step].blocker(setup)


def open_points(setup: Setup, catalog: Catalog) -> _Points:
    """Everything that is left to do, in the order of the steps."""
    return tuple(point for row in STEPS for point in row.open_points(setup, catalog))


# -- company ---------------------------------------------------------------------------------


def _company_state(setup: Setup, _: Catalog) -> StepState:
    if setup.domain is not None:
        return StepState.DONE
    return StepState.FAILED if setup.company.entry.strip() else StepState.OPEN


def _company_open(setup: Setup, _: Catalog) -> _Points:
    problem = _company_blocker(setup)
    return (OpenPoint(Step.COMPANY, problem, Who.YOU),) if problem else ()


def _company_blocker(setup: Setup) -> Message | None:
    parsed = parse_company(setup.company.entry)
    return parsed.message if isinstance(parsed, Invalid) else None


# -- mail service ----------------------------------------------------------------------------


def _service_state(setup: Setup, catalog: Catalog) -> StepState:
    service, found = setup.service, setup.service.detection
    current = found is not None and found.domain == setup.domain
    servers = found is not None and bool(found.incoming and found.outgoing)
    if not (service.picked or (current and (service.provider or servers))):
        return StepState.OPEN
    return StepState.ATTENTION if open_preparations(setup, catalog) else StepState.DONE


def _service_open(setup: Setup, catalog: Catalog) -> _Points:
    return tuple(
        OpenPoint(Step.SERVICE, message(f"preparation.{one.id}"), Who.MAIL_ADMIN)
        for one in open_preparations(setup, catalog)
    )


# -- sending ---------------------------------------------------------------------------------


def _tested(fresh: Freshness, test: ServerTest | None) -> StepState:
    match fresh:
        case Freshness.NONE:
            return StepState.OPEN
        case Freshness.STALE:
            return StepState.STALE
        case Freshness.FRESH:
            return StepState.DONE if test and test.report.ok else StepState.FAILED


def _sending_state(setup: Setup, _: Catalog) -> StepState:
    if setup.sending.route is Route.PLATFORM:
        return StepState.DONE
    state = _tested(sending_freshness(setup), setup.sending.test)
    if state is StepState.FAILED and can_send(setup):
        # It works with the right settings, and only with them.
        return StepState.DONE if setup.platform.entered else StepState.ATTENTION
    return state


def _sending_open(setup: Setup, catalog: Catalog) -> _Points:
    return _consent_open(setup) + _sending_left(setup, catalog)


def _consent_open(setup: Setup) -> _Points:
    """The administrator's consent to the sign-in, while it is waited for."""
    if setup.signin.admin_consent is not AdminConsent.AWAITED or not signs_in(setup):
        return ()
    said = message("flow.open.sending.admin_consent")
    return (OpenPoint(Step.SENDING, said, Who.MAIL_ADMIN),)


def _sending_left(setup: Setup, catalog: Catalog) -> _Points:
    state = _sending_state(setup, catalog)
    if state is StepState.DONE:
        return ()
    if state is StepState.ATTENTION:
        settings = sender_settings(setup)
        address = readable(settings.from_filter) if settings else ""
        said = message("flow.open.sending.single", address=address)
        return (OpenPoint(Step.SENDING, said, Who.YOU),)
    return (OpenPoint(Step.SENDING, message(f"flow.open.sending.{state}"), Who.YOU),)


def _form_blocker(form: ServerForm, setup: Setup) -> Message | None:
    """The first field that holds something unusable; an empty field is only not done yet."""
    typed = {
        FormField.HOST: form.host,
        FormField.PORT: form.port,
        FormField.USERNAME: form.username,
    }
    parsed = form.parse(setup.receiving.protocol)
    problems = parsed if isinstance(parsed, tuple) else ()
    return next((one.message for one in problems if typed[one.field].strip()), None)


def _sending_blocker(setup: Setup) -> Message | None:
    if setup.sending.route is Route.PLATFORM:
        return None
    return _form_blocker(setup.sending.form, setup)


# -- receiving -------------------------------------------------------------------------------


def _mailbox_states(setup: Setup) -> list[tuple[MailboxEntry, StepState]]:
    return [
        (entry, _tested(mailbox_freshness(setup, entry), entry.test))
        for entry in wanted_mailboxes(setup)
    ]


def _receiving_state(setup: Setup, _: Catalog) -> StepState:
    if setup.receiving.way is not ReceivingWay.READ:
        # Nothing that this program could test: it is seen in the platform only.
        return StepState.ATTENTION
    states = {state for _, state in _mailbox_states(setup)}
    worst = (StepState.FAILED, StepState.STALE, StepState.OPEN)
    return next((state for state in worst if state in states), StepState.DONE)


def _receiving_open(setup: Setup, _: Catalog) -> _Points:
    way = setup.receiving.way
    if way is not ReceivingWay.READ:
        who = Who.DNS_ADMIN if way is ReceivingWay.SUBDOMAIN else Who.MAIL_ADMIN
        return (OpenPoint(Step.RECEIVING, message(f"flow.open.receiving.{way}"), who),)
    return tuple(
        OpenPoint(
            Step.RECEIVING,
            message(f"flow.open.receiving.{state}", address=_address(setup, entry)),
            Who.YOU,
        )
        for entry, state in _mailbox_states(setup)
        if state is not StepState.DONE
    )


def _address(setup: Setup, entry: MailboxEntry) -> str:
    """A mailbox's address for people; its domain may not be known yet."""
    local = entry.local.strip()
    return readable(f"{local}@{setup.domain}") if setup.domain else f"{local}@…"


def _receiving_blocker(setup: Setup) -> Message | None:
    return _form_blocker(setup.receiving.form, setup)


# -- records ---------------------------------------------------------------------------------


def _records_state(setup: Setup, _: Catalog) -> StepState:
    match records_freshness(setup):
        case Freshness.NONE:
            return StepState.OPEN
        case Freshness.STALE:
            return StepState.STALE
        case Freshness.FRESH:
            return StepState.ATTENTION if _records_left(setup) else StepState.DONE


def _records_left(setup: Setup) -> _Points:
    plan = setup.records.plan
    return tuple(
        OpenPoint(
            Step.RECORDS,
            message(
                f"flow.open.records.{record.state}",
                type=record.type,
                name=record.name,
            ),
            Who.DNS_ADMIN,
        )
        for record in (plan.records if plan else ())
        if record.need is RecordNeed.REQUIRED and record.state is not RecordState.OK
    )


def _records_open(setup: Setup, catalog: Catalog) -> _Points:
    state = _records_state(setup, catalog)
    if state in (StepState.OPEN, StepState.STALE):
        return (OpenPoint(Step.RECORDS, message(f"flow.open.records.look_{state}"), Who.YOU),)
    return _records_left(setup)


# -- platform, proof, summary ----------------------------------------------------------------


def _platform_state(setup: Setup, _: Catalog) -> StepState:
    return StepState.DONE if setup.platform.entered else StepState.OPEN


def _platform_open(setup: Setup, _: Catalog) -> _Points:
    points = _secret_open(setup)
    if setup.platform.entered:
        return points
    return (*points, OpenPoint(Step.PLATFORM, message("flow.open.platform.open"), Who.YOU))


def _secret_open(setup: Setup) -> _Points:
    """The end of the client's secret, when it is near. What day it is, is asked for here."""
    said = secret_reminder(setup.signin.client, dt.date.today()) if signs_in(setup) else None
    return (OpenPoint(Step.PLATFORM, said, Who.MAIL_ADMIN),) if said is not None else ()


def _proof_state(setup: Setup, _: Catalog) -> StepState:
    if not setup.proof.letters:
        return StepState.OPEN
    states = {letter_state(setup, letter) for letter in setup.proof.letters}
    if StepState.DONE in states and unproven_mailboxes(setup):
        states.add(StepState.ATTENTION)
    worst = (StepState.FAILED, StepState.STALE, StepState.OPEN, StepState.ATTENTION)
    return next((state for state in worst if state in states), StepState.DONE)


def _proof_open(setup: Setup, _: Catalog) -> _Points:
    letters = setup.proof.letters
    if not letters:
        return (OpenPoint(Step.PROOF, message("flow.open.proof.open"), Who.YOU),)
    points: list[OpenPoint] = []
    if any(letter_state(setup, letter) is StepState.STALE for letter in letters):
        points.append(OpenPoint(Step.PROOF, message("flow.open.proof.stale"), Who.YOU))
    waiting = sum(letter_state(setup, letter) is StepState.OPEN for letter in letters)
    if waiting:
        points.append(OpenPoint(Step.PROOF, message("flow.open.proof.waiting", n=waiting), Who.YOU))
    for letter in letters:
        state = letter_state(setup, letter)
        if state in (StepState.FAILED, StepState.ATTENTION):
            said = message(
                f"flow.open.proof.{astray(letter) or letter.state}",
                sender=readable(letter.sender),
                address=readable(letter.recipient),
            )
            points.append(OpenPoint(Step.PROOF, said, Who.MAIL_ADMIN))
    points += [
        OpenPoint(
            Step.PROOF,
            message("flow.open.proof.mailbox", address=_address(setup, entry)),
            Who.YOU,
        )
        for entry in unproven_mailboxes(setup)
    ]
    return tuple(points)


def _summary_state(setup: Setup, catalog: Catalog) -> StepState:
    if setup.domain is None:
        return StepState.OPEN
    return StepState.ATTENTION if open_points(setup, catalog) else StepState.DONE


def _nothing_open(_: Setup, __: Catalog) -> _Points:
    return ()


def _never_blocked(_: Setup) -> Message | None:
    return None


STEPS: Final = (
    StepRow(Step.COMPANY, _company_state, _company_open, _company_blocker),
    StepRow(Step.SERVICE, _service_state, _service_open, _never_blocked),
    StepRow(Step.SENDING, _sending_state, _sending_open, _sending_blocker),
    StepRow(Step.RECEIVING, _receiving_state, _receiving_open, _receiving_blocker),
    StepRow(Step.RECORDS, _records_state, _records_open, _never_blocked),
    StepRow(Step.PLATFORM, _platform_state, _platform_open, _never_blocked),
    StepRow(Step.PROOF, _proof_state, _proof_open, _never_blocked),
    StepRow(Step.SUMMARY, _summary_state, _nothing_open, _never_blocked),
)
_ROWS: Final = {row.step: row for row in STEPS}
