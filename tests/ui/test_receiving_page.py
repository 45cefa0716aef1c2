"""The receiving page beside its table: the ways, lists that are pasted, what to create."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QTableView
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.receiving import ReceivingPage
from ui.session import Session, mailbox_purpose
from wizard.catalog import Catalog
from wizard.model import Secret
from wizard.setup import LoginMode, ReceivingWay
from wizard.texts import Texts
from wizard.updates import choose_provider, enter_company


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()
    session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    session.apply(lambda setup: choose_provider(setup, "google-workspace"))
    yield session
    session.background.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> ReceivingPage:
    page = ReceivingPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    return page


def button(page: ReceivingPage, name: str) -> QAbstractButton:
    found = page.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def words(page: ReceivingPage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def locals_of(session: Session) -> list[str]:
    return [entry.local for entry in session.setup.receiving.mailboxes]


def test_each_way_is_explained_and_what_it_needs_shown(
    qtbot: QtBot, page: ReceivingPage, session: Session
) -> None:
    assert button(page, "receiving-login-each").isChecked()
    assert session.texts("receiving_page.way_detail.each") in words(page)
    button(page, "receiving-login-shared").click()
    assert session.setup.receiving.login is LoginMode.SHARED
    button(page, "receiving-forward").click()
    assert session.setup.receiving.way is ReceivingWay.FORWARD
    assert not button(page, "receiving-test").isVisible()
    qtbot.waitUntil(lambda: session.texts("caution.way.forward") in words(page))
    button(page, "receiving-login-each").click()
    assert button(page, "receiving-test").isVisible()
    assert session.setup.receiving.way is ReceivingWay.READ


def test_a_spreadsheet_is_pasted_with_its_passwords(page: ReceivingPage, session: Session) -> None:
    button(page, "receiving-paste").click()
    field = page.findChild(QPlainTextEdit, "receiving-list")
    assert field is not None
    field.setPlainText(
        "Address\tUser\tPassword\nteam@acme.example\tu1\tp1\nbounce\nx@other.example"
    )
    add = button(page, "receiving-list-add")
    assert add.text() == session.texts("receiving_page.paste_add", n=1)
    assert session.texts("receiving_page.paste_known", n=1) in words(page)
    assert "4" in words(page)
    add.click()
    team = session.setup.receiving.mailboxes[-1]
    assert (team.local, team.username) == ("team", "u1")
    assert session.typed_secret(mailbox_purpose(team.id)) == Secret("p1")
    assert not field.isVisible()
    assert field.toPlainText() == ""


def test_names_are_made_by_number_and_a_hundred_stay_quick(
    page: ReceivingPage, session: Session
) -> None:
    from PySide6.QtWidgets import QLineEdit

    field = page.findChild(QLineEdit, "receiving-own")
    assert field is not None
    field.setText("box[1-100]")
    button(page, "receiving-add").click()
    table = page.findChild(QTableView, "receiving-mailboxes")
    assert table is not None
    assert table.model().rowCount() == 106
    assert field.text() == ""


def test_a_row_is_doubled_and_removed(page: ReceivingPage, session: Session) -> None:
    table = page.findChild(QTableView, "receiving-mailboxes")
    assert table is not None
    table.selectRow(2)
    button(page, "receiving-duplicate").click()
    assert locals_of(session)[2:4] == ["sales", "sales2"]
    table.selectRow(3)
    button(page, "receiving-remove").click()
    assert "sales2" not in locals_of(session)


def test_what_is_missing_is_said_beside_what_it_is_for(
    page: ReceivingPage, session: Session
) -> None:
    table = page.findChild(QTableView, "receiving-mailboxes")
    assert table is not None
    table.selectRow(1)
    assert session.texts("mailbox.missing.bounce") in words(page)


def test_what_to_create_is_the_providers_own_way(page: ReceivingPage, session: Session) -> None:
    button(page, "receiving-create").click()
    text = page.findChild(QPlainTextEdit, "receiving-create-text")
    assert text is not None
    assert "catchall@acme.example" in text.toPlainText()
    assert session.texts("create.each.google.1") in text.toPlainText()
    button(page, "receiving-login-shared").click()
    text = page.findChild(QPlainTextEdit, "receiving-create-text")
    assert text is not None
