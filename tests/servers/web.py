"""A web server on loopback: pages out of a table, http or https, everybody's request remembered.

What no honest server sends is given as raw octets, or as a coroutine that writes what it likes.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

Headers = Mapping[str, str]
Misbehave = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """An ordinary answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/xml"
    headers: Headers = field(default_factory=dict)

    def octets(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} So", f"Content-Type: {self.content_type}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + self.body


def moved(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    host: str
    target: str
    headers: Headers
    body: bytes

    @property
    def page(self) -> str:
        """Host and path, the key of the table."""
        return self.host.partition(":")[0] + self.target.partition("?")[0]


Page = Reply | bytes | Misbehave


@dataclass
class WebServer:
    """Where it listens on 127.0.0.1, its table (host and path → page), and what it was asked."""

    pages: dict[str, Page]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def asked_pages(self) -> list[str]:
        return [one.page for one in self.asked]


async def silence(writer: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.Event().wait()


def flood(head: bytes, again: bytes) -> Misbehave:
    """Say something, then something else without end."""

    async def play(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(again)
            await writer.drain()

    return play


def drip(octets: bytes, seconds: float) -> Misbehave:
    """Say it octet by octet."""

    async def play(writer: asyncio.StreamWriter) -> None:
        for octet in octets:
            writer.write(bytes([octet]))
            await writer.drain()
            await asyncio.sleep(seconds)

    return play


@contextlib.asynccontextmanager
async def web(
    pages: Mapping[str, Page], tls: ssl.SSLContext | None = None
) -> AsyncIterator[WebServer]:
    """The server; a page that is not in the table is 404."""
    server = WebServer(dict(pages))
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        with contextlib.suppress(OSError, EOFError):
            asked = await _read(reader)
            server.asked.append(asked)
            page = server.pages.get(asked.page, Reply(b"no such page", 404, "text/plain"))
            match page:
                case Reply():
                    writer.write(page.octets())
                case bytes():
                    writer.write(page)
                case _:
                    await page(writer)
            await writer.drain()
        writer.transport.abort() if writer.transport.is_closing() else writer.close()

    def ended(task: asyncio.Task[None]) -> None:
        tasks.discard(task)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(ended)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listening.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked:
    method, target, _ = (await reader.readline()).decode("latin-1").split()
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip().decode("latin-1"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, headers.get("host", ""), target, headers, body)
