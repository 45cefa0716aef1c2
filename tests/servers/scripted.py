"""A server on loopback that says what a test tells it to, and remembers all that it was told.

For what real servers will not do: silence, half lines, other protocols, injected answers. A script
is a coroutine, or a sequence of steps made into one by :func:`steps`; it runs once per connection.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import SupportsIndex

from servers.authority import ServerCertificate

TAG = b"<tag>"


class _Reader(asyncio.StreamReader):
    """Keeps a copy of every octet, whether the script asks for it or not."""

    def __init__(self) -> None:
        super().__init__(limit=1 << 20)
        self.copy = bytearray()

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        octets = bytes(data)
        self.copy += octets
        super().feed_data(octets)


class Peer:
    """One connection, seen from the server.

    ``clear`` and ``protected`` are the client's octets outside and inside TLS, in order.
    """

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        self.clear = bytearray()
        self.protected = bytearray()
        self._reader = reader
        self._writer = writer
        self._tag = b""
        encrypted = writer.get_extra_info("ssl_object") is not None
        reader.copy = self.protected if encrypted else self.clear

    async def say(self, data: bytes) -> None:
        """Send octets as they are; ``<tag>`` stands for the tag of the client's last line."""
        self._writer.write(data.replace(TAG, self._tag))
        await self._writer.drain()

    async def line(self) -> bytes:
        """The client's next line without its end. Raises ``EOFError`` when it hangs up."""
        line = await self._reader.readuntil(b"\n")
        self._tag = line.split(b" ", 1)[0]
        return line.rstrip(b"\r\n")

    async def some(self) -> bytes:
        """Whatever the client sends next: no line, as a handshake is none."""
        return await self._reader.read(1 << 16)

    async def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands as the server. Raises ``OSError`` when the client refuses."""
        await self._writer.start_tls(context)
        self._reader.copy = self.protected

    async def silence(self) -> None:
        """Say nothing until the client hangs up."""
        while await self._reader.read(1 << 16):
            pass

    def reset(self) -> None:
        """Break the connection off (RST)."""
        connection: socket.socket = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def hang_up(self) -> None:
        self._writer.close()


Script = Callable[[Peer], Awaitable[None]]


class Act(Enum):
    """A step of a script that is not something to say. ``SOME`` reads what need not be a line."""

    READ = auto()
    SOME = auto()
    SILENCE = auto()
    RESET = auto()


@dataclass(frozen=True)
class Handshake:
    """A step: TLS begins here."""

    context: ssl.SSLContext


@dataclass(frozen=True)
class Flood:
    """A step: say this again and again until the client has enough."""

    data: bytes


@dataclass(frozen=True)
class Drip:
    """A step: say this octet by octet, so many seconds apart, until the client has enough."""

    data: bytes
    seconds: float


Step = bytes | Act | Handshake | Flood | Drip


def steps(*wanted: Step) -> Script:
    """A script out of steps; after the last one the server hangs up."""

    async def play(peer: Peer) -> None:
        for step in wanted:
            match step:
                case bytes():
                    await peer.say(step)
                case Act.READ:
                    await peer.line()
                case Act.SOME:
                    await peer.some()
                case Act.SILENCE:
                    await peer.silence()
                case Act.RESET:
                    peer.reset()
                case Handshake(context):
                    await peer.start_tls(context)
                case Flood(data):
                    while True:
                        await peer.say(data)
                case Drip(data, seconds):
                    for octet in data:
                        await peer.say(bytes([octet]))
                        await asyncio.sleep(seconds)

    return play


def server_context(certificate: ServerCertificate) -> ssl.SSLContext:
    """The server's side of TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A server that shows a weak key has to be allowed to.
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@dataclass
class ScriptedServer:
    """Where it listens on 127.0.0.1, and everybody who came."""

    port: int = 0
    peers: list[Peer] = field(default_factory=list)

    @property
    def clear(self) -> bytes:
        """All that any client ever sent outside TLS."""
        return b"".join(bytes(peer.clear) for peer in self.peers)

    @property
    def protected(self) -> bytes:
        """All that any client ever sent inside TLS."""
        return b"".join(bytes(peer.protected) for peer in self.peers)


@contextlib.asynccontextmanager
async def scripted(
    script: Script, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    """Play the script for everybody who connects; with ``tls``, inside TLS from the start.

    A client that goes away in the middle of a script is no problem; any other exception of a
    script is raised at the end.
    """
    server = ScriptedServer()
    tasks: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, _Reader)
        peer = Peer(reader, writer)
        server.peers.append(peer)
        writers.append(writer)
        try:
            with contextlib.suppress(OSError, EOFError):
                await script(peer)
        finally:
            peer.hang_up()
            writers.remove(writer)

    def forget(task: asyncio.Task[None]) -> None:
        # One that failed is kept, to be raised at the end.
        if task.cancelled() or task.exception() is None:
            tasks.discard(task)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(forget)

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: asyncio.StreamReaderProtocol(_Reader(), connected), "127.0.0.1", 0, ssl=tls
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()
        await listening.wait_closed()
    for problem in ended:
        if isinstance(problem, Exception):
            raise problem
