"""The facts: every file is valid, complete in both languages, and matches what it should."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from wizard.catalog import (
    Catalog,
    DnsHost,
    FactsError,
    Hosting,
    PasswordLogin,
    Provider,
    ProviderKind,
    ServerPreset,
    ServerRole,
    find_platform,
    matches,
    parse_fact,
)
from wizard.model import STANDARD_PORTS, Protocol, Security
from wizard.texts import LANGUAGES, Texts


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load()


def servers(catalog: Catalog) -> list[tuple[Provider, Protocol, ServerPreset]]:
    return [
        (provider, protocol, preset)
        for provider in catalog.providers.values()
        for protocol in Protocol
        for preset in provider.presets(protocol)
    ]


def test_the_collection_is_whole(catalog: Catalog) -> None:
    assert len(catalog.providers) >= 98
    assert len(catalog.dns_hosts) >= 51
    assert set(catalog.platforms) == {
        "openappone-online",
        "openappone-self-hosted",
        "odoo-online",
        "odoo-self-hosted",
    }


def test_every_fact_says_where_it_is_from(catalog: Catalog) -> None:
    facts = [*catalog.providers.values(), *catalog.platforms.values(), *catalog.dns_hosts.values()]
    for fact in facts:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fact.id), fact.id
        # Without any source everything in it has to be marked as uncertain.
        assert fact.sources or len(fact.uncertain) >= 5, fact.id
        assert date(2026, 1, 1) <= fact.checked <= date.today(), fact.id
        assert set(fact.uncertain) <= set(type(fact).__slots__), fact.id


def test_servers_make_sense(catalog: Catalog) -> None:
    for provider, protocol, preset in servers(catalog):
        implied = STANDARD_PORTS[protocol].get(preset.port)
        where = f"{provider.id} {preset}"
        assert 0 < preset.port < 65536, where
        if implied is Security.TLS:
            assert preset.security is Security.TLS, where
        else:
            assert preset.security is not Security.TLS or implied is None, where
        assert preset.host == preset.host.lower(), where
        assert preset.auth, where


def test_every_address_is_https(catalog: Catalog) -> None:
    for provider in catalog.providers.values():
        for url in (provider.app_password, provider.console):
            assert not url or url.startswith("https://"), provider.id
        for preparation in provider.preparations:
            assert not preparation.url or preparation.url.startswith("https://"), provider.id


def test_no_two_providers_claim_a_domain(catalog: Catalog) -> None:
    claimed = Counter(domain for p in catalog.providers.values() for domain in p.domains)
    assert not [domain for domain, count in claimed.items() if count > 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_of_a_fact_has_its_text(catalog: Catalog, language: str) -> None:
    texts = Texts.load(language)
    keys = {f"preparation.{one.id}" for p in catalog.providers.values() for one in p.preparations}
    keys |= {f"dns_note.{note}" for host in catalog.dns_hosts.values() for note in host.notes}
    keys |= {f"erp.{platform.labels}.outgoing.title" for platform in catalog.platforms.values()}
    assert [key for key in keys if key not in texts] == []


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("aspmx.l.google.com", "google-workspace"),
        ("ALT1.ASPMX.L.Google.com.", "google-workspace"),
        ("smtp.google.com", "google-workspace"),
        ("acme-example.mail.protection.outlook.com", "microsoft-365"),
        ("acme-example.p-v1.mx.microsoft", "microsoft-365"),
        ("mx00.ionos.de", "ionos"),
        ("mx00.ionos.co.uk", "ionos"),
        ("smtpin.rzone.de", "strato"),
        ("evilmx.microsoft", None),
        ("mx.microsoft", None),
        ("acme.mx.microsoft.evil.example", None),
        ("mx00.ionos.evil.example", None),
        ("xsmtp.google.com", None),
        ("mx.acme.example", None),
        ("", None),
    ],
)
def test_a_mail_exchanger_names_its_provider(
    catalog: Catalog, host: str, provider: str | None
) -> None:
    found = catalog.provider_for_mx(host)
    assert (found.id if found else None) == provider


def test_every_pattern_matches_something() -> None:
    catalog = Catalog.load()
    patterns = [p for one in catalog.providers.values() for p in one.mx_patterns]
    patterns += [p for one in catalog.dns_hosts.values() for p in one.ns_patterns]
    for pattern in patterns:
        sample = re.sub(r"\.\*$", ".de", pattern).replace("*", "a").replace("?", "1")
        assert matches(sample, pattern), pattern


@pytest.mark.parametrize(
    ("nameserver", "host"),
    [
        ("ns1045.ui-dns.de", "ionos"),
        ("amy.ns.cloudflare.com", "cloudflare"),
        ("ns-12.awsdns-34.com", "route53"),
        ("ns1.acme.example", None),
    ],
)
def test_a_name_server_names_its_host(catalog: Catalog, nameserver: str, host: str | None) -> None:
    found = catalog.dns_host_for(nameserver)
    assert (found.id if found else None) == host


def test_google_and_microsoft_are_complete(catalog: Catalog) -> None:
    google, microsoft = catalog.providers["google-workspace"], catalog.providers["microsoft-365"]
    assert {preset.host for preset in google.smtp} >= {"smtp.gmail.com", "smtp-relay.gmail.com"}
    assert google.passwords.imap is PasswordLogin.APP_PASSWORD
    assert microsoft.smtp[0] == ServerPreset(
        "smtp.office365.com", 587, Security.STARTTLS, microsoft.smtp[0].auth
    )
    assert microsoft.passwords.imap is PasswordLogin.RETIRED
    assert microsoft.passwords.smtp is PasswordLogin.ENDING
    for provider in (google, microsoft):
        assert provider.spf_include
        assert provider.oauth
        assert len(provider.preparations) >= 3
        assert any(preset.role is ServerRole.RELAY for preset in provider.smtp)


def test_openappone_is_what_its_manual_says(catalog: Catalog) -> None:
    online = catalog.platforms["openappone-online"]
    assert online.hosting is Hosting.ONLINE
    assert online.spf_include == "_spf.appone.cloud"
    assert (online.dkim_selector, online.dkim_target) == (
        "ihrerp",
        "ihrerp._domainkey.appone.cloud",
    )
    assert online.blocked_ports == (25,)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("google", "google-workspace"),
        ("G SUITE", "google-workspace"),
        ("microsoft", "microsoft-365"),
        ("office", "microsoft-365"),
        ("strato", "strato"),
        ("gmx.de", "gmx"),
    ],
)
def test_the_list_is_searched_by_any_name(catalog: Catalog, typed: str, first: str) -> None:
    assert catalog.search(typed)[0].id == first


def test_gateways_are_not_in_the_list(catalog: Catalog) -> None:
    assert all(one.kind is not ProviderKind.GATEWAY for one in catalog.search(""))
    assert catalog.search("no such service at all") == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = ", "Invalid value"),
        (b"name = 5\nchecked = 2026-01-01\nsources = []\nns_patterns = []", "$.name"),
        (b'name = "x"\nsources = []\nns_patterns = []', "checked"),
        (
            b'name = "x"\nchecked = 2026-01-01\nsources = []\nns_patterns = []\nhost_field = "y"',
            "$.host_field",
        ),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(content: bytes, said: str) -> None:
    with pytest.raises(FactsError, match=r"mine\.toml") as problem:
        parse_fact("mine.toml", "mine", content, DnsHost)
    assert said in str(problem.value)


PLATFORM = """
name = "My ERP"
hosting = "self_hosted"
checked = 2026-11-24
sources = ["my own notes"]
labels = "odoo"
"""


def test_a_platform_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "my-erp.toml").write_text(PLATFORM)
    catalog = Catalog.load(tmp_path)
    assert catalog.platforms["my-erp"].name == "My ERP"
    assert catalog.problems == ()
    for platform in catalog.platforms:
        assert find_platform(platform, tmp_path) == catalog.platforms[platform]
    assert find_platform("nobody-knows-it", tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [b"name = ", b"\xff", PLATFORM.encode() + b"wrong = 1\nsecurity = 2", b"#" * (10 << 20)],
)
def test_a_wrong_file_of_ones_own_is_named_and_left_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "bad.toml").write_bytes(content.replace(b"self_hosted", b"moon"))
    catalog = Catalog.load(tmp_path)
    assert "bad" not in catalog.platforms
    assert len(catalog.platforms) == 4
    assert len(catalog.problems) == 1
    said = Texts.load("en").render(catalog.problems[0])
    assert "bad.toml" in said
