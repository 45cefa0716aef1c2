"""The way out where no record is offered: steps in words, whose turn, proposals to look at."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.zones import serve
from wizard.model import Who
from wizard.records.spf.advice import ways_out
from wizard.records.spf.edit import SpfAction, edit_spf
from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.parse import is_spf, parse_spf
from wizard.records.spf.proposal import as_meant, merge_records, repaired
from wizard.records.spf.report import WayOut
from wizard.records.spf.snapshot import take_snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.resolver import Nameserver, Resolver, Silence
from wizard.texts import LANGUAGES, Texts

APPONE = "_spf.appone.cloud"
ENGLISH = Texts.load("en")


async def ways(zone: dict[str, Any], domain: str = "acme.example") -> dict[SpfWarning, WayOut]:
    zone = {APPONE: {"TXT": [["v=spf1 ip4:198.51.100.0/26 -all"]]}, **zone}
    async with serve(zone) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        snapshot = await take_snapshot(domain, [APPONE], resolver)
        edit = edit_spf(snapshot, [APPONE])
        assert edit.action is SpfAction.FIX_FIRST
        assert edit.record is None
        found = ways_out(edit, snapshot, [APPONE])
        assert {way.about for way in found} >= set(edit.warnings) & BLOCKING
        for language in LANGUAGES:
            texts = Texts.load(language)
            said = [texts.render(step) for way in found for step in way.steps]
            assert said
            assert not [text for text in said if text.startswith("spf.")]
        return {way.about: way for way in found}


def said(way: WayOut) -> str:
    return "\n".join(map(ENGLISH.render, way.steps))


def spf(*texts: str) -> dict[str, Any]:
    return {"TXT": [[text] for text in texts]}


async def test_two_records_are_merged_as_a_proposal() -> None:
    found = await ways(
        {
            "acme.example": spf("v=spf1 include:_spf.crm.example ~all", "v=spf1 a mx -all"),
            "_spf.crm.example": spf("v=spf1 ip4:192.0.2.64/27 ~all"),
        }
    )
    way = found[SpfWarning.MULTIPLE_RECORDS]
    assert way.proposal == f"v=spf1 a mx include:_spf.crm.example include:{APPONE} ~all"
    assert "delete the record “v=spf1 include:_spf.crm.example ~all”" in said(way)
    assert "They end differently: ~all, -all" in said(way)
    assert way.who is Who.DNS_ADMIN


@pytest.mark.parametrize(
    ("records", "merged"),
    [
        (["v=spf1 mx -all", "v=spf1 MX +a -all"], f"v=spf1 mx +a include:{APPONE} -all"),
        (["v=spf1 redirect=x.example", "v=spf1 a"],
         f"v=spf1 a include:{APPONE} redirect=x.example"),
        (["v=spf1 redirect=x.example", "v=spf1 a ?all"],
         f"v=spf1 a include:x.example include:{APPONE} ?all"),
        (["v=spf1 +all", "v=spf1 mx -all a"], f"v=spf1 mx include:{APPONE} -all"),
        (["v=spf1 a exp=e.example -all", "v=spf1 exp=f.example foo=1 -all"],
         f"v=spf1 a include:{APPONE} -all exp=e.example foo=1"),
        (["v=spf1 ipv4:192.0.2.1 -all", "v=spf1 mx -all"],
         f"v=spf1 ip4:192.0.2.1 mx include:{APPONE} -all"),
        (["v=spf1 nonsense -all", "v=spf1 mx -all"], None),
    ],
)  # fmt: skip
def test_merging(records: list[str], merged: str | None) -> None:
    found = merge_records(records, [APPONE])
    assert (found and found.text) == merged


async def test_a_merged_record_that_costs_too_much_says_what_costs_what() -> None:
    zone: dict[str, Any] = {f"s{n}.example": spf("v=spf1 -all") for n in range(11)}
    zone["acme.example"] = spf(
        "v=spf1 " + " ".join(f"include:s{n}.example" for n in range(6)) + " -all",
        "v=spf1 " + " ".join(f"include:s{n}.example" for n in range(6, 11)) + " -all",
    )
    way = (await ways(zone))[SpfWarning.MULTIPLE_RECORDS]
    assert "Merged, they cost 12 DNS look-ups" in said(way)
    assert "include:s0.example (1)" in said(way)


SLIPS = [
    ("ipv4:192.0.2.1", "ip4:192.0.2.1"),
    ("ip4: 192.0.2.1", "ip4:192.0.2.1"),
    ("- all", "-all"),
    ("\u2013all", "-all"),
    ("~all;", "~all"),
    ("-all.", "-all"),
    ("mx,", "mx"),
    ("mx,a,-all", "mx a -all"),
    ("mx\ta", "mx a"),
    ("mx\u00a0-all", "mx -all"),
    ("a:192.0.2.9", "ip4:192.0.2.9"),
    ("192.0.2.9", "ip4:192.0.2.9"),
    ("2001:db8::1", "ip6:2001:db8::1"),
    ("ip4:2001:db8::/32", "ip6:2001:db8::/32"),
    ("ip4:192.0.2.*", "ip4:192.0.2.0/24"),
    ("ip4:192.0.2.0/255.255.255.0", "ip4:192.0.2.0/24"),
    ("ip4:192.0.2.01", "ip4:192.0.2.1"),
    ("redirect:x.example", "redirect=x.example"),
    ("inlcude:x.example", "include:x.example"),
    ("include:https://x.example/", "include:x.example"),
    ('include:"x.example"', "include:x.example"),
    ("include:b\u00fcro.example", "include:xn--bro-hoa.example"),
]


@pytest.mark.parametrize(("slip", "meant"), SLIPS)
def test_how_a_slip_is_written_right(slip: str, meant: str) -> None:
    text = "v=spf1 " + slip.encode().decode("latin-1")
    (problem,) = parse_spf(text).problems
    assert (problem.start, problem.end) == (7, len(text))
    assert problem.write == meant
    assert parse_spf(f"v=spf1 {meant}").sound


@pytest.mark.parametrize(
    "term",
    [
        "ip4:192.0.2.400",
        "ip4:192.0.2.1/33",
        "foo",
        "a:mail",
        "include:",
        "exists:%{z}.example",
        "- mx",
    ],
)
def test_what_nobody_can_know_is_not_guessed(term: str) -> None:
    (problem,) = parse_spf(f"v=spf1 mx {term} -all").problems
    assert problem.write is None


async def test_errors_anywhere_are_all_named() -> None:
    record = "v=spf1 ipv4:192.0.2.1 mx foo ~all; "
    found = await ways({"acme.example": spf(record)})
    way = found[SpfWarning.SYNTAX_ERROR]
    assert "Write “ip4:192.0.2.1” instead of “ipv4:192.0.2.1”" in said(way)
    assert "Correct “foo” or take it out" in said(way)
    assert way.proposal is None
    found = await ways({"acme.example": spf("v=spf1 ipv4:192.0.2.1 mx - all")})
    assert found[SpfWarning.SYNTAX_ERROR].proposal == "v=spf1 ip4:192.0.2.1 mx -all"


async def test_a_circle_of_others_is_their_turn() -> None:
    found = await ways(
        {
            "acme.example": spf("v=spf1 mx include:b.example -all"),
            "b.example": spf("v=spf1 include:c.example -all"),
            "c.example": spf("v=spf1 redirect=b.example"),
        }
    )
    way = found[SpfWarning.INCLUDE_LOOP]
    assert "b.example → c.example → b.example" in said(way)
    assert "in the record of c.example" in said(way)
    assert "“include:b.example” can only be taken out" in said(way)
    assert way.who is Who.PROVIDER


async def test_an_own_circle() -> None:
    found = await ways({"acme.example": spf("v=spf1 include:ACME.example. -all")})
    way = found[SpfWarning.INCLUDE_LOOP]
    assert "acme.example → acme.example" in said(way)
    assert way.who is Who.DNS_ADMIN


async def test_dead_ends_and_whom_they_belong_to() -> None:
    found = await ways(
        {
            "acme.example": spf("v=spf1 include:_spf.gone.example include:p.example ~all"),
            "p.example": spf("v=spf1 include:x.p.example -all"),
        }
    )
    way = found[SpfWarning.INCLUDE_NO_SPF]
    assert "Take “include:_spf.gone.example” out" in said(way)
    assert "_spf.gone.example belongs to a domain that is not registered" in said(way)
    assert "The record of p.example has the dead end “include:x.p.example”" in said(way)
    assert "x.p.example belongs" not in said(way)


async def test_the_budget_names_costs_and_what_could_go() -> None:
    found = await ways(
        {
            "acme.example": spf(
                "v=spf1 include:g.example include:n1.example ptr a a a:x.gone.example "
                "include:s1.example include:s2.example include:g.example -all"
            )
            | {"A": ["192.0.2.4"]},
            "g.example": spf("v=spf1 include:n1.example include:n2.example ~all"),
            **{f"{name}.example": spf("v=spf1 -all") for name in ("n1", "n2", "s1", "s2")},
        }
    )
    way = found[SpfWarning.TOO_MANY_LOOKUPS]
    text = said(way)
    assert "costs 14 DNS look-ups" in text
    assert text.index("include:g.example (3)") < text.index("ptr (1)")
    assert "“include:n1.example” could go: “include:g.example” already leads there" in text
    assert "“a” stands twice" in text
    assert "“ptr” could go" in text
    assert "“a:x.gone.example” could go" in text
    assert "erp.acme.example" in text
    assert way.proposal is None


async def test_a_sign_that_is_in_the_way() -> None:
    found = await ways({"acme.example": spf(f"v=spf1 mx ?include:{APPONE} a -all")})
    way = found[SpfWarning.WANTED_QUALIFIED]
    assert way.proposal == f"v=spf1 mx include:{APPONE} a -all"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("spf1 mx -all", "v=spf1 mx -all"),
        ("v=spf1; mx -all", "v=spf1 mx -all"),
        ('"v=spf1 mx -all"', "v=spf1 mx -all"),
        ("v=spf1mx -all", "v=spf1 mx -all"),
        ('@ IN TXT "v=spf1 mx -all"', "v=spf1 mx -all"),
        ("include:x.example ~all", "v=spf1 include:x.example ~all"),
        ("v=spf10", None),
    ],
)
def test_what_a_near_miss_was_meant_as(text: str, meant: str | None) -> None:
    assert is_near_miss(text)
    assert as_meant(text) == meant


@pytest.mark.parametrize(
    ("strings", "code"),
    [
        (["v=spf1 include:b.example", "include:c.example -all"], SpfWarning.INCLUDE_NO_SPF),
        (["v=spf1 ip4:192.0.2.1", "ip4:192.0.2.2", "-all"], SpfWarning.SYNTAX_ERROR),
    ],
)
async def test_strings_without_a_space_between_them(strings: list[str], code: SpfWarning) -> None:
    zone = {name: spf("v=spf1 -all") for name in ("b.example", "c.example")}
    way = (await ways({"acme.example": {"TXT": [strings]}, **zone}))[code]
    assert way.proposal == " ".join(strings)
    assert "joined without a space" in said(way)


async def test_a_record_that_is_cut_anywhere_is_not_taken_for_glued() -> None:
    strings = ["v=spf1 include:gone.ex", "ample ip4:192.0.", "2.1 -all"]
    way = (await ways({"acme.example": {"TXT": [strings]}}))[SpfWarning.INCLUDE_NO_SPF]
    assert way.proposal is None


async def test_silence_is_not_absence() -> None:
    found = await ways({"acme.example": {"_servfail": ["TXT"]}})
    assert "Enter nothing now" in said(found[SpfWarning.DNS_TEMPERROR])
    assert "DNSSEC" in said(found[SpfWarning.DNS_TEMPERROR])
    found = await ways({"acme.example": {"_timeout": ["TXT"]}})
    assert "DNSSEC" not in said(found[SpfWarning.DNS_TEMPERROR])
    found = await ways(
        {"acme.example": {"CNAME": "b.example"}, "b.example": {"CNAME": "acme.example"}}
    )
    assert "round in a circle" in said(found[SpfWarning.DNS_TEMPERROR])


def test_every_silence_has_its_words() -> None:
    for language in LANGUAGES:
        texts = Texts.load(language)
        assert [one for one in Silence if f"resolver.{one}" not in texts] == []


@pytest.mark.parametrize(
    ("zone", "code", "words"),
    [
        ({APPONE: {"TXT": [["hello"]]}, "acme.example": spf("v=spf1 -all")},
         SpfWarning.WANTED_UNUSABLE, "publishes no SPF record"),
        ({APPONE: spf("v=spf1 -all", "v=spf1 mx"), "acme.example": spf("v=spf1 -all")},
         SpfWarning.WANTED_UNUSABLE, "more than one SPF record"),
        ({APPONE: spf("v=spf1 mxx"), "acme.example": spf("v=spf1 -all")},
         SpfWarning.WANTED_UNUSABLE, "has an error in it"),
        ({"acme.example": {"CNAME": "b.example"}, "b.example": spf("v=spf1 -all")},
         SpfWarning.CNAME, "alias for b.example"),
        ({}, SpfWarning.NXDOMAIN, "Check the spelling of acme.example"),
        ({"acme.example": spf("v=spf1 a:x.acme.example a:y.acme.example a:z.acme.example -all")},
         SpfWarning.TOO_MANY_VOIDS, "Take out “a:z.acme.example”"),
        ({"acme.example": spf("v=spf1 mx:many.example -all"),
          "many.example": {"MX": [[10, f"m{n}.example"] for n in range(11)]}},
         SpfWarning.TOO_MANY_MX, "stands for 11 mail servers"),
        ({"acme.example": spf("v=spf1 include:b.example -all"),
          "b.example": spf("v=spf1 -all", "v=spf1 mx")},
         SpfWarning.INCLUDE_BROKEN, "The record of b.example is itself in error"),
        ({"acme.example": spf("v=spf1 include:b.example -all"),
          "b.example": spf("v=spf1 -all", "v=spf1 mx")},
         SpfWarning.INCLUDE_BROKEN, "b.example has 2 SPF records"),
        ({"acme.example": spf("v=spf1 include:c.example -all"),
          "c.example": spf("v=spf1 include:b.example -all"), "b.example": spf("v=spf1 ip4:1 a")},
         SpfWarning.INCLUDE_BROKEN, "Characters 8 to 12: “ip4:1” has no valid IPv4 address"),
    ],
)  # fmt: skip
async def test_every_other_way_out(zone: dict[str, Any], code: SpfWarning, words: str) -> None:
    assert words in said((await ways(zone))[code])


@given(st.text(alphabet='v=spf1 ~-?+allmxincude:./4%{}\u2013\u00fc,;"0123', max_size=60))
def test_a_repair_is_sound_and_any_text_is_judged(text: str) -> None:
    octets = text.encode().decode("latin-1")
    record = parse_spf(f"v=spf1 {octets}")
    better = repaired(record.text, record.problems)
    assert better is None or parse_spf(better).sound
    meant = as_meant(octets)
    assert meant is None or (is_spf(meant) and parse_spf(meant).sound)
