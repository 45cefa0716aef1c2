"""Both address families are raced (RFC 8305): a dead one costs a head start, not a time-out."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from wizard.probe.stream import HEAD_START_SECONDS, Stream

# Behind a full queue the kernel drops what comes: nobody answers there.
DEAD, ALIVE = "127.0.0.78", "127.0.0.1"


@pytest.fixture
async def listening() -> AsyncIterator[int]:
    """A server at ALIVE; the same port at DEAD answers nothing."""

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, ALIVE, 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
def dead(listening: int) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        try:
            full.bind((DEAD, listening))
        except OSError:
            pytest.skip("this computer has one loopback address only")
        full.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect((DEAD, listening))
        yield DEAD


async def test_a_silent_address_costs_its_head_start(listening: int, dead: str) -> None:
    began = time.monotonic()
    stream = await Stream.connect([dead, ALIVE], listening)
    took = time.monotonic() - began
    assert stream.peer_address == ALIVE
    stream.close()
    assert HEAD_START_SECONDS * 0.9 <= took < 3 * HEAD_START_SECONDS + 1


async def test_a_refusing_address_costs_nothing(listening: int) -> None:
    began = time.monotonic()
    stream = await Stream.connect(["127.0.0.79", "::1", ALIVE], listening)
    took = time.monotonic() - began
    assert stream.peer_address == ALIVE
    stream.close()
    assert took < HEAD_START_SECONDS


async def test_all_refusing_is_told_by_the_first(listening: int) -> None:
    with pytest.raises(OSError, match=r"79|refused|Refused"):
        await Stream.connect(["127.0.0.79", "::1"], listening)


async def test_the_loser_leaves_no_connection(listening: int, dead: str) -> None:
    """Cancelled while one is under way: its socket goes too."""
    task = asyncio.create_task(Stream.connect([dead], listening))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
