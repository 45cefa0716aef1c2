"""Zone file, sheet, ticket and letter: read back by parsers that are not ours."""

import csv
import io
import itertools
from collections.abc import Sequence

import dns.zone
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from wizard.catalog import Catalog, DnsHost
from wizard.model import Route
from wizard.records.export import as_csv, as_markdown, as_zone
from wizard.records.handover import hand_over
from wizard.records.host_form import host_field, time_to_live, value_field
from wizard.records.plan import (
    Misplaced,
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
    Slip,
)
from wizard.texts import LANGUAGES, Texts, message

HOSTS = Catalog.load().dns_hosts
OLD = "v=spf1 mx -all"
NEW = "v=spf1 mx include:_spf.appone.cloud -all"
TARGET = "ihrerp._domainkey.appone.cloud"
WHY = message("record.why.spf.platform")
# What TXT records may hold: any octet, shown as the character of the same number.
OCTETS = st.text(st.characters(max_codepoint=255), min_size=1, max_size=600)


def txt(value: str, old: str | None = None) -> PlannedRecord:
    return PlannedRecord(
        purpose=Purpose.SPF,
        type="TXT",
        name="acme.test",
        value=value,
        strings=(),
        ttl=3600,
        need=RecordNeed.REQUIRED,
        why=WHY,
        state=RecordState.MISSING if old is None else RecordState.WRONG,
        action=RecordAction.CREATE if old is None else RecordAction.REPLACE,
        old_value=old,
        problems=(),
        published=(),
        visible=(),
    )


def alias(**changes: object) -> PlannedRecord:
    fields = {name: getattr(txt(NEW), name) for name in PlannedRecord.__slots__}
    fields |= {"purpose": Purpose.DKIM, "type": "CNAME", "value": TARGET}
    return PlannedRecord(**{**fields, "name": "ihrerp._domainkey.acme.test", **changes})


def plan(*records: PlannedRecord, host: str | None = None) -> RecordPlan:
    subject = PlanSubject("acme.test", "openappone-online", None, Route.PLATFORM)
    return RecordPlan(subject, "acme.test", (), host, records, None, 1)


def zone_texts(text: str) -> list[str]:
    zone = dns.zone.from_text(text, origin="acme.test.", check_origin=False)
    return [b"".join(rdata.strings).decode("latin-1") for _, _, rdata in zone.iterate_rdatas("TXT")]


def table(text: str) -> list[list[str]]:
    """The cells of a Markdown table, as a parser of that language reads them."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    rows: list[list[str]] = []
    for before, token in itertools.pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        if before.type in ("td_open", "th_open"):
            rows[-1].append("".join(child.content for child in token.children or ()))
    return rows


def test_a_zone_file_holds_what_has_to_be_entered() -> None:
    text = as_zone(plan(txt(NEW, OLD), alias()))
    zone = dns.zone.from_text(text, origin="acme.test.", check_origin=False)
    assert zone_texts(text) == [NEW]
    targets = [rdata.target.to_text() for _, _, rdata in zone.iterate_rdatas("CNAME")]
    assert targets == [f"{TARGET}."]
    assert f"; replaces: {OLD}" in text


@given(OCTETS, st.none() | OCTETS)
def test_any_text_survives_the_zone_file(value: str, old: str | None) -> None:
    assert zone_texts(as_zone(plan(txt(value, old)))) == [value]


@given(OCTETS, OCTETS)
def test_any_text_survives_the_sheet(value: str, old: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(plan(txt(value, old))), newline="")))
    assert rows[1:] == [["TXT", "acme.test", value, "3600", "replace", old]]


PLAIN = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)


@given(PLAIN, PLAIN)
def test_any_plain_text_survives_the_ticket(value: str, old: str) -> None:
    rows = table(as_markdown(plan(txt(value, old))))
    assert rows[1:] == [["TXT", "acme.test", value, "3600", "replace", old]]


@given(OCTETS)
def test_nothing_breaks_out_of_the_tickets_table(old: str) -> None:
    rows = table(as_markdown(plan(txt(NEW, old))))
    assert [len(row) for row in rows] == [6, 6]
    assert rows[1][2] == NEW


def test_nothing_to_enter_is_an_empty_sheet() -> None:
    done = alias(state=RecordState.OK, action=RecordAction.NONE)
    assert as_zone(plan(done)) == ""
    assert len(table(as_markdown(plan(done)))) == 1


# -- the letter --


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_has_old_and_new_value_and_why(language: str) -> None:
    texts = Texts.load(language)
    letter = hand_over(plan(txt(NEW, OLD), alias()), None, texts)
    for wanted in (OLD, NEW, TARGET, "acme.test.", texts.render(WHY)):
        assert wanted in letter
    assert texts("hand_over.action.replace") in letter
    assert "{" not in letter and "hand_over." not in letter


def test_the_letter_is_written_for_the_hosts_form() -> None:
    letter = hand_over(plan(txt(NEW, OLD), alias()), HOSTS["route53"], Texts.load("en"))
    assert f'"{NEW}"' in letter
    assert HOSTS["route53"].name in letter


def test_the_letter_says_where_a_record_stands_by_mistake() -> None:
    slip = Misplaced("x.acme.test.acme.test", "CNAME", TARGET, Slip.DOUBLED_DOMAIN)
    letter = hand_over(plan(alias(found_elsewhere=(slip,))), None, Texts.load("en"))
    assert "x.acme.test.acme.test" in letter


def test_the_letter_tells_what_has_to_be_settled_first() -> None:
    stuck = alias(
        value=None,
        state=RecordState.CONFLICT,
        action=RecordAction.NONE,
        problems=(message("spf.warning.multiple_records"),),
    )
    texts = Texts.load("de")
    letter = hand_over(plan(stuck), None, texts)
    assert texts("spf.warning.multiple_records") in letter
    assert texts("hand_over.open") in letter


async def test_the_letter_has_the_way_out_of_two_spf_records() -> None:
    from records.test_plan import NEW as RECORD
    from records.test_plan import OLD as SECOND
    from records.test_plan import look, table

    zone = table({"TXT": [[RECORD], [SECOND]]})
    letter = hand_over(await look(zone, zone), None, Texts.load("en"))
    assert "\n   1. " in letter
    assert Texts.load("en")("spf.way.proposal") in letter


def test_the_letter_says_when_nothing_is_to_be_done() -> None:
    done = alias(state=RecordState.OK, action=RecordAction.NONE)
    texts = Texts.load("en")
    assert texts("hand_over.nothing", domain="acme.test") in hand_over(plan(done), None, texts)


# -- the hosts' forms --


def every_host() -> Sequence[DnsHost]:
    return [HOSTS[host] for host in sorted(HOSTS)]


@pytest.mark.parametrize("host", every_host(), ids=lambda host: host.id)
def test_no_form_doubles_the_domain_or_loses_it(host: DnsHost) -> None:
    name = "ihrerp._domainkey.acme.test"
    field = host_field(name, "acme.test", host)
    completed = f"{field}.acme.test" if host.appends_domain and field != name else field
    assert completed == name
    assert host_field("acme.test", "acme.test", host) in ("@", "", "acme.test", host.apex)


def test_values_in_the_forms_of_hosts() -> None:
    assert value_field("TXT", NEW, HOSTS["route53"]) == f'"{NEW}"'
    assert value_field("TXT", NEW, HOSTS["cloudflare"]) == NEW
    assert value_field("TXT", "x" * 300, HOSTS["route53"]) == f'"{"x" * 255}" "{"x" * 45}"'
    assert value_field("CNAME", TARGET, HOSTS["hetzner-dns"]) == f"{TARGET}."
    assert value_field("CNAME", TARGET, HOSTS["cloudflare"]) == TARGET
    assert value_field("CNAME", TARGET, None) == TARGET


def test_a_time_to_live_without_a_source_is_not_taken_for_certain() -> None:
    assert "ttl" in HOSTS["hetzner-dns"].uncertain
    assert time_to_live(3600, HOSTS["hetzner-dns"]) == 3600
    assert time_to_live(3600, None) == 3600
    assert all(time_to_live(3600, host) <= 3600 for host in every_host())
