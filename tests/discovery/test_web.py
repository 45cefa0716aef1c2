"""One page of the web, whatever the server does."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.authority import Authority
from servers.scripted import server_context
from servers.web import Page as Served
from servers.web import Reply, WebServer, drip, flood, moved, silence, web
from servers.zones import serve
from wizard.discovery.web import (
    MAX_BODY,
    NoPage,
    Page,
    Question,
    Trouble,
    Url,
    fetch,
    parse_url,
)
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver

HOSTS = ("a.test", "b.test")
ZONE = {name: {"A": ["127.0.0.1"]} for name in HOSTS}


@pytest.fixture(scope="module")
def tls(authority: Authority) -> ssl.SSLContext:
    return server_context(authority.issue(*HOSTS))


@asynccontextmanager
async def world(
    pages: dict[str, Served],
    tls: ssl.SSLContext,
    ca_file: Path,
    plain: dict[str, Served] | None = None,
    seconds: float = 30.0,
) -> AsyncIterator[tuple[Network, WebServer]]:
    """A network of one name server, one https and one http server."""
    async with serve(ZONE) as (_, dns), web(pages, tls) as https, web(plain or {}) as http:
        resolver = Resolver([Nameserver("127.0.0.1", dns)])
        ports = {443: https.port, 80: http.port}
        network = Network(resolver, (ca_file,), stage_timeout=seconds, ports=ports)
        yield network, https


def get(url: str) -> Question:
    parsed = parse_url(url)
    assert parsed is not None
    return Question(parsed)


async def test_a_page(tls: ssl.SSLContext, authority: Authority) -> None:
    pages: dict[str, Served] = {"a.test/x": Reply(b"<x/>", content_type="Text/XML; charset=utf-8")}
    async with world(pages, tls, authority.ca_file) as (network, server):
        page = await fetch(get("https://A.test/x?y=1"), network)
    assert isinstance(page, Page)
    assert (page.status, page.body, page.content_type) == (200, b"<x/>", "text/xml")
    assert page.secure
    assert server.asked[0].target == "/x?y=1"
    assert server.asked[0].host == "a.test"
    assert "cookie" not in server.asked[0].headers


async def test_a_post_keeps_its_body_over_a_redirect(
    tls: ssl.SSLContext, authority: Authority
) -> None:
    pages: dict[str, Served] = {"a.test/x": moved("https://b.test/y"), "b.test/y": Reply(b"done")}
    async with world(pages, tls, authority.ca_file) as (network, server):
        request = Question(Url("https", "a.test", None, "/x"), b"<q/>")
        page = await fetch(request, network)
    assert isinstance(page, Page)
    assert str(page.url) == "https://b.test/y"
    assert [(one.method, one.body) for one in server.asked] == [("POST", b"<q/>")] * 2


async def test_303_asks_with_get(tls: ssl.SSLContext, authority: Authority) -> None:
    pages: dict[str, Served] = {"a.test/x": moved("/y", 303), "a.test/y": Reply(b"done")}
    async with world(pages, tls, authority.ca_file) as (network, server):
        request = Question(Url("https", "a.test", None, "/x"), b"secret")
        await fetch(request, network)
    assert [(one.method, one.body) for one in server.asked] == [("POST", b"secret"), ("GET", b"")]


async def test_http_to_https_is_followed_but_not_trusted(
    tls: ssl.SSLContext, authority: Authority
) -> None:
    plain: dict[str, Served] = {"a.test/x": moved("https://a.test/x")}
    pages: dict[str, Served] = {"a.test/x": Reply(b"<x/>")}
    async with world(pages, tls, authority.ca_file, plain) as (network, _):
        page = await fetch(get("http://a.test/x"), network)
    assert isinstance(page, Page)
    assert not page.secure


# A table of hostile answers: what the server does → why there is no page.
OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE: dict[str, tuple[Served, Trouble]] = {
    "to http": (moved("http://b.test/"), Trouble.DOWNGRADE),
    "to itself": (moved("/"), Trouble.TOO_MANY_REDIRECTS),
    "to nowhere": (moved("https://nowhere.test/"), Trouble.NO_HOST),
    "to another scheme": (moved("file:///etc/passwd"), Trouble.BAD_REDIRECT),
    "with a password": (moved("https://u:p@b.test/"), Trouble.BAD_REDIRECT),
    "without a place": (Reply(status=302), Trouble.BAD_REDIRECT),
    "with a control character": (moved("https://b.test/\x01"), Trouble.BAD_REDIRECT),
    "silent": (silence, Trouble.TIMEOUT),
    "one octet at a time": (drip(OK + b"Content-Length: 9\r\n\r\n", 0.3), Trouble.TIMEOUT),
    "endless body": (flood(OK + b"\r\n", b"x" * 4096), Trouble.UNUSABLE),
    "endless header": (flood(OK, b"X-Y: z\r\n" * 100), Trouble.UNUSABLE),
    "endless chunks": (
        flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"800\r\n" + b"x" * 2048 + b"\r\n"),
        Trouble.UNUSABLE,
    ),
    "endless interim answers": (flood(b"", b"HTTP/1.1 102 So\r\n\r\n"), Trouble.UNUSABLE),
    "gzip bomb": (
        Reply(gzip.compress(bytes(64 << 20)), headers={"Content-Encoding": "gzip"}),
        Trouble.UNUSABLE,
    ),
    "broken gzip": (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), Trouble.UNUSABLE),
    "unknown coding": (Reply(b"x", headers={"Content-Encoding": "br"}), Trouble.UNUSABLE),
    "two lengths": (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", Trouble.UNUSABLE),
    "half a body": (OK + b"Content-Length: 20\r\n\r\nxx", Trouble.UNUSABLE),
    "huge length": (OK + b"Content-Length: 99999999999999999999999\r\n\r\n", Trouble.UNUSABLE),
    "no http": (b"220 mail.acme.test ESMTP\r\n\r\n", Trouble.UNUSABLE),
    "nothing": (b"", Trouble.UNREACHABLE),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_answers(tls: ssl.SSLContext, authority: Authority, name: str) -> None:
    page, trouble = HOSTILE[name]
    # Only who is to be given up is given up soon.
    seconds = 1.0 if trouble is Trouble.TIMEOUT else 30.0
    async with world({"a.test/": page}, tls, authority.ca_file, seconds=seconds) as (network, _):
        answer = await fetch(get("https://a.test/"), network)
    assert isinstance(answer, NoPage), answer
    assert answer.trouble is trouble


async def test_an_honest_gzip_is_read(tls: ssl.SSLContext, authority: Authority) -> None:
    packed = Reply(gzip.compress(b"<x/>" * 100), headers={"Content-Encoding": "gzip"})
    async with world({"a.test/": packed}, tls, authority.ca_file) as (network, _):
        page = await fetch(get("https://a.test/"), network)
    assert isinstance(page, Page)
    assert page.body == b"<x/>" * 100


async def test_a_page_of_the_largest_size_is_read(
    tls: ssl.SSLContext, authority: Authority
) -> None:
    async with world({"a.test/": Reply(b"x" * MAX_BODY)}, tls, authority.ca_file) as (network, _):
        page = await fetch(get("https://a.test/"), network)
    assert isinstance(page, Page)


async def test_a_certificate_nobody_vouches_for(authority: Authority, tmp_path: Path) -> None:
    strange = server_context(Authority(tmp_path, "Stranger").issue("a.test"))
    async with world({"a.test/": Reply(b"x")}, strange, authority.ca_file) as (network, server):
        answer = await fetch(get("https://a.test/"), network)
    assert isinstance(answer, NoPage)
    assert answer.trouble is Trouble.CERTIFICATE
    assert not server.asked


async def test_a_certificate_for_another_name(authority: Authority) -> None:
    wrong = server_context(authority.issue("b.test"))
    async with world({}, wrong, authority.ca_file) as (network, _):
        answer = await fetch(get("https://a.test/"), network)
    assert isinstance(answer, NoPage)
    assert answer.trouble is Trouble.CERTIFICATE


async def test_the_environment_has_no_say(
    tls: ssl.SSLContext, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("SSL_CERT_FILE", "/does/not/exist")
    async with world({"a.test/": Reply(b"x")}, tls, authority.ca_file) as (network, _):
        assert isinstance(await fetch(get("https://a.test/"), network), Page)


async def test_cancelling_closes_the_connection(tls: ssl.SSLContext, authority: Authority) -> None:
    arrived, left = asyncio.Event(), asyncio.Event()

    async def wait(writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await writer.wait_closed()
        left.set()

    async with world({"a.test/": wait}, tls, authority.ca_file) as (network, _):
        task = asyncio.create_task(fetch(get("https://a.test/"), network))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(left.wait(), 5)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("https://a.test", "https://a.test/"),
        ("HTTPS://A.Test:443/x#y", "https://a.test/x"),
        ("https://a.test:8443/ä?q=ö", "https://a.test:8443/%C3%A4?q=%C3%B6"),
        ("https://müller.test/", "https://xn--mller-kva.test/"),
        ("https://[2001:db8::1]/", "https://[2001:db8::1]/"),
        ("//b.test/x", "https://b.test/x"),
        ("https://a.test/a b", None),
        ("https://a.test/\r\nX: y", None),
        ("https://a.test\\@b.test/", None),
        ("https://a@b.test/", None),
        ("https://-.test/", None),
        ("https://a.test:99999/", None),
        ("https://a.test:0/", None),
        ("https://a.test/\udcff", None),
        ("https://a.test/?\ud800", None),
        ("https:///x", "https://base.test/x"),
        ("ftp://a.test/", None),
        ("javascript:alert(1)", None),
        ("https://" + "a" * 3000, None),
    ],
)
def test_addresses_of_the_web(text: str, parsed: str | None) -> None:
    base = Url("https", "base.test", None, "/dir/page")
    found = parse_url(text, base)
    assert (None if found is None else str(found)) == parsed


@given(st.text(st.characters(), max_size=80))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    found = parse_url("https://a.test/" + text)
    if found is not None:
        assert str(found).isascii()
        assert " " not in str(found)
        assert parse_url(str(found)) == found
