"""Each source by itself, against real servers on loopback: https, DNS, and mail servers that greet."""

import asyncio
import gzip
from collections.abc import Mapping
from typing import Any

import pytest

from servers.authority import Authority
from servers.scripted import Act, Script, server_context, steps
from servers.web import Page, Reply, drip, moved, silence
from servers.world import (
    HERE,
    IMAP,
    ISPDB,
    SMTP,
    World,
    answer_of,
    config,
    server,
    starttls,
    world,
)
from wizard.discovery.inquiry import Ispdb
from wizard.discovery.report import Check, Outcome, Owner, Source, Verdict
from wizard.model import AuthMethod, Protocol, Security
from wizard.texts import Texts

ENTRY = "info@acme.test"
AUTOCONFIG = "autoconfig.acme.test/mail/config-v1.1.xml"
WELL_KNOWN = "acme.test/.well-known/autoconfig/mail/config-v1.1.xml"
MAIL: Mapping[int, Script] = {993: steps(*IMAP), 465: steps(*SMTP)}
ZONE: dict[str, dict[str, Any]] = {
    "acme.test": {"MX": [(10, "mx.acme.test")], **HERE},
    "autoconfig.acme.test": HERE,
    "box.acme.test": HERE,
    ISPDB: HERE,
}
TEXTS = Texts.load("en")


def document(it: World, host: str = "box.acme.test") -> Reply:
    ports = it.network.ports
    return config(server(host, ports[993]), server(host, ports[465], "smtp"))


# -- autoconfiguration --


@pytest.mark.parametrize("place", [AUTOCONFIG, WELL_KNOWN])
async def test_autoconfiguration(authority: Authority, place: str) -> None:
    async with world(ZONE, authority, mail=MAIL) as it:
        it.https.pages[place] = document(it)
        found = await it.detect(ENTRY)
    assert found.outcome is Outcome.FOUND
    first = found.incoming[0]
    assert (first.host, first.source, first.check) == (
        "box.acme.test",
        Source.AUTOCONFIG,
        Check.WORKING,
    )
    assert (first.username, first.owner) == (ENTRY, Owner.COMPANY)
    assert found.outgoing[0].check is Check.WORKING
    assert found.evidence[0].trusted
    assert answer_of(found, "guess").verdict is Verdict.NOT_ASKED


async def test_the_first_place_outdoes_the_second(authority: Authority) -> None:
    async with world(ZONE, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = document(it)
        it.https.pages[WELL_KNOWN] = document(it, "other.acme.test")
        assert (await it.detect(ENTRY)).incoming[0].host == "box.acme.test"


async def test_a_silent_first_place_does_not_hide_the_second(authority: Authority) -> None:
    async with world(ZONE, authority, mail=MAIL, timeout=60.0) as it:
        it.https.pages[AUTOCONFIG] = silence
        it.https.pages[WELL_KNOWN] = document(it)
        found = await it.detect(ENTRY)
    assert found.incoming[0].source is Source.AUTOCONFIG
    # Far from the end of the first place's own time.
    assert answer_of(found, "autoconfig").ms < 30_000


async def test_only_the_first_place_is_told_the_address(authority: Authority) -> None:
    async with world(ZONE, authority) as it:
        await it.detect("o'neill+x@acme.test")
    told = [one for one in it.https.asked + it.http.asked if "neill" in one.target]
    assert {one.host for one in told} == {"autoconfig.acme.test"}
    assert told[0].target.endswith("?emailaddress=o%27neill%2Bx@acme.test")
    assert not [one for one in it.http.asked if "neill" in one.target]
    for one in it.https.asked:
        assert one.host != ISPDB or one.target == "/v1.1/acme.test"
        assert "authorization" not in one.headers


async def test_over_http_it_must_be_confirmed_and_comes_behind_what_is_protected(
    authority: Authority,
) -> None:
    zone = {**ZONE, "list.acme.test": HERE}
    async with world(zone, authority, mail=MAIL) as it:
        it.http.pages[AUTOCONFIG] = document(it)
        alone = await it.detect(ENTRY)
        it.https.pages[f"{ISPDB}/v1.1/acme.test"] = document(it, "list.acme.test")
        both = await it.detect(ENTRY)
    assert alone.incoming[0].host == "box.acme.test"
    assert not alone.evidence[0].trusted
    assert "Check the name" in TEXTS.render(alone.evidence[0].message)
    assert both.incoming[0].host == "list.acme.test"


async def test_an_invalid_certificate_ends_the_source(authority: Authority, tmp_path: Any) -> None:
    strange = server_context(Authority(tmp_path, "Stranger").issue("*.acme.test", "acme.test"))
    async with world(ZONE, authority, tls=strange) as it:
        it.https.pages[AUTOCONFIG] = it.http.pages[AUTOCONFIG] = config(server("x.acme.test", 993))
        found = await it.detect(ENTRY)
    assert not found.incoming
    assert "certificate" in TEXTS.render(answer_of(found, "autoconfig").message)
    assert AUTOCONFIG not in it.http.asked_pages()


# What a page may be that is no configuration: recognised, said, and the next source goes on.
NO_CONFIG: dict[str, tuple[Page, str]] = {
    "a captive portal": (Reply(b"<html>Log in</html>", content_type="text/html"), "web site"),
    "a web page that says it is XML": (Reply(b"<html><body/></html>"), "something other"),
    "broken XML": (Reply(b"<clientConfig><emailProvider>"), "cannot be read"),
    "a document type": (Reply(b"<!DOCTYPE a><clientConfig/>"), "cannot be read"),
    "no server": (config(), "no mail server"),
    "servers inside": (config(server("127.0.0.1", 993), server("10.0.0.1", 993)), "no mail server"),
    "a server error": (Reply(status=500), "status 500"),
    "a downgrade": (moved("http://acme.test/"), "https to unprotected http"),
    "a loop": (moved(f"https://{AUTOCONFIG}"), "circles"),
    "a way inside": (moved("https://localhost/"), "your own network"),
    "gzip bomb": (
        Reply(gzip.compress(bytes(32 << 20)), headers={"Content-Encoding": "gzip"}),
        "cannot be used",
    ),
    "one octet a second": (drip(b"HTTP/1.1 200 OK\r\n" * 9, 1.0), "did not answer in time"),
    "silence": (silence, "did not answer in time"),
}


@pytest.mark.parametrize("name", NO_CONFIG)
async def test_what_is_no_configuration(authority: Authority, name: str) -> None:
    page, said = NO_CONFIG[name]
    async with world(ZONE, authority, mail=MAIL, timeout=1.0) as it:
        it.https.pages[AUTOCONFIG] = page
        it.https.pages[f"{ISPDB}/v1.1/acme.test"] = document(it)
        found = await it.detect(ENTRY)
    # A source that is late may still be the better one: nothing else wins before it is over.
    assert found.incoming[0].source is Source.ISPDB
    answer = answer_of(found, "autoconfig")
    late = answer.verdict is Verdict.FAILED and "in time" in TEXTS.render(answer.message)
    assert late or said in TEXTS.render(answer.message)


# -- the public list --


async def test_the_public_list_can_be_switched_off(authority: Authority) -> None:
    async with world(ZONE, authority, mail=MAIL) as it:
        it.https.pages[f"{ISPDB}/v1.1/acme.test"] = document(it)
        asked = await it.detect(ENTRY)
        it.https.asked.clear()
        left = await it.detect(ENTRY, Ispdb.LEAVE)
    assert asked.incoming[0].source is Source.ISPDB
    assert answer_of(left, "ispdb").verdict is Verdict.NOT_ASKED
    assert not [one for one in it.https.asked if one.host == ISPDB]


# -- Autodiscover --

NAMESPACE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"


def autodiscover(inner: str) -> Reply:
    text = f'<Autodiscover xmlns="{NAMESPACE}"><Response><Account>{inner}</Account></Response></Autodiscover>'
    return Reply(text.encode())


def protocols(it: World, host: str = "box.acme.test") -> str:
    return "".join(
        f"<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{it.network.ports[port]}</Port>"
        "<SSL>on</SSL></Protocol>"
        for kind, port in (("IMAP", 993), ("SMTP", 465))
    )


DISCOVER = "/autodiscover/autodiscover.xml"


@pytest.mark.parametrize("host", ["acme.test", "autodiscover.acme.test"])
async def test_autodiscover(authority: Authority, host: str) -> None:
    async with world({**ZONE, "autodiscover.acme.test": HERE}, authority, mail=MAIL) as it:
        it.https.pages[host + DISCOVER] = autodiscover(protocols(it))
        found = await it.detect(ENTRY)
    assert found.incoming[0].source is Source.AUTODISCOVER
    assert found.incoming[0].check is Check.WORKING
    assert found.evidence[0].trusted
    asked = next(one for one in it.https.asked if one.page == host + DISCOVER)
    assert asked.method == "POST"
    assert b"<EMailAddress>info@acme.test</EMailAddress>" in asked.body
    assert not it.http.asked or not any(one.body for one in it.http.asked)


async def test_autodiscover_is_followed_to_where_it_points(authority: Authority) -> None:
    zone = {
        **ZONE,
        "autodiscover.acme.test": HERE,
        "autodiscover.host.test": HERE,
        "x.host.test": HERE,
    }
    async with world(zone, authority, mail=MAIL) as it:
        pages = it.https.pages
        pages["autodiscover.acme.test" + DISCOVER] = moved(f"https://x.host.test{DISCOVER}")
        pages["x.host.test" + DISCOVER] = autodiscover(
            "<RedirectAddr>info@host.test</RedirectAddr>"
        )
        pages["autodiscover.host.test" + DISCOVER] = autodiscover(
            "<RedirectUrl>https://x.host.test/end</RedirectUrl>"
        )
        pages["x.host.test/end"] = autodiscover(protocols(it))
        found = await it.detect(ENTRY)
    assert found.incoming[0].source is Source.AUTODISCOVER
    last = it.https.asked[it.https.asked_pages().index("x.host.test/end")]
    assert b"info@host.test" in last.body


async def test_a_login_is_never_answered_with_a_password(authority: Authority) -> None:
    async with world({**ZONE, "autodiscover.acme.test": HERE}, authority) as it:
        it.https.pages["autodiscover.acme.test" + DISCOVER] = Reply(
            status=401, headers={"WWW-Authenticate": 'Basic realm="x"'}
        )
        found = await it.detect(ENTRY)
    assert "without a login" in TEXTS.render(answer_of(found, "autodiscover").message)
    asked = [one for one in it.https.asked if one.page == "autodiscover.acme.test" + DISCOVER]
    assert len(asked) == 1
    assert "authorization" not in asked[0].headers


@pytest.mark.parametrize(
    "page",
    [
        autodiscover("<RedirectUrl>http://x.host.test/</RedirectUrl>"),
        autodiscover("<RedirectUrl>https://autodiscover.acme.test/a</RedirectUrl>"),
        autodiscover("<RedirectAddr>nobody</RedirectAddr>"),
        autodiscover("<RedirectUrl>https://127.0.0.1/</RedirectUrl>"),
    ],
)
async def test_autodiscover_leads_nobody_astray(authority: Authority, page: Reply) -> None:
    zone = {**ZONE, "autodiscover.acme.test": HERE, "x.host.test": HERE}
    async with world(zone, authority) as it:
        it.https.pages["autodiscover.acme.test" + DISCOVER] = page
        it.https.pages["autodiscover.acme.test/a"] = page
        found = await it.detect(ENTRY)
        assert it.requests <= 60
    assert not found.incoming
    assert answer_of(found, "autodiscover").verdict is Verdict.NOTHING


async def test_a_host_that_only_dns_names_is_not_told_the_address(authority: Authority) -> None:
    zone = {**ZONE, "auto.host.test": HERE}
    async with world(zone, authority, mail=MAIL) as it:
        port = it.network.ports[443]
        it.dns.zone["_autodiscover._tcp.acme.test"] = {"SRV": [f"0 0 {port} auto.host.test."]}
        it.https.pages["auto.host.test" + DISCOVER] = autodiscover(protocols(it))
        found = await it.detect(ENTRY)
    assert found.incoming[0].source is Source.AUTODISCOVER
    assert found.incoming[0].username == ENTRY
    assert not found.evidence[0].trusted
    bodies = [one.body for one in it.https.asked if one.page.startswith("auto.host.test")]
    assert bodies
    assert not [body for body in bodies if b"info@acme.test" in body]


# -- SRV --


async def test_srv_records_in_their_order(authority: Authority) -> None:
    zone = {**ZONE, "second.acme.test": HERE, "stranger.host.test": HERE}
    async with world(zone, authority, mail={**MAIL, 995: steps(b"+OK\r\n")}) as it:
        imaps, smtps = it.network.ports[993], it.network.ports[465]
        it.dns.zone |= {
            "_imaps._tcp.acme.test": {
                "SRV": [f"20 0 {imaps} second.acme.test.", f"10 0 {imaps} box.acme.test."]
            },
            "_imap._tcp.acme.test": {"SRV": ["0 0 0 ."]},
            "_pop3s._tcp.acme.test": {"SRV": ["0 0 995 ."]},
            "_submissions._tcp.acme.test": {"SRV": [f"0 1 {smtps} stranger.host.test."]},
        }
        found = await it.detect(ENTRY)
    assert [one.host for one in found.incoming] == ["box.acme.test", "second.acme.test"]
    assert found.incoming[0].auth == (AuthMethod.PLAIN, AuthMethod.LOGIN)
    assert {one.source for one in found.incoming + found.outgoing} == {Source.SRV}
    assert not found.evidence[0].trusted
    # A server outside the domain is said as such.
    assert found.outgoing[0].owner is Owner.OTHER
    assert any("stranger.host.test" in TEXTS.render(one) for one in found.warnings)


async def test_signed_dns_needs_no_confirmation(authority: Authority) -> None:
    async with world(ZONE, authority, mail=MAIL) as it:
        it.dns.verified = True
        for service, port in (("_imaps", 993), ("_submissions", 465)):
            target = f"0 0 {it.network.ports[port]} box.acme.test."
            it.dns.zone[f"{service}._tcp.acme.test"] = {"SRV": [target]}
        found = await it.detect(ENTRY)
    assert found.incoming[0].source is Source.SRV
    assert found.evidence[0].trusted
    assert "DNSSEC" in TEXTS.render(found.evidence[0].message)


# -- guess --


async def test_guess(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(1, "mx.acme.test")]},
        "mail.acme.test": HERE,
        "smtp.acme.test": HERE,
    }
    context = server_context(authority.issue("mail.acme.test", "smtp.acme.test"))
    mail = {143: steps(*IMAP[:1]), 2525: starttls(context)}
    async with world(zone, authority, mail=mail) as it:
        found = await it.detect(ENTRY)
    # IMAP hung up behind its greeting: it was not called working.
    assert not found.incoming
    assert [(one.host, one.security, one.check) for one in found.outgoing] == [
        ("smtp.acme.test", Security.STARTTLS, Check.WORKING),
        ("mail.acme.test", Security.STARTTLS, Check.WORKING),
    ]
    assert found.outgoing[0].port == it.network.ports[2525]
    assert found.outgoing[0].auth == (AuthMethod.LOGIN,)
    assert not found.evidence[0].trusted


async def test_names_of_one_server_are_not_all_tried(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(1, "mx.host.test")], **HERE},
        "*.acme.test": HERE,
        "mx.host.test": HERE,
    }
    refuse = steps(b"521 no\r\n")
    mail = dict.fromkeys((993, 143, 995, 110, 465, 587, 2525), refuse)
    async with world(zone, authority, mail=mail) as it:
        await it.detect(ENTRY)
        tried = {port: len(one.peers) for port, one in it.mail.items()}
        assert it.requests <= 60
    # Two names each, and every port.
    assert tried == dict.fromkeys(mail, 2)


async def test_guess_prefers_verified_tls_and_imap(authority: Authority) -> None:
    zone = {"acme.test": {}, "mail.acme.test": HERE}
    pop = steps(b"+OK\r\n", Act.READ, b"+OK\r\nUSER\r\n.\r\n", Act.READ)
    plain = steps(b"* OK [CAPABILITY IMAP4rev1] ready\r\n", Act.READ)
    async with world(zone, authority, mail={995: pop, 143: plain, 993: steps(*IMAP)}) as it:
        found = await it.detect("acme.test")
    assert (found.incoming[0].protocol, found.incoming[0].security) == (Protocol.IMAP, Security.TLS)
    async with world(zone, authority, mail={995: pop, 143: plain}) as it:
        found = await it.detect("acme.test")
    assert [(one.protocol, one.security) for one in found.incoming] == [
        (Protocol.POP3, Security.TLS),
        (Protocol.IMAP, Security.NONE),
    ]


async def test_a_guess_with_a_wrong_certificate_is_said_and_not_offered(
    authority: Authority,
) -> None:
    wrong = server_context(authority.issue("other.test"))
    async with world(
        {"acme.test": {}, "mail.acme.test": HERE}, authority, mail=MAIL, tls=wrong
    ) as it:
        found = await it.detect(ENTRY)
    assert not found.incoming
    assert "certificate" in TEXTS.render(answer_of(found, "guess").message)


async def test_no_password_and_no_login_is_ever_sent(authority: Authority) -> None:
    async with world(ZONE, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = document(it)
        await it.detect(ENTRY)
        await asyncio.sleep(0)
        said = b"".join(one.clear + one.protected for one in it.mail.values()).upper()
    assert b"EHLO" in said
    assert b"AUTH" not in said
    assert b"LOGIN" not in said
    assert b"INFO@" not in said


@pytest.mark.parametrize(
    ("entry", "username", "domain"),
    [
        ("Info@ACME.Test", "Info@acme.test", "acme.test"),
        ('"odd name"@acme.test', '"odd name"@acme.test', "acme.test"),
        ("Info <info@MÜLLER.acme.test>", "info@xn--mller-kva.acme.test", "xn--mller-kva.acme.test"),
    ],
)
async def test_odd_entries(authority: Authority, entry: str, username: str, domain: str) -> None:
    names = ("autoconfig.xn--mller-kva.acme.test", "autoconfig.acme.test", "box.acme.test")
    context = server_context(authority.issue(*names))
    zone = {**ZONE, domain: HERE, f"autoconfig.{domain}": HERE}
    async with world(zone, authority, mail=MAIL, tls=context) as it:
        it.https.pages[f"autoconfig.{domain}/mail/config-v1.1.xml"] = document(it)
        found = await it.detect(entry)
    assert found.domain == domain
    assert found.incoming[0].username == username
    assert found.incoming[0].source is Source.AUTOCONFIG
