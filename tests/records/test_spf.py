"""SPF: the standard's own records, worked examples over DNS, and what an edit may never do."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.zones import serve
from wizard.records.spf.edit import SpfAction, SpfEdit, edit_spf, split_strings
from wizard.records.spf.parse import TermKind, is_near_miss, is_spf, parse_spf
from wizard.records.spf.snapshot import Snapshot, take_snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.resolver import Found, Nameserver, Resolver, Txt
from wizard.texts import LANGUAGES, Texts

HERE = Path(__file__).parent
APPONE = "_spf.appone.cloud"
APPONE_ZONE = {APPONE: {"TXT": [["v=spf1 ip4:198.51.100.0/26 -all"]]}}


def rows(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("row", rows("rfc7208_records.jsonl"), ids=lambda row: row["id"])
def test_the_records_of_the_standards_suite(row: dict[str, Any]) -> None:
    sound = is_spf(row["record"]) and parse_spf(row["record"]).sound
    assert sound == (row["expected"] == "ok"), row["why"]


async def edit(
    zone: Mapping[str, Any], domain: str, wanted: list[str], default_all: str = "~all"
) -> SpfEdit:
    async with serve(zone) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        return edit_spf(await take_snapshot(domain, wanted, resolver), wanted, default_all)


@pytest.mark.parametrize("row", rows("spf_examples.jsonl"), ids=lambda row: row["id"])
async def test_worked_examples(row: dict[str, Any]) -> None:
    expected = row["expected"]
    result = await edit(row["zone"], row["domain"], row["want"], row["default_all"])
    assert result.action == expected["action"], result.warnings
    assert result.record == expected["record"]
    assert result.permerror == expected["permerror"]
    assert result.lookups_after == expected["lookups_after"]
    assert set(result.warnings) == set(expected["warnings"])


def zone_with(record: str, **names: Any) -> dict[str, Any]:
    zone: dict[str, Any] = {
        "acme.example": {"TXT": [[record]], "MX": [[10, "mx.acme.example"]]},
        "mx.acme.example": {"A": ["192.0.2.1"]},
        **APPONE_ZONE,
    }
    zone.update({name.replace("__", "."): entry for name, entry in names.items()})
    return zone


SPF = "v=spf1 -all"
CODES: list[tuple[SpfWarning, dict[str, Any]]] = [
    (SpfWarning.SYNTAX_ERROR, zone_with("v=spf1 ip4:1.2.3.400 -all")),
    (SpfWarning.INCLUDE_LOOP, zone_with("v=spf1 include:acme.example -all")),
    (
        SpfWarning.INCLUDE_LOOP,
        zone_with(
            "v=spf1 include:b.example -all", b__example={"TXT": [["v=spf1 redirect=acme.example"]]}
        ),
    ),
    (SpfWarning.INCLUDE_NO_SPF, zone_with("v=spf1 include:gone.example -all")),
    (
        SpfWarning.INCLUDE_BROKEN,
        zone_with("v=spf1 include:b.example -all", b__example={"TXT": [[SPF], ["v=spf1 mx"]]}),
    ),
    (
        SpfWarning.TOO_MANY_LOOKUPS,
        zone_with("v=spf1 " + "mx " * 11 + "-all"),
    ),
    (
        SpfWarning.TOO_MANY_VOIDS,
        zone_with("v=spf1 a:x.acme.example a:y.acme.example a:z.acme.example -all"),
    ),
    (
        SpfWarning.TOO_MANY_MX,
        zone_with(
            "v=spf1 mx:many.example -all",
            many__example={"MX": [[10, f"m{n}.example"] for n in range(11)]},
        ),
    ),
    (SpfWarning.WANTED_UNUSABLE, zone_with(SPF) | {APPONE: {"TXT": [["hello"]]}}),
    (SpfWarning.WANTED_QUALIFIED, zone_with(f"v=spf1 ?include:{APPONE} -all")),
    (SpfWarning.NEAR_MISS, zone_with("v=spf1;mx -all")),
    (SpfWarning.PASS_ALL, zone_with("v=spf1 mx +all")),
    (SpfWarning.NEUTRAL_ALL, zone_with("v=spf1 mx ?all")),
    (SpfWarning.NO_ALL, zone_with("v=spf1 mx")),
    (SpfWarning.NULL_POLICY, zone_with(SPF)),
    (SpfWarning.PTR_USED, zone_with("v=spf1 ptr -all")),
    (SpfWarning.DUPLICATE_TERM, zone_with("v=spf1 mx +MX -all")),
    (SpfWarning.AFTER_ALL, zone_with("v=spf1 mx -all a")),
    (SpfWarning.REDIRECT_IGNORED, zone_with("v=spf1 mx -all redirect=b.example")),
    (SpfWarning.UNKNOWN_MODIFIER, zone_with("v=spf1 mx ip4=192.0.2.1 -all")),
    (
        SpfWarning.INCLUDE_PASS_ALL,
        zone_with("v=spf1 include:b.example -all", b__example={"TXT": [["v=spf1 +all"]]}),
    ),
    (SpfWarning.VOID_LOOKUP, zone_with("v=spf1 a:x.acme.example -all")),
    (SpfWarning.NEAR_LIMIT, zone_with("v=spf1 " + "mx " * 8 + "-all")),
    (SpfWarning.MACRO_UNCOUNTABLE, zone_with("v=spf1 include:%{i}.b.example -all")),
    (
        SpfWarning.COVERED_INDIRECTLY,
        zone_with(
            "v=spf1 include:b.example -all",
            b__example={"TXT": [[f"v=spf1 include:{APPONE} -all"]]},
        ),
    ),
    (
        SpfWarning.SPLIT_STRINGS,
        zone_with("v=spf1 " + " ".join(f"ip4:203.0.113.{n}" for n in range(14)) + " -all"),
    ),
    (
        SpfWarning.OVER_450,
        zone_with(SPF) | {"acme.example": {"TXT": [[SPF], ["x" * 250], ["y" * 250]]}},
    ),
    (SpfWarning.NON_ASCII, zone_with("v=spf1 mx \u2013all")),
    (
        SpfWarning.SPF_TYPE99,
        zone_with(SPF) | {"acme.example": {"TXT": [[SPF]], "SPF": [[SPF]]}},
    ),
    (SpfWarning.NO_MX, zone_with(SPF) | {"acme.example": {"TXT": [[SPF]]}}),
    (SpfWarning.NO_MX, zone_with(SPF) | {"acme.example": {"TXT": [[SPF]], "MX": [[0, "."]]}}),
    (
        SpfWarning.DNS_TEMPERROR,
        zone_with("v=spf1 include:b.example -all", b__example={"_servfail": ["TXT"]}),
    ),
    (SpfWarning.DNS_TEMPERROR, zone_with(SPF) | {"acme.example": {"_timeout": ["TXT"]}}),
    (
        SpfWarning.MULTIPLE_RECORDS,
        zone_with(SPF) | {"acme.example": {"TXT": [[SPF], ["v=spf1 mx"]]}},
    ),
    (SpfWarning.NXDOMAIN, APPONE_ZONE),
    (
        SpfWarning.CNAME,
        {"acme.example": {"CNAME": "b.example"}, "b.example": {"TXT": [[SPF]]}, **APPONE_ZONE},
    ),
]


@pytest.mark.parametrize(
    ("code", "zone"), CODES, ids=[f"{n}-{c}" for n, (c, _) in enumerate(CODES)]
)
async def test_every_code_is_found(code: SpfWarning, zone: dict[str, Any]) -> None:
    result = await edit(zone, "acme.example", [APPONE])
    assert code in result.warnings
    assert (result.action is SpfAction.FIX_FIRST) >= bool(set(result.warnings) & BLOCKING)
    if result.action is SpfAction.FIX_FIRST:
        assert result.record is None


async def test_a_wildcard_is_told_from_a_record() -> None:
    zone = {"*.acme.example": {"TXT": [[SPF]]}, "acme.example": {"A": ["192.0.2.1"]}, **APPONE_ZONE}
    assert SpfWarning.WILDCARD in (await edit(zone, "erp.acme.example", [APPONE])).warnings
    assert SpfWarning.WILDCARD not in (await edit(zone, "acme.example", [APPONE])).warnings


def test_every_code_is_tested() -> None:
    assert {code for code, _ in CODES} | {SpfWarning.WILDCARD} == set(SpfWarning)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words(language: str) -> None:
    texts = Texts.load(language)
    assert [code for code in SpfWarning if f"spf.warning.{code}" not in texts] == []


async def test_two_missing_includes_stand_together_in_order() -> None:
    zone = zone_with("v=spf1 MX -all", b__example={"TXT": [[SPF]]})
    result = await edit(zone, "acme.example", ["b.example", APPONE])
    assert result.record == f"v=spf1 MX include:b.example include:{APPONE} -all"


async def test_a_substring_is_no_include() -> None:
    zone = zone_with(
        f"v=spf1 include:{APPONE}.evil.example -all",
        **{f"{APPONE}.evil.example": {"TXT": [[SPF]]}},
    )
    assert (await edit(zone, "acme.example", [APPONE])).action is SpfAction.UPDATE


@pytest.mark.parametrize(
    "text",
    [
        "spf1 mx -all",
        "v=spf10 mx",
        "v=spf1; mx",
        "v=spf1mx -all",
        '"v=spf1 mx -all"',
        " v=spf1 mx",
        "\xef\xbb\xbfv=spf1 mx",
        "v=spf1\tmx -all",
        "V = SPF1 mx",
    ],
)
def test_near_misses(text: str) -> None:
    assert is_near_miss(text)
    assert not is_spf(text)


@pytest.mark.parametrize(
    "text",
    ["v=spf1 mx", "V=SPF1", "spf2.0/pra mx", "v=DMARC1", "google-site-verification=spf1", ""],
)
def test_what_is_no_near_miss(text: str) -> None:
    assert not is_near_miss(text)


TERMS = st.sampled_from(
    ["a", "mx", "-a:x.example", "ip4:192.0.2.0/24", "ip6:2001:db8::/32", "ptr", "?mx:y.example",
     "include:b.example", "exists:%{i}.z.example", "MX", "~A/24", "foo=bar", "exp=e.example"]
)  # fmt: skip
ALLS = st.sampled_from(["", " -all", " ~all", " ?all", " +all", " all", " redirect=b.example"])


@st.composite
def records(draw: st.DrawFn) -> str:
    terms = draw(st.lists(TERMS, max_size=8))
    if terms.count("exp=e.example") > 1:
        terms = [term for term in terms if term != "exp=e.example"]
    return " ".join(["v=spf1", *terms]) + draw(ALLS)


def snapshot_of(record: str) -> Snapshot:
    sound = Found((Txt((b"v=spf1 -all",)),), 60, "")
    address = Found(("192.0.2.1",), 60, "")
    names = ("x.example", "y.example", "acme.example")
    return Snapshot(
        domain="acme.example",
        txt={
            "acme.example": Found((Txt((record.encode(),)),), 60, "acme.example"),
            "b.example": sound,
            APPONE: sound,
        },
        hosts=dict.fromkeys(names, address),
        mx=dict.fromkeys(names, Found((), 60, "")),
        alias=None,
        parent_exists=True,
        type99=False,
        wildcard=False,
    )


@given(records())
def test_reading_and_writing_is_the_identity(record: str) -> None:
    assert parse_spf(record).render() == record


@given(records())
def test_an_edit_loses_and_weakens_nothing(record: str) -> None:
    result = edit_spf(snapshot_of(record), [APPONE])
    if result.record is None:
        return
    before, after = parse_spf(record), parse_spf(result.record)
    assert after.sound
    rest = [term.text for term in after.terms]
    rest.remove(f"include:{APPONE}")
    assert rest == [term.text for term in before.terms]
    ends = [term.text for term in before.terms if term.kind is TermKind.ALL]
    assert ends == [term.text for term in after.terms if term.kind is TermKind.ALL]
    again = edit_spf(snapshot_of(result.record), [APPONE])
    assert again.record is None
    assert again.action in (SpfAction.NONE, SpfAction.FIX_FIRST)
    assert "".join(result.strings) == result.record


@given(st.binary(max_size=600))
def test_any_octets_are_judged(octets: bytes) -> None:
    text = octets.decode("latin-1")
    is_near_miss(text)
    record = parse_spf("v=spf1 " + text)
    for problem in record.problems:
        assert 0 <= problem.start < problem.end <= len(record.text)


@given(st.text(alphabet="ab ", min_size=1, max_size=1000))
def test_strings_are_short_and_lose_nothing(text: str) -> None:
    strings = split_strings(text)
    assert all(len(one) <= 255 for one in strings)
    assert "".join(strings) == text
