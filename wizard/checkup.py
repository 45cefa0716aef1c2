"""A saved set-up beside itself as it is now: what works, what does not, what changed. Pure.

The looking is :mod:`wizard.actions`'s; a set-up with new results in it is compared with the one
that was saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wizard.current import wanted_mailboxes
from wizard.diagnosis.cause import Cause
from wizard.erp.senders import can_send, senders_of
from wizard.model import Protocol, Route, ServerSettings, Stage
from wizard.probe.report import ProbeReport
from wizard.records.plan import PlannedRecord, RecordNeed, RecordState
from wizard.server_form import ServerTest
from wizard.setup import Setup, mailbox_form
from wizard.texts import Message, message


class Subject(StrEnum):
    """What is looked at."""

    SENDING = "sending"
    SENDER = "sender"
    MAILBOX = "mailbox"
    RECORD = "record"


class Health(StrEnum):
    """How it stands; ``UNKNOWN``: nobody could look, ``UNTESTED``: nobody ever did."""

    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    UNTESTED = "untested"


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing, now and when the set-up was saved. ``report`` is the failed test, if one failed.

    ``value`` and ``was`` are a record's published values where they differ.
    """

    subject: Subject
    name: str
    health: Health
    before: Health
    detail: str | Message = ""
    value: str = ""
    was: str = ""
    report: ProbeReport | None = None

    @property
    def changed(self) -> bool:
        known = {self.health, self.before} <= {Health.OK, Health.WRONG}
        return (known and self.health is not self.before) or self.value != self.was


def compare(saved: Setup, now: Setup) -> tuple[Checked, ...]:
    """Everything that was looked at, in the order of the steps."""
    return (*_sending(saved, now), *_mailboxes(saved, now), *_records(saved, now))


def can_be_tested(setup: Setup) -> bool:
    """Is there an outgoing server with usable entries?"""
    if setup.sending.route is Route.PLATFORM:
        return False
    return isinstance(setup.sending.form.parse(Protocol.SMTP), ServerSettings)


def mailboxes_can_be_tested(setup: Setup) -> bool:
    """Do all wanted mailboxes have usable entries?"""
    forms = [
        mailbox_form(setup.receiving, one, setup.domain or "") for one in wanted_mailboxes(setup)
    ]
    protocol = setup.receiving.protocol
    return bool(forms) and all(isinstance(one.parse(protocol), ServerSettings) for one in forms)


def _health(test: ServerTest | None) -> Health:
    if test is None:
        return Health.UNTESTED
    failure = test.report.failure
    if failure is None:
        return Health.OK
    # Nothing to log in with, or nobody to ask: that says nothing about the server.
    silent = failure.cause is Cause.DNS_UNAVAILABLE or _lacks_secret(test)
    return Health.UNKNOWN if silent else Health.WRONG


def _lacks_secret(test: ServerTest) -> bool:
    failure = test.report.failure
    if failure is None or failure.cause is not Cause.AUTH_REQUIRED:
        return False
    return failure.stage is Stage.AUTH and not test.report.transcript


def _detail(test: ServerTest | None) -> str | Message:
    if test is None or test.report.failure is None:
        return ""
    return message("cli.doctor.no_secret") if _lacks_secret(test) else test.report.failure.words


def _sending(saved: Setup, now: Setup) -> list[Checked]:
    if now.sending.route is Route.PLATFORM:
        return []
    form, test = now.sending.form, now.sending.test
    name = f"{form.host.strip()}:{form.port.strip()}"
    if not can_be_tested(now):
        unusable = message("cli.doctor.unusable")
        before = _health(saved.sending.test)
        return [Checked(Subject.SENDING, name, Health.UNKNOWN, before, unusable)]
    health, before = _health(test), _health(saved.sending.test)
    # A server for one sender refuses the others, and works for that one.
    health = Health.OK if health is Health.WRONG and can_send(now) else health
    served = saved.sending.test is not None and any(
        one.accepted for one in saved.sending.test.report.senders
    )
    before = Health.OK if before is Health.WRONG and served else before
    report = test.report if test is not None and health is Health.WRONG else None
    checked = [Checked(Subject.SENDING, name, health, before, _detail(test), report=report)]
    return checked + _senders(saved.sending.test, test, now)


def _senders(saved: ServerTest | None, test: ServerTest | None, now: Setup) -> list[Checked]:
    """The matrix: a sender that was refused before as well is as it should be."""
    earlier = {one.sender: one.accepted for one in saved.report.senders} if saved else {}
    taken = {one.sender: one for one in test.report.senders} if test else {}
    rows = []
    for sender in map(str, senders_of(now)):
        result = taken.get(sender)
        if result is None:
            continue
        before = Health.UNTESTED
        if sender in earlier:
            before = Health.OK if earlier[sender] else Health.WRONG
        as_before = result.accepted or before is Health.WRONG
        health = Health.OK if as_before else Health.WRONG
        before = Health.OK if before is Health.WRONG and not result.accepted else before
        detail = "" if result.accepted else result.reply
        rows.append(Checked(Subject.SENDER, sender, health, before, detail))
    return rows


def _mailboxes(saved: Setup, now: Setup) -> list[Checked]:
    earlier = {entry.id: entry.test for entry in saved.receiving.mailboxes}
    rows = []
    usable = mailboxes_can_be_tested(now)
    for entry in wanted_mailboxes(now):
        health = _health(entry.test) if usable else Health.UNKNOWN
        detail = _detail(entry.test) if usable else message("cli.doctor.unusable")
        rows.append(
            Checked(
                Subject.MAILBOX,
                f"{entry.local.strip()}@{now.domain}",
                health,
                _health(earlier.get(entry.id)),
                detail,
                report=entry.test.report if entry.test and health is Health.WRONG else None,
            )
        )
    return rows


def _records(saved: Setup, now: Setup) -> list[Checked]:
    plan, before = now.records.plan, saved.records.plan
    if plan is None:
        return []
    known = {_key(one): one for one in before.records} if before else {}
    rows = []
    for record in plan.records:
        old = known.get(_key(record))
        health, earlier = _state(record), _state(old) if old else Health.UNTESTED
        # What is only recommended counts once it was there.
        there = Health.OK in (health, earlier)
        recommended = record.need is RecordNeed.RECOMMENDED and there
        if record.need is not RecordNeed.REQUIRED and not recommended:
            continue
        value, was = _published(record), _published(old) if old else _published(record)
        if health is Health.UNKNOWN:
            value = was
        rows.append(
            Checked(
                Subject.RECORD,
                f"{record.type} {record.name}",
                health,
                earlier,
                message(f"record.state.{record.state}"),
                value,
                was,
            )
        )
    return rows


def _key(record: PlannedRecord) -> tuple[str, str, str]:
    return record.purpose, record.type, record.name


def _state(record: PlannedRecord) -> Health:
    match record.state:
        case RecordState.OK:
            return Health.OK
        case RecordState.UNKNOWN:
            return Health.UNKNOWN
        case _:
            return Health.WRONG


def _published(record: PlannedRecord) -> str:
    """What stands there, as the first server that answered says it."""
    answers = (*record.published, *record.visible)
    values = next((one.values for one in answers if one.values is not None), ())
    return " | ".join(sorted(values))
