"""HTTP against scripted servers: what comes back, and what a bad one cannot do."""

from dataclasses import replace

import pytest

from servers.authority import Authority
from servers.needs import free_ports
from servers.scripted import Act, Drip, Flood, Peer, Script, scripted, server_context, steps
from wizard.diagnosis.cause import Cause
from wizard.http import MAX_BODY, HttpAnswer, HttpFailure, HttpRequest, fetch
from wizard.network import Network


@pytest.fixture(scope="module")
def network(authority: Authority) -> Network:
    return Network(ca_files=(authority.ca_file,), stage_timeout=4)


async def ask(
    script: Script, network: Network, authority: Authority, *, host: str = "localhost"
) -> HttpAnswer | HttpFailure:
    tls = server_context(authority.issue("localhost"))
    async with scripted(script, tls=tls) as server:
        return await fetch(HttpRequest(f"https://{host}:{server.port}/a?b=c"), network)


async def test_a_request_as_it_is_on_the_wire(network: Network, authority: Authority) -> None:
    told: list[bytes] = []

    async def answer(peer: Peer) -> None:
        while line := await peer.line():
            told.append(line)
        told.append(await peer.some())
        await peer.say(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: chunked\r\n\r\n")
        await peer.say(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")

    tls = server_context(authority.issue("localhost"))
    async with scripted(answer, tls=tls) as server:
        request = HttpRequest(
            f"https://LOCALHOST:{server.port}/ü?q=a b".replace(" ", "%20"),
            "POST",
            (("Content-Type", "text/plain"),),
            b"hello",
        )
        got = await fetch(request, network)
    assert got == HttpAnswer(200, (("x-a", "1"), ("transfer-encoding", "chunked")), b"abcde")
    assert told[0] == b"POST /%C3%BC?q=a%20b HTTP/1.1"
    assert f"Host: localhost:{server.port}".encode() in told
    assert b"Content-Length: 5" in told
    assert told[-1] == b"hello"


def test_what_is_asked_and_answered_keeps_its_secrets_to_itself() -> None:
    headers = (("Authorization", "Basic hidden"), ("Location", "https://x/?code=hidden"))
    request = HttpRequest("https://acme.example/token", "POST", headers, b"client_secret=hidden")
    answer = HttpAnswer(200, headers, b'{"access_token": "hidden"}')
    assert "hidden" not in repr((request, answer))
    assert "acme.example" in repr(request)


async def test_a_redirect_is_an_answer(network: Network, authority: Authority) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n"
    got = await ask(steps(Act.READ, moved), network, authority)
    assert isinstance(got, HttpAnswer)
    assert (got.status, got.header("Location")) == (302, "https://evil.test/")


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (steps(Act.READ), Cause.CONNECTION_DROPPED),
        (steps(Act.READ, b"220 mail ESMTP\r\n\r\n"), Cause.PROTOCOL_ERROR),
        (steps(Act.READ, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), Cause.PROTOCOL_ERROR),
        (steps(Act.READ, b"HTTP/1.1 200 OK\r\n", Flood(b"X: y\r\n" * 999)), Cause.PROTOCOL_ERROR),
        (steps(Act.READ, b"HTTP/1.1 200 OK\r\n\r\n", Flood(b"x" * 9999)), Cause.PROTOCOL_ERROR),
        (
            steps(
                Act.READ,
                f"HTTP/1.1 200 OK\r\nContent-Length: {MAX_BODY + 1}\r\n\r\n".encode(),
                Flood(b"x" * 9999),
            ),
            Cause.PROTOCOL_ERROR,
        ),
        (steps(Act.READ, Act.RESET), Cause.CONNECTION_DROPPED),
        (steps(Act.READ, Flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 999)), Cause.PROTOCOL_ERROR),
    ],
)
async def test_bad_servers(
    network: Network, authority: Authority, script: Script, cause: Cause
) -> None:
    got = await ask(script, network, authority)
    assert isinstance(got, HttpFailure), got
    assert got.cause is cause
    assert len(got.words) < 400


@pytest.mark.parametrize("script", [steps(Act.SILENCE), steps(Drip(b"HTTP/1.1 200 OK\r\n", 0.2))])
async def test_slow_servers_are_left(
    network: Network, authority: Authority, script: Script
) -> None:
    got = await ask(script, replace(network, stage_timeout=0.3), authority)
    assert isinstance(got, HttpFailure)
    assert got.cause is Cause.PORT_BLOCKED_OR_TIMEOUT


async def test_names_and_certificates(network: Network, authority: Authority) -> None:
    never = await ask(steps(Act.SILENCE), network, authority, host="nobody.invalid")
    assert isinstance(never, HttpFailure)
    assert never.cause in (Cause.HOST_NOT_FOUND, Cause.DNS_UNAVAILABLE)
    other = await ask(steps(Act.SILENCE), network, authority, host="127.0.0.1")
    assert isinstance(other, HttpFailure)
    assert other.cause is Cause.CERT_HOSTNAME_MISMATCH
    strange = await ask(steps(Act.SILENCE), Network(stage_timeout=4), authority)
    assert isinstance(strange, HttpFailure)
    assert strange.cause is Cause.CERT_UNTRUSTED
    (port,) = free_ports(1)
    refused = await fetch(HttpRequest(f"https://localhost:{port}/"), network)
    assert isinstance(refused, HttpFailure)
    assert refused.cause is Cause.CONNECTION_REFUSED


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "ftp://localhost/",
        "https:///x",
        "https://user:word@localhost/",
        "https://localhost:99999/",
        "https://local host/",
        "https://localhost/\r\nX: y",
        "https://localhost/\udcff",
        "https://[::1/",
        "https://localhost/" + "x" * 9_000,
        "",
    ],
)
async def test_addresses_that_are_refused(network: Network, url: str) -> None:
    got = await fetch(HttpRequest(url), network)
    assert isinstance(got, HttpFailure)
    assert got.cause is Cause.PROTOCOL_ERROR


async def test_plain_http_only_when_it_is_allowed(network: Network) -> None:
    ok = b"HTTP/1.0 200 OK\r\n\r\nhello"
    async with scripted(steps(Act.READ, ok)) as server:
        request = HttpRequest(f"http://localhost:{server.port}/", plain=True)
        got = await fetch(request, network)
    assert isinstance(got, HttpAnswer)
    assert got.body == b"hello"
