"""What is tried when a test fails, and what the user may allow one server."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from servers.authority import Authority, ServerCertificate
from servers.scripted import Act, Peer, ScriptedServer, scripted, server_context, steps
from wizard.diagnosis.cause import Cause
from wizard.model import Protocol, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe import chain
from wizard.probe.driver import STAGES_IN_ALL, probe
from wizard.probe.report import CertificateFault

USER, PASSWORD = "anna@firma.test", "Geheim4711"
IMAP_LOGIN = (
    b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n",
    Act.READ,
    b"<tag> OK welcome\r\n",
    Act.READ,
    b"* 0 EXISTS\r\n<tag> OK done\r\n",
    Act.READ,
)
SMTP_HELLO = (b"220 mail.test ESMTP\r\n", Act.READ, b"250-mail.test\r\n250 STARTTLS\r\n")


@pytest.fixture
def network(authority: Authority) -> Network:
    return Network(ca_files=(authority.ca_file,), stage_timeout=4)


@pytest.fixture
def unknown(tmp_path_factory: pytest.TempPathFactory) -> ServerCertificate:
    """A good certificate of an authority that nobody knows."""
    return Authority(tmp_path_factory.mktemp("other"), "Another Authority").issue("localhost")


def imap(port: int, fingerprint: str = "") -> ServerSettings:
    return ServerSettings(
        Protocol.IMAP, "localhost", port, Security.TLS, USER, fingerprint=fingerprint
    )


def shown_by(certificate: ServerCertificate) -> str:
    import hashlib

    encoded = ssl.PEM_cert_to_DER_cert(certificate.certificate.read_text())
    return hashlib.sha256(encoded).hexdigest()


async def test_a_certificate_can_be_trusted_by_hand(
    network: Network, unknown: ServerCertificate
) -> None:
    async with scripted(steps(*IMAP_LOGIN), tls=server_context(unknown)) as server:
        report = await probe(imap(server.port), Secret(PASSWORD), network)
        assert report.failure is not None
        assert report.failure.cause is Cause.CERT_UNTRUSTED
        assert report.tls is not None
        assert report.tls.fault is CertificateFault.UNKNOWN_AUTHORITY
        assert report.tls.fingerprint == shown_by(unknown)
        assert PASSWORD.encode() not in server.protected

        settings = imap(server.port, report.tls.fingerprint)
        report = await probe(settings, Secret(PASSWORD), network)
    assert report.ok, report.transcript
    assert report.tls is not None
    assert not report.tls.trusted
    assert report.tls.by_hand


async def test_another_certificate_than_the_trusted_one_gets_no_password(
    network: Network, unknown: ServerCertificate
) -> None:
    async with scripted(steps(*IMAP_LOGIN), tls=server_context(unknown)) as server:
        report = await probe(imap(server.port, "0" * 64), Secret(PASSWORD), network)
    assert report.failure is not None
    assert (report.failure.stage, report.failure.cause) == (Stage.TLS, Cause.CERT_UNTRUSTED)
    assert report.tls is not None
    assert report.tls.fault is CertificateFault.CHANGED
    assert not report.tls.by_hand
    assert server.protected == b""


async def test_a_proper_certificate_replaces_the_trusted_one(
    network: Network, authority: Authority
) -> None:
    context = server_context(authority.issue("localhost"))
    async with scripted(steps(*IMAP_LOGIN), tls=context) as server:
        report = await probe(imap(server.port, "0" * 64), Secret(PASSWORD), network)
    assert report.ok, report.transcript
    assert report.tls is not None
    assert report.tls.trusted
    assert not report.tls.by_hand


async def test_trust_by_hand_holds_behind_starttls_too(
    network: Network, unknown: ServerCertificate
) -> None:
    async def serve(peer: Peer) -> None:
        await steps(*SMTP_HELLO, Act.READ, b"220 go\r\n")(peer)
        await peer.start_tls(server_context(unknown))
        await steps(
            Act.READ, b"250-mail.test\r\n250 AUTH PLAIN\r\n", Act.READ, b"235 ok\r\n", Act.SILENCE
        )(peer)

    async with scripted(serve) as server:
        settings = ServerSettings(
            Protocol.SMTP, "localhost", server.port, Security.STARTTLS, USER,
            fingerprint=shown_by(unknown),
        )  # fmt: skip
        report = await probe(settings, Secret(PASSWORD), network)
    assert report.ok, report.transcript
    assert PASSWORD.encode() not in server.clear


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address of this computer whose low ports nobody else uses."""
    with contextlib.closing(socket.socket()) as probe_socket:
        try:
            probe_socket.bind(("127.0.0.77", 587))
        except OSError:
            pytest.skip("ports below 1024 may not be opened here")
    return "127.0.0.77"


@contextlib.asynccontextmanager
async def forwarded(host: str, port: int, server: ScriptedServer) -> AsyncIterator[None]:
    """A scripted server at a port of one's own choice."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", server.port)

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(1 << 16):
                    target.write(data)
                    await target.drain()
            target.close()

        await asyncio.gather(copy(reader, back), copy(there, writer))

    listening = await asyncio.start_server(forward, host, port)
    try:
        yield
    finally:
        listening.close()
        await listening.wait_closed()


@pytest.fixture
def black_hole(loopback: str) -> Iterator[int]:
    """A port that answers no connection: its queue is full, and the kernel drops what comes."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind((loopback, 0))
        full.listen(0)
        port: int = full.getsockname()[1]
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect((loopback, port))
        yield port


@pytest.fixture
def at_loopback(authority: Authority, loopback: str) -> ssl.SSLContext:
    return server_context(authority.issue(loopback))


async def test_a_blocked_port_is_told_from_a_dead_host(
    network: Network, loopback: str, black_hole: int, at_loopback: ssl.SSLContext
) -> None:
    async def serve(peer: Peer) -> None:
        await steps(*SMTP_HELLO, Act.READ, b"220 go\r\n")(peer)
        await peer.start_tls(at_loopback)
        await steps(Act.READ, b"250-mail.test\r\n250 AUTH PLAIN\r\n", Act.READ)(peer)

    patience = replace(network, stage_timeout=0.9)
    async with scripted(serve) as server, forwarded(loopback, 587, server):
        settings = ServerSettings(Protocol.SMTP, loopback, black_hole, Security.TLS, USER)
        report = await probe(settings, Secret(PASSWORD), patience)
    assert report.failure is not None
    assert (report.failure.stage, report.failure.cause) == (
        Stage.CONNECT,
        Cause.PORT_BLOCKED_OR_TIMEOUT,
    )
    ways = {(one.port, one.security): one for one in report.alternatives}
    assert ways[587, Security.STARTTLS].works
    assert not ways[465, Security.TLS].works
    assert ways[465, Security.TLS].alive
    # Looked at while the wanted port was waited for, and without a login.
    assert report.elapsed_ms < 1_300
    assert PASSWORD.encode() not in server.clear + server.protected


async def test_a_dead_host_is_silent_everywhere(
    network: Network, monkeypatch: pytest.MonkeyPatch, loopback: str, black_hole: int
) -> None:
    monkeypatch.setitem(
        __import__("wizard.model", fromlist=["x"]).STANDARD_PORTS,
        Protocol.SMTP,
        {black_hole: Security.TLS},
    )
    patience = replace(network, stage_timeout=0.6)
    settings = ServerSettings(Protocol.SMTP, loopback, black_hole, Security.STARTTLS, USER)
    report = await probe(settings, Secret(PASSWORD), patience)
    assert report.failure is not None
    assert report.failure.cause is Cause.PORT_BLOCKED_OR_TIMEOUT
    assert not any(one.alive for one in report.alternatives)
    assert report.elapsed_ms < 600 * STAGES_IN_ALL


async def test_the_wrong_mode_is_told_by_trying(network: Network, authority: Authority) -> None:
    context = server_context(authority.issue("localhost"))

    async def serve(peer: Peer) -> None:
        await steps(*SMTP_HELLO, Act.READ, b"220 go\r\n")(peer)
        await peer.start_tls(context)
        await steps(Act.READ, b"250-mail.test\r\n250 AUTH PLAIN\r\n", Act.READ)(peer)

    async with scripted(serve) as server:
        settings = ServerSettings(Protocol.SMTP, "localhost", server.port, Security.TLS, USER)
        report = await probe(settings, Secret(PASSWORD), network)
    assert report.failure is not None
    assert report.failure.cause is Cause.TLS_ON_PLAINTEXT_PORT
    first = report.alternatives[0]
    assert (first.port, first.security, first.works) == (server.port, Security.STARTTLS, True)
    assert PASSWORD.encode() not in server.clear + server.protected


async def test_a_trusted_certificate_says_the_same_as_one_that_is_judged(
    network: Network, authority: Authority
) -> None:
    issued = authority.issue("localhost", "127.0.0.1")
    async with scripted(steps(*IMAP_LOGIN), tls=server_context(issued)) as server:
        report = await probe(imap(server.port), Secret(PASSWORD), network)
    told = report.tls
    assert told is not None and told.trusted and told.names == ("localhost", "127.0.0.1")
    encoded = ssl.PEM_cert_to_DER_cert(issued.certificate.read_text())
    read = chain.read((encoded,), told.version, told.cipher, trusted=True)
    assert replace(read, key="", chain=()) == told


def test_a_certificate_that_is_trusted_needs_no_slow_library() -> None:
    code = "import sys, wizard.actions; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
