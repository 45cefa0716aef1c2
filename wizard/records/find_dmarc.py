"""The plan's DMARC record: found by the tree walk, or suggested (RFC 9989)."""

import asyncio
from typing import Any, Final

from wizard.answers import Absent, Answer, Found, NoAnswer, Silence, Txt
from wizard.records.dmarc import (
    is_dmarc,
    is_dmarc_near_miss,
    mend_dmarc,
    parse_dmarc,
    removed_tags,
    suggest_dmarc,
)
from wizard.records.dmarc_discovery import DmarcFinding, discover, record_name, walk
from wizard.records.looking import Look
from wizard.records.plan import PlannedRecord, Purpose, RecordAction, RecordNeed, RecordState
from wizard.records.truth import texts_that
from wizard.texts import Message, message

TTL: Final = 3600
MAX_DESTINATIONS: Final = 5
TOP_LEVEL_SECONDS: Final = 1.5


async def find_dmarc(look: Look, reports: str) -> tuple[PlannedRecord, DmarcFinding]:
    """The record and the policy that holds. ``reports`` is the address for a suggestion."""
    name = record_name(look.domain)
    task = look.begin(name, "TXT", texts_that(is_dmarc))
    answers = await _walk(look)
    truth = await task
    if truth.corrects and truth.agreed is not None:
        answers[look.domain] = truth.agreed
    finding = discover(look.domain, answers)
    own = answers[look.domain]
    state = _state(finding, own)
    value = _value(finding, state, own, look.domain, reports)
    draft = PlannedRecord(
        purpose=Purpose.DMARC,
        type="TXT",
        name=name,
        value=value,
        strings=(value,) if value and _action(state) is not RecordAction.NONE else (),
        ttl=TTL,
        need=RecordNeed.RECOMMENDED,
        why=message("record.why.dmarc"),
        state=state,
        action=_action(state),
        old_value=_old_value(finding, own, look.domain),
        problems=(*_problems(finding, own), *await _unwelcome_reports(finding, look)),
        published=(),
        visible=(),
        notes=_notes(finding, state, look.domain),
    )
    if finding.record is not None and finding.source != look.domain:
        # It stands at another domain's name, whose servers are not this zone's to judge.
        return await look.settle(draft, truth, lambda _: True), finding
    return await look.settle(draft, truth, _is_right), finding


async def _walk(look: Look) -> dict[str, Answer[Txt]]:
    """The answers of the tree walk, asked at once.

    A top-level domain is waited for a moment only: hardly one has a record, and its silence would
    hold up all else.
    """
    places = walk(look.domain)
    asked = {place: look.ask(record_name(place), "TXT") for place in places}
    own = [task for place, task in asked.items() if "." in place]
    top = [task for place, task in asked.items() if "." not in place]
    await asyncio.gather(*own)
    if not any(_is_right(task.result()) for task in own):
        await asyncio.wait(top, timeout=TOP_LEVEL_SECONDS)
    for task in top:
        task.cancel()
    silent = NoAnswer(Silence.TIMEOUT)
    return {
        place: task.result() if task.done() and not task.cancelled() else silent
        for place, task in asked.items()
    }


def _is_right(answer: Answer[Any]) -> bool:
    values = answer.values if isinstance(answer, Found) else ()
    texts = [txt.text for txt in values if is_dmarc(txt.text)]
    return len(texts) == 1 and parse_dmarc(texts[0]).usable


def _state(finding: DmarcFinding, own: Answer[Txt]) -> RecordState:
    if finding.several:
        return RecordState.CONFLICT
    if finding.record is not None:
        return RecordState.OK if finding.record.usable else RecordState.WRONG
    if isinstance(own, NoAnswer) or not finding.sure:
        return RecordState.UNKNOWN
    return RecordState.WRONG if _near_misses(own) else RecordState.MISSING


def _action(state: RecordState) -> RecordAction:
    match state:
        case RecordState.MISSING:
            return RecordAction.CREATE
        case RecordState.WRONG:
            return RecordAction.REPLACE
        case _:
            return RecordAction.NONE


def _value(
    finding: DmarcFinding, state: RecordState, own: Answer[Txt], domain: str, reports: str
) -> str | None:
    if state in (RecordState.MISSING, RecordState.WRONG):
        mended = (mend_dmarc(text) for text in _near_misses(own))
        return next(filter(None, mended), suggest_dmarc(reports))
    if finding.record is not None and finding.source == domain:
        return finding.record.text
    return None


def _old_value(finding: DmarcFinding, own: Answer[Txt], domain: str) -> str | None:
    if finding.record is not None and finding.source == domain:
        return finding.record.text
    return next(iter(_near_misses(own)), None)


def _near_misses(own: Answer[Txt]) -> tuple[str, ...]:
    values = own.values if isinstance(own, Found) else ()
    return tuple(txt.text for txt in values if is_dmarc_near_miss(txt.text))


def _problems(finding: DmarcFinding, own: Answer[Txt]) -> tuple[Message, ...]:
    if finding.several:
        return (message("record.problem.several_dmarc"),)
    said = list(finding.record.problems) if finding.record else []
    if _near_misses(own):
        said.append(message("record.problem.dmarc_near_miss"))
    return tuple(said)


def _notes(finding: DmarcFinding, state: RecordState, domain: str) -> tuple[Message, ...]:
    record = finding.record
    if record is None:
        suggested = state in (RecordState.MISSING, RecordState.WRONG)
        return (message("record.note.dmarc_suggestion"),) if suggested else ()
    notes = []
    inherited = finding.source != domain
    if inherited:
        notes.append(message("record.note.dmarc_inherited", source=finding.source))
    asked = record.asked_of_subdomains if inherited else record.asked
    notes.append(message(f"record.note.dmarc_policy_{asked}"))
    if record.testing:
        notes.append(message("record.note.dmarc_testing"))
    if not record.reports:
        notes.append(message("record.note.dmarc_no_reports"))
    if gone := removed_tags(record.text):
        notes.append(message("record.note.dmarc_removed", tags=", ".join(gone)))
    return tuple(notes)


async def _unwelcome_reports(finding: DmarcFinding, look: Look) -> tuple[Message, ...]:
    """Reports to another organization's address are sent only if it says so in DNS (RFC 9990)."""
    record = finding.record
    if record is None:
        return ()
    own = finding.organizational
    domains = dict.fromkeys(
        address.domain
        for address in record.report_addresses
        if address.domain != own and not address.domain.endswith(f".{own}")
    )
    wanted = list(domains)[:MAX_DESTINATIONS]
    names = [f"{finding.source}._report._dmarc.{domain}" for domain in wanted]
    answers = await asyncio.gather(*(look.resolver.txt(name) for name in names))
    return tuple(
        message("record.problem.dmarc_reports_unwelcome", domain=domain, name=name)
        for domain, name, answer in zip(wanted, names, answers, strict=True)
        if isinstance(answer, Absent)
        or (isinstance(answer, Found) and not any(is_dmarc(txt.text) for txt in answer.values))
    )
