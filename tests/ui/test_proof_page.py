"""The proof page: a real message through the practice company, and every way it can end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.proof import ProofPage
from ui.session import Session
from ui.widgets.state import StateLabel
from wizard.catalog import Catalog
from wizard.model import Protocol, Route, Secret, Security
from wizard.practice.apart import PracticeApart
from wizard.proof.report import ProofOutcome, ProofReport
from wizard.setup import Setup, proof_subject
from wizard.texts import Texts
from wizard.updates import choose_route, edit_receiving, edit_sending, enter_company, take_proof

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ARRIVED = ProofReport(
    "info@practice.test", "catchall@practice.test", "token", ProofOutcome.ARRIVED, NOW, 3100
)
PATIENCE_MS = 10_000


def filled(setup: Setup, company: PracticeApart) -> Setup:
    """A set-up with the practice company's servers in both forms."""
    servers = {(one.protocol, one.security): one for one in company.facts().servers}
    smtp = servers[Protocol.SMTP, Security.STARTTLS]
    imap = servers[Protocol.IMAP, Security.TLS]
    setup = choose_route(enter_company(setup, company.address), Route.PROVIDER)
    setup = edit_sending(
        setup,
        lambda form: replace(
            form,
            host=smtp.host,
            port=str(smtp.port),
            security=smtp.security,
            username=company.address,
        ),
    )
    return edit_receiving(
        setup,
        lambda form: replace(form, host=imap.host, port=str(imap.port), security=imap.security),
    )


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()

    async def start(_: object) -> object:
        return await PracticeApart.start()

    job = session.background.job(start)
    with qtbot.waitSignal(job.succeeded, timeout=PATIENCE_MS) as started:
        job.start()
    company = started.args[0]
    session.practice = company
    session.apply(lambda setup: filled(setup, company))
    password = Secret(company.accounts[0].password)
    for purpose in ("sending", "mailbox:catchall", "mailbox:bounce"):
        session.set_secret(purpose, password)
    yield session

    async def stop(_: object) -> object:
        return await company.stop()

    job = session.background.job(stop)
    with qtbot.waitSignal(job.succeeded, timeout=PATIENCE_MS):
        job.start()
    session.background.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> Iterator[ProofPage]:
    page = ProofPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    page.enter()
    yield page
    page.leave()


def button(page: QObject, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None, name
    return found


def combo(page: ProofPage) -> QComboBox:
    found = page.findChild(QComboBox, "proof-mailbox")
    assert found is not None
    return found


def words(page: ProofPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def result(page: ProofPage) -> str:
    labels = [one for one in page.findChildren(StateLabel, "proof-result") if one.isVisible()]
    return labels[-1].text() if labels else ""


def test_a_message_goes_out_and_comes_back(qtbot: QtBot, page: ProofPage, session: Session) -> None:
    assert combo(page).currentText() == "catchall@practice.test"
    button(page, "proof-send").click()
    assert button(page, "proof-cancel").isVisible()
    assert "smtp.practice.test" in words(page)
    qtbot.waitUntil(
        lambda: "arrived in catchall@practice.test" in result(page), timeout=PATIENCE_MS
    )
    report = session.setup.proof.report
    assert report is not None
    assert report.outcome is ProofOutcome.ARRIVED
    assert button(page, "proof-send").isEnabled()
    assert not button(page, "proof-cancel").isVisible()


def test_the_mailbox_can_be_chosen(qtbot: QtBot, page: ProofPage, session: Session) -> None:
    combo(page).setCurrentText("bounce@practice.test")
    button(page, "proof-send").click()
    qtbot.waitUntil(lambda: "arrived in bounce@practice.test" in result(page), timeout=PATIENCE_MS)


def test_a_refused_login_says_what_to_do_in_the_servers_words(
    qtbot: QtBot, page: ProofPage, session: Session
) -> None:
    session.set_secret("sending", Secret("not the password"))
    button(page, "proof-send").click()
    not_sent = session.texts("proof_page.not_sent")
    qtbot.waitUntil(lambda: result(page) == not_sent, timeout=PATIENCE_MS)
    assert session.texts("cause.wrong_credentials.title") in words(page)
    # What the server said is built when it is folded open.
    fold = page.findChild(QToolButton, "proof-transcript")
    assert fold is not None
    fold.click()
    transcripts = [field.toPlainText() for field in page.findChildren(QPlainTextEdit)]
    assert any("535" in transcript for transcript in transcripts)
    assert not any("not the password" in transcript for transcript in transcripts)


def test_a_mailbox_that_cannot_be_read_is_not_blamed_on_sending(
    qtbot: QtBot, page: ProofPage, session: Session
) -> None:
    session.set_secret("mailbox:catchall", Secret("not the password"))
    button(page, "proof-send").click()
    said = session.texts("proof_page.not_readable", address="catchall@practice.test")
    qtbot.waitUntil(lambda: result(page) == said, timeout=PATIENCE_MS)


def test_can_be_cancelled(qtbot: QtBot, page: ProofPage, session: Session) -> None:
    button(page, "proof-send").click()
    button(page, "proof-cancel").click()
    said = session.texts("proof_page.cancelled")
    qtbot.waitUntil(lambda: said in words(page), timeout=PATIENCE_MS)
    assert session.setup.proof.report is None
    assert button(page, "proof-send").isEnabled()


def test_says_what_the_receiver_wrote_in_plain_words(page: ProofPage, session: Session) -> None:
    header = "mx.example; spf=pass smtp.mailfrom=practice.test; dkim=none"
    session.apply(
        lambda setup: take_proof(
            setup, replace(ARRIVED, authentication=(header,)), proof_subject(setup, "catchall")
        )
    )
    shown = words(page)
    assert "SPF for practice.test: passed" in shown
    assert session.texts("proof_page.result.none") in shown
    assert "3.1 s" in result(page)


def test_a_message_that_did_not_come_says_where_to_look(page: ProofPage, session: Session) -> None:
    lost = replace(ARRIVED, outcome=ProofOutcome.NOT_FOUND, elapsed_ms=180_000)
    session.apply(lambda setup: take_proof(setup, lost, proof_subject(setup, "catchall")))
    assert session.texts("proof_page.not_found_steps.spam") in words(page)


def test_a_result_of_an_earlier_session_is_not_shown_as_true(
    page: ProofPage, session: Session
) -> None:
    earlier = replace(
        take_proof(session.setup, ARRIVED, proof_subject(session.setup, "catchall")).proof,
        session="earlier",
    )
    session.apply(lambda setup: replace(setup, proof=earlier))
    assert session.texts("proof_page.stale") in words(page)


def test_where_the_platform_sends_there_is_nothing_to_press(
    page: ProofPage, session: Session
) -> None:
    session.apply(lambda setup: choose_route(setup, Route.PLATFORM))
    assert not button(page, "proof-send").isEnabled()
    assert "openAPPone Online" in words(page)
    session.apply(lambda setup: choose_route(setup, Route.PROVIDER))
    assert button(page, "proof-send").isEnabled()


def test_an_unusable_entry_is_said_before_anything_is_sent(
    page: ProofPage, session: Session
) -> None:
    session.apply(lambda setup: edit_sending(setup, lambda form: replace(form, host="")))
    assert not button(page, "proof-send").isEnabled()
    assert session.texts("step.sending") in words(page)
