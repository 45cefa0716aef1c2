"""The whole way through the window: once with the practice company, once on real servers."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QTableView
from pytestqt.qtbot import QtBot

from servers.authority import Authority
from servers.mail import DOMAIN, PASSWORDS, MailServer
from ui.background import Background
from ui.session import Session
from ui.window import MainWindow
from wizard.flow import Step
from wizard.model import Security
from wizard.network import Network
from wizard.texts import Texts
from wizard.updates import edit_mailbox, enter_company

ROOT = Path(__file__).parent.parent.parent
ANNA = f"anna@{DOMAIN}"


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("de", "dark")])
def test_the_tour(tmp_path: Path, language: str, theme: str) -> None:
    done = subprocess.run(
        [
            sys.executable, "-m", "ui.start", "tour", "--pictures", str(tmp_path),
            "--lang", language, "--theme", theme, "--size", "900x640",
        ],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    names = {path.name for path in tmp_path.iterdir()}
    assert {"1-company.png", "3-sending-refused.png", "5-records.png", "8-summary.png"} <= names
    assert all(path.stat().st_size > 5_000 for path in tmp_path.iterdir())


@pytest.fixture
def window(qtbot: QtBot, authority: Authority) -> MainWindow:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.use_network(Network(ca_files=(authority.ca_file,)))
    window = MainWindow(session, remember=False)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(session.catalog_ready):
        session.load_catalog()
    session.apply(lambda setup: enter_company(setup, ANNA))
    return window


def fill(qtbot: QtBot, window: MainWindow, name: str, text: str) -> None:
    field = window.findChild(QLineEdit, name)
    assert field is not None
    # Pasted as people do: the keyboard of the test library has no umlauts.
    QApplication.clipboard().setText(text)
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == text


def choose_security(window: MainWindow, name: str, security: Security) -> None:
    box = window.findChild(QComboBox, name)
    assert box is not None
    box.setCurrentIndex(box.findData(str(security)))
    box.activated.emit(box.currentIndex())


def press(qtbot: QtBot, window: MainWindow, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.servers
def test_sending_through_postfix(qtbot: QtBot, window: MainWindow, mail_server: MailServer) -> None:
    window.go(Step.SENDING)
    fill(qtbot, window, "sending-host", "localhost")
    fill(qtbot, window, "sending-port", str(mail_server.submission))
    choose_security(window, "sending-security", Security.STARTTLS)
    fill(qtbot, window, "sending-username", ANNA)
    fill(qtbot, window, "sending-password", "falsch")
    press(qtbot, window, "sending-test")
    qtbot.waitUntil(lambda: window.session.setup.sending.test is not None, timeout=20_000)
    test = window.session.setup.sending.test
    assert test is not None
    assert not test.report.ok
    qtbot.waitUntil(lambda: window.findChild(QLabel, "sending-quoted") is not None)
    assert "authentication failed" in window.findChild(QLabel, "sending-quoted").text()

    fill(qtbot, window, "sending-password", PASSWORDS[ANNA])
    press(qtbot, window, "sending-test")

    def passed() -> None:
        again = window.session.setup.sending.test
        assert again is not None
        assert again.report.ok

    qtbot.waitUntil(passed, timeout=20_000)
    assert window.findChild(QLabel, "sending-quoted") is None or not (
        window.findChild(QLabel, "sending-quoted").isVisible()
    )
    # A changed field makes the result stale at once.
    fill(qtbot, window, "sending-username", f"sales@{DOMAIN}")
    assert window.session.setup.sending.form.username == f"sales@{DOMAIN}"


@pytest.mark.servers
def test_receiving_from_dovecot(qtbot: QtBot, window: MainWindow, mail_server: MailServer) -> None:
    window.go(Step.RECEIVING)
    fill(qtbot, window, "receiving-host", "localhost")
    fill(qtbot, window, "receiving-port", str(mail_server.imaps))
    choose_security(window, "receiving-security", Security.TLS)
    window.session.apply(
        lambda setup: edit_mailbox(setup, "sales", lambda one: replace(one, wanted=True))
    )
    table = window.findChild(QTableView, "receiving-mailboxes")
    assert table is not None
    model = table.model()
    for row, word in enumerate([PASSWORDS[f"catchall@{DOMAIN}"], "falsch", "sales"]):
        model.setData(model.index(row, 3), word)
    press(qtbot, window, "receiving-test")

    def all_answered() -> None:
        tests = [entry.test for entry in window.session.setup.receiving.mailboxes[:3]]
        assert [one.report.ok for one in tests if one is not None] == [True, False, True]

    qtbot.waitUntil(all_answered, timeout=20_000)
    qtbot.waitUntil(lambda: table.currentIndex().row() == 1)
    qtbot.waitUntil(lambda: window.findChild(QLabel, "receiving-mailbox-quoted") is not None)
    texts = [str(model.data(model.index(row, 4))) for row in range(3)]
    assert texts == ["works", "fails: Login", "works"]
