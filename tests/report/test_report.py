"""The report and the letters: everything in them, nothing secret, nothing taken for markup."""

import html.parser
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.catalog import Catalog
from wizard.current import plan_subject
from wizard.model import Route, Security
from wizard.proof.authentication import read_authentication
from wizard.proof.report import Arrival, LetterKind, LetterState, Place, ProofLetter
from wizard.records.plan import (
    PlannedRecord,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
)
from wizard.report.document import (
    Exact,
    Heading,
    Items,
    Paragraph,
    Table,
    as_html,
    as_markdown,
    as_text,
)
from wizard.report.handover import Person, letter_to
from wizard.report.report import brief, report, title
from wizard.server_form import ServerForm
from wizard.setup import Setup, new_setup
from wizard.texts import LANGUAGES, Texts, duration, message
from wizard.updates import (
    begin_proof,
    choose_provider,
    choose_route,
    edit_receiving,
    edit_sending,
    enter_company,
    take_plan,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOG = Catalog.load()
OLD = "v=spf1 mx -all"
NEW = "v=spf1 mx include:_spf.appone.cloud -all"


@pytest.fixture
def setup() -> Setup:
    setup = enter_company(new_setup(NOW), "info@müller.example")
    setup = choose_provider(choose_route(setup, Route.BOTH), "google-workspace")
    form = ServerForm("smtp.gmail.com", "465", Security.TLS, "info@müller.example")
    setup = edit_receiving(edit_sending(setup, lambda _: form), lambda _: form)
    record = PlannedRecord(
        purpose=Purpose.SPF,
        type="TXT",
        name="xn--mller-kva.example",
        value=NEW,
        strings=(NEW,),
        ttl=3600,
        need=RecordNeed.REQUIRED,
        why=message("record.why.spf.both"),
        state=RecordState.WRONG,
        action=RecordAction.REPLACE,
        old_value=OLD,
        problems=(),
        published=(),
        visible=(),
    )
    subject = plan_subject(setup)
    assert subject is not None
    plan = RecordPlan(subject, "xn--mller-kva.example", (), None, (record,), OLD, 1)
    read = read_authentication(("mx.example; spf=pass; dkim=none",))
    letter = ProofLetter(
        token="t",
        kind=LetterKind.MAILBOX,
        sender="info@xn--mller-kva.example",
        envelope="info@xn--mller-kva.example",
        recipient="<b>c|`x`</b>@xn--mller-kva.example",
        mailbox="catchall",
        state=LetterState.ARRIVED,
        sent=NOW,
        arrival=Arrival(Place.JUNK, "Spam", 3100, (), "", "", read),
    )
    return begin_proof(take_plan(setup, plan), (letter,))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_is_in_the_report(setup: Setup, language: str) -> None:
    texts = Texts.load(language)
    blocks = report(setup, CATALOG, texts, NOW)
    for text in (as_text(blocks), as_markdown(blocks), as_html("t", blocks, language)):
        after = texts.render(duration(3100))
        for wanted in ("müller.example", OLD, NEW, "smtp.gmail.com", after):
            assert wanted in text, wanted
        assert texts("report.who.dns administrator") in text


def test_open_points_stand_with_who_has_to_act_in_order(setup: Setup) -> None:
    text = as_text(brief(setup, CATALOG, Texts.load("en"), NOW))
    assert text.index("You\n") < text.index("The mail administrator") < text.index("The DNS")


def test_no_secret_is_asked_for_or_given(setup: Setup) -> None:
    texts = Texts.load("en")
    text = as_markdown(report(setup, CATALOG, texts, NOW))
    assert text.count("ask for it") == 3


class _Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_a_servers_words_are_no_markup(setup: Setup) -> None:
    page = _Page()
    page.feed(as_html("<title>", report(setup, CATALOG, Texts.load("en"), NOW), "en"))
    assert "b" not in page.tags
    assert "<b>c|`x`</b>@müller.example" in page.shown
    assert page.tags.count("h1") == 1


@given(st.text(max_size=60))
def test_any_text_stays_itself(text: str) -> None:
    blocks = (
        Heading(text, 1),
        Paragraph(text),
        Items((text, "x"), numbered=True),
        Table(("a", "b"), ((text, text),), fixed=(1,)),
    )
    exact = (Exact(text),)
    page = _Page()
    page.feed(as_html(text, blocks + exact, "en"))
    wanted = ["html", "head", "meta", "title", "style", "body"]
    assert [tag for tag in page.tags if tag != "br"][:6] == wanted
    assert "script" not in page.tags
    lines = as_markdown(blocks).split("\n")
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 3
    # No text opens a row, a column or a heading of its own.
    assert all(row.replace("\\\\", "").replace("\\|", "").count("|") == 3 for row in rows)
    # Inside its fence it may begin as it likes.
    assert text in as_markdown(exact)
    assert text in as_text(exact)
    as_text(blocks)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("person", list(Person))
def test_each_person_gets_what_is_theirs(setup: Setup, person: Person, language: str) -> None:
    texts = Texts.load(language)
    letter = letter_to(person, setup, CATALOG, texts)
    wanted = {
        Person.DNS: (NEW, OLD),
        Person.MAIL: ("catchall@müller.example", texts("hand_over.mail.switch_on")),
        Person.PLATFORM: ("smtp.gmail.com", texts("report.secret")),
    }[person]
    assert all(one in letter for one in wanted)
    assert "hand_over." not in letter
    assert letter_to(person, new_setup(NOW), CATALOG, texts) == ""


def test_without_a_look_there_is_no_letter_for_the_dns(setup: Setup) -> None:
    bare = replace(setup, records=replace(setup.records, plan=None))
    assert letter_to(Person.DNS, bare, CATALOG, Texts.load("en")) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_umlaut_domain_is_readable(setup: Setup, language: str) -> None:
    assert "müller.example" in title(setup, Texts.load(language))
