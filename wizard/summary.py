"""The set-up as text: what works, what is open, who has to act. No secret is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from wizard.erp.senders import can_send
from wizard.flow import (
    STEPS,
    Step,
    StepState,
    letter_state,
    mailbox_freshness,
    open_points,
    records_freshness,
    sending_freshness,
    state_of,
    wanted_mailboxes,
)
from wizard.model import Route, to_unicode
from wizard.records.plan import RecordState
from wizard.server_form import Freshness
from wizard.setup import Setup
from wizard.texts import Message, Texts, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Working:
    """Something that was tested in this session and works; ``when`` is an aware time."""

    step: Step
    message: Message
    when: datetime | None


def working(setup: Setup) -> tuple[Working, ...]:
    """Everything that is proven to work now, in the order of the steps."""
    return (*_sending(setup), *_receiving(setup), *_records(setup), *_proof(setup))


def summary_text(setup: Setup, catalog: Catalog, texts: Texts) -> str:
    """The summary as plain text, to copy, mail or save."""
    domain = to_unicode(setup.domain or setup.company.entry.strip())
    platform = catalog.platforms.get(setup.company.platform)
    provider = catalog.providers.get(setup.service.provider or "")
    lines = [
        texts("summary.text.title", domain=domain),
        "",
        texts("summary.text.platform", name=platform.name if platform else ""),
        texts("summary.text.provider", name=provider.name if provider else texts("service.other")),
        texts("summary.text.route", route=texts(f"route.{setup.sending.route}")),
        "",
        texts("summary.text.steps"),
    ]
    lines += [
        f"  - {texts(f'step.{row.step}')}: "
        f"{texts(f'step_state.{state_of(row.step, setup, catalog)}')}"
        for row in STEPS[:-1]
    ]
    lines += ["", texts("summary.text.working")]
    done = working(setup)
    lines += [f"  - {texts.render(one.message)}{_at(one.when)}" for one in done]
    lines += [] if done else [f"  - {texts('summary.text.nothing')}"]
    points = open_points(setup, catalog)
    lines += ["", texts("summary.text.open")]
    lines += [
        f"  {number}. {texts.render(point.message)} ({texts(f'who.{point.who}')})"
        for number, point in enumerate(points, 1)
    ]
    lines += [] if points else [f"  - {texts('summary.text.all_done')}"]
    if setup.records.old_spf:
        lines += ["", texts("summary.text.old_spf"), f"  {setup.records.old_spf}"]
    return "\n".join(lines) + "\n"


def _at(when: datetime | None) -> str:
    return f" ({when.astimezone():%Y-%m-%d %H:%M})" if when else ""


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
    return [
        Working(
            Step.RECEIVING,
            message("summary.working.mailbox", address=f"{entry.local.strip()}@{setup.domain}"),
            entry.test.report.finished,
        )
        for entry in wanted_mailboxes(setup)
        if entry.test is not None
        and entry.test.report.ok
        and mailbox_freshness(setup, entry) is Freshness.FRESH
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
    return [
        Working(
            Step.PROOF,
            message(
                "summary.working.proof",
                sender=letter.sender,
                recipient=letter.recipient,
                seconds=f"{letter.arrival.elapsed_ms / 1000:.1f}",
            ),
            letter.sent,
        )
        for letter in setup.proof.letters
        if letter_state(setup, letter) is StepState.DONE and letter.arrival is not None
    ]
