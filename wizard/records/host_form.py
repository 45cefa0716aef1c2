"""A record in the form that a DNS host's console wants it. Pure.

What no source says about a console is not assumed: there the usual way is offered.
"""

from typing import Final

from wizard.catalog import DnsHost, HostField, TrailingDot, TxtQuotes
from wizard.records.plan import PlannedRecord, Purpose, RecordAction

MAX_STRING: Final = 255
# The traps of a host's form that concern one kind of record only; the others stand above all.
_TRAPS: Final = {
    Purpose.SPF: ("replace_own_spf", "own_spf_rule", "spf_assistant", "record_set"),
    Purpose.DKIM: ("dns_only", "final_dot"),
    Purpose.MX: ("own_mx_first", "custom_mx_first", "mx_apart"),
}


def host_field(name: str, domain: str, host: DnsHost | None) -> str:
    """What to type as the record's name.

    ``domain`` is the zone as the console knows it. A console that completes the name with the
    domain would double it, so there it is left out; unknown consoles mostly do.
    """
    if host is not None and (host.host_field is HostField.FQDN or not host.appends_domain):
        return name
    if name == domain:
        return host.apex if host is not None else "@"
    return name.removesuffix(f".{domain}")


def value_field(record_type: str, value: str, host: DnsHost | None) -> str:
    """What to type as the record's value: quotation marks and final dot as the console wants.

    A TXT value of more than 255 octets goes into several strings (RFC 1035 section 3.3.14) where
    the console wants quotation marks; other consoles cut it themselves.
    """
    if record_type == "TXT" and host is not None and host.txt_quotes is TxtQuotes.REQUIRED:
        parts = [value[start : start + MAX_STRING] for start in range(0, len(value), MAX_STRING)]
        return " ".join(f'"{_escaped(part)}"' for part in parts or [""])
    if record_type == "CNAME" and host is not None and host.cname_dot is TrailingDot.REQUIRED:
        return value.rstrip(".") + "."
    return value


def time_to_live(usual: int, host: DnsHost | None) -> int:
    """Seconds: what the host's form has set already, unless that is only hearsay or very long."""
    if host is None or host.ttl is None or "ttl" in host.uncertain:
        return usual
    return min(host.ttl, usual)


def traps(record: PlannedRecord, host: DnsHost | None) -> tuple[str, ...]:
    """What to mind when this record is entered there: ids of the texts ``dns_note.<id>``."""
    if host is None or record.action is RecordAction.NONE:
        return ()
    concerned = _TRAPS.get(record.purpose, ())
    return tuple(note for note in host.notes if note in concerned)


def general_traps(host: DnsHost) -> tuple[str, ...]:
    """What to mind there whatever is entered."""
    special = {note for notes in _TRAPS.values() for note in notes}
    return tuple(note for note in host.notes if note not in special)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
