"""What a zone's own name servers say, each asked directly: published, not merely cached.

Which servers those are comes from the delegation: the resolvers' NS answer, and where that fails
the parent zone's own referral with its glue. Judging the answers does not belong in here.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import dns.flags
import dns.message
import dns.name
import dns.rdatatype

from wizard.answers import (
    Answer,
    Found,
    NoAnswer,
    Silence,
    content,
    host_of,
    is_loopback,
    is_referral,
    read_response,
)
from wizard.exchange import Nameserver, Role
from wizard.resolver import Resolver

QUERY_SECONDS: Final = 3.0
MAX_SERVERS: Final = 13
MAX_ADDRESSES: Final = 2  # of each family for one server
# Servers of a parent zone all refer to the same place: a few are enough.
MAX_PARENTS: Final = 4
MAX_LABELS: Final = 12
# A zone below the zone below … : names of mail records are not deeper.
MAX_REFERRALS: Final = 3


@dataclass(frozen=True, slots=True)
class ZoneServer:
    """One of a zone's name servers, and where it can be asked; nowhere when it has no address."""

    name: str
    places: tuple[Nameserver, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's apex and all its name servers."""

    apex: str
    servers: tuple[ZoneServer, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(server.name for server in self.servers)


@dataclass(frozen=True, slots=True)
class Told:
    """What one server says. ``place`` is set where its addresses say different things."""

    server: str
    answer: Answer[Any]
    place: str = ""


async def find_zone(name: str, resolver: Resolver) -> Zone | None:
    """The zone a name is in, with its servers. None when nobody told.

    All parents are asked about at once; the nearest with NS records is the apex (RFC 1034
    section 4.2.1). Where that look-up fails below a zone that is known, that zone's servers are
    asked whom they refer to.
    """
    labels = name.split(".")[-MAX_LABELS:]
    parents = [".".join(labels[index:]) for index in range(len(labels))]
    asked = {apex: asyncio.create_task(resolver.ns(apex)) for apex in parents}
    try:
        return await _nearest(name, asked, resolver)
    finally:
        # Whoever is further up than what was found need not answer any more.
        for task in asked.values():
            task.cancel()


async def _nearest(
    name: str, asked: Mapping[str, "asyncio.Task[Answer[str]]"], resolver: Resolver
) -> Zone | None:
    unsure = False
    for apex, task in asked.items():
        answer = await task
        if isinstance(answer, Found):
            zone = await _zone_of(apex, answer.values, {}, resolver)
            if unsure:
                return await _refer(zone, name, resolver) or _own(zone)
            return await _with_glue(zone, resolver) if _own(zone) else None
        unsure = unsure or isinstance(answer, NoAnswer)
    return None


def _own(zone: Zone) -> Zone | None:
    """The zone, unless it is a top-level domain's: no company's records are published there."""
    return zone if "." in zone.apex else None


async def ask_servers(zone: Zone, name: str, rdtype: str, resolver: Resolver) -> tuple[Told, ...]:
    """What each of a zone's servers says about a name, all asked at once.

    Where the name is in a zone of its own further down, that zone's servers are asked.
    """
    for _ in range(MAX_REFERRALS):
        heard = await _ask_all(zone, name, rdtype, resolver)
        referral = next((one for _, _, one in heard if _refers(one, zone, name)), None)
        if not isinstance(referral, dns.message.Message):
            break
        zone = await _referred(referral, zone, resolver) or zone
    return tuple(
        told
        for server in zone.servers
        for told in _merged(server, [(p, r) for s, p, r in heard if s is server], rdtype)
    )


_Reply = dns.message.Message | NoAnswer
_Heard = tuple[ZoneServer, Nameserver, _Reply]


async def _ask_all(zone: Zone, name: str, rdtype: str, resolver: Resolver) -> list[_Heard]:
    places = [(server, place) for server in zone.servers for place in server.places]
    bound = min(QUERY_SECONDS, resolver.timeout)
    replies = await asyncio.gather(
        *(resolver.ask_at(place, name, rdtype, Role.AUTHORITY, bound) for _, place in places)
    )
    return [(server, place, reply) for (server, place), reply in zip(places, replies, strict=True)]


def _merged(
    server: ZoneServer, replies: Sequence[tuple[Nameserver, _Reply]], rdtype: str
) -> list[Told]:
    """One line for a server whose addresses agree, one for each address where they do not.

    An address that stays silent beside one that answers is passed over: it may be this computer
    that has no way there.
    """
    if not replies:
        return [Told(server.name, NoAnswer(Silence.NO_ADDRESS))]
    answers = [(place, _read(reply, rdtype)) for place, reply in replies]
    spoken = [(place, one) for place, one in answers if not isinstance(one, NoAnswer)]
    if not spoken:
        told = [one for _, one in answers]
        return [Told(server.name, min(told, key=_least_telling))]
    if len({content(one) for _, one in spoken}) == 1:
        return [Told(server.name, spoken[0][1])]
    return [Told(server.name, one, str(place)) for place, one in spoken]


def _read(reply: _Reply, rdtype: str) -> Answer[Any]:
    """A server that does not answer with authority is lame: it knows no better than others."""
    if isinstance(reply, NoAnswer):
        return reply
    answer = read_response(reply, rdtype)
    if isinstance(answer, NoAnswer):
        refused = answer.reason is Silence.REFUSED
        return NoAnswer(Silence.LAME, answer.detail) if refused else answer
    return answer if reply.flags & dns.flags.AA else NoAnswer(Silence.LAME)


def _least_telling(answer: Answer[Any]) -> bool:
    return isinstance(answer, NoAnswer) and answer.reason in (Silence.NETWORK, Silence.TIMEOUT)


# -- walking the delegation --


async def _zone_of(
    apex: str, hosts: Iterable[str], glue: dict[str, list[str]], resolver: Resolver
) -> Zone:
    """A zone with the addresses of its servers, from the resolvers or from glue."""
    names = sorted(set(hosts))[:MAX_SERVERS]
    found = await asyncio.gather(*(_addresses(name, glue, resolver) for name in names))
    return Zone(
        apex,
        tuple(
            ZoneServer(name, _places(addresses, resolver))
            for name, addresses in zip(names, found, strict=True)
        ),
    )


async def _addresses(name: str, glue: dict[str, list[str]], resolver: Resolver) -> Sequence[str]:
    answer = await resolver.addresses(name)
    return answer.values if isinstance(answer, Found) else glue.get(name, ())


def _places(addresses: Sequence[str], resolver: Resolver) -> tuple[Nameserver, ...]:
    families = [[one for one in addresses if (":" in one) is six] for six in (False, True)]
    bounded = [one for family in families for one in sorted(family)[:MAX_ADDRESSES]]
    return tuple(place for one in bounded for place in _listening(one, resolver.given))


def _listening(address: str, given: Sequence[Nameserver]) -> list[Nameserver]:
    """Where a server with this address listens.

    A server at the address of a given resolver is that resolver, port included. Loopback is no
    address that the world asks: there a whole set-up of servers shares the given one's port.
    """
    if same := [one for one in given if one.address == address]:
        return same
    if is_loopback(address):
        ports = dict.fromkeys(one.port for one in given if is_loopback(one.address))
        return [Nameserver(address, port) for port in ports] or [Nameserver(address)]
    return [Nameserver(address)]


async def _with_glue(zone: Zone, resolver: Resolver) -> Zone:
    """Servers whose address no resolver knows may have one in the parent's referral."""
    if all(server.places for server in zone.servers):
        return zone
    better = await _from_above(zone.apex, resolver)
    known = {server.name: server.places for server in better.servers} if better else {}
    return Zone(
        zone.apex,
        tuple(
            ZoneServer(server.name, server.places or known.get(server.name, ()))
            for server in zone.servers
        ),
    )


async def _from_above(name: str, resolver: Resolver) -> Zone | None:
    """The zone a name is in as its parent zone delegates it; None when that cannot be had."""
    _, dot, parent = name.partition(".")
    if not dot:
        return None
    labels = parent.split(".")
    for index in range(len(labels)):
        apex = ".".join(labels[index:])
        answer = await resolver.ns(apex)
        if isinstance(answer, Found):
            above = await _zone_of(apex, answer.values, {}, resolver)
            return await _refer(above, name, resolver)
    return None


async def _refer(above: Zone, name: str, resolver: Resolver) -> Zone | None:
    """The zone to which the servers of a zone further up refer for a name."""
    zone = None
    for _ in range(MAX_REFERRALS):
        few = Zone(above.apex, above.servers[:MAX_PARENTS])
        heard = await _ask_all(few, name, "NS", resolver)
        referral = next((one for _, _, one in heard if _refers(one, above, name)), None)
        if not isinstance(referral, dns.message.Message):
            break
        found = await _referred(referral, above, resolver)
        if found is None:
            break
        zone = above = found
    return zone


def _refers(reply: _Reply, zone: Zone, name: str) -> bool:
    return isinstance(reply, dns.message.Message) and is_referral(reply, zone.apex, name)


async def _referred(referral: dns.message.Message, zone: Zone, resolver: Resolver) -> Zone | None:
    """The zone that a referral points to, with the glue that it may rightly give."""
    for rrset in referral.authority:
        if rrset.rdtype == dns.rdatatype.NS:
            hosts = [host_of(rdata.target) for rdata in list(rrset)[:MAX_SERVERS]]
            glue = _glue(referral, dns.name.from_text(zone.apex or "."))
            return await _zone_of(host_of(rrset.name), hosts, glue, resolver)
    return None


def _glue(referral: dns.message.Message, above: dns.name.Name) -> dict[str, list[str]]:
    """Addresses in a referral, only of names that the referring zone is responsible for."""
    glue: dict[str, list[str]] = {}
    for rrset in referral.additional:
        if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA) and rrset.name.is_subdomain(above):
            glue.setdefault(host_of(rrset.name), []).extend(rdata.address for rdata in rrset)
    return glue
