"""The summary: what works, what is open, the way to each step, and the text to take along."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.summary import SummaryPage
from ui.session import Session
from wizard.catalog import Catalog
from wizard.flow import Step, open_points
from wizard.model import Secret
from wizard.proof.report import Arrival, LetterKind, LetterState, Place, ProofLetter
from wizard.report.handover import Person, letter_to
from wizard.texts import Texts
from wizard.updates import begin_proof, enter_company

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LETTERS = tuple(
    ProofLetter(
        token=mailbox,
        kind=LetterKind.MAILBOX,
        sender="info@acme.example",
        envelope="bounce@acme.example",
        recipient=f"{mailbox}@acme.example",
        mailbox=mailbox,
        state=LetterState.ARRIVED,
        sent=NOW,
        arrival=Arrival(Place.INBOX, "INBOX", 3100, (), "", "", None),
    )
    for mailbox in ("catchall", "bounce")
)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()
    session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    yield session
    session.background.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> SummaryPage:
    page = SummaryPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    return page


def button(page: SummaryPage, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None, name
    return found


def words(page: SummaryPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_every_open_point_is_said_with_who_and_leads_to_its_step(
    qtbot: QtBot, page: SummaryPage, session: Session
) -> None:
    assert session.catalog is not None
    points = open_points(session.setup, session.catalog)
    assert len(points) > 1
    for number, point in enumerate(points, 1):
        assert session.texts.render(point.message) in words(page)
        with qtbot.waitSignal(page.go_to) as went:
            button(page, f"summary-go-{number}").click()
        assert went.args == [point.step]


def test_what_was_proven_now_moves_from_open_to_working(
    page: SummaryPage, session: Session
) -> None:
    assert session.texts("flow.open.proof.open") in words(page)
    session.apply(lambda setup: begin_proof(setup, LETTERS))
    assert session.texts("flow.open.proof.open") not in words(page)
    assert "2 messages arrived, the slowest after 3.1 s" in words(page)


def test_only_the_letters_that_went_wrong_are_named_one_by_one(
    page: SummaryPage, session: Session
) -> None:
    arrived, lost = LETTERS
    session.apply(
        lambda setup: begin_proof(
            setup, (arrived, replace(lost, state=LetterState.NOT_FOUND, arrival=None))
        )
    )
    said = words(page)
    assert "One message arrived after 3.1 s" in said
    assert arrived.recipient not in said.split(session.texts("summary_page.open"))[0]
    assert lost.recipient in said


def test_the_report_on_the_clipboard_has_no_secret(page: SummaryPage, session: Session) -> None:
    session.set_secret("sending", Secret("correct horse"))
    button(page, "summary-copy").click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("# ")
    assert "acme" in text
    assert "correct horse" not in text


@pytest.mark.parametrize("person", list(Person))
def test_each_letter_is_copied_in_the_language_that_was_chosen(
    page: SummaryPage, session: Session, person: Person
) -> None:
    letters = button(page, f"summary-letter-{person}")
    if person is Person.DNS:
        assert not letters.isEnabled()
        return
    language = page.findChild(QComboBox, "summary-language")
    assert language is not None
    assert language.currentData() == "en"
    language.setCurrentIndex(language.findData("de"))
    letters.click()
    text = QGuiApplication.clipboard().text()
    assert session.catalog is not None
    assert text == letter_to(person, session.setup, session.catalog, Texts.load("de"))


@pytest.mark.parametrize(
    ("name", "begins"), [("r.pdf", b"%PDF-"), ("r.html", b"<!DOCTYPE"), ("r.md", b"# ")]
)
def test_saves_the_report_where_and_as_the_dialog_says(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path, name: str, begins: bytes
) -> None:
    button(page, "summary-save").click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    path = tmp_path / name
    dialog.fileSelected.emit(str(path))
    dialog.close()
    saved = page.findChild(QLabel, "summary-saved")
    assert saved is not None
    qtbot.waitUntil(lambda: str(path) in saved.text())
    assert path.read_bytes().startswith(begins)


def test_says_when_the_file_cannot_be_written(
    qtbot: QtBot, page: SummaryPage, tmp_path: Path
) -> None:
    button(page, "summary-save").click()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "no such folder" / "summary.pdf"))
    dialog.close()
    saved = page.findChild(QLabel, "summary-saved")
    assert saved is not None
    qtbot.waitUntil(lambda: "could not be written" in saved.text())


def test_the_spf_record_before_the_change_is_there_for_undo(
    page: SummaryPage, session: Session
) -> None:
    assert page.findChild(QPlainTextEdit, "summary-undo-value") is None
    old = "v=spf1 mx -all"
    session.apply(lambda setup: replace(setup, records=replace(setup.records, old_spf=old)))
    field = page.findChild(QPlainTextEdit, "summary-undo-value")
    assert field is not None
    assert field.toPlainText() == old


def test_stands_at_the_summary_step(page: SummaryPage) -> None:
    assert page.step is Step.SUMMARY
