"""A page of somebody's web server: redirects by rule, packed answers unpacked in bounds.

One exchange is :mod:`wizard.http`'s. What a page means does not belong in here.
"""

import asyncio
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from wizard.diagnosis.cause import Cause
from wizard.http import HttpAnswer, HttpFailure, HttpRequest
from wizard.http import fetch as exchange
from wizard.model import Invalid, parse_host
from wizard.network import Network
from wizard.resolver import Absent, NoAnswer, Silence

MAX_BODY: Final = 256 << 10
MAX_REDIRECTS: Final = 5
MAX_URL: Final = 2_000
AGENT: Final = "openAPPone-Mail-Wizard"

_PORTS: Final = {"https": 443, "http": 80}
# Among them halves of characters, for which there are no octets.
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
_SAFE: Final = "/:@!$&'()*+,;=~%"
_REDIRECTS: Final = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class Url:
    """An address of the web, taken apart and checked.

    ``host`` is as :func:`parse_host` gives it; ``port`` None is the scheme's own; ``target`` is
    path and query, percent-encoded.
    """

    scheme: str
    host: str
    port: int | None
    target: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def secure(self) -> bool:
        return self.scheme == "https"


@dataclass(frozen=True, slots=True)
class Question:
    """A page to fetch: with ``body`` (XML) by POST, else by GET."""

    url: Url
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back in the end, whatever its status.

    ``url`` is where it came from; ``secure`` tells that every step of the way there was https
    with a valid certificate. ``content_type`` is lower-case, without parameters.
    """

    status: int
    url: Url
    content_type: str
    body: bytes
    secure: bool


class Trouble(StrEnum):
    """Why there is no page. ``ALLOWANCE``: whoever asks has asked enough."""

    NO_HOST = "no_host"
    NO_ADDRESS = "no_address"
    NO_DNS = "no_dns"
    INSIDE = "inside"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    TLS = "tls"
    TIMEOUT = "timeout"
    UNUSABLE = "unusable"
    DOWNGRADE = "downgrade"
    BAD_REDIRECT = "bad_redirect"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    ALLOWANCE = "allowance"


@dataclass(frozen=True, slots=True)
class NoPage:
    """There is none; ``host`` is the one that was asked last."""

    trouble: Trouble
    host: str


_TROUBLES: Final = {
    Cause.HOST_NOT_FOUND: Trouble.NO_HOST,
    Cause.DNS_UNAVAILABLE: Trouble.NO_DNS,
    Cause.CERT_EXPIRED: Trouble.CERTIFICATE,
    Cause.CERT_HOSTNAME_MISMATCH: Trouble.CERTIFICATE,
    Cause.CERT_UNTRUSTED: Trouble.CERTIFICATE,
    Cause.TLS_ON_PLAINTEXT_PORT: Trouble.TLS,
    Cause.TLS_VERSION_MISMATCH: Trouble.TLS,
    Cause.PORT_BLOCKED_OR_TIMEOUT: Trouble.TIMEOUT,
    Cause.PROTOCOL_ERROR: Trouble.UNUSABLE,
}


def parse_url(text: str, base: Url | None = None) -> Url | None:
    """An http or https address out of foreign text, relative to ``base``; None for anything else.

    Refused: other schemes, names and passwords in it, hosts that DNS could not have.
    """
    if len(text) > MAX_URL or _UNSAFE.search(text):
        return None
    try:
        parts = urlsplit(urljoin(str(base), text) if base else text)
        port, host = parts.port, parse_host(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in _PORTS or "@" in parts.netloc or port == 0 or isinstance(host, Invalid):
        return None
    query = f"?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else ""
    target = (quote(parts.path, safe=_SAFE) or "/") + query
    return Url(parts.scheme, host, None if port == _PORTS[parts.scheme] else port, target)


async def fetch(
    question: Question, network: Network, allowed: Callable[[str], bool] = lambda _: True
) -> Page | NoPage:
    """Fetch a page, redirects included, within one stage of the network.

    ``allowed`` is asked before each request whether this host may be asked (once more).
    A redirect keeps method and body (Autodiscover wants that, MS-OXDSCLI section 3.1.5), but 303
    asks with GET (RFC 9110 section 15.4.4). From https it leads to https only.
    """
    current = question
    try:
        async with asyncio.timeout(network.stage_timeout):
            secure = True
            for _ in range(MAX_REDIRECTS + 1):
                if not allowed(current.url.host):
                    return NoPage(Trouble.ALLOWANCE, current.url.host)
                secure = secure and current.url.secure
                answer = await _ask(current, network)
                if isinstance(answer, NoPage):
                    return answer
                if answer.status not in _REDIRECTS:
                    return _page(answer, current.url, secure=secure)
                place = answer.header("location")
                following = parse_url(place, current.url) if place else None
                if following is None:
                    return NoPage(Trouble.BAD_REDIRECT, current.url.host)
                if current.url.secure and not following.secure:
                    return NoPage(Trouble.DOWNGRADE, following.host)
                seen = answer.status == 303
                current = Question(following) if seen else replace(current, url=following)
            return NoPage(Trouble.TOO_MANY_REDIRECTS, current.url.host)
    except TimeoutError:
        return NoPage(Trouble.TIMEOUT, current.url.host)


async def _ask(question: Question, network: Network) -> HttpAnswer | NoPage:
    host = question.url.host
    # Asked here only for the reason why there is no address; the answer is cached.
    match await network.resolver.addresses(host):
        case Absent(name_exists=exists):
            return NoPage(Trouble.NO_ADDRESS if exists else Trouble.NO_HOST, host)
        case NoAnswer(reason=reason):
            return NoPage(Trouble.INSIDE if reason is Silence.INSIDE else Trouble.NO_DNS, host)
        case _:
            pass
    kind = (("Content-Type", "text/xml; charset=utf-8"),) if question.body else ()
    request = HttpRequest(
        url=str(question.url),
        method="POST" if question.body else "GET",
        headers=(("User-Agent", AGENT), ("Accept", "text/xml, application/xml, */*;q=0.1"), *kind),
        body=question.body,
        plain=not question.url.secure,
        max_body=MAX_BODY,
    )
    answer = await exchange(request, network)
    if isinstance(answer, HttpFailure):
        return NoPage(_TROUBLES.get(answer.cause, Trouble.UNREACHABLE), host)
    return answer


def _page(answer: HttpAnswer, url: Url, *, secure: bool) -> Page | NoPage:
    body = _unpacked(answer.body, answer.header("content-encoding").strip().lower())
    if body is None:
        return NoPage(Trouble.UNUSABLE, url.host)
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    return Page(answer.status, url, kind, body, secure)


def _unpacked(body: bytes, coding: str) -> bytes | None:
    """Undo a coding that nobody asked for, but some servers use anyway; never beyond the bound."""
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        return None
    opened = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        content = opened.decompress(body, MAX_BODY + 1)
    except zlib.error:
        return None
    return content if len(content) <= MAX_BODY else None
