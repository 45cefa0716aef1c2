"""The sending page's test: what works is a button, trust is asked for and shown, senders listed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.exemption import ExemptionDialog
from ui.widgets.explain import ExplainDialog
from ui.window import MainWindow
from wizard.diagnosis.cause import Cause
from wizard.erp.senders import senders_of
from wizard.flow import Step
from wizard.model import PlainLogin, Protocol, Secret, Security, ServerSettings, Stage
from wizard.probe.report import (
    Alternative,
    CertificateFault,
    CertificateInfo,
    Failure,
    ProbeReport,
    SenderResult,
    StageResult,
    TlsInfo,
)
from wizard.server_form import Exemption, ServerForm, ServerTest
from wizard.setup import Setup
from wizard.updates import edit_sending, enter_company, take_sending_test

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FORM = ServerForm("mail.acme.example", "587", Security.STARTTLS, "info@acme.example")
FINGERPRINT = "ab" * 32


def certificate(fault: CertificateFault | None) -> TlsInfo:
    own = CertificateInfo(
        "mail.acme.example", "Acme CA", NOW, NOW + timedelta(90), FINGERPRINT, "EC secp256r1"
    )
    return TlsInfo(
        "TLSv1.3", "TLS_AES_256_GCM_SHA384", own.subject, ("mail.acme.example",), own.issuer,
        own.not_before, own.not_after, FINGERPRINT, trusted=fault is None, key=own.key,
        fault=fault, chain=(own,),
    )  # fmt: skip


def show(
    window: MainWindow, change: Callable[[ProbeReport], ProbeReport], form: ServerForm = FORM
) -> None:
    """Put the outcome of a test into the page, as if it had come just now."""
    window.go(Step.SENDING)

    def take(setup: Setup) -> Setup:
        setup = edit_sending(enter_company(setup, "info@acme.example"), lambda _: form)
        settings = form.parse(Protocol.SMTP)
        assert isinstance(settings, ServerSettings)
        report = ProbeReport(
            settings=settings,
            stages=(StageResult(Stage.CONNECT, ok=True, ms=1, detail="192.0.2.1"),),
            tls=None,
            capabilities=(),
            senders=(),
            failure=None,
            transcript=("S: 220 hello",),
            elapsed_ms=1,
            finished=NOW,
        )
        senders = tuple(map(str, senders_of(setup)))
        return take_sending_test(setup, ServerTest(form, senders, change(report)))

    window.session.apply(take)
    window.session.set_secret("sending", Secret("geheim"))
    # The new secret makes the result stale: it was tested with this one.
    window.session.apply(
        lambda setup: take_sending_test(
            setup,
            replace(setup.sending.test, form=setup.sending.form),  # type: ignore[arg-type]
        )
    )


def press(qtbot: QtBot, inside: QWidget, name: str) -> None:
    # What was replaced just now may still wait for its end.
    found = [one for one in inside.findChildren(QPushButton, name) if one.isVisible()]
    assert found, name
    found[0].setFocus()
    qtbot.keyClick(found[0], Qt.Key.Key_Space)


def the_dialog(qtbot: QtBot, window: MainWindow, kind: type[QWidget]) -> QWidget:
    qtbot.waitUntil(lambda: window.findChild(kind) is not None)
    found = window.findChild(kind)
    assert found is not None
    return found


def text_of(window: MainWindow, name: str) -> str:
    label = window.findChild(QLabel, name)
    assert label is not None, name
    return label.text()


def test_a_port_that_works_is_a_button_that_tests_at_once(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure(Stage.CONNECT, "no answer", Cause.PORT_BLOCKED_OR_TIMEOUT)
    way = (Alternative(465, Security.TLS),)
    show(window, lambda report: replace(report, failure=failure, alternatives=way))
    assert text_of(window, "sending-cause") == "Port 587 is blocked"
    tested: list[str] = []
    page = window.page(Step.SENDING)
    monkeypatch.setattr(page, "test", lambda: tested.append(window.session.setup.sending.form.port))
    press(qtbot, window, "sending-remedy-1")
    qtbot.waitUntil(lambda: tested == ["465"])
    assert window.session.setup.sending.form.security is Security.TLS


def self_signed(report: ProbeReport) -> ProbeReport:
    failure = Failure(Stage.TLS, "self-signed certificate", Cause.CERT_UNTRUSTED)
    return replace(report, failure=failure, tls=certificate(CertificateFault.SELF_SIGNED))


def test_trust_is_given_after_a_warning_shown_and_taken_back(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(window, self_signed)
    page = window.page(Step.SENDING)
    monkeypatch.setattr(page, "test", lambda: None)
    boxes = window.findChildren(QWidget, "sending-certificate")
    assert any(box.isVisible() for box in boxes)
    shown = window.findChild(QPlainTextEdit, "sending-fingerprint-value")
    assert shown is not None
    assert shown.toPlainText().startswith("AB:AB:AB")

    press(qtbot, window, "sending-remedy-2")
    dialog = the_dialog(qtbot, window, ExemptionDialog)
    allow = dialog.findChild(QPushButton, "exemption-allow")
    assert allow is not None
    assert not allow.isEnabled()
    assert window.session.setup.sending.form.exemption is None
    sure = dialog.findChild(QCheckBox, "exemption-sure")
    assert sure is not None
    sure.setChecked(True)
    qtbot.mouseClick(allow, Qt.MouseButton.LeftButton)
    given = Exemption("mail.acme.example", 587, FINGERPRINT)
    assert window.session.setup.sending.form.exempted == given

    assert window.findChild(QWidget, "sending-exemption-trust") is not None
    press(qtbot, window, "sending-revoke-trust")
    assert window.session.setup.sending.form.exemption is None
    notice = window.findChild(QWidget, "sending-exemption-trust")
    assert notice is None or not notice.isVisible()


def test_declining_changes_nothing(qtbot: QtBot, window: MainWindow) -> None:
    show(window, self_signed)
    press(qtbot, window, "sending-remedy-2")
    dialog = the_dialog(qtbot, window, ExemptionDialog)
    press(qtbot, dialog, "exemption-cancel")
    assert window.session.setup.sending.form.exemption is None


def test_the_password_goes_unencrypted_only_after_a_warning(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure(Stage.AUTH, "AUTH", Cause.ENCRYPTION_REQUIRED)
    plain = replace(FORM, security=Security.NONE)
    show(window, lambda report: replace(report, failure=failure), plain)
    monkeypatch.setattr(window.page(Step.SENDING), "test", lambda: None)
    press(qtbot, window, "sending-remedy-2")
    dialog = the_dialog(qtbot, window, ExemptionDialog)
    sure = dialog.findChild(QCheckBox, "exemption-sure")
    assert sure is not None
    sure.setChecked(True)
    press(qtbot, dialog, "exemption-allow")
    given = window.session.setup.sending.form.exempted
    assert given is not None
    assert given.plain_login is PlainLogin.ALLOWED
    assert window.findChild(QWidget, "sending-exemption-plain") is not None


def test_an_exemption_holds_for_its_server_only() -> None:
    given = Exemption("mail.acme.example", 587, FINGERPRINT, PlainLogin.ALLOWED)
    form = replace(FORM, exemption=given)
    settings = form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    assert (settings.fingerprint, settings.plain_login) == (FINGERPRINT, PlainLogin.ALLOWED)
    for other in (replace(form, host="mail.other.example"), replace(form, port="465")):
        settings = other.parse(Protocol.SMTP)
        assert isinstance(settings, ServerSettings)
        assert (settings.fingerprint, settings.plain_login) == ("", PlainLogin.REFUSED)


def test_every_sender_stands_in_a_table(window: MainWindow) -> None:
    senders = (
        SenderResult("info@acme.example", accepted=True, reply="250 2.1.5 Ok"),
        SenderResult("bounce@acme.example", accepted=False, reply="553 5.7.1\nnot owned"),
    )
    show(window, lambda report: replace(report, senders=senders, tls=certificate(None)))
    for sender, word in zip(senders, ("accepted", "refused"), strict=True):
        row = window.findChild(QWidget, f"sending-sender-{sender.sender}")
        assert row is not None
        assert word in row.accessibleName()
        assert sender.reply.split()[-1] in row.accessibleName()


def test_a_failure_is_copied_whole_and_without_secret(qtbot: QtBot, window: MainWindow) -> None:
    show(window, self_signed)
    press(qtbot, window, "sending-failure-copy")
    copied = QGuiApplication.clipboard().text()
    for piece in ("mail.acme.example:587", "self-signed", "2026-11-26", "abab"):
        assert piece in copied
    assert "geheim" not in copied


@pytest.mark.parametrize("step", list(Step))
def test_an_error_is_explained_from_every_page(
    qtbot: QtBot, window: MainWindow, step: Step
) -> None:
    window.go(step)
    button = window.findChild(QWidget, "window-explain")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = the_dialog(qtbot, window, ExplainDialog)
    field = dialog.findChild(QPlainTextEdit, "explain-text")
    assert field is not None
    explain = dialog.findChild(QPushButton, "explain-explain")
    assert explain is not None
    assert not explain.isEnabled()

    def explained(text: str, title: str) -> None:
        field.setPlainText(text)
        qtbot.mouseClick(explain, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(
            lambda: title in [one.text() for one in dialog.findChildren(QLabel, "explain-cause")]
        )

    explained(
        "(534, b'5.7.9 Application-specific password required. gsmtp')", "An app password is needed"
    )
    assert dialog.findChild(QLabel, "explain-change") is not None
    explained("250 2.0.0 OK", "No error")
    press(qtbot, dialog, "explain-close")
    qtbot.waitUntil(lambda: window.findChild(ExplainDialog) is None)
