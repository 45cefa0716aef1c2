"""One question to one DNS server: over UDP, over TCP when the answer was cut, bounded in time.

A packet that is no answer to the question is passed over, as it may be forged; a server that does
not understand EDNS is asked without it (RFC 6891 section 6.2.2). Which server to ask, and what the
answer means, does not belong in here.
"""

import asyncio
import errno
import secrets
import struct
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from wizard.answers import NoAnswer, Silence

# A question that got no answer in this time is sent again: packets get lost.
TRY_SECONDS: Final = 1.2
# Fits every path without fragments (DNS flag day 2020).
EDNS_OCTETS: Final = 1232
# So many packets that are no answer are looked at before a server is given up.
MAX_GARBAGE: Final = 20
_HEADER: Final = 12
_IN: Final = 1
_OPCODE: Final = 0x7800
_OPT: Final = b"\0" + struct.pack("!HHIH", dns.rdatatype.OPT, EDNS_OCTETS, 0, 0)
_MAY_FORGET: Final = (
    dns.rcode.FORMERR,
    dns.rcode.SERVFAIL,
    dns.rcode.NOTIMP,
    dns.rcode.REFUSED,
)
_NO_EDNS: Final = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)


@dataclass(frozen=True, slots=True)
class Nameserver:
    """Where a server listens."""

    address: str
    port: int = 53

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return self.address if self.port == 53 else f"{host}:{self.port}"


class Role(Enum):
    """What a server is asked as: one that finds the answer elsewhere, or one that has it."""

    RESOLVER = "resolver"
    AUTHORITY = "authority"


async def exchange(
    server: Nameserver, name: dns.name.Name, rdtype: str, role: Role, timeout: float
) -> dns.message.Message | NoAnswer:
    """Ask, within ``timeout`` seconds. A response may have any rcode but is never cut."""
    kind = int(dns.rdatatype.from_text(rdtype))
    # Whoever asks with AD wants to know whether the answer was verified (RFC 6840 section 5.7).
    flags = 0 if role is Role.AUTHORITY else int(dns.flags.RD | dns.flags.AD)
    query = _Query(
        secrets.randbits(16), flags, name.to_digestable() + struct.pack("!HH", kind, _IN)
    )
    until = asyncio.get_running_loop().time() + timeout
    try:
        return await _ask(server, query, until, first=min(TRY_SECONDS, timeout / 2))
    except OSError as problem:
        late = problem.errno == errno.ETIMEDOUT
        return NoAnswer(Silence.TIMEOUT if late else Silence.NETWORK, str(problem))


@dataclass(frozen=True, slots=True)
class _Query:
    """A question on the wire (RFC 1035 section 4.1), put together without a message in between."""

    id: int
    flags: int
    question: bytes
    edns: bool = True

    def to_wire(self) -> bytes:
        header = struct.pack("!6H", self.id, self.flags, 1, 0, 0, int(self.edns))
        return header + self.question + (_OPT if self.edns else b"")

    def is_answered_by(self, data: bytes) -> bool:
        """Is a packet a response to this question, and to no other?

        A server that did not understand may leave the question out (RFC 1035 section 4.1.1).
        """
        if len(data) < _HEADER:
            return False
        number, flags, questions = struct.unpack_from("!3H", data)
        if number != self.id or not flags & dns.flags.QR or flags & _OPCODE:
            return False
        if not questions:
            return (flags & 0xF) in _MAY_FORGET
        asked = data[_HEADER : _HEADER + len(self.question)]
        return questions == 1 and asked.lower() == self.question.lower()


async def _ask(
    server: Nameserver, query: _Query, until: float, first: float
) -> dns.message.Message | NoAnswer:
    heard = await _over_udp(server, query, asyncio.get_running_loop().time() + first)
    if _wants_no_edns(heard):
        # Some middleboxes swallow what has EDNS in it: the second try goes without.
        query = replace(query, edns=False)
        heard = await _over_udp(server, query, until)
    if isinstance(heard, dns.message.Message) and heard.flags & dns.flags.TC:
        return await _over_tcp(server, query, until)
    return heard


def _wants_no_edns(heard: dns.message.Message | NoAnswer) -> bool:
    return isinstance(heard, NoAnswer) or heard.rcode() in _NO_EDNS


async def _over_udp(
    server: Nameserver, query: _Query, until: float
) -> dns.message.Message | NoAnswer:
    """The response, cut or not."""
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(
        lambda: _Listener(query, loop.create_future()), remote_addr=(server.address, server.port)
    )
    try:
        transport.sendto(query.to_wire())
        async with asyncio.timeout_at(until):
            return await listener.answer
    except TimeoutError:
        if listener.heard is not None:
            return listener.heard  # it came while this program was busy, before the bound was seen
        return NoAnswer(Silence.MALFORMED if listener.garbage else Silence.TIMEOUT)
    finally:
        transport.close()


class _Listener(asyncio.DatagramProtocol):
    """Waits for the packet that answers one query; the system drops those of other senders."""

    def __init__(
        self,
        query: _Query,
        answer: "asyncio.Future[dns.message.Message | NoAnswer]",
    ) -> None:
        self._query = query
        self.answer = answer
        self.garbage = 0
        self.heard: dns.message.Message | NoAnswer | None = None

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self.heard is not None:
            return
        self.heard = _read(data, self._query)
        if self.heard is None:
            self.garbage += 1
            if self.garbage < MAX_GARBAGE:
                return
            self.heard = NoAnswer(Silence.MALFORMED)
        if not self.answer.done():
            self.answer.set_result(self.heard)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        self.answer.cancel()


async def _over_tcp(
    server: Nameserver, query: _Query, until: float
) -> dns.message.Message | NoAnswer:
    try:
        async with asyncio.timeout_at(until):
            wire = await _converse(server, query.to_wire())
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as problem:
        return NoAnswer(Silence.TRUNCATED, str(problem))
    return _read(wire, query) or NoAnswer(Silence.MALFORMED)


async def _converse(server: Nameserver, wire: bytes) -> bytes:
    """One message each way; two octets of length bound it to 64 KiB (RFC 1035 section 4.2.2)."""
    reader, writer = await asyncio.open_connection(server.address, server.port)
    try:
        writer.write(len(wire).to_bytes(2, "big") + wire)
        length = int.from_bytes(await reader.readexactly(2), "big")
        return await reader.readexactly(length)
    finally:
        writer.close()


def _read(data: bytes, query: _Query) -> dns.message.Message | None:
    """A packet as the response to a query; None when it is none."""
    if not query.is_answered_by(data):
        return None
    try:
        response = dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        # A cut packet may end inside a record: its header alone says enough.
        return _cut_response(data)
    for section in (response.answer, response.authority, response.additional):
        if any(rrset.rdclass != _IN for rrset in section):
            # Records of a class that nobody asked for have no fields that could be read.
            section[:] = [rrset for rrset in section if rrset.rdclass == _IN]
    return response


def _cut_response(data: bytes) -> dns.message.Message | None:
    try:
        response = dns.message.from_wire(data, continue_on_error=True)
    except (dns.exception.DNSException, ValueError):
        return None
    return response if response.flags & dns.flags.TC else None
