"""Address or domain in, the provider and its servers out: all sources at once, best first."""

import asyncio
import time

from wizard.catalog import Catalog, Provider
from wizard.discovery.mx import MxFinding, find_mx
from wizard.discovery.offers import offers_of
from wizard.discovery.report import Detection, Evidence, Offer, Outcome, Source
from wizard.discovery.srv import find_srv
from wizard.model import EmailAddress, Invalid, Protocol, to_unicode
from wizard.network import Network
from wizard.setup import parse_company
from wizard.texts import Message, message


async def detect(entry: str, catalog: Catalog, network: Network) -> Detection:
    """Find out which service holds the mail of an address or domain, and with which settings.

    An entry that cannot be used gives a finding of nothing whose warning says what to change.
    """
    started = time.monotonic()
    parsed = parse_company(entry)
    if isinstance(parsed, Invalid):
        return _nothing(entry, parsed.message)
    domain = parsed.domain if isinstance(parsed, EmailAddress) else parsed
    address = str(parsed) if isinstance(parsed, EmailAddress) else ""

    mx, srv = await asyncio.gather(
        find_mx(domain, catalog, network.resolver), find_srv(domain, address, network.resolver)
    )
    own = catalog.provider_for_domain(domain)
    provider = own or mx.provider
    source = Source.PRESET if own else Source.MX
    first_mx = mx.hosts[0] if mx.hosts else ""

    def offers(protocol: Protocol) -> tuple[Offer, ...]:
        if provider is None:
            return ()
        return offers_of(
            provider, protocol, address=address, domain=domain, mx=first_mx, source=source
        )

    # Where mail is delivered decides: the servers of the MX's owner come before those that a
    # left-over SRV record may still name.
    incoming = offers(Protocol.IMAP) + offers(Protocol.POP3)
    incoming += tuple(offer for offer in srv if offer.protocol is not Protocol.SMTP)
    outgoing = offers(Protocol.SMTP)
    outgoing += tuple(offer for offer in srv if offer.protocol is Protocol.SMTP)
    found = bool(provider or mx.gateway or incoming or outgoing)
    silent = mx.silence is not None and not found
    return Detection(
        address=address,
        domain=domain,
        outcome=Outcome.FOUND if found else Outcome.NO_ANSWER if silent else Outcome.NOTHING,
        provider=provider.id if provider else None,
        gateway=mx.gateway.id if mx.gateway else None,
        mx=mx.hosts,
        incoming=incoming,
        outgoing=outgoing,
        evidence=_evidence(domain, own, mx, srv),
        warnings=_warnings(domain, mx),
        elapsed_ms=round((time.monotonic() - started) * 1000),
    )


def _evidence(
    domain: str, own: Provider | None, mx: MxFinding, srv: tuple[Offer, ...]
) -> tuple[Evidence, ...]:
    readable = to_unicode(domain)
    found: list[Evidence] = []
    if own:
        said = message("discovery.own_domain", domain=readable, provider=own.name)
        found.append(Evidence(Source.PRESET, said, trusted=True))
    if mx.provider:
        said = message("discovery.mx", domain=readable, provider=mx.provider.name, mx=mx.hosts[0])
        found.append(Evidence(Source.MX, said, trusted=True))
    elif mx.hosts and not mx.gateway:
        said = message("discovery.mx_unknown", domain=readable, mx=mx.hosts[0])
        found.append(Evidence(Source.MX, said, trusted=True))
    if mx.gateway:
        said = message("discovery.gateway", gateway=mx.gateway.name, mx=mx.hosts[0])
        found.append(Evidence(Source.MX, said, trusted=True))
    # Plain DNS is not signed: what it names has to be confirmed before a password goes there.
    found.extend(
        Evidence(
            Source.SRV,
            message("discovery.srv", domain=readable, host=offer.host, port=str(offer.port)),
            trusted=False,
        )
        for offer in srv
    )
    return tuple(found)


def _warnings(domain: str, mx: MxFinding) -> tuple[Message, ...]:
    readable = to_unicode(domain)
    if mx.silence is not None:
        reason = message(f"resolver.{mx.silence.reason}")
        return (message("discovery.no_answer", domain=readable, reason=reason),)
    if not mx.domain_exists:
        return (message("discovery.no_domain", domain=readable),)
    if mx.null_mx:
        return (message("discovery.null_mx", domain=readable),)
    if not mx.hosts:
        return (message("discovery.no_mx", domain=readable),)
    return ()


def _nothing(entry: str, problem: Message) -> Detection:
    return Detection(
        address="",
        domain=entry.strip(),
        outcome=Outcome.NOTHING,
        provider=None,
        gateway=None,
        mx=(),
        incoming=(),
        outgoing=(),
        evidence=(),
        warnings=(problem,),
        elapsed_ms=0,
    )
