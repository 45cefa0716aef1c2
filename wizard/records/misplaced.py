"""Where people put a record by mistake, and what happens to its value on the way. Pure.

Each slip is a row: where to look, and the sentence that says what to change there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.records.dkim_key import read_key
from wizard.records.dmarc import is_dmarc, is_dmarc_near_miss
from wizard.records.plan import Misplaced, PlannedRecord, Purpose, Slip
from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.parse import is_spf
from wizard.texts import Message, message


@dataclass(frozen=True, slots=True)
class Place:
    """A name and type to look at, and the slip that leads there."""

    name: str
    type: str
    slip: Slip


def places(record: PlannedRecord, domain: str, zone: str) -> tuple[Place, ...]:
    """Where a missing record may stand instead, the most usual mistake first."""
    name = record.name
    types = ("CNAME", "TXT") if record.type == "CNAME" else (record.type,)
    found = [(f"{name}.{apex}", Slip.DOUBLED_DOMAIN) for apex in dict.fromkeys((domain, zone))]
    if name == domain:
        found.append((f"@.{domain}", Slip.AT_SIGN))
    else:
        found += _without_underscore(name)
        if record.purpose is Purpose.DKIM:
            found.append((f"_domainkey.{domain}", Slip.NO_SELECTOR))
    rows = [Place(place, kind, slip) for place, slip in found for kind in types]
    if name != domain:
        # An alias cannot stand at the apex, so what was meant as one is a TXT record there.
        rows.append(Place(domain, "TXT", Slip.APEX))
    if record.type == "CNAME":
        rows.append(Place(name, "TXT", Slip.TXT_INSTEAD_OF_CNAME))
    return tuple(row for row in rows if len(row.name) <= 253)


def _without_underscore(name: str) -> list[tuple[str, Slip]]:
    bare = name.replace("._", ".").removeprefix("_")
    return [(bare, Slip.NO_UNDERSCORE)] if bare != name else []


def is_meant(record: PlannedRecord, value: str) -> bool:
    """Was a value found elsewhere meant to be this record?"""
    plain = _plain(value)
    match record.purpose:
        case Purpose.SPF:
            return is_spf(plain) or is_near_miss(value)
        case Purpose.DMARC:
            return is_dmarc(plain) or is_dmarc_near_miss(value)
        case Purpose.DKIM:
            target = (record.value or "").lower()
            if target and (plain.lower() == target or plain.lower().startswith(f"{target}.")):
                return True
            said = any(mark in plain.lower() for mark in ("v=dkim1", "k=rsa", "k=ed25519"))
            return said and read_key(plain) is not None
        case Purpose.MX:
            return False


def slip_in_value(record: PlannedRecord, values: Sequence[str], zone: str) -> tuple[Misplaced, ...]:
    """What went wrong with a value that stands at the right name."""
    found = []
    for value in values:
        slip = _slip(record, value, zone)
        if slip is not None:
            found.append(Misplaced(record.name, record.type, value, slip))
    return tuple(found)


def _slip(record: PlannedRecord, value: str, zone: str) -> Slip | None:
    if record.type == "CNAME":
        return Slip.TRAILING_DOT if value.startswith(f"{record.value}.{zone}") else None
    if not is_meant(record, value) or is_spf(value) or is_dmarc(value):
        return None
    if any(mark in value for mark in "\"“”„'"):
        return Slip.QUOTES
    return Slip.SPACES if value != value.strip() else None


def _plain(value: str) -> str:
    return value.strip(" \t\"'“”„").rstrip(".").strip()


def elsewhere_message(found: Misplaced, record: PlannedRecord, host_field: str) -> Message:
    """What exactly to change; ``host_field`` is the name as this DNS host's form wants it."""
    return message(
        f"record.elsewhere.{found.slip}",
        found=found.name,
        type=found.type,
        value=found.value,
        name=record.name,
        wanted_type=record.type,
        field=host_field,
    )
