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
from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.parse import MAX_PROBLEMS, TermKind, is_spf, parse_spf
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


async def test_nested_repeats_are_counted_exactly_and_at_once() -> None:
    """Ten levels of ten repeats: more than nobody could walk, and a number all the same."""
    zone = zone_with("v=spf1 " + "include:l0.example " * 2 + "-all")
    for level in range(9):
        zone[f"l{level}.example"] = {"TXT": [["v=spf1 " + f"include:l{level + 1}.example " * 3]]}
    zone["l9.example"] = {"TXT": [[SPF]]}
    result = await edit(zone, "acme.example", [APPONE])
    assert result.lookups_after == 2 * (3**10 - 1) // 2 + 1
    assert SpfWarning.TOO_MANY_LOOKUPS in result.warnings
    assert 3 <= len(json.dumps([str(node) for node in result.tree])) < 100_000


async def test_a_hostile_tree_is_bounded_and_no_silence() -> None:
    wide = "v=spf1 " + " ".join(f"include:h{n}.example" for n in range(120))
    zone = zone_with(SPF) | {"acme.example": {"TXT": [list(split_strings(wide))]}}
    for n in range(120):
        below = "v=spf1 " + " ".join(f"include:h{n}-{m}.example" for m in range(100))
        zone[f"h{n}.example"] = {"TXT": [list(split_strings(below))]}
    async with serve(zone) as (server, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=3.0)
        result = edit_spf(await take_snapshot("acme.example", [APPONE], resolver), [APPONE])
        assert len(server.questions) < 400
    assert SpfWarning.TOO_MANY_LOOKUPS in result.warnings
    assert SpfWarning.DNS_TEMPERROR not in result.warnings
    assert result.action is SpfAction.FIX_FIRST


async def test_an_endless_chain_ends() -> None:
    zone = zone_with("v=spf1 include:c0.example -all")
    for n in range(40):
        zone[f"c{n}.example"] = {"TXT": [[f"v=spf1 redirect=c{n + 1}.example"]]}
    result = await edit(zone, "acme.example", [APPONE])
    assert result.action is SpfAction.FIX_FIRST
    assert SpfWarning.TOO_MANY_LOOKUPS in result.warnings


async def test_a_macro_that_does_not_depend_on_the_sender_is_followed() -> None:
    zone = zone_with(
        "v=spf1 include:%{d1r}._spf.b.example include:%{l}.b.example -all",
        **{"acme._spf.b.example": {"TXT": [["v=spf1 mx a:%{d} -all"]], "A": ["192.0.2.1"]}},
    )
    result = await edit(zone, "acme.example", [APPONE])
    assert result.lookups_after == 5
    assert set(result.warnings) == {SpfWarning.MACRO_UNCOUNTABLE, SpfWarning.VOID_LOOKUP}


async def test_a_name_that_dns_cannot_hold_leads_nowhere() -> None:
    zone = zone_with(f"v=spf1 a:b..example a:{'x' * 64}.example mx -all")
    result = await edit(zone, "acme.example", [APPONE])
    assert (result.action, result.voids_after) == (SpfAction.UPDATE, 2)
    assert set(result.warnings) == {SpfWarning.VOID_LOOKUP}


async def test_what_stands_behind_all_is_never_asked_for() -> None:
    zone = zone_with("v=spf1 mx -all include:silent.example redirect=silent.example")
    zone["silent.example"] = {"_timeout": ["TXT"]}
    async with serve(zone) as (server, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        await take_snapshot("acme.example", [APPONE], resolver)
        assert "silent.example" not in {name for name, _ in server.questions}


async def test_an_alias_to_a_broken_record_is_a_permanent_error() -> None:
    zone = {
        "acme.example": {"CNAME": "b.example"},
        "b.example": {"TXT": [[SPF], ["v=spf1 mx"]]},
        **APPONE_ZONE,
    }
    result = await edit(zone, "acme.example", [APPONE])
    assert (result.action, result.permerror) == (SpfAction.FIX_FIRST, True)


# The defects of other programs (a regular expression before "all", sorted terms, the laxer end,
# the first record of two, a name that only begins like the wanted one).
OTHERS_DEFECTS = [
    ("v=spf1 include:mall.example -all", f"v=spf1 include:mall.example include:{APPONE} -all"),
    ("v=spf1 include:b.example a mx ip4:192.0.2.1 ~all",
     f"v=spf1 include:b.example a mx ip4:192.0.2.1 include:{APPONE} ~all"),
    ("v=spf1 a -mx ?ptr exp=e.example -all",
     f"v=spf1 a -mx ?ptr exp=e.example include:{APPONE} -all"),
    ("v=spf1 ALL mx", f"v=spf1 include:{APPONE} ALL mx"),
    ("v=spf1 exists:all.example", f"v=spf1 exists:all.example include:{APPONE}"),
    ("v=spf1 mx exp=all.example foo=-all", f"v=spf1 mx include:{APPONE} exp=all.example foo=-all"),
    ("v=spf1 a/24 mx:b.example//64 -all", f"v=spf1 a/24 mx:b.example//64 include:{APPONE} -all"),
    ("V=SPF1  mx   -ALL ", f"v=spf1 mx include:{APPONE} -ALL"),
    ("v=spf1", f"v=spf1 include:{APPONE}"),
    (f"v=spf1 include:{APPONE.upper()}. -all", None),
    (f"v=spf1 +include:{APPONE} -all", None),
]  # fmt: skip


@pytest.mark.parametrize(("record", "after"), OTHERS_DEFECTS)
async def test_defects_of_others(record: str, after: str | None) -> None:
    names = {
        name: {"TXT": [[SPF]], "A": ["192.0.2.1"], "MX": [[10, "mx.acme.example"]]}
        for name in ("mall.example", "b.example", "all.example")
    }
    zone = zone_with(record) | names
    zone["acme.example"]["A"] = ["192.0.2.1"]
    assert (await edit(zone, "acme.example", [APPONE])).record == after


async def test_redirects_are_followed_in_the_count_and_nothing_else_is_counted() -> None:
    zone = zone_with("v=spf1 ip4:192.0.2.1 exp=e.example redirect=b.example")
    zone["b.example"] = {"TXT": [["v=spf1 include:c.example mx:acme.example all"]]}
    zone["c.example"] = {"TXT": [["v=spf1 ip6:2001:db8::/32 a:mx.acme.example -all mx ptr"]]}
    assert (await edit(zone, "acme.example", [APPONE])).lookups_after == 1 + 1 + 1 + 1 + 1


async def test_the_one_record_among_very_many_texts_is_found() -> None:
    zone = zone_with(SPF)
    zone["acme.example"]["TXT"] = [[f"token-{n}"] for n in range(700)] + [["v=spf1 mx -all"]]
    result = await edit(zone, "acme.example", [APPONE])
    assert result.record == f"v=spf1 mx include:{APPONE} -all"
    assert SpfWarning.OVER_450 in result.warnings


async def test_an_unusable_name_changes_no_other_finding() -> None:
    zone = zone_with("v=spf1 a:x.acme.example a:y.acme.example mx -all")
    del zone[APPONE]
    result = await edit(zone, "acme.example", [APPONE])
    assert set(result.warnings) == {SpfWarning.WANTED_UNUSABLE, SpfWarning.VOID_LOOKUP}
    assert (result.lookups_after, result.permerror) == (None, False)


async def test_a_second_record_is_noticed_whichever_comes_first() -> None:
    for texts in (["v=spf1 mx -all", f"v=spf1 include:{APPONE} -all"],
                  [f"v=spf1 include:{APPONE} -all", "v=spf1 mx -all"]):  # fmt: skip
        zone = zone_with(SPF) | {"acme.example": {"TXT": [[text] for text in texts]}}
        result = await edit(zone, "acme.example", [APPONE])
        assert (result.action, result.permerror) == (SpfAction.FIX_FIRST, True)


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
        '@ IN TXT "v=spf1 mx -all"',
        "\xe2\x80\x9cv=spf1 mx -all\xe2\x80\x9d",
        "v=spf1\xc2\xa0mx -all",
        "include:b.example ~all",
    ],
)
def test_near_misses(text: str) -> None:
    assert is_near_miss(text)
    assert not is_spf(text)


@pytest.mark.parametrize(
    "text",
    [
        "v=spf1 mx",
        "V=SPF1",
        "spf2.0/pra mx",
        "v=DMARC1",
        "google-site-verification=spf1",
        "",
        "all",
        "-all",
        "see v=spf1",
    ],
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


HOSTILE = {
    "slashes": "a:" + "/" * 60_000 + "x",
    "letters": "a:b." + "a" * 60_000 + "!",
    "digits": "a:b." + "1" * 60_000 + "!",
    "hyphens": "a:b." + "a-" * 30_000 + "!",
    "dots": "a:" + ".a" * 30_000 + "!",
    "prefixes": "mx" + "/1" * 30_000,
    "macros": "exists:" + "%{d}" * 15_000,
    "half macros": "exists:" + "%{" * 30_000,
    "errors": "x " * 30_000,
    "terms": "a " * 30_000,
    "zeros": "ip4:" + "0" * 60_000,
    "colons": "ip6:" + ":" * 60_000,
    "umlauts": "include:" + "\xc3\xbc" * 30_000 + ".example",
    "torn": "include: " * 7_000,
    "tabs": "mx\t" * 16_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_record_as_long_as_a_message_is_judged_in_time_that_grows_with_its_length(
    text: str,
) -> None:
    """Each of these took minutes where the time grew with the square of the length."""
    record = parse_spf("v=spf1 " + text)
    assert len(record.problems) <= MAX_PROBLEMS
    is_near_miss(text)
    result = edit_spf(snapshot_of("v=spf1 " + text), [APPONE])
    assert result.action in (SpfAction.FIX_FIRST, SpfAction.UPDATE)
    for term in record.terms[:3]:
        assert len(term.name("a." * 100 + "example")) <= 60_100


@given(st.text(alphabet="ab ", min_size=1, max_size=1000))
def test_strings_are_short_and_lose_nothing(text: str) -> None:
    strings = split_strings(text)
    assert all(len(one) <= 255 for one in strings)
    assert "".join(strings) == text
