"""A world on loopback for searches: DNS out of a table, web servers, and mail servers that greet.

Mail servers listen on ports of their own; ``Network.ports`` leads there from the registered ones.
"""

import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from servers.authority import Authority
from servers.scripted import Act, Handshake, Script, ScriptedServer, scripted, server_context, steps
from servers.web import Page, Reply, WebServer, web
from servers.zones import TableServer, serve
from wizard.catalog import Catalog
from wizard.discovery.inquiry import Ispdb
from wizard.discovery.report import Detection, SourceAnswer
from wizard.discovery.search import detect
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver

CATALOG = Catalog.load()
HERE = {"A": ["127.0.0.1"]}
ISPDB = "autoconfig.thunderbird.net"
NAMES = (
    "acme.test", "*.acme.test", "webhost.test", "*.webhost.test", "host.test", "*.host.test", ISPDB,
)  # fmt: skip

IMAP = (
    b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n",
    Act.READ,
    b"<tag> OK bye\r\n",
    Act.READ,
)
SMTP = (
    b"220 mail.acme.test ESMTP\r\n",
    Act.READ,
    b"250-mail.acme.test\r\n250 AUTH PLAIN LOGIN\r\n",
    Act.READ,
    b"221 bye\r\n",
)


@dataclass
class World:
    """The way to it, and what it was asked."""

    network: Network
    dns: TableServer
    https: WebServer
    http: WebServer
    mail: dict[int, ScriptedServer]

    async def detect(self, entry: str, use_ispdb: Ispdb = Ispdb.ASK) -> Detection:
        return await detect(entry, CATALOG, self.network, use_ispdb=use_ispdb)

    @property
    def requests(self) -> int:
        """Everything that anybody was asked."""
        greeted = sum(len(server.peers) for server in self.mail.values())
        pages = self.https.connections + self.http.connections
        return len(self.dns.questions) + pages + greeted


@contextlib.asynccontextmanager
async def world(
    zone: Mapping[str, Mapping[str, Any]],
    authority: Authority,
    *,
    pages: Mapping[str, Page] | None = None,
    plain: Mapping[str, Page] | None = None,
    mail: Mapping[int, Script] | None = None,
    tls: ssl.SSLContext | None = None,
    timeout: float = 10.0,
    lookup: float = 5.0,
) -> AsyncIterator[World]:
    """``mail``: registered port → script; 993, 465 and 995 speak TLS at once."""
    context = tls or server_context(authority.issue(*NAMES))
    async with contextlib.AsyncExitStack() as stack:
        dns, dns_port = await stack.enter_async_context(serve(zone))
        https = await stack.enter_async_context(web(pages or {}, context))
        http = await stack.enter_async_context(web(plain or {}))
        servers: dict[int, ScriptedServer] = {}
        for port, script in (mail or {}).items():
            implicit = context if port in (993, 465, 995) else None
            servers[port] = await stack.enter_async_context(scripted(script, tls=implicit))
        ports = {443: https.port, 80: http.port}
        # Where nothing is scripted, nothing listens.
        ports |= dict.fromkeys((993, 143, 995, 110, 465, 587, 2525), 1)
        ports |= {port: server.port for port, server in servers.items()}
        network = Network(
            resolver=Resolver([Nameserver("127.0.0.1", dns_port)], timeout=min(lookup, timeout)),
            ca_files=(authority.ca_file,),
            stage_timeout=timeout,
            ports=ports,
        )
        yield World(network, dns, https, http, servers)


def starttls(context: ssl.SSLContext) -> Script:
    """An SMTP server that offers STARTTLS, and login behind it only."""
    return steps(
        b"220 mail ESMTP\r\n",
        Act.READ,
        b"250-mail\r\n250 STARTTLS\r\n",
        Act.READ,
        b"220 go\r\n",
        Handshake(context),
        Act.READ,
        b"250-mail\r\n250 AUTH LOGIN\r\n",
        Act.READ,
    )


def config(*servers: str, domain: str = "acme.test") -> Reply:
    """An autoconfiguration document."""
    return Reply(
        f'<?xml version="1.0"?>\n<clientConfig version="1.1"><emailProvider id="{domain}">'
        f"<domain>{domain}</domain>{''.join(servers)}</emailProvider></clientConfig>".encode()
    )


def server(
    host: str,
    port: int,
    kind: str = "imap",
    security: str = "SSL",
    username: str = "%EMAILADDRESS%",
    auth: str = "password-cleartext",
) -> str:
    element = "outgoingServer" if kind == "smtp" else "incomingServer"
    return (
        f'<{element} type="{kind}"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{security}</socketType><username>{username}</username>"
        f"<authentication>{auth}</authentication></{element}>"
    )


def answer_of(found: Detection, source: str) -> SourceAnswer:
    return next(one for one in found.answers if one.source == source)
