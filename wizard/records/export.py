"""A plan for a zone file, a sheet or a ticket. Pure.

Old values come out of somebody's DNS: whatever is in them, they stay what they are in each form.
"""

import csv
import io
import re
from typing import Final

from wizard.records.plan import PlannedRecord, RecordAction, RecordPlan

MAX_STRING: Final = 255
_COLUMNS: Final = ("type", "name", "value", "ttl", "action", "old_value")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def to_enter(plan: RecordPlan) -> tuple[PlannedRecord, ...]:
    """The records that have to be created or replaced, with a value to enter."""
    wanted = (RecordAction.CREATE, RecordAction.REPLACE)
    return tuple(one for one in plan.records if one.action in wanted and one.value)


def as_zone(plan: RecordPlan) -> str:
    """Lines for a zone file (RFC 1035 section 5), with absolute names."""
    lines = []
    for record in to_enter(plan):
        if record.type == "TXT":
            value = " ".join(map(_quoted, _strings(record)))
        else:
            value = f"{(record.value or '').rstrip('.')}."
        if record.old_value is not None:
            lines.append(f"; replaces: {one_line(record.old_value)}")
        lines.append(f"{record.name}.\t{record.ttl}\tIN\t{record.type}\t{value}")
    return "".join(f"{line}\n" for line in lines)


def as_csv(plan: RecordPlan) -> str:
    """One row a record: type, name, value, TTL in seconds, action, old value (RFC 4180)."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(_COLUMNS)
    for one in to_enter(plan):
        writer.writerow([one.type, one.name, one.value, one.ttl, one.action, one.old_value or ""])
    return sheet.getvalue()


def as_markdown(plan: RecordPlan) -> str:
    """A table for a ticket, with the columns of the sheet."""
    lines = [
        "| Type | Name | Value | TTL | Action | Old value |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for one in to_enter(plan):
        old = _code(one.old_value) if one.old_value else ""
        cells = (one.type, _code(one.name), _code(one.value or ""), str(one.ttl), one.action, old)
        lines.append(f"| {' | '.join(cells)} |")
    return "".join(f"{line}\n" for line in lines)


def one_line(text: str) -> str:
    """A text that stays on its line: control characters as in a zone file."""
    return _CONTROL.sub(lambda found: f"\\{ord(found[0]):03d}", text)


def _strings(record: PlannedRecord) -> tuple[str, ...]:
    if record.strings:
        return record.strings
    text = record.value or ""
    return tuple(text[start : start + MAX_STRING] for start in range(0, len(text), MAX_STRING))


def _quoted(text: str) -> str:
    """A character-string; what is not plain ASCII as its octet in decimal (RFC 1035 5.1)."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if 0x20 <= ord(character) < 0x7F else f"\\{ord(character):03d}"


def _code(text: str) -> str:
    """A code span in a table's cell: a longer fence than any inside, bars escaped (GFM)."""
    plain = one_line(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", plain)), default=0) + 1)
    space = " " if plain.startswith(("`", " ")) or plain.endswith(("`", " ")) else ""
    return f"{fence}{space}{plain}{space}{fence}"
