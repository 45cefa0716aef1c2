"""What DNS can answer: a closed set of outcomes, and the few kinds of records the program reads.

*No answer* is never *no record*. Nothing is asked in here; a response is only read.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")

MAX_VALUES: Final = 200
# More do not fit into one message; fewer could leave out the one text that counts.
MAX_TEXTS: Final = 6_000


class Silence(StrEnum):
    """Why there is no answer. SERVFAIL may also mean that DNSSEC validation failed.

    ``LAME``: a server that was asked for a zone does not serve it. ``NO_ADDRESS``: a name server's
    name leads nowhere. ``TRUNCATED``: the answer did not fit into a datagram, and over TCP there
    was none. ``ALIAS_LOOP``: CNAMEs without an end. ``INSIDE``: there is an answer, but nobody may
    be led there (see ``Resolver.vetted``).
    """

    TIMEOUT = "timeout"
    SERVER_FAILURE = "servfail"
    REFUSED = "refused"
    MALFORMED = "malformed"
    TRUNCATED = "truncated"
    ALIAS_LOOP = "alias_loop"
    LAME = "lame"
    NO_ADDRESS = "no_address"
    NO_RESOLVER = "no_resolver"
    NETWORK = "network"
    INSIDE = "inside"


class Origin(StrEnum):
    """Who says where a host is: its name itself, this computer's hosts file, or DNS."""

    NAME = "name"
    HOSTS_FILE = "hosts_file"
    DNS = "dns"


@dataclass(frozen=True, slots=True)
class Found(Generic[T_co]):
    """Records exist. ``ttl`` in seconds; ``canonical`` is the name behind all CNAMEs.

    ``signed``: a resolver on this very computer has verified it (DNSSEC). From farther away anybody
    on the way could say so (RFC 6840 section 5.8).
    """

    values: tuple[T_co, ...]
    ttl: int
    canonical: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """The name has no such record. ``name_exists`` tells NODATA from NXDOMAIN.

    ``ttl`` is how long, in seconds, resolvers remember that (RFC 2308); None when not said.
    ``canonical`` is the name behind the CNAMEs where there are any, else empty.
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


Parse = Callable[[Any], U]


def host_of(name: dns.name.Name) -> str:
    """A name in lower case without final dot; the root is empty."""
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


# How a record of each type is read; what a person sees of it is ``shown``.
PARSERS: Final[dict[str, Parse[Any]]] = {
    "TXT": lambda rdata: Txt(tuple(rdata.strings)),
    "SPF": lambda rdata: Txt(tuple(rdata.strings)),
    "MX": lambda rdata: Mx(rdata.preference, host_of(rdata.exchange)),
    "SRV": lambda rdata: Srv(rdata.priority, rdata.weight, rdata.port, host_of(rdata.target)),
    "CNAME": lambda rdata: host_of(rdata.target),
    "NS": lambda rdata: host_of(rdata.target),
    "PTR": lambda rdata: host_of(rdata.target),
    "A": lambda rdata: str(rdata.address),
    "AAAA": lambda rdata: str(rdata.address),
}
# The library reads each type's own module when it first meets one: not while somebody waits.
for _type in PARSERS:
    dns.rdata.get_rdata_class(  # type: ignore[no-untyped-call]
        dns.rdataclass.IN, dns.rdatatype.from_text(_type)
    )
# Records of these types have an order; the others keep that of the answer.
_ORDER: Final[dict[str, Callable[[Any], Any]]] = {
    "MX": lambda mx: (mx.preference, mx.host),
    "SRV": lambda srv: (srv.priority, -srv.weight, srv.target),
    "NS": str,
}


def read_response(response: dns.message.Message, rdtype: str) -> Answer[Any]:
    """What a response says about its question, CNAMEs in it followed (RFC 1034 section 4.3.2)."""
    rcode = response.rcode()
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return NoAnswer(_silence_of(rcode), dns.rcode.to_text(rcode))
    if not response.answer:
        return Absent(rcode == dns.rcode.NOERROR, negative_ttl(response))
    if rcode == dns.rcode.NOERROR and (plain := _plain_answer(response)) is not None:
        return Found(_read_values(plain, rdtype), plain.ttl, host_of(plain.name))
    try:
        chain = _query_message(response).resolve_chaining()
    except dns.message.ChainTooLong:
        return NoAnswer(Silence.ALIAS_LOOP)
    except (dns.exception.DNSException, ValueError) as problem:
        return NoAnswer(Silence.MALFORMED, str(problem))
    canonical = host_of(chain.canonical_name)
    if chain.answer is None:
        alias = canonical if chain.cnames else ""
        return Absent(rcode == dns.rcode.NOERROR, negative_ttl(response), alias)
    ttl = min(chain.minimum_ttl, chain.answer.ttl)
    return Found(_read_values(chain.answer, rdtype), ttl, canonical)


def _plain_answer(response: dns.message.Message) -> dns.rrset.RRset | None:
    """The one set of records that most answers are: what was asked for, at the name itself."""
    if len(response.answer) != 1 or len(response.question) != 1:
        return None
    found, asked = response.answer[0], response.question[0]
    return found if found.rdtype == asked.rdtype and found.name == asked.name else None


def _read_values(found: dns.rrset.RRset, rdtype: str) -> tuple[Any, ...]:
    most = MAX_TEXTS if rdtype == "TXT" else MAX_VALUES
    values = [PARSERS[rdtype](rdata) for rdata in list(found)[:most]]
    if rdtype in _ORDER:
        values.sort(key=_ORDER[rdtype])
    return tuple(values)


def negative_ttl(response: dns.message.Message) -> int | None:
    """Minimum of the SOA's own TTL and its last field (RFC 2308 section 5)."""
    for rrset in response.authority:
        if rrset.rdtype == dns.rdatatype.SOA and len(rrset):
            return min(int(rrset.ttl), int(rrset[0].minimum))
    return None


def is_referral(response: dns.message.Message, apex: str, name: str) -> bool:
    """Does a server of the zone ``apex`` point further down towards ``name``?

    See RFC 1034 section 4.3.2; a pointer to the zone itself or upwards is none.
    """
    if response.flags & dns.flags.AA or response.answer or response.rcode() != dns.rcode.NOERROR:
        return False
    zone, wanted = dns.name.from_text(apex or "."), dns.name.from_text(name)
    return any(
        rrset.rdtype == dns.rdatatype.NS
        and rrset.name != zone
        and rrset.name.is_subdomain(zone)
        and wanted.is_subdomain(rrset.name)
        for rrset in response.authority
    )


def shown(value: object) -> str:
    """A record's value as people write it: a text as it is, an MX as ``10 mail.acme.example``."""
    match value:
        case Txt():
            return value.text
        case Mx(preference, host):
            return f"{preference} {host or '.'}"
        case _:
            return str(value)


def values_of(answer: Answer[object]) -> tuple[str, ...] | None:
    """The values of an answer for people; empty when there is no record, None without an answer."""
    match answer:
        case Found(values=values):
            return tuple(shown(value) for value in values)
        case Absent():
            return ()
        case NoAnswer():
            return None


def content(answer: Answer[Any]) -> object:
    """What makes two answers the same: the records in any order, not their age."""
    return frozenset(answer.values) if isinstance(answer, Found) else type(answer)


def aged(answer: Answer[U], seconds: float) -> Answer[U]:
    """An answer that was heard so many seconds ago: its time to live has become shorter."""
    match answer:
        case Found():
            return replace(answer, ttl=max(0, answer.ttl - int(seconds)))
        case Absent(ttl=int() as ttl):
            return replace(answer, ttl=max(0, ttl - int(seconds)))
        case _:
            return answer


def merge_families(six: Answer[str], four: Answer[str]) -> Answer[str]:
    """IPv6 and IPv4 addresses interleaved as RFC 8305 section 4 wants them.

    With one family absent and the other silent nobody knows whether the host exists.
    """
    found = [answer for answer in (six, four) if isinstance(answer, Found)]
    if len(found) == 2:
        mixed: list[str] = []
        first, second = (list(answer.values) for answer in found)
        while first or second:
            mixed += first[:1] + second[:1]
            first, second = first[1:], second[1:]
        ttl, signed = min(a.ttl for a in found), all(a.signed for a in found)
        return Found(tuple(mixed), ttl, found[0].canonical, signed)
    if found:
        return found[0]
    return six if isinstance(six, NoAnswer) else four


def is_address(text: str) -> bool:
    """Is it an IP address rather than a name?"""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def is_loopback(text: str) -> bool:
    """Is it an address of this computer alone (RFC 1122 section 3.2.1.3, RFC 4291 2.5.3)?"""
    return is_address(text) and ipaddress.ip_address(text).is_loopback


def _silence_of(rcode: dns.rcode.Rcode) -> Silence:
    if rcode == dns.rcode.SERVFAIL:
        return Silence.SERVER_FAILURE
    if rcode == dns.rcode.REFUSED:
        return Silence.REFUSED
    return Silence.MALFORMED


def _query_message(response: dns.message.Message) -> dns.message.QueryMessage:
    if not isinstance(response, dns.message.QueryMessage):
        raise ValueError("not the answer to a query")  # noqa: TRY004 - a packet, not an argument
    return response
