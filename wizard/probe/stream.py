"""One byte stream over a socket, with TLS by memory buffers, so that nothing happens unseen.

Doing TLS here rather than in the event loop lets the driver see octets that came before the
handshake (command injection, CVE-2011-0411 and its kind) and set the socket's own options.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Sequence
from typing import Any, Final, Self

CHUNK: Final = 16 << 10
# TLS may send what is no data (session tickets, key updates); so many times the bound of the data,
# or so many octets before there is any, bounds all of it together.
WIRE_PER_DATA: Final = 4
MAX_ON_THE_WIRE: Final = 4 << 20
# RFC 8305 section 8: the head start of one address over the next.
HEAD_START_SECONDS: Final = 0.25


class LineTooLongError(Exception):
    """The peer sends a line without end."""


class TooMuchError(Exception):
    """The peer sends more than any conversation of ours needs."""


class Stream:
    """A connected socket. Not for use by two tasks at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._received = 0
        self._on_the_wire = 0
        self._max_on_the_wire = MAX_ON_THE_WIRE
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()

    @classmethod
    async def connect(cls, addresses: Sequence[str], port: int) -> Self:
        """Connect to the first address that answers, with head starts (RFC 8305 section 5).

        Raises the ``OSError`` of the first address when all fail.
        """
        winner: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()
        failed = asyncio.Event()
        problems: list[OSError] = []

        async def attempt(address: str) -> None:
            try:
                connection = await _connect(address, port)
            except OSError as problem:
                problems.append(problem)
                failed.set()
                return
            if winner.done():
                connection.close()
            else:
                winner.set_result(connection)

        tasks: list[asyncio.Task[None]] = []
        try:
            try:
                for address in addresses:
                    failed.clear()
                    tasks.append(asyncio.create_task(attempt(address)))
                    await _first_of(winner, failed, HEAD_START_SECONDS)
                    if winner.done():
                        break
                while not winner.done() and len(problems) < len(tasks):
                    failed.clear()
                    if len(problems) < len(tasks):
                        await _first_of(winner, failed, None)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        except BaseException:
            # Cancelled in the very moment of success: nobody else knows of this connection.
            if winner.done():
                winner.result().close()
            raise
        if not winner.done():
            raise problems[0]
        return cls(winner.result())

    @property
    def local_address(self) -> str:
        address: str = self._socket.getsockname()[0]
        return address

    @property
    def peer_address(self) -> str:
        address: str = self._socket.getpeername()[0]
        return address

    @property
    def unread(self) -> bytes:
        """What has arrived and nobody has asked for."""
        return bytes(self._buffer)

    async def send(self, data: bytes) -> None:
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        await self._loop.sock_sendall(self._socket, data)

    async def read_line(self, max_line: int, max_total: int) -> bytes:
        """One line without its end. Raises ``EOFError`` when the peer hangs up instead."""
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                return line.removesuffix(b"\r")
            if len(self._buffer) > max_line:
                raise LineTooLongError(bytes(self._buffer[:200]))
            await self._fill(max_total)

    async def read_exactly(self, count: int, max_total: int) -> bytes:
        """So many octets (an IMAP literal)."""
        while len(self._buffer) < count:
            await self._fill(max_total)
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def read_some(self, max_total: int) -> bytes:
        """Whatever comes next; nothing at the end. Raises ``TooMuchError`` beyond the bound."""
        if not self._buffer:
            try:
                await self._fill(max_total)
            except EOFError:
                return b""
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    async def start_tls(self, context: ssl.SSLContext, server_name: str) -> ssl.SSLObject:
        """Shake hands. Raises ``ssl.SSLError`` (verification among it) or ``EOFError``."""
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        while True:
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush()
                if not await self._receive_encrypted():
                    raise EOFError from None
                continue
            except ssl.SSLError:
                # The alert tells the server why; whether it arrives does not matter.
                with contextlib.suppress(OSError):
                    await self._flush()
                raise
            await self._flush()
            self._tls = tls
            return tls

    def close(self) -> None:
        self._socket.close()

    async def _fill(self, max_total: int) -> None:
        self._max_on_the_wire = max(MAX_ON_THE_WIRE, WIRE_PER_DATA * max_total)
        data = await self._receive()
        if not data:
            raise EOFError
        self._received += len(data)
        if self._received > max_total:
            raise TooMuchError
        self._buffer += data

    async def _receive(self) -> bytes:
        if self._tls is None:
            return await self._receive_plain()
        while True:
            try:
                return self._tls.read(CHUNK)
            except ssl.SSLWantReadError:
                if not await self._receive_encrypted():
                    return b""
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def _receive_encrypted(self) -> bool:
        data = await self._receive_plain()
        if data:
            self._incoming.write(data)
        return bool(data)

    async def _receive_plain(self) -> bytes:
        data = await self._loop.sock_recv(self._socket, CHUNK)
        self._on_the_wire += len(data)
        if self._on_the_wire > self._max_on_the_wire:
            raise TooMuchError
        _acknowledge_at_once(self._socket)
        return data

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._loop.sock_sendall(self._socket, self._outgoing.read())


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
        _acknowledge_at_once(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _acknowledge_at_once(connection: socket.socket) -> None:
    # Linux forgets this after a while. Without it a server with Nagle's algorithm waits 40 ms for
    # our delayed acknowledgement (seen at Postfix behind TLS 1.3).
    quick = getattr(socket, "TCP_QUICKACK", None)
    if quick is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, quick, 1)


async def _first_of(
    winner: asyncio.Future[socket.socket], failed: asyncio.Event, seconds: float | None
) -> None:
    waiter = asyncio.create_task(failed.wait())
    both: set[asyncio.Future[Any]] = {winner, waiter}
    try:
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiter.cancel()
