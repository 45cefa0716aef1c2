"""The practice company's DNS server: the same answers over UDP and TCP, on one port.

What the answers are is decided in :mod:`wizard.practice.zones`.
"""

import asyncio
from typing import Final, cast

import dns.exception
import dns.message

from wizard.practice.listen import HOST, Listener, cannot_listen
from wizard.practice.zones import Zones

PLAIN_OCTETS: Final = 512  # RFC 1035 section 4.2.1
EDNS_OCTETS: Final = 1232  # fits every path without fragments (DNS flag day 2020)
IDLE_SECONDS: Final = 10.0  # RFC 7766 section 6.2.3
_TRIES: Final = 10


class NameServer:
    """A server for :class:`Zones`."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones
        self._listener = Listener(self._converse)
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, port: int) -> int:
        """Listen on both transports; returns the port. Raises ``PracticeError``."""
        for attempt in range(1, _TRIES + 1):
            listener = Listener(self._converse)
            opened = await listener.open(port)
            try:
                self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Datagrams(self), local_addr=(HOST, opened)
                )
            except OSError as problem:
                await listener.close()
                # A free TCP port whose UDP twin is taken: another one will do.
                if port or attempt == _TRIES:
                    raise cannot_listen(opened, problem) from problem
            else:
                self._listener = listener
                return opened
        raise AssertionError("the last try returns or raises")

    async def close(self) -> None:
        """Close both transports."""
        if self._transport is not None:
            self._transport.close()
        await self._listener.close()

    def reply(self, wire: bytes, most: int | None = None) -> bytes | None:
        """The answer to a query in wire form; None for what is no query.

        ``most`` bounds the answer's octets; a longer one is cut and marked (RFC 2181 section 9).
        None: as long as the query's sender says that a datagram may be.
        """
        try:
            query = dns.message.from_wire(wire)
            response = self._zones.answer(query)
        except dns.exception.DNSException:
            return None
        if most is None:
            room = query.payload if query.edns >= 0 else PLAIN_OCTETS
            most = min(max(room, PLAIN_OCTETS), EDNS_OCTETS)
        return response.to_wire(max_size=most, prefer_truncation=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                length = int.from_bytes(await reader.readexactly(2), "big")
                answer = self.reply(await reader.readexactly(length), most=0xFFFF)
                if answer is None:
                    return
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()


class _Datagrams(asyncio.DatagramProtocol):
    """One query, one answer."""

    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Below Python 3.12 the transport is no subclass of the class it implements.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.reply(data)
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
