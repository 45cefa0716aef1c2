"""Source 7: usual host names × ports × security, tried in parallel up to the capabilities.

A last resort, so the others get a short head start that makes it needless in most cases; it never
waits for their time-outs. What was tried decides, not what is usual.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from wizard.discovery.check import bad_certificate, check
from wizard.discovery.delivery import Delivery
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.offers import best_first
from wizard.discovery.race import Announce, Entrant, race
from wizard.discovery.report import Check, Offer, Source, Verdict
from wizard.model import Protocol, Security, to_unicode
from wizard.resolver import Found
from wizard.texts import message

# The others' chance to make it needless (the head start of RFC 8305 section 8).
HEAD_START_SECONDS: Final = 0.25
MAX_TRIES: Final = 20
# Names of the same addresses are the same servers: more than two of them only try the certificate.
SAME_SERVER: Final = 2

# What a host of this name is for; any other may be for everything.
_MEANT_FOR: Final = {"imap": Protocol.IMAP, "smtp": Protocol.SMTP, "pop": Protocol.POP3}
_UNENCRYPTED: Final = 1_000
# Best first; 25 is between servers (RFC 6409 section 3.1).
_PORTS: Final = (
    (Protocol.IMAP, 993, Security.TLS),
    (Protocol.SMTP, 465, Security.TLS),
    (Protocol.SMTP, 587, Security.STARTTLS),
    (Protocol.IMAP, 143, Security.STARTTLS),
    (Protocol.SMTP, 2525, Security.STARTTLS),
    (Protocol.POP3, 995, Security.TLS),
    (Protocol.POP3, 110, Security.STARTTLS),
)


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Try what is usual."""
    domain = to_unicode(inquiry.domain)
    loop = asyncio.get_running_loop()
    begin = loop.time() + HEAD_START_SECONDS
    await asyncio.wait({inquiry.delivery}, timeout=HEAD_START_SECONDS)
    delivery = inquiry.delivery.result() if inquiry.delivery.done() else None
    if delivery is not None and (delivery.null_mx or not delivery.domain_exists):
        said = message("discovery.guess.needless", domain=domain)
        return Finding(Source.GUESS, Verdict.NOT_ASKED, said, Rank.GUESS)
    hosts = await _find_hosts(inquiry, delivery)
    await asyncio.sleep(begin - loop.time())
    checked = await _try(candidates(hosts, inquiry)[:MAX_TRIES], inquiry)
    working = best_first(one for one in checked if one.check is Check.WORKING)
    if not working:
        doubtful = next((one.host for one in checked if bad_certificate(one)), None)
        said = (
            message("discovery.guess.certificate", host=doubtful)
            if doubtful
            else message("discovery.guess.none", domain=domain)
        )
        return nothing(Source.GUESS, Rank.GUESS, said)
    return Finding(
        source=Source.GUESS,
        verdict=Verdict.FOUND,
        message=message("discovery.guess.found", host=working[0].host),
        rank=Rank.GUESS,
        offers=working,
    )


@dataclass(frozen=True, slots=True)
class Host:
    """A name that exists, and where it leads."""

    name: str
    addresses: tuple[str, ...]


def candidates(hosts: tuple[Host, ...], inquiry: Inquiry) -> list[Offer]:
    """What to try, best first: the best port at every host before the second best."""
    return [
        Offer(
            protocol=protocol,
            host=host,
            port=inquiry.network.port(port),
            security=security,
            auth=(),
            username=inquiry.person.address,
            source=Source.GUESS,
        )
        for protocol, port, security in _PORTS
        for host in _for_protocol(hosts, protocol, inquiry.domain)
    ]


def _for_protocol(hosts: tuple[Host, ...], protocol: Protocol, domain: str) -> list[str]:
    """The hosts that may speak it; of many names of one server only the first ones."""
    seen: Counter[tuple[str, ...]] = Counter()
    chosen: list[str] = []
    for host in hosts:
        label = "" if host.name == domain else host.name.partition(".")[0]
        if _MEANT_FOR.get(label, protocol) is protocol and seen[host.addresses] < SAME_SERVER:
            seen[host.addresses] += 1
            chosen.append(host.name)
    return chosen


async def _find_hosts(inquiry: Inquiry, delivery: Delivery | None) -> tuple[Host, ...]:
    """The usual names that exist, those first that are worth most.

    The exchanger's own name comes early: its certificate is the most likely to be valid.
    """
    names = [f"{label}.{inquiry.domain}" for label in _MEANT_FOR]
    if delivery is not None and delivery.gateway is None:
        names += delivery.hosts[:1]
    names += [f"mail.{inquiry.domain}", inquiry.domain]
    names = [name for name in dict.fromkeys(names) if inquiry.may_look_up(name)]
    answers = await asyncio.gather(*map(inquiry.resolver.addresses, names))
    return tuple(
        Host(name, tuple(sorted(one.values)))
        for name, one in zip(names, answers, strict=True)
        if isinstance(one, Found)
    )


async def _try(tries: list[Offer], inquiry: Inquiry) -> list[Offer]:
    """Try all at once; per protocol, what is worse than something that works is given up."""

    def entrant(place: int, offer: Offer) -> Entrant[Offer]:
        async def run(_: Announce[Offer]) -> Offer:
            return await check(offer, inquiry)

        return Entrant(place, run)

    async def best_of(protocol: Protocol) -> tuple[Offer | None, ...]:
        entrants = [
            entrant(place, one) for place, one in enumerate(tries) if one.protocol is protocol
        ]
        return await race(entrants, _place_in(tries), seconds=inquiry.network.stage_timeout)

    results = await asyncio.gather(*map(best_of, Protocol))
    return [one for each in results for one in each if one is not None]


def _place_in(tries: list[Offer]) -> Callable[[Offer], int | None]:
    """A checked offer's rank; one without encryption comes behind all that have it."""
    places = {(one.protocol, one.host, one.port): place for place, one in enumerate(tries)}

    def place_of(offer: Offer) -> int | None:
        if offer.check is not Check.WORKING:
            return None
        extra = _UNENCRYPTED if offer.security is Security.NONE else 0
        return places[offer.protocol, offer.host, offer.port] + extra

    return place_of
