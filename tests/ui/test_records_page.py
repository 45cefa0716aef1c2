"""The records page: rows by need, what changes in SPF, looking by itself, cancel and countdown."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QFont, QGuiApplication, QTextCursor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages import records
from ui.pages.records import RecordsPage
from ui.session import Session
from ui.widgets.notice import Notice
from ui.widgets.record_watch import RecordWatch
from wizard.catalog import Catalog
from wizard.current import plan_subject
from wizard.model import Route
from wizard.network import Network
from wizard.practice.apart import PracticeApart
from wizard.records.plan import (
    PlannedRecord,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
)
from wizard.records.watch import is_complete
from wizard.resolver import Nameserver, Resolver
from wizard.setup import Setup
from wizard.texts import Texts, message
from wizard.updates import choose_route, enter_company, take_plan

OLD = "v=spf1 mx ip4:198.51.100.0/24 -all"
NEW = "v=spf1 mx ip4:198.51.100.0/24 include:_spf.appone.cloud -all"
TARGET = "ihrerp._domainkey.appone.cloud"
WHY = message("records_page.intro", domain="acme.example")


def record(
    purpose: Purpose,
    name: str,
    value: str,
    need: RecordNeed = RecordNeed.REQUIRED,
    state: RecordState = RecordState.MISSING,
    action: RecordAction = RecordAction.CREATE,
    old_value: str | None = None,
) -> PlannedRecord:
    return PlannedRecord(
        purpose=purpose,
        type="CNAME" if purpose is Purpose.DKIM else "TXT",
        name=name,
        value=value,
        strings=(value,),
        ttl=3600,
        need=need,
        why=WHY,
        state=state,
        action=action,
        old_value=old_value,
        problems=(),
        published=(),
        visible=(),
    )


SPF = record(
    Purpose.SPF,
    "acme.example",
    NEW,
    state=RecordState.WRONG,
    action=RecordAction.REPLACE,
    old_value=OLD,
)
DKIM = record(Purpose.DKIM, "ihrerp._domainkey.acme.example", TARGET)
DMARC = record(
    Purpose.DMARC,
    "_dmarc.acme.example",
    "v=DMARC1; p=none",
    RecordNeed.RECOMMENDED,
    RecordState.OK,
    RecordAction.NONE,
)
USELESS = record(
    Purpose.DKIM,
    "old._domainkey.acme.example",
    "old.example",
    RecordNeed.USELESS,
    RecordState.OK,
    RecordAction.NONE,
)


def with_plan(setup: Setup, *records: PlannedRecord, published: str | None = OLD) -> Setup:
    subject = plan_subject(setup)
    assert subject is not None
    plan = RecordPlan(subject, subject.domain, ("ns1.acme.example",), None, records, published, 12)
    return take_plan(setup, plan)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()
    session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    yield session
    session.background.stop()


@pytest.fixture
def silent_resolver() -> Iterator[Nameserver]:
    """A port where questions arrive and nobody answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        yield Nameserver("127.0.0.1", listening.getsockname()[1])


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> Iterator[RecordsPage]:
    page = RecordsPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    yield page
    page.leave()


def button(parent: QObject, name: str) -> QPushButton:
    found = parent.findChild(QPushButton, name)
    assert found is not None, name
    return found


def label(parent: QObject, name: str) -> str:
    found = parent.findChild(QLabel, name)
    assert found is not None, name
    return found.text()


def words(page: QWidget) -> str:
    labels = [one.text() for one in page.findChildren(QLabel) if one.isVisible()]
    values = [one.toPlainText() for one in page.findChildren(QPlainTextEdit) if one.isVisible()]
    return "\n".join(labels + values)


def marked_terms(page: QWidget, name: str) -> list[str]:
    """What is underlined and bold in a value."""
    value = page.findChild(QPlainTextEdit, name)
    assert value is not None
    cursor = QTextCursor(value.document())
    marked = ""
    while not cursor.atEnd():
        cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        look = cursor.charFormat()
        both = look.fontUnderline() and look.fontWeight() == QFont.Weight.Bold
        marked += value.toPlainText()[cursor.position() - 1] if both else " "
    return marked.split()


def test_shows_a_row_for_each_needed_record_and_folds_the_rest(
    qtbot: QtBot, page: RecordsPage, session: Session
) -> None:
    session.apply(lambda setup: with_plan(setup, SPF, DKIM, DMARC, USELESS))
    shown = words(page)
    for group in ("required", "recommended"):
        assert session.texts(f"records_page.group.{group}") in shown
    assert "old._domainkey" not in shown
    button(page, "records-fold").click()
    assert "old._domainkey" in words(page)
    assert session.texts("records_page.group.useless") in words(page)


def test_each_cell_has_its_own_copy_button(page: RecordsPage, session: Session) -> None:
    session.apply(lambda setup: with_plan(setup, SPF, DKIM))
    button(page, "records-dkim-copy").click()
    assert QGuiApplication.clipboard().text() == TARGET
    button(page, "records-dkim-name-copy").click()
    assert "ihrerp._domainkey" in QGuiApplication.clipboard().text()
    button(page, "records-spf-copy").click()
    assert QGuiApplication.clipboard().text() == NEW


def test_the_old_spf_record_is_kept_for_undo_when_it_is_gone(
    page: RecordsPage, session: Session
) -> None:
    session.apply(lambda setup: with_plan(setup, SPF))
    assert page.findChild(QPushButton, "records-undo-copy") is None
    session.apply(lambda setup: with_plan(setup, DKIM, published=NEW))
    button(page, "records-undo-copy").click()
    assert QGuiApplication.clipboard().text() == OLD


def test_problems_are_said_in_the_row(page: RecordsPage, session: Session) -> None:
    broken = replace(SPF, value=None, problems=(WHY,))
    session.apply(lambda setup: with_plan(setup, broken))
    problem = page.findChild(Notice, "records-spf-problem-1")
    assert problem is not None
    assert problem.text() == session.texts.render(WHY)
    assert session.texts("records_page.no_value") in words(page)
    assert page.findChild(QPushButton, "records-copy-all") is None


def test_the_practice_registrar_publishes_and_the_next_look_finds_it(
    qtbot: QtBot, page: RecordsPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start(_: object) -> object:
        return await PracticeApart.start()

    monkeypatch.setattr(records, "PUBLISH_S", 0)
    job = session.background.job(start)
    with qtbot.waitSignal(job.succeeded) as started:
        job.start()
    company = started.args[0]
    session.practice = company
    session.apply(lambda setup: choose_route(enter_company(setup, company.address), Route.BOTH))
    page.enter()
    registrar = button(page, "records-practice")
    qtbot.waitUntil(registrar.isVisible)
    assert not is_complete(session.setup.records.plan)
    registrar.click()
    complete = session.texts("records_page.complete")
    qtbot.waitUntil(lambda: complete in label(page, "records-status"), timeout=10_000)
    assert is_complete(session.setup.records.plan)
    assert not registrar.isVisible()
    assert not page.findChild(RecordWatch).counts

    async def stop(_: object) -> object:
        return await company.stop()

    job = session.background.job(stop)
    with qtbot.waitSignal(job.succeeded):
        job.start()


def test_copy_all_holds_what_has_to_be_entered_and_nothing_else(
    page: RecordsPage, session: Session
) -> None:
    session.apply(lambda setup: with_plan(setup, SPF, DKIM, DMARC))
    button(page, "records-copy-all").click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["TXT", "CNAME"]
    assert lines[0].endswith(NEW)


def test_spf_says_what_is_added_and_that_there_may_be_only_one(
    page: RecordsPage, session: Session
) -> None:
    session.apply(lambda setup: with_plan(setup, SPF))
    assert "include:_spf.appone.cloud" in label(page, "records-spf-added")
    assert "Do not add a second one" in label(page, "records-spf-todo")
    assert marked_terms(page, "records-spf-value") == ["include:_spf.appone.cloud"]


def test_the_state_is_a_word_too(page: RecordsPage, session: Session) -> None:
    session.apply(lambda setup: with_plan(setup, SPF, DKIM, DMARC))
    for key, state in (("spf", "wrong"), ("dkim", "missing"), ("dmarc", "ok")):
        row = page.findChild(QWidget, f"records-{key}")
        assert row is not None
        assert session.texts(f"records_page.state.{state}") in words(row)


def test_looks_by_itself_says_whom_it_asks_and_can_be_cancelled(
    qtbot: QtBot, page: RecordsPage, session: Session, silent_resolver: Nameserver
) -> None:
    session.use_network(Network(Resolver((silent_resolver,))))
    page.enter()
    assert "acme.example" in label(page, "records-status")
    assert "0:00" in label(page, "records-clock")
    cancel = button(page, "records-cancel")
    assert cancel.isVisible()
    cancel.click()
    said = session.texts("records_page.cancelled")
    qtbot.waitUntil(lambda: label(page, "records-status") == said)
    assert button(page, "records-look").isVisible()


def test_leaving_cancels_and_hears_no_more(
    qtbot: QtBot, page: RecordsPage, session: Session, silent_resolver: Nameserver
) -> None:
    session.use_network(Network(Resolver((silent_resolver,))))
    page.enter()
    page.leave()
    page.enter()
    assert button(page, "records-cancel").isVisible()


def test_a_plan_for_other_choices_is_shown_as_such(page: RecordsPage, session: Session) -> None:
    session.apply(lambda setup: with_plan(setup, SPF))
    session.apply(lambda setup: enter_company(setup, "info@other.example"))
    assert label(page, "records-status") == session.texts("records_page.stale")
