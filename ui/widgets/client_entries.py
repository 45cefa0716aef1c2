"""What is brought back from the registration: judged, and kept in the set-up at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.widgets.password import PasswordField
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.model import Invalid
from wizard.signin.client import (
    OAuthClient,
    parse_client_id,
    parse_day,
    parse_erp_address,
    parse_tenant,
    secret_reminder,
)
from wizard.updates import edit_client, enter_erp_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.page import Page
    from wizard.setup import Setup

ERP: Final = "erp"
CLIENT_ID: Final = "client-id"
TENANT: Final = "tenant"
SECRET_ENDS: Final = "secret-ends"
MAX_LENGTH: Final = 400

_PARSE: Final = {
    ERP: parse_erp_address,
    CLIENT_ID: parse_client_id,
    TENANT: parse_tenant,
    SECRET_ENDS: parse_day,
}


class ClientEntries(QWidget):
    """Some of the entries, each with its problem below it. ``labels``: name to words."""

    def __init__(self, page: Page, labels: dict[str, str]) -> None:
        super().__init__()
        self._page = page
        self._lines: dict[str, QLineEdit] = {}
        self._problems: dict[str, StateLabel] = {}
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(GRID)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, said in labels.items():
            self._add(name, said)

    def add_secret(self, said: str, field: PasswordField, place: int) -> None:
        """The secret's field among them."""
        self._insert(place, said, field, field)

    def show_setup(self, setup: Setup) -> None:
        """Bring the fields in line; one with the same text keeps its cursor."""
        for name, edit in self._lines.items():
            text = _entered(setup, name)
            # A day is kept when it is one, so what is being typed may say more than what is kept.
            if edit.text() != text and not (name == SECRET_ENDS and edit.hasFocus()):
                with QSignalBlocker(edit):
                    edit.setText(text)
        if TENANT in self._lines:
            self._lines[TENANT].setPlaceholderText(setup.domain or "")
        reminder = secret_reminder(setup.signin.client, dt.date.today())
        if SECRET_ENDS in self._lines and reminder is not None:
            self._problems[SECRET_ENDS].show_state("attention", self._page.say(reminder))
            self._problems[SECRET_ENDS].show()

    def judge(self) -> None:
        """Say what cannot be used; an empty field is only not filled in yet."""
        for name, edit in self._lines.items():
            parsed = _PARSE[name](edit.text()) if edit.text().strip() else None
            said = self._page.say(parsed.message) if isinstance(parsed, Invalid) else ""
            self._problems[name].show_state("wrong", said)
            self._problems[name].setVisible(bool(said))
            edit.setAccessibleDescription(said)

    def _add(self, name: str, said: str) -> None:
        edit = QLineEdit()
        edit.setObjectName(f"client-{name}")
        edit.setAccessibleName(said)
        edit.setMaxLength(MAX_LENGTH)
        # Addresses, ids and days are read from left to right in every language.
        edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        if name == SECRET_ENDS:
            edit.setPlaceholderText((dt.date.today() + dt.timedelta(days=180)).isoformat())
        edit.textEdited.connect(lambda text: self._edited(name, text))
        edit.editingFinished.connect(self.judge)
        problem = StateLabel("wrong", "")
        problem.setObjectName(f"client-{name}-problem")
        problem.hide()
        self._lines[name], self._problems[name] = edit, problem
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(edit)
        column.addWidget(problem)
        self._insert(self._form.rowCount(), said, whole, edit)

    def _insert(self, place: int, said: str, row: QWidget, buddy: QWidget) -> None:
        label = QLabel(said)
        label.setBuddy(buddy)
        self._form.insertRow(place, label, row)

    def _edited(self, name: str, text: str) -> None:
        self._problems[name].hide()
        if name == ERP:
            self._page.update_setup(lambda setup: enter_erp_address(setup, text))
        elif name == CLIENT_ID:
            self._change(lambda client: replace(client, client_id=text))
        elif name == TENANT:
            self._change(lambda client: replace(client, tenant=text))
        elif not isinstance(day := parse_day(text), Invalid):
            self._change(lambda client: replace(client, secret_ends=day))

    def _change(self, change: Callable[[OAuthClient], OAuthClient]) -> None:
        self._page.update_setup(lambda setup: edit_client(setup, change))


def _entered(setup: Setup, name: str) -> str:
    client = setup.signin.client
    match name:
        case "erp":
            return setup.platform.address
        case "client-id":
            return client.client_id
        case "tenant":
            return client.tenant
        case _:
            return client.secret_ends.isoformat() if client.secret_ends else ""
