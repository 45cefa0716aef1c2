"""Address in, service and servers out, whatever DNS says."""

from typing import Any

import pytest

from servers.zones import serve
from wizard.catalog import Catalog
from wizard.discovery.report import Detection, Outcome, Source
from wizard.discovery.search import detect
from wizard.model import AuthMethod, Security
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver

CATALOG = Catalog.load()


async def find(entry: str, zone: dict[str, Any]) -> Detection:
    async with serve(zone) as (_, port):
        network = Network(resolver=Resolver([Nameserver("127.0.0.1", port)], timeout=1))
        return await detect(entry, CATALOG, network)


@pytest.mark.parametrize(
    ("mx", "provider"),
    [
        ("smtp.google.com", "google-workspace"),
        ("aspmx.l.google.com", "google-workspace"),
        ("acme-example.mail.protection.outlook.com", "microsoft-365"),
        ("acme-example.n-v1.mx.microsoft", "microsoft-365"),
        ("mx00.ionos.de", "ionos"),
        ("smtpin.rzone.de", "strato"),
        ("evilmx.microsoft", None),
        ("mx.acme.example", None),
    ],
)
async def test_the_mx_names_the_service(mx: str, provider: str | None) -> None:
    found = await find("info@acme.example", {"acme.example": {"MX": [[1, mx]]}})
    assert found.provider == provider
    assert found.mx == (mx,)
    if provider:
        assert found.outcome is Outcome.FOUND
        assert {offer.source for offer in found.outgoing} == {Source.MX}
        assert all(offer.username == "info@acme.example" for offer in found.incoming)


async def test_the_best_server_comes_first() -> None:
    found = await find("info@acme.example", {"acme.example": {"MX": [[1, "smtp.google.com"]]}})
    best = found.outgoing[0]
    assert (best.host, best.port, best.security) == ("smtp.gmail.com", 465, Security.TLS)
    assert AuthMethod.XOAUTH2 in best.auth
    assert all("relay" not in offer.host for offer in found.outgoing)


async def test_an_address_of_the_provider_itself() -> None:
    found = await find("someone@gmx.de", {"gmx.de": {"MX": [[10, "mx00.emig.gmx.net"]]}})
    assert found.provider == "gmx"
    assert found.incoming[0].source is Source.PRESET


async def test_a_filter_in_front_is_said_as_such() -> None:
    gateway = next(p for p in CATALOG.providers.values() if p.id == "mimecast")
    host = gateway.mx_patterns[0].replace("*", "eu-smtp-inbound-1")
    found = await find("info@acme.example", {"acme.example": {"MX": [[10, host]]}})
    assert found.gateway == "mimecast"
    assert found.provider is None
    assert found.evidence[0].message.key == "discovery.gateway"


async def test_the_mx_wins_over_a_left_over_srv() -> None:
    zone = {
        "acme.example": {"MX": [[1, "smtp.google.com"]]},
        "_imaps._tcp.acme.example": {"SRV": ["0 1 993 mail.webhost.example."]},
    }
    found = await find("info@acme.example", zone)
    assert found.incoming[0].host == "imap.gmail.com"
    assert found.incoming[-1].host == "mail.webhost.example"
    assert not found.evidence[-1].trusted


async def test_null_mx_and_no_mx() -> None:
    null = await find("acme.example", {"acme.example": {"MX": [[0, "."]]}})
    assert null.warnings[0].key == "discovery.null_mx"
    none = await find("acme.example", {"acme.example": {"A": ["192.0.2.1"]}})
    assert (none.outcome, none.warnings[0].key) == (Outcome.NOTHING, "discovery.no_mx")
    nowhere = await find("acme.example", {"other.example": {"A": ["192.0.2.1"]}})
    assert nowhere.warnings[0].key == "discovery.no_domain"


async def test_silence_is_not_nothing() -> None:
    failing = {"acme.example": {"_servfail": ["MX"]}}
    found = await find("acme.example", failing)
    assert found.outcome is Outcome.NO_ANSWER
    assert found.warnings[0].key == "discovery.no_answer"


async def test_umlaut_domains_are_looked_up_as_a_labels() -> None:
    zone = {"xn--mller-kva.example": {"MX": [[1, "smtp.google.com"]]}}
    found = await find("Info <info@MÜLLER.example>", zone)
    assert found.domain == "xn--mller-kva.example"
    assert found.provider == "google-workspace"


async def test_an_unusable_entry_says_what_to_change() -> None:
    found = await find("not an address", {})
    assert found.outcome is Outcome.NOTHING
    assert found.warnings[0].key == "input.domain.characters"
