"""A field for a secret: hidden, shown on demand, and watched for pasted spaces."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.widgets.labels import Muted
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.model import Secret

MAX_LENGTH = 4_096


class PasswordField(QWidget):
    """``entered`` carries the secret when typing is over."""

    entered = Signal(object)

    def __init__(
        self, name: str, object_name: str, *, compact: bool = False, parent: QWidget | None = None
    ) -> None:
        """``compact``: for a table, without the button and the remark."""
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        self.field = QLineEdit()
        self.field.setObjectName(object_name)
        self.field.setAccessibleName(name)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(MAX_LENGTH)
        self.field.editingFinished.connect(self.commit)
        self.field.textChanged.connect(self._look_for_space)
        self.setFocusProxy(self.field)
        row.addWidget(self.field, 1)
        self._show = QPushButton(words()("password.show"))
        self._show.setObjectName(f"{object_name}-show")
        self._show.setCheckable(True)
        self._show.setAutoDefault(False)
        self._show.toggled.connect(self._reveal)
        self._show.setVisible(not compact)
        row.addWidget(self._show)
        column.addLayout(row)
        self._remark = QWidget()
        line = QHBoxLayout(self._remark)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(Muted(words()("password.space")), 1)
        trim = QPushButton(words()("password.trim"))
        trim.setObjectName(f"{object_name}-trim")
        trim.setAutoDefault(False)
        trim.clicked.connect(self._trim)
        line.addWidget(trim)
        self._remark.hide()
        self._compact = compact
        self._dirty = False
        self.field.textEdited.connect(self._edited)
        column.addWidget(self._remark)

    def show_secret(self, secret: Secret | None, *, stored: bool) -> None:
        """Show what is known: the secret itself, or only that one is stored."""
        if self._dirty:
            return
        text = secret.reveal() if secret is not None else ""
        if self.field.text() != text:
            self.field.setText(text)
        self.field.setPlaceholderText(words()("password.stored") if stored and not text else "")

    def commit(self) -> None:
        """Hand over what was typed, if anything was."""
        if self._dirty:
            self._dirty = False
            self.entered.emit(Secret(self.field.text()))

    def _edited(self) -> None:
        self._dirty = True

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)
        self._show.setText(words()("password.hide" if shown else "password.show"))

    def _look_for_space(self, text: str) -> None:
        self._remark.setVisible(not self._compact and text != text.strip())

    def _trim(self) -> None:
        self.field.setText(self.field.text().strip())
        self._dirty = True
        self.commit()
