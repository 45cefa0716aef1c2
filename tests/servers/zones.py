"""A DNS server on loopback that answers out of a table, and fails as the table says.

For what real servers will not do: SERVFAIL, silence, any mixture in one zone. Names are absent
(NXDOMAIN) unless they, or a longer name below them, are in the table; ``*.x`` is a wildcard.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

Zone = Mapping[str, Mapping[str, Any]]
TTL = 300


class TableServer(asyncio.DatagramProtocol):
    """Answers one question per datagram; keeps them, one that is sent again only once."""

    def __init__(self, zone: Zone) -> None:
        self.zone = {name.lower().rstrip("."): entry for name, entry in zone.items()}
        self.questions: list[tuple[str, str]] = []
        self._heard: set[tuple[int, str, str]] = set()
        self.delay = 0.0
        # As a resolver that validates DNSSEC would say it.
        self.verified = False
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Before Python 3.12 the loop's own transport is no DatagramTransport by type.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        answer = self.answer(data)
        if answer is None:
            return
        # There is no TCP here: however long an answer is, it goes into one datagram.
        wire = answer.to_wire(max_size=0xFFFF)
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self._send, wire, address)
        else:
            self._send(wire, address)

    def _send(self, wire: bytes, address: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(wire, address)

    def answer(self, data: bytes) -> dns.message.Message | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        # Who is busy sends the same question again before its answer is read: with its old number.
        if (query.id, name, kind) not in self._heard:
            self._heard.add((query.id, name, kind))
            self.questions.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if self.verified and query.flags & dns.flags.AD:
            response.flags |= dns.flags.AD
        for _ in range(9):
            entry = self._entry(name)
            if entry is None:
                if not self._has_below(name):
                    response.set_rcode(dns.rcode.NXDOMAIN)
                return response
            if kind in entry.get("_timeout", ()):
                return None
            if kind in entry.get("_servfail", ()):
                response.set_rcode(dns.rcode.SERVFAIL)
                return response
            if entry.get("_rcode"):
                response.set_rcode(dns.rcode.from_text(entry["_rcode"]))
                return response
            if kind != "CNAME" and "CNAME" in entry:
                alias = _records(name, "CNAME", entry)
                if alias is not None:
                    response.answer.append(alias)
                name = entry["CNAME"].lower().rstrip(".")
                continue
            records = _records(name, kind, entry)
            if records is not None:
                response.answer.append(records)
            return response
        return response

    def _entry(self, name: str) -> Mapping[str, Any] | None:
        if name in self.zone:
            return self.zone[name]
        labels = name.split(".")
        for index in range(1, len(labels)):
            parent = ".".join(labels[index:])
            if f"*.{parent}" in self.zone:
                return self.zone[f"*.{parent}"]
            if parent in self.zone:
                return None
        return None

    def _has_below(self, name: str) -> bool:
        return any(known.endswith(f".{name}") for known in self.zone)


def _records(name: str, kind: str, entry: Mapping[str, Any]) -> dns.rrset.RRset | None:
    owner = dns.name.from_text(name)
    if kind in ("TXT", "SPF"):
        # Not over the text form: that would be parsed octet by octet for every answer.
        rdtype = dns.rdatatype.from_text(kind)
        texts = [[_octets(one) for one in strings] for strings in entry.get(kind, ())]
        rdata = [TXT(dns.rdataclass.IN, rdtype, strings) for strings in texts]
        return dns.rrset.from_rdata_list(owner, TTL, rdata) if rdata else None
    if kind == "MX":
        values = [f"{preference} {host.rstrip('.')}." for preference, host in entry.get("MX", ())]
    elif kind == "CNAME":
        values = [entry["CNAME"] + "."] if "CNAME" in entry else []
    else:
        values = list(entry.get(kind, ()))
    return dns.rrset.from_text_list(owner, TTL, "IN", kind, values) if values else None


def _octets(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


@contextlib.asynccontextmanager
async def serve(zone: Zone) -> AsyncIterator[tuple[TableServer, int]]:
    """The server and its UDP port on 127.0.0.1."""
    server = TableServer(zone)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    try:
        yield server, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
