"""Who receives the domain's mail, and which provider or filter gateway that is."""

from dataclasses import dataclass

from wizard.catalog import Catalog, Provider, ProviderKind
from wizard.resolver import Absent, Found, NoAnswer, Resolver


@dataclass(frozen=True, slots=True)
class Delivery:
    """The mail exchangers in order of preference and to whom they belong.

    ``signed``: DNS vouches for it (DNSSEC).
    """

    hosts: tuple[str, ...]
    provider: Provider | None
    gateway: Provider | None
    null_mx: bool
    silence: NoAnswer | None
    domain_exists: bool = True
    signed: bool = False


async def find_delivery(domain: str, catalog: Catalog, resolver: Resolver) -> Delivery:
    """Look up the MX records (RFC 5321 section 5.1) and recognise their owner."""
    match await resolver.mx(domain):
        case Found(values=records, signed=signed):
            hosts = tuple(mx.host for mx in records if mx.host)
            owners = [owner for host in hosts if (owner := catalog.provider_for_mx(host))]
            gateway = next((o for o in owners if o.kind is ProviderKind.GATEWAY), None)
            provider = next((o for o in owners if o.kind is not ProviderKind.GATEWAY), None)
            return Delivery(
                hosts, provider, gateway, null_mx=not hosts, silence=None, signed=signed
            )
        case Absent(name_exists=exists):
            return Delivery((), None, None, null_mx=False, silence=None, domain_exists=exists)
        case NoAnswer() as silence:
            return Delivery((), None, None, null_mx=False, silence=silence)
