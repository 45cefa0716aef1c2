"""The proof page: a real message through the practice company, and every way it can end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QTableView, QToolButton
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.proof import ProofPage
from ui.session import Session
from ui.widgets.state import StateLabel
from wizard.catalog import Catalog
from wizard.model import Protocol, Route, Secret, Security
from wizard.practice.apart import PracticeApart
from wizard.proof.authentication import Method, Verdict, read_authentication
from wizard.proof.plan import plan_letters
from wizard.proof.report import (
    Activity,
    Arrival,
    Bounce,
    BounceAction,
    LetterState,
    Place,
    ProofLetter,
)
from wizard.setup import Setup
from wizard.texts import LANGUAGES, Texts
from wizard.updates import begin_proof, choose_route, edit_receiving, edit_sending, enter_company

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
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


def table(page: ProofPage) -> QTableView:
    found = page.findChild(QTableView, "proof-letters")
    assert found is not None
    return found


def shown(page: ProofPage, column: int) -> list[str]:
    model = table(page).model()
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def letters(session: Session, **changes: object) -> tuple[ProofLetter, ...]:
    """Letters as if they had been sent, changed like this; a word each for the token."""
    planned = plan_letters(session.setup)
    sent = [replace(one, sent=NOW, state=LetterState.WAITING) for one in planned]
    return tuple(replace(one, **changes) for one in sent)  # type: ignore[arg-type]


def words(page: ProofPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def result(page: ProofPage) -> str:
    labels = [one for one in page.findChildren(StateLabel, "proof-result") if one.isVisible()]
    return labels[-1].text() if labels else ""


def test_every_mailbox_and_sender_is_proven(
    qtbot: QtBot, page: ProofPage, session: Session
) -> None:
    button(page, "proof-send").click()
    assert button(page, "proof-cancel").isVisible()
    assert shown(page, 1) == ["catchall@practice.test", "bounce@practice.test"]
    said = session.texts("proof_page.arrived_count", good=2, n=2)
    qtbot.waitUntil(lambda: said in words(page), timeout=PATIENCE_MS)
    assert shown(page, 2) == [session.texts("proof_page.place.inbox")] * 2
    assert all(time.endswith((" s", " ms")) for time in shown(page, 3))
    assert {one.state for one in session.setup.proof.letters} == {LetterState.ARRIVED}
    assert button(page, "proof-send").isVisible()
    assert not button(page, "proof-cancel").isVisible()


def test_a_letter_tells_of_its_way(qtbot: QtBot, page: ProofPage, session: Session) -> None:
    button(page, "proof-send").click()
    said = session.texts("proof_page.arrived_count", good=2, n=2)
    qtbot.waitUntil(lambda: said in words(page), timeout=PATIENCE_MS)
    table(page).selectRow(0)
    kept = session.texts("proof_page.fate.kept", names="To, Delivered-To")
    qtbot.waitUntil(lambda: kept in words(page))
    assert session.texts("proof_page.place.inbox") == result(page)


def test_a_refused_login_says_what_to_do_in_the_servers_words(
    qtbot: QtBot, page: ProofPage, session: Session
) -> None:
    session.set_secret("sending", Secret("not the password"))
    button(page, "proof-send").click()
    not_sent = session.texts("proof_page.state.not_sent")
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
    session.set_secret("mailbox:bounce", Secret("not the password"))
    button(page, "proof-send").click()
    said = session.texts("proof_page.state.not_readable")
    qtbot.waitUntil(lambda: result(page) == said, timeout=PATIENCE_MS)
    assert shown(page, 2)[0] == session.texts("proof_page.place.inbox")


def test_can_be_left_and_come_back_to(qtbot: QtBot, page: ProofPage, session: Session) -> None:
    # Letters that never went out: they are waited for until somebody stops it.
    session.apply(lambda setup: begin_proof(setup, letters(session)))
    page.enter()
    assert button(page, "proof-cancel").isVisible()
    page.leave()
    page.refresh(session.setup)
    assert not button(page, "proof-cancel").isVisible()
    assert {one.state for one in session.setup.proof.letters} == {LetterState.WAITING}
    page.enter()
    button(page, "proof-cancel").click()
    said = session.texts("proof_page.cancelled")
    qtbot.waitUntil(lambda: said in words(page), timeout=PATIENCE_MS)
    assert button(page, "proof-look").isVisible()


def test_letters_of_an_earlier_session_wait_for_a_button(page: ProofPage, session: Session) -> None:
    proof = begin_proof(session.setup, letters(session)).proof
    old = tuple(replace(one, session="earlier") for one in proof.letters)
    session.apply(lambda setup: replace(setup, proof=replace(proof, letters=old)))
    page.enter()
    assert not button(page, "proof-cancel").isVisible()
    assert button(page, "proof-look").isVisible()
    assert session.texts("proof_page.stale") in words(page)


def test_says_what_the_receiver_wrote_in_plain_words_and_what_mends_it(
    page: ProofPage, session: Session
) -> None:
    read = read_authentication(("mx.example; spf=fail smtp.mailfrom=practice.test; dkim=none",))
    arrival = Arrival(Place.JUNK, "Spam", 3100, (), "", "", read)
    sent = letters(session, state=LetterState.ARRIVED, arrival=arrival)
    session.apply(lambda setup: begin_proof(setup, sent))
    table(page).selectRow(0)
    said = words(page)
    assert session.texts("proof_page.place.junk") == result(page)
    assert session.texts("proof_page.junk_detail", folder="Spam") in said
    assert session.texts("proof_page.result.none") in said
    assert session.texts("mend.spf.look_up") in said
    assert session.texts("proof_page.fate.none_kept") in said


def test_a_bounce_is_explained(page: ProofPage, session: Session) -> None:
    bounce = Bounce(
        BounceAction.FAILED, "catchall@practice.test", "5.1.1", "550 5.1.1 User unknown", "mx"
    )
    sent = letters(session, state=LetterState.BOUNCED, bounce=bounce)
    session.apply(lambda setup: begin_proof(setup, sent))
    table(page).selectRow(0)
    assert session.texts("cause.recipient_rejected.title") in words(page)


def test_a_message_that_did_not_come_says_where_to_look(page: ProofPage, session: Session) -> None:
    lost = letters(session, state=LetterState.NOT_FOUND)
    session.apply(lambda setup: begin_proof(setup, lost))
    table(page).selectRow(0)
    assert session.texts("proof_page.not_found_steps.spam") in words(page)


def test_the_test_messages_are_removed_again(
    qtbot: QtBot, page: ProofPage, session: Session
) -> None:
    button(page, "proof-send").click()
    qtbot.waitUntil(lambda: button(page, "proof-remove").isVisible(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: button(page, "proof-send").isVisible(), timeout=PATIENCE_MS)
    button(page, "proof-remove").click()
    said = session.texts("proof_page.removed", n=2)
    qtbot.waitUntil(lambda: said in words(page), timeout=PATIENCE_MS)
    assert all(one.removed for one in session.setup.proof.letters)


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_its_words(language: str) -> None:
    """Keys that are made from an enum's value."""
    texts = Texts.load(language)
    bad = [one for one in LetterState if not one.on_its_way and one is not LetterState.ARRIVED]
    keys = [
        *(f"proof_page.state.{state}" for state in LetterState),
        *(f"proof_page.place.{place}" for place in Place),
        *(f"proof_page.activity.{activity}" for activity in Activity),
        *(f"proof_page.bounce.{action}" for action in BounceAction),
        *(f"proof_page.result.{verdict}" for verdict in Verdict),
        *(f"proof_page.not_found_steps.{one}" for one in ("spam", "alias", "platform", "later")),
        *(f"flow.open.proof.{state}" for state in bad),
        *(
            f"mend.{method}.{case}"
            for method in Method
            for case in ("look_up", "enter", "published", "no_record")
        ),
    ]
    assert [key for key in keys if key not in texts] == []
