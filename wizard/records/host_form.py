"""A record in the form that a DNS host's console wants it. Pure."""

from wizard.catalog import DnsHost, HostField, TrailingDot, TxtQuotes


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
    """What to type as the record's value: quotation marks and final dot as the console wants."""
    if record_type == "TXT" and host is not None and host.txt_quotes is TxtQuotes.REQUIRED:
        return f'"{value}"'
    if record_type == "CNAME" and host is not None and host.cname_dot is TrailingDot.REQUIRED:
        return value.rstrip(".") + "."
    return value
