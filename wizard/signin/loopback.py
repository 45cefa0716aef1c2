"""The redirect address on this machine (RFC 8252 section 7.3): a listener for one single answer.

It opens when somebody signs in, shows whoever comes a page that says how it went, and is gone as
soon as the answer is there or nobody waits any more. What an answer means does not belong in here.
"""

import asyncio
import contextlib
import errno
import html
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.texts import Texts

log = logging.getLogger(__name__)

MAX_LINE: Final = 16 << 10
MAX_HEADERS: Final = 100
MAX_CONNECTIONS: Final = 30
REQUEST_SECONDS: Final = 10.0
GOODBYE_SECONDS: Final = 1.0
# So often another free port is tried when the other address family has this one in use.
TRIES: Final = 10
# WSAEACCES and WSAEADDRINUSE.
_TAKEN_ON_WINDOWS: Final = (10013, 10048)


class Page(StrEnum):
    """What the browser is shown; words ``signin.page.<page>``."""

    RECEIVED = "received"
    REFUSED = "refused"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class PortTaken:
    """Nobody can listen there; 0: not on any port."""

    port: int
    reason: str


@dataclass(frozen=True)
class Landing:
    """Where the browser will come, and the path and query with which it came in the end."""

    port: int
    arrived: "asyncio.Future[str]"


Judge = Callable[[str], Page]


@contextlib.asynccontextmanager
async def listening(
    host: str, port: int, judge: Judge, texts: Texts
) -> AsyncIterator[Landing | PortTaken]:
    """Listen on loopback, ``port`` 0 on any free one, until the block is left.

    ``judge`` sees the target of each request; all but ``STRAY`` is the one answer. ``host`` is
    ``127.0.0.1``, or ``localhost`` where a browser may come by either address family.
    """
    try:
        sockets = _open(host, port)
    except OSError as problem:
        yield PortTaken(port, problem.strerror or str(problem))
        return
    landing = _Landing(host, sockets, judge, texts)
    servers: list[asyncio.Server] = []
    try:
        for one in sockets:
            servers.append(await asyncio.start_server(landing.accept, sock=one, limit=MAX_LINE))  # noqa: PERF401 - those opened are closed when one fails
        yield Landing(sockets[0].getsockname()[1], landing.arrived)
    finally:
        for server in servers:
            server.close()
        for one in sockets:
            one.close()
        await landing.end()


class _Landing:
    """The conversations on the listener's sockets."""

    def __init__(self, host: str, sockets: list[socket.socket], judge: Judge, texts: Texts) -> None:
        number: int = sockets[0].getsockname()[1]
        self.authority = f"{host}:{number}"
        self.arrived: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._judge = judge
        self._texts = texts
        self._tasks: set[asyncio.Task[None]] = set()
        self._answering: asyncio.Task[object] | None = None

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._run(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Let the last page go out, then end everything."""
        try:
            if self._answering is not None:
                # Not for the others: browsers open connections that they do not use.
                await asyncio.wait((self._answering,), timeout=GOODBYE_SECONDS)
        finally:
            # Also when nobody wants to wait for the page: nothing may stay open.
            running = tuple(self._tasks)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            if not self.arrived.done():
                self.arrived.cancel()

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                target = await self._read(reader)
                await self._answer(target, writer)
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, ValueError, TimeoutError):
            # What comes here is in nobody's interest to log: it may hold a code.
            log.debug("a connection to the redirect address ended early")
        finally:
            writer.transport.abort()

    async def _read(self, reader: asyncio.StreamReader) -> str | None:
        """The target of a GET for this very address (RFC 9112); None for anything else."""
        first = (await reader.readline()).decode("ascii", "replace").split()
        method, target, *_ = [*first, "", ""]
        host = ""
        for _ in range(MAX_HEADERS):
            line = (await reader.readline()).decode("latin-1").strip()
            if not line:
                break
            name, _, value = line.partition(":")
            if name.lower() == "host":
                host = value.strip().lower()
        else:
            return None
        # Another name that leads here is somebody's trick (DNS rebinding).
        return target if method == "GET" and host == self.authority else None

    async def _answer(self, target: str | None, writer: asyncio.StreamWriter) -> None:
        path = (target or "").partition("?")[0]
        if target is None or path != "/" or self.arrived.done():
            await _send(writer, "404 Not Found", self._page(Page.STRAY))
            return
        page = self._judge(target)
        if page is Page.STRAY:
            await _send(writer, "400 Bad Request", self._page(page))
            return
        # First the answer, then the page: a browser that hangs up must not undo the sign-in.
        self.arrived.set_result(target)
        self._answering = asyncio.current_task()
        await _send(writer, "200 OK", self._page(page))

    def _page(self, page: Page) -> bytes:
        title = html.escape(self._texts(f"signin.page.{page}.title"))
        said = html.escape(self._texts(f"signin.page.{page}.text"))
        return f"""<!doctype html>
<html lang="{self._texts.language}">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif }}
body {{ max-width: 34rem; margin: 18vh auto; padding: 1rem }}
h1 {{ font-size: 1.5rem }}
</style></head>
<body><h1>{title}</h1><p>{said}</p></body>
</html>
""".encode()


async def _send(writer: asyncio.StreamWriter, status: str, content: bytes) -> None:
    head = (
        f"HTTP/1.1 {status}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    writer.write(head.encode("ascii") + content)
    await writer.drain()


def _open(host: str, port: int) -> list[socket.socket]:
    """Sockets on loopback with one port; for ``localhost`` on both families where there are both.

    Raises ``OSError``.
    """
    for _ in range(TRIES):
        four = _bound(socket.AF_INET, "127.0.0.1", port)
        if host != "localhost":
            return [four]
        try:
            return [four, _bound(socket.AF_INET6, "::1", four.getsockname()[1])]
        except OSError as problem:
            if not _is_taken(problem):
                return [four]  # a machine without IPv6
            four.close()
            if port:
                raise
    raise OSError("no free port")


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # There "reuse" would let another program share the port, and with it the code.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A port of the last sign-in is free again at once; one that is listened on is not.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((address, port))
        one.setblocking(False)
        one.listen()
    except BaseException:
        one.close()
        raise
    return one


def _is_taken(problem: OSError) -> bool:
    return problem.errno in (errno.EADDRINUSE, errno.EACCES, *_TAKEN_ON_WINDOWS)
