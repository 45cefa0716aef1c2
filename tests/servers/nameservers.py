"""Name servers of a test's own on 127.0.0.1, 127.0.0.2 … that share one port, UDP and TCP.

Each serves zones out of a table like :mod:`servers.zones`, or answers as a function says: for what
real servers will not do (cut answers, no EDNS, garbage, silence, referrals, lies).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from servers.zones import TableServer, Zone

NEGATIVE_TTL = 77
# A query and "udp" or "tcp" → packets to send back; None is silence.
Script = Callable[[dns.message.Message, str], Sequence[bytes] | None]


class Authority(TableServer):
    """Serves the zones ``origins`` with authority; refuses everything else.

    ``delegated`` maps a name to its servers' names and their glue: a referral without authority.
    """

    def __init__(
        self,
        zone: Zone,
        origins: Sequence[str],
        *,
        delegated: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        recursive: bool = False,
        ttl: int = 300,
    ) -> None:
        super().__init__(zone)
        self.origins = tuple(origins)
        self.delegated = dict(delegated or {})
        self.recursive = recursive
        self.ttl = ttl

    def __call__(self, query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        response = self.respond(query)
        if response is None:
            return None
        if by == "tcp":
            return [response.to_wire(max_size=65535)]
        room = query.payload if query.edns >= 0 else 512
        return [response.to_wire(max_size=min(room, 1232), prefer_truncation=True)]

    def respond(self, query: dns.message.Message) -> dns.message.Message | None:
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        if not self._serves(name):
            response = dns.message.make_response(query)
            response.set_rcode(dns.rcode.REFUSED)
            return response
        for cut, servers in self.delegated.items():
            if name == cut or name.endswith(f".{cut}"):
                return _referral(query, cut, servers)
        response = self.answer(query.to_wire())
        if response is None:
            return None
        for rrset in response.answer:
            rrset.ttl = self.ttl
        if self.recursive:
            response.flags |= dns.flags.RA
            response.flags &= ~dns.flags.AA
        if not response.answer and response.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            response.authority.append(_soa(self._origin(name)))
        return response

    def _serves(self, name: str) -> bool:
        return any(name == one or name.endswith(f".{one}") or not one for one in self.origins)

    def _origin(self, name: str) -> str:
        fitting = [
            one for one in self.origins if not one or name == one or name.endswith(f".{one}")
        ]
        return max(fitting, key=len)


def _soa(origin: str) -> dns.rrset.RRset:
    text = f"ns1.{origin}. hostmaster.{origin}. 1 3600 600 86400 {NEGATIVE_TTL}"
    return dns.rrset.from_text(dns.name.from_text(origin or "."), 3600, "IN", "SOA", text)


def _referral(
    query: dns.message.Message, cut: str, servers: Mapping[str, Sequence[str]]
) -> dns.message.Message:
    response = dns.message.make_response(query)
    names = [f"{name}." for name in servers]
    response.authority.append(dns.rrset.from_text_list(f"{cut}.", 300, "IN", "NS", names))
    for name, addresses in servers.items():
        for address in addresses:
            kind = "AAAA" if ":" in address else "A"
            response.additional.append(dns.rrset.from_text(f"{name}.", 300, "IN", kind, address))
    return response


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, script: Script, delay: float) -> None:
        self._script = script
        self._delay = delay
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packets = self._script(dns.message.from_wire(data), "udp") or ()
        if self._delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self._delay, self._send, packets, addr)
        else:
            self._send(packets, addr)

    def _send(self, packets: Sequence[bytes], addr: tuple[str, int]) -> None:
        if not self._transport.is_closing():
            for packet in packets:
                self._transport.sendto(packet, addr)


@contextlib.asynccontextmanager
async def name_servers(scripts: Mapping[str, Script], *, delay: float = 0.0) -> AsyncIterator[int]:
    """Start one server per address; gives the port that all of them share."""
    loop = asyncio.get_running_loop()
    for _ in range(20):
        async with contextlib.AsyncExitStack() as stack:
            port = 0
            try:
                for address, script in scripts.items():
                    transport, _ = await loop.create_datagram_endpoint(
                        lambda script=script: _Udp(script, delay), local_addr=(address, port)
                    )
                    stack.callback(transport.close)
                    port = transport.get_extra_info("sockname")[1]
                    server = await asyncio.start_server(_over_tcp(script), address, port)
                    stack.push_async_callback(_close, server)
            except OSError:
                continue
            yield port
            return
    raise OSError("no port is free at all addresses")


async def _close(server: asyncio.Server) -> None:
    server.close()
    await server.wait_closed()


def _over_tcp(script: Script) -> Any:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            length = int.from_bytes(await reader.readexactly(2), "big")
            query = dns.message.from_wire(await reader.readexactly(length))
            for packet in script(query, "tcp") or ():
                writer.write(len(packet).to_bytes(2, "big") + packet)
            await writer.drain()
        writer.close()

    return converse
