"""How to log in at a server: by a password, or by a sign-in where the provider has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QRadioButton, QWidget

from ui.widgets.rows import line
from wizard.model import AuthMethod
from wizard.setup import purpose_form
from wizard.signin.grants import protocol_of

if TYPE_CHECKING:
    from ui.page import Page
    from wizard.setup import Setup


class LoginChoice(QWidget):
    """Password or sign-in; ``chosen`` carries the method, None for the password."""

    chosen = Signal(object)

    def __init__(self, page: Page, prefix: str) -> None:
        super().__init__()
        self._page = page
        self._token: AuthMethod = AuthMethod.XOAUTH2
        self.possible = False
        self.needed = False
        row = line()
        self.setLayout(row)
        self._group = QButtonGroup(self)
        self._by_token = self._button(f"{prefix}-login-token", row)
        self._by_password = self._button(f"{prefix}-login-password", row)
        self._by_password.setText(page.text("signin_box.password"))
        row.addStretch(1)
        self._by_token.clicked.connect(lambda: self.chosen.emit(self._token))
        self._by_password.clicked.connect(lambda: self.chosen.emit(None))

    def show_choice(self, setup: Setup, purpose: str) -> None:
        """Show what there is to choose for a purpose, and what is chosen now."""
        service = self._page.session.signins.service(setup)
        by_token = purpose_form(setup, purpose).by_token
        self.possible = service is not None and service.offers(protocol_of(setup, purpose))
        # What was chosen at another provider can still be taken back.
        self.needed = self.possible or by_token
        if service is not None:
            self._token = service.sasl[0]
        name = service.name if service is not None else "OAuth 2.0"
        self._by_token.setText(self._page.text("signin_box.token", service=name))
        (self._by_token if by_token else self._by_password).setChecked(True)

    def _button(self, name: str, row: QBoxLayout) -> QRadioButton:
        button = QRadioButton()
        button.setObjectName(name)
        self._group.addButton(button)
        row.addWidget(button)
        return button
