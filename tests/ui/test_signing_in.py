"""Signing in through the window: the assistant, the browser, Dovecot and Postfix, and what fails."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from servers.browser import Browser
from servers.mail import DOMAIN, MailServer
from servers.oauth import CLIENT, PEOPLE, SECRET, SignInService
from ui.background import Background
from ui.session import Session
from ui.widgets.client_assistant import ClientAssistant
from ui.window import MainWindow
from ui.words import speak
from wizard.catalog import (
    Catalog,
    PasswordLogin,
    PasswordLogins,
    Provider,
    ProviderKind,
    ServerPreset,
)
from wizard.diagnosis.cause import Cause
from wizard.flow import Step, open_points
from wizard.model import AuthMethod, Security, Stage
from wizard.network import Network
from wizard.setup import LoginMode
from wizard.signin.client import AdminConsent
from wizard.texts import Texts
from wizard.updates import choose_provider, edit_client, edit_mailbox, enter_company

pytestmark = pytest.mark.servers


@pytest.fixture
def browser(sign_in_service: SignInService) -> Browser:
    return Browser(sign_in_service.ca_file)


@pytest.fixture
def window(
    qtbot: QtBot,
    background: Background,
    catalog: Catalog,
    mail_server: MailServer,
    sign_in_service: SignInService,
    browser: Browser,
) -> Iterator[MainWindow]:
    """A company whose provider signs people in."""
    retired = PasswordLogins(*[PasswordLogin.RETIRED] * 3)
    provider = Provider(
        id="loopback",
        name="Loopback",
        kind=ProviderKind.MAILBOX,
        checked=dt.date(2026, 11, 26),
        sources=(),
        smtp=(ServerPreset("localhost", mail_server.submission, Security.STARTTLS),),
        imap=(ServerPreset("localhost", mail_server.imaps, Security.TLS),),
        passwords=retired,
        oauth="loopback",
    )
    session = Session(background, Texts.load("en"), keep=False)
    session.catalog = replace(
        catalog,
        providers=catalog.providers | {"loopback": provider},
        oauth=catalog.oauth | {"loopback": sign_in_service.facts()},
    )
    session.use_network(Network(ca_files=(Path(sign_in_service.ca_file),), stage_timeout=10))
    session.signins.open_browser = browser.open
    window = MainWindow(session, remember=False)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    session.apply(lambda setup: enter_company(setup, PEOPLE[0]))
    session.apply(lambda setup: choose_provider(setup, "loopback"))
    window.go(Step.SENDING)
    yield window
    speak(Texts.load("en"))


def find(window: QWidget, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert found is not None, name
    return found


def state(window: MainWindow, prefix: str = "sending") -> str:
    label = window.findChild(QWidget, f"{prefix}-sign-in-state")
    assert label is not None
    return label.accessibleName()


def register(window: MainWindow) -> None:
    """What the assistant leaves behind."""
    session = window.session
    from wizard.model import Secret

    session.apply(
        lambda setup: edit_client(setup, lambda client: replace(client, client_id=CLIENT))
    )
    session.hold_secret("client", Secret(SECRET))


def press(qtbot: QtBot, window: QWidget, name: str) -> None:
    qtbot.mouseClick(find(window, name), Qt.MouseButton.LeftButton)


def sign_in(qtbot: QtBot, window: MainWindow, prefix: str = "sending") -> None:
    press(qtbot, window, f"{prefix}-sign-in")
    qtbot.waitUntil(lambda: "Signed in as" in state(window, prefix), timeout=20_000)


def test_from_the_assistant_to_a_mailbox_that_is_read(
    qtbot: QtBot, window: MainWindow, browser: Browser, sign_in_service: SignInService
) -> None:
    form = window.session.setup.sending.form
    assert form.auth is AuthMethod.XOAUTH2, "passwords are over there, so a sign-in is proposed"
    assert not find(window, "sending-sign-in").isEnabled()
    press(qtbot, window, "sending-test")
    assert "Sign in first" in state(window)

    press(qtbot, window, "sending-client")
    assistant = window.findChild(ClientAssistant)
    assert assistant is not None
    for name, text in (("client-id", CLIENT), ("secret", SECRET)):
        field = assistant.findChild(QLineEdit, f"client-{name}")
        assert field is not None
        QApplication.clipboard().setText(text)
        field.paste()
    press(qtbot, assistant, "client-check")
    qtbot.waitUntil(
        lambda: assistant.findChild(QWidget, "client-finding-secret") is not None, timeout=20_000
    )
    for check in ("tenant", "client", "secret", "own_redirect"):
        label = assistant.findChild(QWidget, f"client-finding-{check}")
        assert label is not None, check
    found = assistant.findChild(QWidget, "client-finding-secret")
    assert found is not None
    assert found.accessibleName() == "The client secret is right."
    assistant.close()

    sign_in(qtbot, window)
    assert PEOPLE[0] in state(window)
    assert "The sign-in has arrived" in browser.page or not browser.page
    press(qtbot, window, "sending-test")
    qtbot.waitUntil(lambda: window.session.setup.sending.test is not None, timeout=20_000)
    test = window.session.setup.sending.test
    assert test is not None
    assert test.report.ok, test.report.transcript

    # The same sign-in reads the mailbox; one of its own is made for the other.
    window.go(Step.RECEIVING)
    assert "Signed in as" in state(window, "receiving")
    window.session.apply(
        lambda setup: replace(setup, receiving=replace(setup.receiving, login=LoginMode.EACH))
    )
    window.session.apply(
        lambda setup: edit_mailbox(setup, "bounce", lambda one: replace(one, local="anna"))
    )
    page = window.page(Step.RECEIVING)
    page._list.choose("catchall")  # type: ignore[attr-defined]
    browser.person = PEOPLE[1]
    sign_in(qtbot, window, "receiving-mailbox")
    press(qtbot, window, "receiving-test")

    def tested() -> bool:
        wanted = [one for one in window.session.setup.receiving.mailboxes if one.wanted]
        return all(one.test is not None for one in wanted)

    qtbot.waitUntil(tested, timeout=20_000)
    for one in window.session.setup.receiving.mailboxes:
        assert not one.wanted or (one.test is not None and one.test.report.ok), one
    secrets = [token.access_token for token in sign_in_service.tokens]
    saved = repr(window.session.setup)
    assert not any(one in saved for one in (SECRET, *secrets))


def test_somebody_elses_token_is_explained(
    qtbot: QtBot, window: MainWindow, browser: Browser
) -> None:
    register(window)
    browser.person = PEOPLE[1]
    sign_in(qtbot, window)
    press(qtbot, window, "sending-test")
    qtbot.waitUntil(lambda: window.session.setup.sending.test is not None, timeout=20_000)
    test = window.session.setup.sending.test
    assert test is not None
    assert test.report.failure is not None
    assert test.note is not None
    assert test.note.key == "signin.refused.person_smtp"
    note = window.findChild(QWidget, "sending-note")
    assert note is not None
    assert PEOPLE[1] in note.accessibleName()


def test_signing_out_and_a_token_that_is_gone(
    qtbot: QtBot, window: MainWindow, sign_in_service: SignInService
) -> None:
    register(window)
    sign_in_service.behaviour.lifetime = 60
    sign_in(qtbot, window)
    # Below the margin: each use asks for a new one, and that is refused now.
    for token in sign_in_service.tokens:
        token.revoked = True
    press(qtbot, window, "sending-test")
    qtbot.waitUntil(lambda: window.session.setup.sending.test is not None, timeout=20_000)
    test = window.session.setup.sending.test
    assert test is not None
    assert test.report.failure is not None
    assert test.report.failure.stage is Stage.TOKEN
    assert test.report.failure.cause is Cause.OAUTH_GRANT_EXPIRED
    press(qtbot, window, "sending-sign-out")
    qtbot.waitUntil(lambda: "Signed out" in state(window), timeout=20_000)
    assert window.session.setup.signin.people == ()


def test_a_browser_that_does_not_open_and_cancelling(
    qtbot: QtBot, window: MainWindow, browser: Browser
) -> None:
    register(window)
    browser.opens = False
    press(qtbot, window, "sending-sign-in")
    qtbot.waitUntil(lambda: "No browser" in state(window), timeout=20_000)
    copy = find(window, "sending-sign-in-address-copy")
    copy.click()
    assert QApplication.clipboard().text() == browser.visited[0]
    press(qtbot, window, "sending-sign-in-cancel")
    assert "cancelled" in state(window)
    assert not find(window, "sending-sign-in").isHidden()
    # Where there is no browser, a code on another device is the way out.
    assert not find(window, "sending-sign-in-device").isHidden()
    # Leaving the step ends it too.
    press(qtbot, window, "sending-sign-in")
    qtbot.waitUntil(lambda: "No browser" in state(window), timeout=20_000)
    window.go(Step.RECEIVING)
    window.go(Step.SENDING)
    assert "Nobody is signed in" in state(window)


def test_consent_that_an_administrator_has_to_give(
    qtbot: QtBot, window: MainWindow, browser: Browser, sign_in_service: SignInService
) -> None:
    register(window)
    browser.agrees = False
    press(qtbot, window, "sending-sign-in")
    qtbot.waitUntil(lambda: "did not work" in state(window), timeout=20_000)
    find(window, "sending-admin-link-copy").click()
    link = QApplication.clipboard().text()
    assert link.startswith(f"{sign_in_service.url}/{DOMAIN}/adminconsent?")
    assert CLIENT in link
    assert not find(window, "sending-sign-in-device").isHidden()
    press(qtbot, window, "sending-admin-wait")
    assert window.session.setup.signin.admin_consent is AdminConsent.AWAITED
    assert "administrator" in state(window)
    assert window.session.catalog is not None
    points = open_points(window.session.setup, window.session.catalog)
    assert "flow.open.sending.admin_consent" in [point.message.key for point in points]
    # When it is given, the same button goes on, and nobody is asked to agree again.
    browser.agrees = True
    sign_in(qtbot, window)
    assert "prompt=consent" not in browser.visited[-1]
    assert window.session.setup.signin.admin_consent is AdminConsent.UNKNOWN


def test_a_wrong_secret_opens_no_browser(
    qtbot: QtBot, window: MainWindow, browser: Browser
) -> None:
    register(window)
    from wizard.model import Secret

    window.session.hold_secret("client", Secret("wrong"))
    press(qtbot, window, "sending-sign-in")
    qtbot.waitUntil(lambda: "did not work" in state(window), timeout=20_000)
    assert browser.visited == []
    note = window.findChild(QWidget, "sending-sign-in-note")
    assert note is not None
    assert note.accessibleName() == "The client secret is not accepted."


def test_back_to_a_password(qtbot: QtBot, window: MainWindow) -> None:
    choice = window.findChild(QRadioButton, "sending-login-password")
    assert choice is not None
    choice.click()
    assert window.session.setup.sending.form.auth is None
    password = window.findChild(QLineEdit, "sending-password")
    assert password is not None
    assert password.isVisible()
    # The choice outlives a look at another step, which fills the forms in again.
    window.go(Step.SERVICE)
    window.go(Step.SENDING)
    assert window.session.setup.sending.form.auth is None


def test_entries_of_the_assistant(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, "sending-client")
    assistant = window.findChild(ClientAssistant)
    assert assistant is not None
    field = assistant.findChild(QLineEdit, "client-secret-ends")
    assert field is not None
    problem = assistant.findChild(QWidget, "client-secret-ends-problem")
    assert problem is not None
    field.setFocus()
    qtbot.keyClicks(field, "soon")
    field.editingFinished.emit()
    assert problem.isVisible()
    field.clear()
    qtbot.keyClicks(field, "2031-05-31")
    assert window.session.setup.signin.client.secret_ends == dt.date(2031, 5, 31)
    assert not problem.isVisible()
    press(qtbot, assistant, "client-check")
    verdict = assistant.findChild(QWidget, "client-verdict")
    assert verdict is not None
    qtbot.waitUntil(lambda: "client's id" in verdict.accessibleName(), timeout=10_000)
    assistant.close()


def test_a_code_on_another_device(
    qtbot: QtBot, window: MainWindow, browser: Browser, sign_in_service: SignInService
) -> None:
    register(window)
    browser.opens = False
    sign_in_service.behaviour.interval = 1
    press(qtbot, window, "sending-sign-in")
    qtbot.waitUntil(lambda: "No browser" in state(window), timeout=20_000)
    press(qtbot, window, "sending-sign-in-cancel")
    press(qtbot, window, "sending-sign-in-device")
    qtbot.waitUntil(lambda: "code was entered" in state(window), timeout=20_000)
    find(window, "sending-device-code-copy").click()
    sign_in_service.typed[QApplication.clipboard().text()] = PEOPLE[0]
    qtbot.waitUntil(lambda: "Signed in as" in state(window), timeout=20_000)
