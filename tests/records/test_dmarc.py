"""DMARC records and where they are found, by RFC 9989; the cases are its own and its neighbours'."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.answers import Absent, Answer, Found, NoAnswer, Silence, Txt
from wizard.records.dmarc import (
    Alignment,
    Policy,
    is_dmarc,
    is_dmarc_near_miss,
    mend_dmarc,
    parse_dmarc,
    removed_tags,
    suggest_dmarc,
)
from wizard.records.dmarc_discovery import DmarcFinding, discover, walk
from wizard.records.tags import MAX_TAGS, parse_tags

GONE = Absent(name_exists=False)


def answers(**texts: str) -> dict[str, Answer[Txt]]:
    """Records by domain, written with ``_`` for a dot."""
    return {
        name.replace("_", "."): Found((Txt((text.encode(),)),), 300, "")
        for name, text in texts.items()
    }


def find(domain: str, **texts: str) -> DmarcFinding:
    return discover(domain, dict.fromkeys(walk(domain), GONE) | answers(**texts))


# -- the record --


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("v=DMARC1; p=none", True),
        ("v = DMARC1 ;p=none", True),
        ("V=DMARC1", True),
        ("v=DMARC1;", True),
        ("v=dmarc1; p=none", False),
        ("v=DMARC10; p=none", False),
        ("v=DMARC1 p=none", False),
        (" v=DMARC1; p=none", False),
        ("p=none; v=DMARC1", False),
        ('"v=DMARC1; p=none"', False),
        ("", False),
    ],
)
def test_only_the_exact_version_at_its_place_counts(text: str, counts: bool) -> None:
    assert is_dmarc(text) is counts


@pytest.mark.parametrize(
    "text",
    ["v=dmarc1; p=none", " v=DMARC1; p=none", '"v=DMARC1; p=none"', "v:DMARC1", "v=DMARC1 p=none"],
)
def test_what_is_meant_as_one_is_told(text: str) -> None:
    assert is_dmarc_near_miss(text)


@pytest.mark.parametrize("text", ["v=spf1 -all", "v=DMARC1; p=none", "hello", "v=DKIM1; p="])
def test_what_is_not_meant_as_one_is_not(text: str) -> None:
    assert not is_dmarc_near_miss(text)


def test_all_that_a_record_can_say() -> None:
    record = parse_dmarc(
        "v=DMARC1; p=Reject; sp=quarantine; np=none; adkim=s; aspf=r; psd=n; t=y; fo=1:d;"
        " rua=mailto:a@acme.test!10m , mailto:b@acme.test; ruf=mailto:c@acme.test"
    )
    assert record.problems == () and record.usable
    assert (record.policy, record.subdomains) == (Policy.REJECT, Policy.QUARANTINE)
    assert record.missing_subdomains is Policy.NONE
    assert (record.dkim, record.spf) == (Alignment.STRICT, Alignment.RELAXED)
    assert record.reports == ("mailto:a@acme.test", "mailto:b@acme.test")
    assert [str(one) for one in record.report_addresses] == ["a@acme.test", "b@acme.test"]
    # Section 4.7, tag t: one level below the policy while it is tested.
    assert (record.asked, record.asked_of_subdomains) == (Policy.QUARANTINE, Policy.NONE)


@pytest.mark.parametrize(
    ("text", "usable", "asked"),
    [
        ("v=DMARC1", False, Policy.NONE),
        ("v=DMARC1; rua=mailto:a@acme.test", True, Policy.NONE),
        ("v=DMARC1; p=block; rua=mailto:a@acme.test", True, Policy.NONE),
        ("v=DMARC1; p=block", False, Policy.NONE),
        ("v=DMARC1; p=reject; sp=wrong; rua=mailto:a@acme.test", True, Policy.NONE),
        ("v=DMARC1; p=reject; sp=wrong", False, Policy.NONE),
        ("v=DMARC1; p=reject; adkim=x", True, Policy.REJECT),
        ("v=DMARC1; p=reject; unknown=x", True, Policy.REJECT),
        ("v=DMARC1; p=reject; nonsense", True, Policy.REJECT),
        ("v=DMARC1; p=reject; rua=http://x", True, Policy.REJECT),
    ],
)
def test_errors_behind_the_version_fall_back_to_defaults(
    text: str, usable: bool, asked: Policy
) -> None:
    record = parse_dmarc(text)
    assert (record.usable, record.asked) == (usable, asked)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("v=DMARC1; p=block", "dmarc.problem.value"),
        ("v=DMARC1; p=none; adkim=strict", "dmarc.problem.value"),
        ("v=DMARC1; p=none; p=reject", "dmarc.problem.doubled"),
        ("v=DMARC1; p=none; rua=reports@acme.test", "dmarc.problem.uri"),
        ("v=DMARC1; p=none; rua=mailto:acme.test", "dmarc.problem.uri"),
        ("v=DMARC1; p=none, rua", "dmarc.problem.value"),
        ("v=DMARC1; p=none; pnone", "dmarc.problem.broken"),
        ("v=DMARC1; adkim=r", "dmarc.problem.no_policy"),
    ],
)
def test_every_error_is_named(text: str, key: str) -> None:
    assert key in [problem.key for problem in parse_dmarc(text).problems]


def test_tags_that_no_longer_mean_anything() -> None:
    assert removed_tags("v=DMARC1; p=none; pct=50; ri=3600") == ("pct", "ri")


def test_a_suggestion_is_a_sound_record() -> None:
    for address in ("", "reports@acme.test"):
        record = parse_dmarc(suggest_dmarc(address))
        assert record.problems == () and record.asked is Policy.NONE
        assert bool(record.reports) is bool(address)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ('"v=DMARC1; p=none"', "v=DMARC1; p=none"),
        (" v=dmarc1; p=none; rua=mailto:a@b.test", "v=DMARC1; p=none; rua=mailto:a@b.test"),
        ("v:DMARC1; p=none", "v=DMARC1; p=none"),
        # What never had an effect is not brought into effect by a program.
        ('"v=DMARC1; p=reject"', None),
        ('"v=DMARC1; p=none; sp=reject"', None),
        ("v=DMARC1 p=none", None),
        ('"v=DMARC1; p=block"', None),
    ],
)
def test_a_near_miss_is_mended_where_its_meaning_is_mild(text: str, mended: str | None) -> None:
    assert is_dmarc_near_miss(text)
    assert mend_dmarc(text) == mended


@given(st.text(max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    record = parse_dmarc(f"v=DMARC1; {text}")
    assert record.usable or record.asked is Policy.NONE
    parse_tags(text)
    is_dmarc(text)
    is_dmarc_near_miss(text)
    mend_dmarc(text)


NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=5)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=";"))


@given(st.lists(st.tuples(NAMES, VALUES), max_size=MAX_TAGS))
def test_a_tag_list_is_read_as_it_was_written(tags: list[tuple[str, str]]) -> None:
    read = parse_tags("; ".join(f"{name} = {value}" for name, value in tags))
    assert list(read.tags) == tags
    assert read.broken == ()


# -- the tree walk --


def test_the_names_asked_for_are_those_of_the_rfc() -> None:
    assert walk("a.b.c.d.e.f.g.h.i.j.mail.example.com") == (
        "a.b.c.d.e.f.g.h.i.j.mail.example.com",
        "g.h.i.j.mail.example.com",
        "h.i.j.mail.example.com",
        "i.j.mail.example.com",
        "j.mail.example.com",
        "mail.example.com",
        "example.com",
        "com",
    )
    assert walk("example.com") == ("example.com", "com")


@given(st.lists(NAMES, min_size=1, max_size=40))
def test_there_are_at_most_eight(labels: list[str]) -> None:
    places = walk(".".join(labels))
    assert len(places) == min(len(labels), 8)
    assert all(len(a.split(".")) > len(b.split(".")) for a, b in itertools.pairwise(places))


@pytest.mark.parametrize(
    ("domain", "texts", "source", "organizational"),
    [
        # The examples of section 4.10.2.
        (
            "a.mail.example.com",
            {"mail_example_com": "v=DMARC1; p=none", "example_com": "v=DMARC1; p=reject"},
            "example.com",
            "example.com",
        ),
        (
            "a.mail.example.com",
            {"mail_example_com": "v=DMARC1; p=none; psd=n", "example_com": "v=DMARC1; p=reject"},
            "mail.example.com",
            "mail.example.com",
        ),
        ("a.mail.example.com", {"com": "v=DMARC1; psd=y; p=reject"}, "com", "example.com"),
        # The domain's own record goes before its parents'.
        (
            "erp.example.com",
            {"erp_example_com": "v=DMARC1; p=none", "example_com": "v=DMARC1; p=reject"},
            "erp.example.com",
            "example.com",
        ),
        # A record of the domain where the walk starts is no reason to go below it.
        ("example.com", {"example_com": "v=DMARC1; p=none; psd=y"}, "example.com", "example.com"),
    ],
)
def test_whose_record_holds(
    domain: str, texts: dict[str, str], source: str, organizational: str
) -> None:
    found = find(domain, **texts)
    assert (found.source, found.organizational) == (source, organizational)
    assert found.record is not None and found.sure


def test_several_records_are_none() -> None:
    both = Found((Txt((b"v=DMARC1; p=none",)), Txt((b"v=DMARC1; p=reject",))), 300, "")
    found = discover("acme.test", {"acme.test": both, "test": GONE})
    assert found.record is None
    assert len(found.several) == 2


def test_no_answer_is_not_no_record() -> None:
    silent = NoAnswer(Silence.TIMEOUT)
    assert not discover("acme.test", {"acme.test": silent, "test": GONE}).sure
    assert not discover("erp.acme.test", {"erp.acme.test": GONE, "acme.test": silent}).sure
    # A top-level domain that says nothing does not make the company's own answer doubtful.
    assert discover("acme.test", {"acme.test": GONE, "test": silent}).sure
