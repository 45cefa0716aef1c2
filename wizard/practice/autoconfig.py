"""The practice company's autoconfiguration: one document over HTTPS, and nothing else.

The format is Thunderbird's ``clientConfig`` 1.1.
"""

import asyncio
from typing import Final
from xml.sax.saxutils import escape

from wizard.model import Protocol, Security
from wizard.practice.facts import AUTOCONFIG_PATH, DOMAIN, PracticeServer

PATHS: Final = (f"/.well-known/autoconfig{AUTOCONFIG_PATH}", AUTOCONFIG_PATH)
REQUEST_SECONDS: Final = 10.0
MAX_HEADERS: Final = 100

_SOCKET_TYPES: Final = {
    Security.TLS: "SSL",
    Security.STARTTLS: "STARTTLS",
    Security.NONE: "plain",
}


def document(servers: tuple[PracticeServer, ...]) -> bytes:
    """The configuration, servers with implicit TLS first (RFC 8314 prefers it)."""
    ordered = sorted(servers, key=lambda server: server.security is not Security.TLS)
    described = "\n".join(_describe(server) for server in ordered)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{DOMAIN}">
    <domain>{DOMAIN}</domain>
    <displayName>Practice company</displayName>
    <displayShortName>Practice</displayShortName>
{described}
  </emailProvider>
</clientConfig>
"""
    return text.encode()


class AutoconfigServer:
    """Answers the requests for the document."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer (RFC 9112)."""
        async with asyncio.timeout(REQUEST_SECONDS):
            request = (await reader.readline()).split()
            for _ in range(MAX_HEADERS):
                if (await reader.readline()).strip() == b"":
                    break
            else:
                return
            writer.write(self._answer(request))
            await writer.drain()

    def _answer(self, request: list[bytes]) -> bytes:
        if len(request) != 3 or not request[2].startswith(b"HTTP/1."):
            return _response("400 Bad Request", "text/plain", b"no HTTP request\n")
        method, target = request[0], request[1].partition(b"?")[0].decode("latin-1")
        if method not in {b"GET", b"HEAD"}:
            return _response("405 Method Not Allowed", "text/plain", b"GET only\n")
        if target not in PATHS:
            return _response("404 Not Found", "text/plain", b"not here\n")
        whole = _response("200 OK", "text/xml; charset=utf-8", self._content)
        return whole if method == b"GET" else whole.removesuffix(self._content)


def _describe(server: PracticeServer) -> str:
    incoming = server.protocol is not Protocol.SMTP
    element = "incomingServer" if incoming else "outgoingServer"
    return f"""    <{element} type="{server.protocol}">
      <hostname>{escape(server.host)}</hostname>
      <port>{server.port}</port>
      <socketType>{_SOCKET_TYPES[server.security]}</socketType>
      <username>%EMAILADDRESS%</username>
      <authentication>password-cleartext</authentication>
    </{element}>"""


def _response(status: str, kind: str, content: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode("ascii") + content
