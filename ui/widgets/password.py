"""A field for a secret: hidden, shown on demand, and watched for what was pasted along."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.model import Secret, clean

MAX_LENGTH = 4_096


class PasteRemark(QWidget):
    """Says that a password has something invisible around it; ``trimmed`` wants it away."""

    trimmed = Signal()

    def __init__(self, said: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{object_name}-remark")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        self.label = StateLabel("attention", said)
        row.addWidget(self.label, 1)
        trim = QPushButton(words()("password.trim"))
        trim.setObjectName(f"{object_name}-trim")
        trim.setAutoDefault(False)
        trim.clicked.connect(self.trimmed)
        row.addWidget(trim)
        self.hide()

    def show_for(self, secret: str) -> None:
        """Stand there as long as the secret needs it."""
        needed = is_padded(secret)
        if needed and self.isHidden():
            self.show()
            announce(self.label)
        self.setVisible(needed)


class PasswordField(QWidget):
    """``typed`` tells of every key stroke, ``entered`` carries the secret when typing is over."""

    typed = Signal()
    entered = Signal(object)

    def __init__(self, name: str, object_name: str, parent: QWidget | None = None) -> None:
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
        self.field.textEdited.connect(self._edited)
        self.setFocusProxy(self.field)
        row.addWidget(self.field, 1)
        self._show = QPushButton(words()("password.show"))
        self._show.setObjectName(f"{object_name}-show")
        self._show.setCheckable(True)
        self._show.setAutoDefault(False)
        self._show.toggled.connect(self._reveal)
        row.addWidget(self._show)
        column.addLayout(row)
        self._remark = PasteRemark(words()("password.space"), object_name)
        self._remark.trimmed.connect(self._trim)
        column.addWidget(self._remark)
        self._missing = StateLabel("wrong", words()("password.missing"))
        self._missing.setObjectName(f"{object_name}-problem")
        self._missing.hide()
        column.addWidget(self._missing)
        self._uncommitted = False

    @property
    def uncommitted(self) -> bool:
        """Was something typed that nobody has been told of yet?"""
        return self._uncommitted

    def show_secret(self, secret: Secret | None, *, stored: bool) -> None:
        """Show what is known: the secret itself, or only that one is stored."""
        if self._uncommitted:
            return
        text = secret.reveal() if secret is not None else ""
        if self.field.text() != text:
            with QSignalBlocker(self.field):
                self.field.setText(text)
        self._remark.show_for(text)
        known = bool(text) or stored
        self.field.setPlaceholderText(words()("password.stored") if stored and not text else "")
        if known:
            self._missing.hide()

    def say_missing(self) -> None:
        """A test was asked for, and there is no password to test with."""
        self._missing.show()
        announce(self._missing)
        self.field.setFocus()

    def commit(self) -> None:
        """Hand over what was typed, if anything was."""
        if self._uncommitted:
            self._uncommitted = False
            self.entered.emit(Secret(self.field.text()))

    def _edited(self, text: str) -> None:
        self._uncommitted = True
        self._missing.hide()
        self._remark.show_for(text)
        self.typed.emit()

    def _reveal(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.field.setEchoMode(mode)
        # A readable password is still none that a keyboard should learn.
        self.field.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self._show.setText(words()("password.hide" if shown else "password.show"))

    def _trim(self) -> None:
        self.field.setText(clean(self.field.text()))
        self._remark.hide()
        self._uncommitted = True
        self.field.setFocus()
        self.commit()


def is_padded(secret: str) -> bool:
    """Does it have a space around it or something invisible in it?"""
    return clean(secret) != secret
