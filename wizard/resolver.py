"""Every DNS look-up of the program, host names of connections included.

An answer is a closed set of outcomes: *no answer* is never *no record*. The resolvers are the
system's or those the user named; answers are cached for their TTL. What the records mean does not
belong in here.
"""

import asyncio
import ipaddress
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

LOOKUP_SECONDS: Final = 5.0
MAX_VALUES: Final = 200
MAX_HOSTS_FILE_BYTES: Final = 1 << 20


class Silence(StrEnum):
    """Why there is no answer. SERVFAIL may also mean that DNSSEC validation failed."""

    TIMEOUT = "timeout"
    SERVER_FAILURE = "servfail"
    REFUSED = "refused"
    MALFORMED = "malformed"
    NO_RESOLVER = "no_resolver"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """Records exist. ``ttl`` in seconds; ``canonical`` is the name behind all CNAMEs."""

    values: tuple[T_co, ...]
    ttl: int
    canonical: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The name has no such record. ``name_exists`` tells NODATA from NXDOMAIN.

    ``ttl`` is how long, in seconds, resolvers remember that (RFC 2308); None when not said.
    """

    name_exists: bool
    ttl: int | None = None
    canonical: str = ""


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nobody told. Says nothing about the record."""

    reason: Silence
    detail: str = ""


Answer = Found[T_co] | Absent | NoAnswer


@dataclass(frozen=True, slots=True)
class Mx:
    """A mail exchanger; host ``""`` is the null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Srv:
    """A service location (RFC 2782); target ``""`` means: not offered."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Txt:
    """One TXT record: its character-strings, each up to 255 octets."""

    strings: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The strings joined without anything between (RFC 7208 section 3.3), octet for character.

        Octets above 127 stay visible as Latin-1 characters: nothing is lost, nothing fails.
        """
        return b"".join(self.strings).decode("latin-1")


@dataclass(frozen=True, slots=True)
class Nameserver:
    """Where a resolver listens."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.address if self.port == 53 else f"{host}:{self.port}"


class Resolver:
    """Look-ups through the system's resolvers, or through the given ones and no others."""

    def __init__(
        self, nameservers: Sequence[Nameserver] = (), *, timeout: float = LOOKUP_SECONDS
    ) -> None:
        self.given = tuple(nameservers)
        self._timeout = timeout
        self._resolver = _make_resolver(self.given, timeout)

    @property
    def names(self) -> tuple[str, ...]:
        """The resolvers in use, for people."""
        if self.given:
            return tuple(str(server) for server in self.given)
        return tuple(str(server) for server in self._resolver.nameservers) if self._resolver else ()

    async def txt(self, name: str) -> Answer[Txt]:
        return await self._ask(name, "TXT", lambda rdata: Txt(tuple(rdata.strings)))

    async def mx(self, name: str) -> Answer[Mx]:
        answer = await self._ask(
            name, "MX", lambda rdata: Mx(rdata.preference, _host(rdata.exchange))
        )
        return _sorted(answer, key=lambda mx: (mx.preference, mx.host))

    async def srv(self, name: str) -> Answer[Srv]:
        answer = await self._ask(
            name,
            "SRV",
            lambda rdata: Srv(rdata.priority, rdata.weight, rdata.port, _host(rdata.target)),
        )
        return _sorted(answer, key=lambda srv: (srv.priority, -srv.weight, srv.target))

    async def cname(self, name: str) -> Answer[str]:
        return await self._ask(name, "CNAME", lambda rdata: _host(rdata.target))

    async def spf(self, name: str) -> Answer[Txt]:
        """Records of the obsolete type SPF (99), see RFC 7208 section 3.1."""
        return await self._ask(name, "SPF", lambda rdata: Txt(tuple(rdata.strings)))

    async def ns(self, name: str) -> Answer[str]:
        answer = await self._ask(name, "NS", lambda rdata: _host(rdata.target))
        return _sorted(answer, key=str)

    async def a(self, name: str) -> Answer[str]:
        return await self._ask(name, "A", lambda rdata: str(rdata.address))

    async def aaaa(self, name: str) -> Answer[str]:
        return await self._ask(name, "AAAA", lambda rdata: str(rdata.address))

    async def ptr(self, name: str) -> Answer[str]:
        """The names behind an address, asked by its reverse name (``….in-addr.arpa``)."""
        return await self._ask(name, "PTR", lambda rdata: _host(rdata.target))

    async def addresses(self, host: str) -> Answer[str]:
        """IPv6 and IPv4 addresses of a host, interleaved as RFC 8305 section 4 wants them.

        An IP address is its own answer; the system's hosts file is read unless resolvers were
        given; ``localhost`` is loopback (RFC 6761 section 6.3).
        """
        try:
            return Found((str(ipaddress.ip_address(host)),), 0, host)
        except ValueError:
            pass
        if host == "localhost" or host.endswith(".localhost"):
            return Found(("127.0.0.1", "::1"), 0, host)
        if not self.given and (known := _hosts_file().get(host)):
            return Found(tuple(known), 0, host)
        return await self.addresses_in_dns(host)

    async def addresses_in_dns(self, name: str) -> Answer[str]:
        """Both families as DNS alone has them; absent only when both answered so."""
        six, four = await asyncio.gather(self.aaaa(name), self.a(name))
        return _merge_families(six, four)

    async def _ask(self, name: str, rdtype: str, parse: Callable[[Any], U]) -> Answer[U]:
        if self._resolver is None:
            return NoAnswer(Silence.NO_RESOLVER)
        try:
            query = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError) as problem:
            return NoAnswer(Silence.MALFORMED, str(problem))
        try:
            answer = await self._resolver.resolve(
                query, rdtype, raise_on_no_answer=False, search=False, lifetime=self._timeout
            )
        except dns.resolver.NXDOMAIN as absent:
            response = next(iter(absent.kwargs["responses"].values()), None)
            return Absent(name_exists=False, ttl=_negative_ttl(response))
        except dns.resolver.LifetimeTimeout as late:
            return NoAnswer(Silence.TIMEOUT, str(late))
        except dns.resolver.NoNameservers as refused:
            return NoAnswer(_reason(refused), str(refused))
        except (dns.exception.DNSException, OSError, ValueError) as problem:
            # YXDOMAIN, broken packets that dnspython refuses, no route to any resolver.
            kind = Silence.NETWORK if isinstance(problem, OSError) else Silence.MALFORMED
            return NoAnswer(kind, str(problem))
        canonical = _host(answer.canonical_name)
        if answer.rrset is None:
            return Absent(name_exists=True, ttl=_negative_ttl(answer.response), canonical=canonical)
        values = tuple(parse(rdata) for rdata in list(answer.rrset)[:MAX_VALUES])
        return Found(values, answer.rrset.ttl, canonical)


def _make_resolver(
    given: Sequence[Nameserver], timeout: float
) -> dns.asyncresolver.Resolver | None:
    try:
        resolver = dns.asyncresolver.Resolver(configure=not given)
    except (dns.resolver.NoResolverConfiguration, OSError):
        return None
    if given:
        resolver.nameservers = [
            dns.nameserver.Do53Nameserver(server.address, server.port) for server in given
        ]
    if not resolver.nameservers:
        return None
    # Two tries for a lost packet within the bound for the whole look-up.
    resolver.timeout = timeout / 2
    resolver.lifetime = timeout
    resolver.cache = dns.resolver.LRUCache(10_000)
    return resolver


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


def _reason(problem: dns.resolver.NoNameservers) -> Silence:
    text = str(problem)
    if "REFUSED" in text:
        return Silence.REFUSED
    if "SERVFAIL" in text:
        return Silence.SERVER_FAILURE
    return Silence.NETWORK if "Errno" in text or "refused" in text else Silence.SERVER_FAILURE


def _negative_ttl(response: Any) -> int | None:
    """Minimum of the SOA's own TTL and its last field (RFC 2308 section 5)."""
    for rrset in getattr(response, "authority", ()):
        if rrset.rdtype == dns.rdatatype.SOA and len(rrset):
            return min(int(rrset.ttl), int(rrset[0].minimum))
    return None


def _sorted(answer: Answer[U], key: Callable[[U], Any]) -> Answer[U]:
    if isinstance(answer, Found):
        return Found(tuple(sorted(answer.values, key=key)), answer.ttl, answer.canonical)
    return answer


def _merge_families(six: Answer[str], four: Answer[str]) -> Answer[str]:
    found = [answer for answer in (six, four) if isinstance(answer, Found)]
    if len(found) == 2:
        mixed: list[str] = []
        first, second = (list(answer.values) for answer in found)
        while first or second:
            mixed += first[:1] + second[:1]
            first, second = first[1:], second[1:]
        return Found(tuple(mixed), min(a.ttl for a in found), found[0].canonical)
    if found:
        return found[0]
    # With one family absent and the other silent nobody knows whether the host exists.
    return six if isinstance(six, NoAnswer) else four


def _hosts_file() -> dict[str, list[str]]:
    """The system's hosts file: name to addresses; unreadable or odd lines are passed over."""
    path = (
        Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32/drivers/etc/hosts"
        if sys.platform == "win32"
        else Path("/etc/hosts")
    )
    known: dict[str, list[str]] = {}
    try:
        with path.open("rb") as file:
            content = file.read(MAX_HOSTS_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return known
    for line in content.splitlines():
        address, *names = line.split("#", 1)[0].split() or [""]
        try:
            ipaddress.ip_address(address)
        except ValueError:
            continue
        for name in names:
            known.setdefault(name.lower(), []).append(address)
    return known
