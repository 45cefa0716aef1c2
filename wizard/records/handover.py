"""A letter to the person who owns the DNS: what to enter, in place of what, and why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.model import to_unicode
from wizard.records.export import one_line, to_enter
from wizard.records.host_form import host_field, time_to_live, traps, value_field
from wizard.records.misplaced import elsewhere_message
from wizard.records.plan import PlannedRecord, RecordNeed, RecordPlan, RecordState

if TYPE_CHECKING:
    from wizard.catalog import DnsHost
    from wizard.texts import Texts

_WANTED = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
_GOOD = (RecordState.OK, RecordState.PROPAGATING)


def hand_over(plan: RecordPlan, host: DnsHost | None, texts: Texts) -> str:
    """Plain text in the language of ``texts``, to mail or to put into a ticket."""
    domain = to_unicode(plan.subject.domain)
    order = list(RecordNeed)
    entered = sorted(to_enter(plan), key=lambda record: order.index(record.need))
    open_ones = [
        one
        for one in plan.records
        if one not in entered and one.need in _WANTED and one.state not in _GOOD
    ]
    lines = [texts("hand_over.subject", domain=domain), ""]
    if not entered and not open_ones:
        lines += [texts("hand_over.nothing", domain=domain)]
        return _text(lines)
    if entered:
        lines += [texts("hand_over.intro", domain=domain)]
        if host is not None:
            lines += [texts("hand_over.host", host=host.name)]
        for number, record in enumerate(entered, 1):
            lines += ["", *_entry(number, record, plan, host, texts)]
    if open_ones:
        lines += ["", texts("hand_over.open")]
        for record in open_ones:
            lines += ["", *_open(record, texts)]
    lines += ["", texts("hand_over.end")]
    return _text(lines)


def _entry(
    number: int, record: PlannedRecord, plan: RecordPlan, host: DnsHost | None, texts: Texts
) -> list[str]:
    field = host_field(record.name, plan.zone, host)
    value = value_field(record.type, record.value or "", host)
    need = texts(f"record.need.{record.need}")
    action = texts(f"hand_over.action.{record.action}")
    lines = [f"{number}. {record.type} {record.name} ({need}): {action}"]
    rows = [
        ("name", f"{field}   ({record.name}.)"),
        ("type", record.type),
        ("ttl", str(time_to_live(record.ttl, host))),
    ]
    if record.old_value:
        rows.append(("old", one_line(record.old_value)))
    rows.append(("new", value))
    rows.append(("why", texts.render(record.why)))
    lines += [f"   {texts(f'hand_over.{key}')}: {text}" for key, text in rows]
    said = [texts.render(one) for one in record.problems]
    said += [texts.render(elsewhere_message(one, record, field)) for one in record.found_elsewhere]
    said += [texts(f"dns_note.{trap}") for trap in traps(record, host)]
    return lines + [f"   ! {one}" for one in said]


def _open(record: PlannedRecord, texts: Texts) -> list[str]:
    state = texts(f"record.state.{record.state}")
    lines = [f"- {record.type} {record.name}: {state}"]
    if record.old_value:
        lines.append(f"   {texts('hand_over.old')}: {one_line(record.old_value)}")
    lines += [f"   ! {texts.render(one)}" for one in record.problems]
    return lines + _ways_out(record, texts)


def _ways_out(record: PlannedRecord, texts: Texts) -> list[str]:
    """What to do first about an SPF record that cannot be edited as it is."""
    lines: list[str] = []
    for way in record.spf.ways if record.spf else ():
        lines.append(f"   {texts('cli.spf.way', who=texts(f'who.{way.who}'))}")
        lines += [f"   {n}. {texts.render(step)}" for n, step in enumerate(way.steps, 1)]
        if way.proposal is not None:
            lines += [f"   {texts('spf.way.proposal')}", f"   {one_line(way.proposal)}"]
    return lines


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
