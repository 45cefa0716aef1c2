"""HTTP by the program's own way to the world: its resolver, its authorities, its bounds.

One request, one answer, one connection. Redirects are answers like others: whether to follow one
is for the caller to decide, who knows what secrets the request holds. Nothing a server does makes
:func:`fetch` raise. What an answer means does not belong in here.
"""

import asyncio
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

import h11

from wizard.diagnosis.cause import Cause
from wizard.model import Invalid, parse_host
from wizard.network import Network
from wizard.probe.certificate import cause_of
from wizard.probe.harmless import harmless
from wizard.probe.stream import Stream, TooMuchError
from wizard.resolver import Absent, Found, NoAnswer

MAX_BODY: Final = 1 << 20
MAX_HEADERS: Final = 64 << 10
MAX_URL: Final = 8 << 10
# A whole request may take as long as so many stages of a mail server's conversation.
STAGES_IN_ALL: Final = 2

# Among them halves of characters, for which there are no octets.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]")
_PORTS: Final = {"https": 443, "http": 80}

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What to ask. ``https`` only, unless ``plain`` allows ``http``; ``max_body`` in octets.

    Its repr keeps headers and body to itself: tokens and the client's secret stand there.
    """

    url: str
    method: str = "GET"
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    plain: bool = False
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back. Names of headers are in lower case; a repr shows none of it."""

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of a header; empty when it is not there."""
        wanted = name.lower()
        return next((value for known, value in self.headers if known == wanted), "")


@dataclass(frozen=True, slots=True)
class HttpFailure:
    """No answer: why, and the words that tell (made harmless)."""

    cause: Cause
    words: str


@dataclass(frozen=True, slots=True)
class _Target:
    secure: bool
    host: str
    port: int
    path: str

    @property
    def usual(self) -> bool:
        return self.port == _PORTS["https" if self.secure else "http"]

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.usual else f"{name}:{self.port}"


async def fetch(request: HttpRequest, network: Network) -> HttpAnswer | HttpFailure:
    """Ask once. Bounded by twice ``network.stage_timeout`` seconds; cancelling closes at once."""
    target = _target(request)
    if isinstance(target, HttpFailure):
        return target
    try:
        async with asyncio.timeout(network.stage_timeout * STAGES_IN_ALL):
            return await _ask(request, target, network)
    except TimeoutError:
        words = f"no answer within {network.stage_timeout * STAGES_IN_ALL:g} s"
        return HttpFailure(Cause.PORT_BLOCKED_OR_TIMEOUT, words)


def _target(request: HttpRequest) -> _Target | HttpFailure:
    """Where the address leads; a user name in it, or anything unusual, is refused."""
    unusable = HttpFailure(Cause.PROTOCOL_ERROR, harmless(request.url, 300))
    if len(request.url) > MAX_URL or _UNSAFE.search(request.url):
        return unusable
    try:
        parts = urlsplit(request.url)
        port = parts.port
    except ValueError:
        return unusable
    if parts.scheme not in _PORTS or (parts.scheme == "http" and not request.plain):
        return unusable
    host = parse_host(parts.hostname or "")
    if isinstance(host, Invalid) or "@" in parts.netloc:
        return unusable
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return _Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)


async def _ask(request: HttpRequest, target: _Target, network: Network) -> HttpAnswer | HttpFailure:
    match await network.resolver.addresses(target.host):
        case Found(values=addresses):
            pass
        case Absent():
            return HttpFailure(Cause.HOST_NOT_FOUND, target.host)
        case NoAnswer(reason=reason, detail=detail):
            return HttpFailure(Cause.DNS_UNAVAILABLE, harmless(f"{reason}: {detail}", 300))
    stream: Stream | None = None
    try:
        stream = await _connect(addresses, target, network)
        return await _converse(stream, request, target)
    except ssl.SSLError as problem:
        return HttpFailure(cause_of(problem) or Cause.CONNECTION_DROPPED, harmless(str(problem)))
    except ConnectionRefusedError as problem:
        return HttpFailure(Cause.CONNECTION_REFUSED, harmless(str(problem)))
    except TimeoutError:
        raise
    except (OSError, EOFError) as problem:
        return HttpFailure(Cause.CONNECTION_DROPPED, harmless(str(problem)) or "connection closed")
    except (h11.ProtocolError, TooMuchError) as problem:
        return HttpFailure(Cause.PROTOCOL_ERROR, harmless(str(problem), 300) or "too much data")
    finally:
        if stream is not None:
            stream.close()


async def _connect(addresses: Sequence[str], target: _Target, network: Network) -> Stream:
    port = network.port(target.port) if target.usual else target.port
    async with asyncio.timeout(network.stage_timeout):
        stream = await Stream.connect(addresses, port)
        if target.secure:
            try:
                await stream.start_tls(network.tls, target.host)
            except BaseException:
                stream.close()
                raise
        return stream


async def _converse(stream: Stream, request: HttpRequest, target: _Target) -> HttpAnswer:
    """RFC 9112 by h11. Raises what h11 and the stream raise."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEADERS)
    headers = [
        ("Host", target.authority),
        # Packed answers could be bombs; these are small anyway.
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
        *request.headers,
    ]
    if request.body or request.method != "GET":
        headers.append(("Content-Length", str(len(request.body))))
    out = connection.send(h11.Request(method=request.method, target=target.path, headers=headers))
    out = (out or b"") + (connection.send(h11.Data(data=request.body)) or b"")
    out += connection.send(h11.EndOfMessage()) or b""
    await stream.send(out)
    response: h11.Response | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await stream.read_some(MAX_HEADERS + 2 * request.max_body)
            if not data and response is None:
                raise EOFError
            connection.receive_data(data)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > request.max_body:
                raise TooMuchError
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed) or event is h11.PAUSED:
            break
    if response is None:
        raise EOFError
    known = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in response.headers
    )
    return HttpAnswer(response.status_code, known, bytes(body))
