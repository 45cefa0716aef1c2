"""Ports on loopback: opened with a clear error, bounded while open, closed without a trace.

What is spoken on a port does not belong in here.
"""

import asyncio
import errno
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from wizard.texts import Message, message

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
MAX_CONNECTIONS: Final = 100
CONNECTION_SECONDS: Final = 1_800.0
HANDSHAKE_SECONDS: Final = 10.0
GOODBYE_SECONDS: Final = 1.0
MAX_LINE: Final = 8 << 10
MAX_BLOCK: Final = 64 << 10
MAX_RECEIVED: Final = 4 << 20

# Windows says "access denied" for a port that another program has taken for itself.
_TAKEN: Final = {errno.EADDRINUSE, errno.EACCES, 10013, 10048}


class PracticeError(Exception):
    """The practice company cannot be started; the message says why."""

    def __init__(self, said: Message) -> None:
        super().__init__(said)
        self.message = said


Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def cannot_listen(port: int, problem: OSError) -> PracticeError:
    """The error for a port that could not be opened."""
    if problem.errno in _TAKEN:
        return PracticeError(message("practice.error.port_taken", port=port))
    reason = problem.strerror or str(problem)
    return PracticeError(message("practice.error.cannot_listen", port=port, reason=reason))


async def listen(
    factory: Callable[[], asyncio.BaseProtocol], port: int, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Open a TCP port, 0 for any free one. Raises :class:`PracticeError`."""
    loop = asyncio.get_running_loop()
    try:
        return await loop.create_server(
            factory,
            HOST,
            port,
            ssl=tls,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
            ssl_shutdown_timeout=GOODBYE_SECONDS if tls else None,
        )
    except OSError as problem:
        raise cannot_listen(port, problem) from problem


def port_of(server: asyncio.Server) -> int:
    """The port that a server listens on."""
    port: int = server.sockets[0].getsockname()[1]
    return port


class BoundedReader(asyncio.StreamReader):
    """A reader that ends the connection of a peer who sends too much."""

    def __init__(self) -> None:
        super().__init__(limit=MAX_LINE)
        self._allowance = MAX_RECEIVED

    async def readline(self) -> bytes:
        line = await super().readline()
        self._spend(len(line))
        return line

    async def readexactly(self, n: int) -> bytes:
        if n > MAX_BLOCK:
            raise asyncio.IncompleteReadError(b"", n)
        self._spend(n)
        return await super().readexactly(n)

    def _spend(self, octets: int) -> None:
        self._allowance -= octets
        if self._allowance < 0:
            raise asyncio.IncompleteReadError(b"", None)


class Listener:
    """One TCP port and the conversations on it, bounded in number, time and size."""

    def __init__(self, converse: Converse) -> None:
        self._converse = converse
        self._conversations: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port. Raises :class:`PracticeError`."""
        self._server = await listen(self._protocol, port, tls)
        return port_of(self._server)

    async def close(self) -> None:
        """Close the port and end every conversation."""
        if self._server is not None:
            self._server.close()
        running = tuple(self._conversations)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(BoundedReader(), self._accept)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._conversations) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._run(reader, writer))
        self._conversations.add(task)
        task.add_done_callback(self._forget)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(CONNECTION_SECONDS):
                await self._converse(reader, writer)
            writer.close()
            async with asyncio.timeout(GOODBYE_SECONDS):
                await writer.wait_closed()
        except (OSError, EOFError, ValueError, TimeoutError) as end:
            log.debug("a conversation ended early: %r", end)
        finally:
            writer.transport.abort()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._conversations.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("a practice server failed", exc_info=problem)
