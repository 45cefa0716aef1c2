"""The platform's forms: its labels, copied values, and a password that is never shown."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.platform import PlatformPage
from ui.session import Session
from ui.widgets.secret_copy import SecretOnClipboard
from wizard.catalog import Catalog
from wizard.erp.forms import platform_forms
from wizard.model import Secret, Security
from wizard.setup import Setup
from wizard.texts import Texts
from wizard.updates import edit_receiving, edit_sending, enter_company

SECRET = "correct horse battery"


def filled(setup: Setup) -> Setup:
    setup = enter_company(setup, "info@acme.example")
    setup = edit_sending(
        setup,
        lambda form: replace(
            form,
            host="smtp.acme.example",
            port="587",
            security=Security.STARTTLS,
            username="info@acme.example",
        ),
    )
    return edit_receiving(setup, lambda form: replace(form, host="imap.acme.example", port="993"))


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()
    session.apply(filled)
    yield session
    session.background.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> PlatformPage:
    page = PlatformPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    return page


def button(page: QObject, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert found is not None, name
    return found


def words(page: PlatformPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_shows_every_field_under_the_platforms_own_label(
    page: PlatformPage, session: Session
) -> None:
    assert session.catalog is not None
    forms = platform_forms(session.setup, session.catalog)
    assert len(forms) == 4
    shown = words(page)
    for form in forms:
        assert session.texts.render(form.title) in shown
        for field in form.fields:
            assert session.texts.render(field.label) in shown


def test_each_typed_value_is_copied_as_it_stands(page: PlatformPage, session: Session) -> None:
    assert session.catalog is not None
    for form in platform_forms(session.setup, session.catalog):
        for field in form.fields:
            if isinstance(field.value, str) and field.value:
                button(page, f"platform-{form.id}-{field.id}-copy").click()
                assert QGuiApplication.clipboard().text() == field.value


def test_the_password_is_copied_but_never_shown(page: PlatformPage, session: Session) -> None:
    session.set_secret("sending", Secret(SECRET))
    button(page, "platform-outgoing-smtp-password-copy").click()
    assert QGuiApplication.clipboard().text() == SECRET
    for widget in page.findChildren(QLabel) + page.findChildren(QLineEdit):
        assert SECRET not in widget.text()
    assert "60" in words(page)


def test_a_password_that_is_not_known_is_asked_for_at_its_step(
    qtbot: QtBot, page: PlatformPage, session: Session
) -> None:
    QGuiApplication.clipboard().setText("mine")
    button(page, "platform-incoming-catchall-password-copy").click()
    result = page.findChild(QLabel, "platform-incoming-catchall-password-result")
    assert result is not None
    qtbot.waitUntil(lambda: session.texts("step.receiving") in result.text())
    assert QGuiApplication.clipboard().text() == "mine"


def test_only_the_copied_secret_is_taken_off_the_clipboard(qtbot: QtBot) -> None:
    clipboard = QGuiApplication.clipboard()
    SecretOnClipboard(Secret(SECRET)).clear()
    assert clipboard.text() == ""
    held = SecretOnClipboard(Secret(SECRET))
    clipboard.setText("copied since")
    held.clear()
    assert clipboard.text() == "copied since"


def test_marks_what_is_not_tested(page: PlatformPage, session: Session) -> None:
    assert session.texts("platform_page.untested") in words(page)


def test_the_tick_is_kept_in_the_set_up(page: PlatformPage, session: Session) -> None:
    tick = page.findChild(QCheckBox, "platform-entered")
    assert tick is not None
    tick.click()
    assert session.setup.platform.entered
    tick.click()
    assert not session.setup.platform.entered


def test_names_the_platform(page: PlatformPage) -> None:
    assert "openAPPone Online" in words(page)
