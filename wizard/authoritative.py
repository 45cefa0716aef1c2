"""What a zone's own name servers say, each asked directly: published, not merely cached."""

import asyncio
from dataclasses import dataclass
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdatatype

from wizard.resolver import Found, NoAnswer, Resolver

QUERY_SECONDS: Final = 3.0
MAX_SERVERS: Final = 13


@dataclass(frozen=True, slots=True)
class ZoneServers:
    """A zone's apex and its name servers with their addresses."""

    apex: str
    servers: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.servers)


async def find_zone(name: str, resolver: Resolver) -> ZoneServers | None:
    """The zone a name is in: the nearest parent with NS records. None when nobody answered."""
    labels = name.split(".")
    for index in range(max(1, len(labels) - 1)):
        apex = ".".join(labels[index:])
        answer = await resolver.ns(apex)
        if isinstance(answer, Found):
            hosts = answer.values[:MAX_SERVERS]
            found = await asyncio.gather(*(resolver.addresses(host) for host in hosts))
            return ZoneServers(
                apex,
                tuple(
                    (host, one.values if isinstance(one, Found) else ())
                    for host, one in zip(hosts, found, strict=True)
                ),
            )
        if isinstance(answer, NoAnswer):
            return None
    return None


async def ask_servers(
    zone: ZoneServers, name: str, rdtype: str, resolver: Resolver
) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    """Each server's values for a name; None for a server that did not answer for the zone.

    A server at the address of a given resolver is that resolver, port included.
    """
    ports = {given.address: given.port for given in resolver.given}
    answers = await asyncio.gather(
        *(_ask_one(addresses, name, rdtype, ports) for _, addresses in zone.servers)
    )
    return tuple(zip(zone.names, answers, strict=True))


async def _ask_one(
    addresses: tuple[str, ...], name: str, rdtype: str, ports: dict[str, int]
) -> tuple[str, ...] | None:
    query = dns.message.make_query(dns.name.from_text(name), rdtype)
    query.flags &= ~dns.flags.RD
    for address in addresses:
        try:
            response, _ = await dns.asyncquery.udp_with_fallback(
                query, address, timeout=QUERY_SECONDS, port=ports.get(address, 53)
            )
        except (dns.exception.DNSException, OSError, EOFError):
            continue
        # A server that does not answer with authority is lame: it knows no better than others.
        if response.flags & dns.flags.AA:
            return _values(response, rdtype)
    return None


def _values(response: dns.message.Message, rdtype: str) -> tuple[str, ...]:
    kind = dns.rdatatype.from_text(rdtype)
    found: list[str] = []
    for rrset in response.answer:
        if rrset.rdtype != kind:
            continue
        for rdata in rrset:
            if rdtype == "TXT":
                found.append(b"".join(rdata.strings).decode("latin-1"))
            elif rdtype == "CNAME":
                found.append(rdata.target.to_text(omit_final_dot=True).lower())
            else:
                found.append(rdata.to_text())
    return tuple(sorted(found))
