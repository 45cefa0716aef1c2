"""The practice company's DNS, asked by dnspython and by the wizard's own resolver."""

import asyncio
from collections.abc import AsyncIterator

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from wizard.practice.company import PracticeCompany
from wizard.practice.facts import ZoneRecord
from wizard.resolver import Absent, Found, Mx

DOMAIN = "practice.test"
OLD_SPF = "v=spf1 mx include:_spf.provider.practice.test -all"


@pytest.fixture
async def company() -> AsyncIterator[PracticeCompany]:
    started = await PracticeCompany.start()
    yield started
    await started.stop()


async def ask(
    company: PracticeCompany, name: str, rdtype: str, *, by: str = "udp", edns: bool = True
) -> dns.message.Message:
    host, _, port = company.facts().nameserver.rpartition(":")
    query = dns.message.make_query(name, rdtype, use_edns=edns)
    exchange = dns.query.udp if by == "udp" else dns.query.tcp
    return await asyncio.to_thread(exchange, query, host, timeout=5, port=int(port))


async def texts(company: PracticeCompany, name: str = DOMAIN) -> list[str]:
    """The TXT values at a name, asked past every cache."""
    answer = await ask(company, name, "TXT")
    return sorted(b"".join(rdata.strings).decode() for rrset in answer.answer for rdata in rrset)


@pytest.mark.parametrize("by", ["udp", "tcp"])
async def test_the_zone_is_there(company: PracticeCompany, by: str) -> None:
    soa = await ask(company, DOMAIN, "SOA", by=by)
    assert soa.flags & dns.flags.AA
    assert str(soa.answer[0][0].mname) == "ns1.practice.test."
    mx = await ask(company, DOMAIN, "MX", by=by)
    assert mx.answer[0][0].to_text() == "10 mail.practice.test."
    for host in ("mail", "smtp", "imap", "autoconfig", "ns1"):
        assert (await ask(company, f"{host}.{DOMAIN}", "A", by=by)).answer[0][
            0
        ].address == "127.0.0.1"


async def test_services_are_at_their_real_ports(company: PracticeCompany) -> None:
    names = {
        ("smtp", "starttls"): "_submission",
        ("smtp", "tls"): "_submissions",
        ("imap", "starttls"): "_imap",
        ("imap", "tls"): "_imaps",
    }
    for server in company.facts().servers:
        name = names[server.protocol, server.security]
        found = await company.network.resolver.srv(f"{name}._tcp.{DOMAIN}")
        assert isinstance(found, Found)
        assert [(srv.port, srv.target) for srv in found.values] == [(server.port, server.host)]


@pytest.mark.parametrize("by", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("name", "rdtype", "rcode", "owner"),
    [
        ("ihrerp._domainkey.practice.test", "CNAME", dns.rcode.NXDOMAIN, "practice.test."),
        ("other.practice.test", "TXT", dns.rcode.NXDOMAIN, "practice.test."),
        ("mail.practice.test", "AAAA", dns.rcode.NOERROR, "practice.test."),
        ("_tcp.practice.test", "TXT", dns.rcode.NOERROR, "practice.test."),
        ("nowhere.example", "A", dns.rcode.NXDOMAIN, "."),
    ],
)
async def test_what_is_not_there(
    company: PracticeCompany, by: str, name: str, rdtype: str, rcode: dns.rcode.Rcode, owner: str
) -> None:
    answer = await ask(company, name, rdtype, by=by)
    assert (answer.rcode(), answer.answer) == (rcode, [])
    assert [str(rrset.name) for rrset in answer.authority] == [owner]


async def test_the_wizard_resolves_through_it(company: PracticeCompany) -> None:
    resolver = company.network.resolver
    mx = await resolver.mx(DOMAIN)
    assert isinstance(mx, Found) and mx.values == (Mx(10, "mail.practice.test"),)
    addresses = await resolver.addresses("imap.practice.test")
    assert isinstance(addresses, Found) and addresses.values == ("127.0.0.1",)
    absent = await resolver.txt("nothing.practice.test")
    assert absent == Absent(name_exists=False, ttl=1)


async def test_the_spf_tree_can_be_walked_offline(company: PracticeCompany) -> None:
    assert await texts(company) == ["practice-site-verification=4f1c2a77", OLD_SPF]
    for name in ("_spf.provider.practice.test", "_spf.appone.cloud", "_spf.odoo.com"):
        (record,) = await texts(company, name)
        assert record.startswith("v=spf1 ip4:")
    assert await texts(company, f"_dmarc.{DOMAIN}") == ["v=DMARC1; p=none"]


async def test_long_answers_are_cut_over_udp_and_whole_over_tcp(company: PracticeCompany) -> None:
    for number in range(12):
        company.publish([ZoneRecord(DOMAIN, "TXT", f"{number}-" + "x" * 300)])
    cut = await ask(company, DOMAIN, "TXT", edns=False)
    assert cut.flags & dns.flags.TC
    whole = await ask(company, DOMAIN, "TXT", by="tcp")
    assert len(whole.answer[0]) == 14
    found = await company.network.resolver.txt(DOMAIN)
    assert isinstance(found, Found) and len(found.values) == 14


async def test_the_registrar_replaces_the_spf_record_and_nothing_else(
    company: PracticeCompany,
) -> None:
    new = OLD_SPF.replace(" -all", " include:_spf.appone.cloud -all")
    company.publish([ZoneRecord(DOMAIN, "TXT", new)])
    assert await texts(company) == ["practice-site-verification=4f1c2a77", new]
    company.publish([ZoneRecord(DOMAIN, "TXT", OLD_SPF), ZoneRecord(DOMAIN, "TXT", "other=1")])
    assert await texts(company) == ["other=1", "practice-site-verification=4f1c2a77", OLD_SPF]


async def test_txt_values_survive_as_they_are(company: PracticeCompany) -> None:
    value = 'a "quoted" \\ text; with späte Grüße ' + "0123456789" * 60
    company.publish([ZoneRecord(f"odd.{DOMAIN}", "TXT", value)])
    assert await texts(company, f"odd.{DOMAIN}") == [value]


async def test_a_missing_record_appears_after_a_while(company: PracticeCompany) -> None:
    name, target = f"ihrerp._domainkey.{DOMAIN}", "ihrerp._domainkey.appone.cloud"
    assert await company.network.resolver.cname(name) == Absent(name_exists=False, ttl=1)
    await company.publish_later([ZoneRecord(name, "CNAME", target)], 0.01)
    seen = await ask(company, name, "CNAME")
    assert seen.answer[0][0].to_text() == f"{target}."
    # The key behind it is found in one step, as every resolver finds it.
    followed = await ask(company, name, "TXT")
    key = b"".join(followed.answer[-1][0].strings)
    assert key.startswith(b"v=DKIM1; k=rsa; p=") and len(key) > 390


async def test_an_alias_without_end_ends(company: PracticeCompany) -> None:
    first, second = f"a.{DOMAIN}", f"b.{DOMAIN}"
    company.publish([ZoneRecord(first, "CNAME", second), ZoneRecord(second, "CNAME", first)])
    assert (await ask(company, first, "A")).rcode() == dns.rcode.SERVFAIL


@pytest.mark.parametrize(
    "record",
    [
        ZoneRecord("elsewhere.example", "TXT", "x"),
        ZoneRecord(DOMAIN, "NONSENSE", "x"),
        ZoneRecord(DOMAIN, "MX", "mail"),
        ZoneRecord(f"{'x' * 64}.{DOMAIN}", "TXT", "x"),
    ],
)
async def test_records_that_cannot_be(company: PracticeCompany, record: ZoneRecord) -> None:
    with pytest.raises(ValueError, match=r"elsewhere|NONSENSE|MX|xxx"):
        company.publish([record])


async def test_rubbish_is_not_answered(company: PracticeCompany) -> None:
    host, _, port = company.facts().nameserver.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"\x00\x03abc")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    transfer = await ask(company, DOMAIN, "ANY", by="tcp")
    assert transfer.rcode() == dns.rcode.REFUSED


async def test_what_the_platforms_need_is_there(company: PracticeCompany) -> None:
    from wizard.catalog import Catalog

    for platform in Catalog.load().platforms.values():
        if platform.spf_include:
            assert await texts(company, platform.spf_include), platform.id
        if platform.dkim_target:
            assert await texts(company, platform.dkim_target), platform.id
