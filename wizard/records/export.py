"""A plan for a zone file, a sheet or a ticket. Pure."""

import csv
import io

from wizard.records.plan import PlannedRecord, RecordAction, RecordPlan


def to_enter(plan: RecordPlan) -> tuple[PlannedRecord, ...]:
    """The records that have to be created or replaced, with a value to enter."""
    wanted = (RecordAction.CREATE, RecordAction.REPLACE)
    return tuple(one for one in plan.records if one.action in wanted and one.value)


def as_zone(plan: RecordPlan) -> str:
    """Lines for a zone file (RFC 1035 section 5), with absolute names."""
    lines = []
    for record in to_enter(plan):
        if record.type == "TXT":
            value = " ".join(_quoted(one) for one in record.strings or (record.value or "",))
        else:
            value = f"{record.value}."
        if record.old_value is not None:
            lines.append(f"; replaces: {record.old_value}")
        lines.append(f"{record.name}.\t{record.ttl}\tIN\t{record.type}\t{value}")
    return "".join(f"{line}\n" for line in lines)


def as_csv(plan: RecordPlan) -> str:
    """One row a record: type, name, value, TTL in seconds, action, old value."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    writer.writerow(["type", "name", "value", "ttl", "action", "old_value"])
    for one in to_enter(plan):
        writer.writerow([one.type, one.name, one.value, one.ttl, one.action, one.old_value or ""])
    return sheet.getvalue()


def as_markdown(plan: RecordPlan) -> str:
    """A table for a ticket."""
    lines = ["| Type | Name | Value | Action |", "| --- | --- | --- | --- |"]
    for one in to_enter(plan):
        value = (one.value or "").replace("|", "\\|")
        lines.append(f"| {one.type} | `{one.name}` | `{value}` | {one.action} |")
    return "".join(f"{line}\n" for line in lines)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
