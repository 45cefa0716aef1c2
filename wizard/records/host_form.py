"""A record in the form that a DNS host's console wants it. Pure.

What no source says about a console is not assumed: there the usual way is offered.
"""

from typing import Final

from wizard.catalog import DnsHost, HostField, TrailingDot, TxtQuotes

MAX_STRING: Final = 255


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


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
