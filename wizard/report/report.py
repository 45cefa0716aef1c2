"""The report on a set-up: what works and how it was tested, what is open, what was entered. Pure.

No secret is in it: a set-up holds none, and fields that want one say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.erp.forms import ErpForm, platform_forms
from wizard.flow import OpenPoint, open_points
from wizard.model import Who, readable, to_unicode
from wizard.proof.authentication import Method
from wizard.proof.report import LetterState, ProofLetter
from wizard.proof.standing import letter_state
from wizard.records.plan import RecordNeed
from wizard.report.document import Block, Exact, Heading, Items, Paragraph, Table
from wizard.steps import StepState
from wizard.summary import Working, working
from wizard.texts import Message, duration

if TYPE_CHECKING:
    from datetime import datetime

    from wizard.catalog import Catalog
    from wizard.setup import Setup
    from wizard.texts import Texts


def report(setup: Setup, catalog: Catalog, texts: Texts, now: datetime) -> tuple[Block, ...]:
    """The whole report; ``now`` is an aware time."""
    return (
        *_head(setup, catalog, texts, now),
        *_works(working(setup), texts),
        *_open(open_points(setup, catalog), texts),
        *_proof(setup, texts),
        *_records(setup, texts),
        *_undo(setup, texts),
        *_forms(platform_forms(setup, catalog), texts),
    )


def brief(setup: Setup, catalog: Catalog, texts: Texts, now: datetime) -> tuple[Block, ...]:
    """What works and what is open, for a terminal."""
    return (
        *_head(setup, catalog, texts, now),
        *_works(working(setup), texts),
        *_open(open_points(setup, catalog), texts),
        *_undo(setup, texts),
    )


def title(setup: Setup, texts: Texts) -> str:
    """The report's own name."""
    domain = to_unicode(setup.domain or setup.company.entry.strip())
    return texts("summary.text.title", domain=domain)


def _head(setup: Setup, catalog: Catalog, texts: Texts, now: datetime) -> list[Block]:
    platform = catalog.platforms.get(setup.company.platform)
    provider = catalog.providers.get(setup.service.provider or "")
    lines = (
        texts("summary.text.platform", name=platform.name if platform else ""),
        texts("summary.text.provider", name=provider.name if provider else texts("service.other")),
        texts("summary.text.route", route=texts(f"route.{setup.sending.route}")),
        texts("report.made", time=_time(now)),
    )
    return [Heading(title(setup, texts), 1), Items(lines)]


def _works(works: tuple[Working, ...], texts: Texts) -> list[Block]:
    heading = Heading(texts("summary.text.working"))
    if not works:
        return [heading, Paragraph(texts("summary.text.nothing"))]
    head = (texts("report.what"), texts("report.step"), texts("report.tested"))
    rows = tuple(
        (
            texts.render(one.message),
            texts(f"step.{one.step}"),
            _time(one.when) if one.when else "",
        )
        for one in works
    )
    return [heading, Table(head, rows)]


def _open(points: tuple[OpenPoint, ...], texts: Texts) -> list[Block]:
    """In the order of the steps, each with who can do it; then the same by person."""
    heading = Heading(texts("summary.text.open"))
    if not points:
        return [heading, Paragraph(texts("summary.text.all_done"))]
    blocks: list[Block] = [heading]
    for who in Who:
        mine = tuple(texts.render(one.message) for one in points if one.who is who)
        if mine:
            blocks += [Heading(texts(f"report.who.{who}"), 3), Items(mine, numbered=True)]
    return blocks


def _proof(setup: Setup, texts: Texts) -> list[Block]:
    if not setup.proof.letters:
        return []
    head = (
        texts("proof_page.column.recipient"),
        texts("proof_page.column.sender"),
        texts("proof_page.column.state"),
        texts("proof_page.column.time"),
        "SPF, DKIM, DMARC",
    )
    rows = tuple(_letter(setup, letter, texts) for letter in setup.proof.letters)
    return [Heading(texts("step.proof")), Table(head, rows)]


def _letter(setup: Setup, letter: ProofLetter, texts: Texts) -> tuple[str, ...]:
    arrival = letter.arrival
    state, after, checks = texts(f"proof_page.state.{letter.state}"), "", ""
    if letter.state is LetterState.ARRIVED and arrival is not None:
        state = texts(f"proof_page.place.{arrival.place}")
        after = texts.render(duration(arrival.elapsed_ms))
        read = arrival.authentication
        verdicts = [read.verdict(method) for method in Method] if read else []
        checks = ", ".join(str(one or "–") for one in verdicts)
    if letter_state(setup, letter) is StepState.STALE:
        state = texts("proof_page.state.stale", state=state)
    return readable(letter.recipient), readable(letter.sender), state, after, checks


def _records(setup: Setup, texts: Texts) -> list[Block]:
    plan = setup.records.plan
    wanted = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
    records = [one for one in plan.records if one.need in wanted] if plan else []
    if not records:
        return []
    head = (
        texts("report.record"),
        texts("records_page.value"),
        texts("report.need"),
        texts("report.state"),
    )
    rows = tuple(
        (
            f"{one.type} {one.name}",
            one.value or "",
            texts(f"record.need.{one.need}"),
            texts(f"record.state.{one.state}"),
        )
        for one in records
    )
    return [Heading(texts("step.records")), Table(head, rows, fixed=(0, 1))]


def _undo(setup: Setup, texts: Texts) -> list[Block]:
    old = setup.records.old_spf
    if not old:
        return []
    name = setup.records.old_spf_domain or setup.domain or ""
    return [
        Heading(texts("summary.text.old_spf")),
        Paragraph(texts("report.undo", name=name)),
        Exact(old),
    ]


def _forms(forms: tuple[ErpForm, ...], texts: Texts) -> list[Block]:
    if not forms:
        return []
    blocks: list[Block] = [Heading(texts("step.platform"))]
    for form in forms:
        blocks.append(Heading(texts.render(form.title), 3))
        if form.hint is not None:
            blocks.append(Paragraph(texts.render(form.hint)))
        head = (texts("report.field"), texts("report.value"))
        blocks.append(Table(head, form_rows(form, texts), fixed=(1,)))
    return blocks


def form_rows(form: ErpForm, texts: Texts) -> tuple[tuple[str, str], ...]:
    """Label and value of each field; a secret is only named."""
    return tuple(
        (
            texts.render(field.label),
            texts("report.secret")
            if field.secret
            else texts.render(field.value)
            if isinstance(field.value, Message)
            else field.value,
        )
        for field in form.fields
    )


def _time(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M}"
