"""Whose servers answer for a name: the delegation, walked (RFC 1034 section 4.2.1).

It begins with what the resolvers say about NS. The parent zone's own referral, with its glue, says
what the world is told; it is asked where the resolvers fail, and otherwise to see whether both
agree. What the servers say about a record is ``authoritative``'s.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import dns.message
import dns.name
import dns.rdatatype

from wizard.answers import Answer, Found, NoAnswer, host_of, is_loopback, is_referral
from wizard.exchange import Nameserver, Role
from wizard.resolver import Resolver

QUERY_SECONDS: Final = 3.0
MAX_SERVERS: Final = 13
MAX_ADDRESSES: Final = 2  # of each family for one server
# Servers of a parent zone all refer to the same place: a few are enough.
MAX_PARENTS: Final = 3
MAX_LABELS: Final = 12
# A zone below the zone below … : names of mail records are not deeper.
MAX_REFERRALS: Final = 3
# Comparing with the parent zone may hold nothing up.
PARENT_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class ZoneServer:
    """One of a zone's name servers, and where it can be asked; nowhere when it has no address."""

    name: str
    places: tuple[Nameserver, ...]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's apex and all its name servers: those it names, and those its parent does.

    ``only_delegated`` are servers to which the parent zone sends the world although the zone does
    not name them.
    """

    apex: str
    servers: tuple[ZoneServer, ...]
    only_delegated: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(server.name for server in self.servers)


Reply = dns.message.Message | NoAnswer
Heard = tuple[ZoneServer, Nameserver, Reply]


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
            if unsure:
                above = await _zone_of(apex, answer.values, {}, resolver)
                return await _refer(above, name, resolver) or _own(above)
            if "." not in apex:
                return None
            zone, parent = await asyncio.gather(
                _zone_of(apex, answer.values, {}, resolver), _in_parent(apex, resolver)
            )
            return await _with_glue(_united(zone, parent), resolver)
        unsure = unsure or isinstance(answer, NoAnswer)
    return None


def _own(zone: Zone) -> Zone | None:
    """The zone, unless it is a top-level domain's: no company's records are published there."""
    return zone if "." in zone.apex else None


async def _in_parent(apex: str, resolver: Resolver) -> Zone | None:
    """The zone as its parent delegates it; None where that cannot be had at once.

    Not with given resolvers: then nobody but they and the zone's own servers is asked.
    """
    if resolver.given:
        return None
    try:
        async with asyncio.timeout(PARENT_SECONDS):
            return await _from_above(apex, resolver)
    except TimeoutError:
        return None


def _united(zone: Zone, parent: Zone | None) -> Zone:
    """All servers that somebody names: the world asks those of the parent's delegation first."""
    if parent is None or parent.apex != zone.apex:
        return zone
    glue = {server.name: server.places for server in parent.servers}
    own = [
        ZoneServer(server.name, server.places or glue.get(server.name, ()))
        for server in zone.servers
    ]
    only_there = [server for server in parent.servers if server.name not in zone.names]
    servers = (*own, *only_there)[: MAX_SERVERS + 1]
    return replace(
        zone, servers=servers, only_delegated=tuple(server.name for server in only_there)
    )


async def ask_all(zone: Zone, name: str, rdtype: str, resolver: Resolver) -> list[Heard]:
    places = [(server, place) for server in zone.servers for place in server.places]
    bound = min(QUERY_SECONDS, resolver.timeout)
    replies = await asyncio.gather(
        *(resolver.ask_at(place, name, rdtype, Role.AUTHORITY, bound) for _, place in places)
    )
    return [(server, place, reply) for (server, place), reply in zip(places, replies, strict=True)]


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
    if all(server.places for server in zone.servers) or not resolver.given:
        return zone
    better = await _from_above(zone.apex, resolver)
    known = {server.name: server.places for server in better.servers} if better else {}
    servers = tuple(
        ZoneServer(server.name, server.places or known.get(server.name, ()))
        for server in zone.servers
    )
    return replace(zone, servers=servers)


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
        heard = await ask_all(few, name, "NS", resolver)
        referral = referral_in(heard, above, name)
        if referral is None:
            break
        found = await referred(referral, above, resolver)
        if found is None:
            break
        zone = above = found
    return zone


def referral_in(heard: Sequence[Heard], zone: Zone, name: str) -> dns.message.Message | None:
    """The first answer that only points further down towards the name."""
    for _, _, reply in heard:
        if isinstance(reply, dns.message.Message) and is_referral(reply, zone.apex, name):
            return reply
    return None


async def referred(referral: dns.message.Message, zone: Zone, resolver: Resolver) -> Zone | None:
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
