"""Look-ups against a real authoritative server: the resolver, a merged SPF record, the plan."""

import dns.zone
import pytest

from servers.knot import DnsServer
from wizard.catalog import Catalog
from wizard.discovery.report import Outcome
from wizard.discovery.search import detect
from wizard.model import Route
from wizard.network import Network
from wizard.records.export import as_csv, as_markdown, as_zone
from wizard.records.lookup import look_up_plan
from wizard.records.plan import PlanSubject, Purpose, RecordAction, RecordNeed, RecordState
from wizard.records.spf.edit import SpfAction, edit_spf
from wizard.records.spf.snapshot import take_snapshot
from wizard.resolver import Absent, Found, Nameserver, NoAnswer, Resolver, Silence, Srv

pytestmark = pytest.mark.servers
APPONE = "_spf.appone.cloud"


@pytest.fixture
def resolver(dns_server: DnsServer) -> Resolver:
    return Resolver([Nameserver(dns_server.address, dns_server.port)], timeout=3)


async def test_every_kind_of_answer(resolver: Resolver) -> None:
    txt = await resolver.txt("firma.test")
    assert isinstance(txt, Found)
    assert "v=spf1 mx include:_spf.hoster.firma.test -all" in [one.text for one in txt.values]
    nothing = await resolver.txt("ns1.firma.test")
    assert isinstance(nothing, Absent)
    assert (nothing.name_exists, nothing.ttl) == (True, 60)
    nowhere = await resolver.txt("nowhere.firma.test")
    assert isinstance(nowhere, Absent)
    assert (nowhere.name_exists, nowhere.ttl) == (False, 60)
    refused = await resolver.txt("not-ours.example")
    assert isinstance(refused, NoAnswer)
    assert refused.reason is Silence.REFUSED
    addresses = await resolver.addresses("alias.firma.test")
    assert isinstance(addresses, Found)
    assert addresses.values == ("127.0.0.1",)
    assert await resolver.srv("_pop3s._tcp.firma.test") == Found(
        (Srv(0, 0, 0, ""),), 300, "_pop3s._tcp.firma.test"
    )


async def test_a_dead_resolver_is_no_answer() -> None:
    answer = await Resolver([Nameserver("127.0.0.1", 9)], timeout=0.5).txt("firma.test")
    assert isinstance(answer, NoAnswer)


async def test_the_second_resolver_helps_when_the_first_is_dead(dns_server: DnsServer) -> None:
    servers = [Nameserver("127.0.0.1", 9), Nameserver(dns_server.address, dns_server.port)]
    assert isinstance(await Resolver(servers, timeout=5).mx("firma.test"), Found)


async def test_a_published_spf_record_is_merged(resolver: Resolver) -> None:
    snapshot = await take_snapshot("firma.test", [APPONE], resolver)
    edit = edit_spf(snapshot, [APPONE])
    assert edit.action is SpfAction.UPDATE
    assert edit.record == f"v=spf1 mx include:_spf.hoster.firma.test include:{APPONE} -all"
    assert (edit.lookups_before, edit.lookups_after) == (2, 3)
    assert edit.warnings == ()


async def test_the_plan_of_a_route(resolver: Resolver) -> None:
    subject = PlanSubject("firma.test", "openappone-online", None, Route.PLATFORM)
    plan = await look_up_plan(subject, Catalog.load(), resolver)
    by_purpose = {record.purpose: record for record in plan.records}
    spf = by_purpose[Purpose.SPF]
    assert (spf.state, spf.action) == (RecordState.WRONG, RecordAction.REPLACE)
    assert spf.old_value == "v=spf1 mx include:_spf.hoster.firma.test -all"
    dkim = by_purpose[Purpose.DKIM]
    assert (dkim.state, dkim.need) == (RecordState.MISSING, RecordNeed.REQUIRED)
    assert dkim.name == "ihrerp._domainkey.firma.test"
    assert dkim.value == "ihrerp._domainkey.appone.cloud"
    assert by_purpose[Purpose.MX].state is RecordState.OK
    assert by_purpose[Purpose.DMARC].state is RecordState.OK
    assert plan.nameservers == ("ns1.firma.test",)
    # The zone's own server was asked, at the port where it really listens.
    assert [answer.server for answer in spf.published] == ["ns1.firma.test"]
    assert spf.published[0].values is not None

    zone = dns.zone.from_text(as_zone(plan), origin="firma.test.", check_origin=False)
    texts = [rdata for _, _, rdata in zone.iterate_rdatas("TXT")]
    assert b"".join(texts[0].strings).decode() == spf.value
    targets = [rdata.target.to_text() for _, _, rdata in zone.iterate_rdatas("CNAME")]
    assert targets == ["ihrerp._domainkey.appone.cloud."]
    assert as_csv(plan).count("\n") == 3
    assert as_markdown(plan).count("\n") == 4


async def test_detection_by_what_the_domain_says(resolver: Resolver) -> None:
    found = await detect("info@firma.test", Catalog.load(), Network(resolver=resolver))
    assert found.outcome is Outcome.FOUND
    assert [(offer.host, offer.port) for offer in found.incoming] == [("mail.firma.test", 993)]
    assert found.mx == ("mail.firma.test",)


async def test_no_answer_is_not_nothing() -> None:
    dead = Network(resolver=Resolver([Nameserver("127.0.0.1", 9)], timeout=0.5))
    found = await detect("info@firma.test", Catalog.load(), dead)
    assert found.outcome is Outcome.NO_ANSWER
    assert found.warnings[0].key == "discovery.no_answer"
