"""A relay on loopback that is as far away as a server in the world: every octet takes its time.

Run as a program it prints its ports and relays until it is killed:
``python relay.py SECONDS TARGET_PORT...``
"""

import asyncio
import contextlib
import socket
import sys

CHUNK = 1 << 16


class _Way(asyncio.Protocol):
    """One direction: what arrives here leaves at the other side, so many seconds later."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.other: asyncio.Transport | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._acknowledge()

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        asyncio.get_running_loop().call_later(self.seconds, self._pass_on, data)

    def eof_received(self) -> bool:
        asyncio.get_running_loop().call_later(self.seconds, self._close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self.seconds, self._close)

    def _acknowledge(self) -> None:
        """As the client behind the relay would: a delayed one would cost what no distance does."""
        if self.transport is not None and hasattr(socket, "TCP_QUICKACK"):
            connection: socket.socket = self.transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _pass_on(self, data: bytes) -> None:
        if self.other is not None and not self.other.is_closing():
            self.other.write(data)

    def _close(self) -> None:
        if self.other is not None:
            self.other.close()


class _Front(_Way):
    """The client's side: opens the way to the server, and keeps what comes before it is open."""

    def __init__(self, seconds: float, port: int) -> None:
        super().__init__(seconds)
        self._port = port
        self._opening: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._opening = asyncio.create_task(self._open())

    async def _open(self) -> None:
        # SYN, SYN-ACK and ACK: the server hears of a client three ways after it began.
        await asyncio.sleep(3 * self.seconds)
        back = _Way(self.seconds)
        back.other = self.transport
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: back, "127.0.0.1", self._port
            )
        except OSError:
            self._abort()
            return
        self.other = back.transport

    def data_received(self, data: bytes) -> None:
        self._acknowledge()
        asyncio.create_task(self._pass_on_when_open(data))  # noqa: RUF006 - it ends by itself

    async def _pass_on_when_open(self, data: bytes) -> None:
        assert self._opening is not None
        opening = asyncio.get_running_loop().time()
        await self._opening
        # What came meanwhile was on its way already.
        late = asyncio.get_running_loop().time() - opening
        await asyncio.sleep(max(0.0, self.seconds - late))
        self._pass_on(data)

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


async def relay(port: int, seconds: float) -> tuple[asyncio.Server, int]:
    """Listen on a free port of 127.0.0.1 and pass on to ``port``, ``seconds`` each way."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Front(seconds, port), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def _main(seconds: float, targets: list[int]) -> None:
    relays = [await relay(target, seconds) for target in targets]
    sys.stdout.write(" ".join(str(port) for _, port in relays) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(float(sys.argv[1]), list(map(int, sys.argv[2:]))))
