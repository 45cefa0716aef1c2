"""Where mail is delivered decides; behind a filter gateway a second opinion does."""

from typing import Any

import pytest

from servers.authority import Authority
from servers.scripted import steps
from servers.web import silence
from servers.world import CATALOG, HERE, IMAP, ISPDB, SMTP, answer_of, config, server, world
from wizard.discovery.inquiry import Allowance, Inquiry
from wizard.discovery.opinion import second_opinion
from wizard.discovery.person import Person
from wizard.discovery.report import Check, Detection, Outcome, Owner, Source, Verdict
from wizard.texts import Texts

ENTRY = "info@acme.test"
AUTOCONFIG = "autoconfig.acme.test/mail/config-v1.1.xml"
MAIL = {993: steps(*IMAP), 465: steps(*SMTP), 587: steps(*SMTP)}
TEXTS = Texts.load("en")


def keys(found: Detection) -> set[str]:
    return {one.key for one in found.warnings}


async def test_a_left_over_autoconfiguration_comes_last_and_is_said(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(1, "acme-test.mail.protection.outlook.com")], **HERE},
        "autoconfig.acme.test": HERE,
        "mail.webhost.test": HERE,
    }
    async with world(zone, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("mail.webhost.test", it.network.ports[993]),
            server("mail.webhost.test", it.network.ports[465], "smtp"),
        )
        found = await it.detect(ENTRY)
    assert found.provider == "microsoft-365"
    # It works, and the right one cannot be reached from here: still the MX wins.
    assert found.incoming[0].host == "outlook.office365.com"
    assert found.incoming[0].check is Check.FAILED
    assert (found.incoming[-1].host, found.incoming[-1].check) == (
        "mail.webhost.test",
        Check.WORKING,
    )
    assert found.outgoing[0].host == "smtp.office365.com"
    said = next(one for one in found.warnings if one.key == "discovery.left_over")
    assert "mail.webhost.test" in TEXTS.render(said)
    assert "Office 365" in TEXTS.render(said)
    assert answer_of(found, "autoconfig").verdict is Verdict.OUTDONE
    assert answer_of(found, "ispdb").verdict is Verdict.NOT_ASKED


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("_imaps._tcp.acme.test", {"SRV": ["0 0 993 mail.webhost.test."]}),
        ("_submission._tcp.acme.test", {"SRV": ["0 0 587 mail.acme.test."]}),
    ],
)
async def test_a_left_over_srv_record(
    authority: Authority, name: str, record: dict[str, Any]
) -> None:
    zone = {"acme.test": {"MX": [(1, "smtp.google.com")]}, name: record}
    async with world(zone, authority) as it:
        found = await it.detect(ENTRY)
    assert found.provider == "google-workspace"
    assert found.incoming[0].host == "imap.gmail.com"
    assert "discovery.left_over" in keys(found)


async def test_an_autoconfiguration_that_agrees_is_no_left_over(authority: Authority) -> None:
    zone = {"acme.test": {"MX": [(1, "smtp.google.com")]}, "autoconfig.acme.test": HERE}
    async with world(zone, authority) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("imap.gmail.com", 993), server("smtp.gmail.com", 465, "smtp")
        )
        found = await it.detect(ENTRY)
    assert "discovery.left_over" not in keys(found)
    assert answer_of(found, "autoconfig").verdict is not Verdict.OUTDONE
    assert len([one for one in found.incoming if one.host == "imap.gmail.com"]) == 1


async def test_an_alias_for_the_services_server_is_no_left_over(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(1, "smtp.google.com")]},
        "_imaps._tcp.acme.test": {"SRV": ["0 0 993 mail.acme.test."]},
        "mail.acme.test": {"CNAME": "imap.gmail.com"},
        "imap.gmail.com": HERE,
    }
    async with world(zone, authority) as it:
        found = await it.detect(ENTRY)
    assert "discovery.left_over" not in keys(found)
    alias = next(one for one in found.incoming if one.host == "mail.acme.test")
    assert (alias.owner, alias.canonical) == (Owner.PROVIDER, "imap.gmail.com")


async def test_what_the_file_cannot_know_comes_from_the_domain(authority: Authority) -> None:
    # Our file has "<w-number>.kasserver.com": the domain itself knows the number.
    zone = {"acme.test": {"MX": [(10, "w0123.kasserver.com")]}, "autoconfig.acme.test": HERE}
    async with world(zone, authority) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("w0123.kasserver.com", 993), server("w0123.kasserver.com", 465, "smtp")
        )
        found = await it.detect(ENTRY)
    assert found.provider == "all-inkl"
    assert found.incoming[0].host == "w0123.kasserver.com"
    assert found.incoming[0].owner is Owner.PROVIDER
    assert found.warnings == () or keys(found) == {"discovery.none_answers"}


async def test_a_left_over_is_one_too_where_the_file_cannot_know_the_servers(
    authority: Authority,
) -> None:
    zone = {
        "acme.test": {"MX": [(10, "w0123.kasserver.com")]},
        "autoconfig.acme.test": HERE,
        "mail.webhost.test": HERE,
    }
    async with world(zone, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("mail.webhost.test", it.network.ports[993]),
            server("mail.webhost.test", it.network.ports[465], "smtp"),
        )
        found = await it.detect(ENTRY)
    assert found.provider == "all-inkl"
    assert "discovery.left_over" in keys(found)
    assert found.evidence[0].message.key == "discovery.mx"


async def test_nobody_waits_long_for_what_could_only_be_a_left_over(authority: Authority) -> None:
    zone = {"acme.test": {"MX": [(1, "smtp.google.com")], **HERE}, "autoconfig.acme.test": HERE}
    async with world(zone, authority, timeout=60.0) as it:
        it.https.pages[AUTOCONFIG] = silence
        found = await it.detect(ENTRY)
    assert found.provider == "google-workspace"
    # Cancelled as needless: at the end of its own time it would have failed.
    assert answer_of(found, "autoconfig").message.key == "discovery.needless"


async def test_the_address_of_a_known_service_needs_nothing_else(authority: Authority) -> None:
    async with world({"gmx.de": {"MX": [(10, "mx00.emig.gmx.net")]}}, authority) as it:
        found = await it.detect("somebody@gmx.de")
        assert not it.https.asked
    assert (found.provider, found.incoming[0].source) == ("gmx", Source.PRESET)
    assert found.mx == ("mx00.emig.gmx.net",)


# -- behind a filter --

SPF = {"TXT": [["v=spf1 include:spf.protection.outlook.com -all"]]}
LEAD = {"autodiscover.acme.test": {"CNAME": "autodiscover.outlook.com"}}
DKIM = {
    "selector1._domainkey.acme.test": {
        "CNAME": "selector1-acme-test._domainkey.acme.onmicrosoft.com"
    }
}
NEW_DKIM = {
    "selector1._domainkey.acme.test": {
        "CNAME": "selector1-acme-test._domainkey.x.n-v1.dkim.mail.microsoft"
    }
}
GOOGLE = {"google._domainkey.acme.test": {"TXT": [["v=DKIM1; k=rsa; p=MIGf"]]}}
BOTH = {"TXT": [["v=spf1 include:spf.protection.outlook.com include:_spf.google.com -all"]]}


@pytest.mark.parametrize(
    ("apex", "others", "provider", "sure"),
    [
        (SPF, LEAD, "microsoft-365", True),
        ({}, LEAD, "microsoft-365", True),
        (SPF, DKIM, "microsoft-365", True),
        (SPF, NEW_DKIM, "microsoft-365", True),
        (SPF, {}, "microsoft-365", False),
        ({}, GOOGLE, "google-workspace", False),
        ({"TXT": [["v=spf1 include:_spf.google.com -all"]]}, GOOGLE, "google-workspace", True),
        (BOTH, {}, None, False),
        (BOTH, GOOGLE, "google-workspace", True),
        ({}, {}, None, False),
        ({"TXT": [["v=spf1 include:spf.protection.outlook.com.evil.test -all"]]}, {}, None, False),
        ({}, {"autodiscover.acme.test": {"CNAME": "xautodiscover.outlook.com"}}, None, False),
    ],
)
async def test_the_second_opinion(
    authority: Authority,
    apex: dict[str, Any],
    others: dict[str, dict[str, Any]],
    provider: str | None,
    sure: bool,
) -> None:
    mx = {"MX": [(10, "eu-smtp-inbound-1.mimecast.com")]}
    async with world({"acme.test": {**mx, **apex}, **others}, authority) as it:
        found = await it.detect(ENTRY)
        assert it.requests <= 60
    assert found.gateway == "mimecast"
    assert found.provider == provider
    if provider:
        assert found.evidence[0].trusted is sure
        assert "discovery.opinion" in found.evidence[0].message.key
    assert "discovery.gateway" in {one.message.key for one in found.evidence}


async def test_nobody_is_asked_for_an_opinion_when_enough_was_asked(authority: Authority) -> None:
    async with world({"acme.test": SPF}, authority) as it:
        person = Person(ENTRY, "acme.test")
        inquiry = Inquiry(person, CATALOG, it.network, allowance=Allowance(left=1))
        assert await second_opinion(inquiry) is None
        assert it.requests == 0


async def test_a_sure_opinion_outdoes_a_left_over(authority: Authority) -> None:
    mx = {"MX": [(10, "mxa.mimecast.com")], **SPF, **HERE}
    zone = {"acme.test": mx, **LEAD, "autoconfig.acme.test": HERE, "mail.webhost.test": HERE}
    async with world(zone, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("mail.webhost.test", it.network.ports[993]),
            server("mail.webhost.test", it.network.ports[465], "smtp"),
        )
        found = await it.detect(ENTRY)
    assert found.incoming[0].host == "outlook.office365.com"
    assert "discovery.left_over" in keys(found)


# -- an exchanger nobody knows --


@pytest.mark.parametrize(
    "page", ["autoconfig.host.test/mail/config-v1.1.xml", f"{ISPDB}/v1.1/host.test"]
)
async def test_the_exchangers_own_domain_is_asked(authority: Authority, page: str) -> None:
    zone = {
        "acme.test": {"MX": [(10, "mx.host.test")]},
        "autoconfig.host.test": HERE,
        "mail.host.test": HERE,
        ISPDB: HERE,
    }
    async with world(zone, authority, mail=MAIL) as it:
        it.https.pages[page] = config(
            server("mail.host.test", it.network.ports[993]),
            server("mail.host.test", it.network.ports[465], "smtp"),
        )
        found = await it.detect(ENTRY)
        assert not [one for one in it.https.asked if "info" in one.target]
    assert (found.incoming[0].source, found.incoming[0].check) == (Source.MX, Check.WORKING)
    assert found.incoming[0].owner is Owner.PROVIDER
    # DNS alone led there.
    assert not found.evidence[0].trusted


async def test_a_service_is_recognised_by_the_servers_it_is_given(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(10, "mx.unknown.test")]},
        "_imaps._tcp.acme.test": {"SRV": ["0 0 993 imap.gmail.com."]},
        "_submissions._tcp.acme.test": {"SRV": ["0 0 465 smtp.gmail.com."]},
    }
    async with world(zone, authority) as it:
        assert (await it.detect(ENTRY)).provider == "google-workspace"


async def test_what_does_not_answer_comes_behind_what_does(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(10, "mx.acme.test")]},
        "autoconfig.acme.test": HERE,
        "old.acme.test": {"A": ["127.0.0.9"]},
        "new.acme.test": HERE,
    }
    async with world(zone, authority, mail=MAIL) as it:
        it.https.pages[AUTOCONFIG] = config(
            server("old.acme.test", 1), server("old.acme.test", 1, "smtp")
        )
        it.dns.zone["_imaps._tcp.acme.test"] = {
            "SRV": [f"0 0 {it.network.ports[993]} new.acme.test."]
        }
        it.dns.zone["_submissions._tcp.acme.test"] = {
            "SRV": [f"0 0 {it.network.ports[465]} new.acme.test."]
        }
        found = await it.detect(ENTRY)
    assert (found.incoming[0].host, found.incoming[0].source) == ("new.acme.test", Source.SRV)
    assert answer_of(found, "autoconfig").verdict is Verdict.FAILED


async def test_a_domain_that_does_not_exist_is_over_at_once(authority: Authority) -> None:
    async with world({"other.test": {}}, authority, mail=MAIL) as it:
        found = await it.detect(ENTRY)
        assert not any(one.peers for one in it.mail.values())
    assert found.outcome is Outcome.NOTHING
    assert keys(found) == {"discovery.no_domain"}
