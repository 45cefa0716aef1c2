"""Below the table of mailboxes: add an address or several, double one, remove one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.model import Invalid, clean, parse_address, parse_domain, to_unicode
from wizard.receiving.paste import read_list
from wizard.setup import Purpose

if TYPE_CHECKING:
    from wizard.setup import Setup
    from wizard.texts import Texts

MAX_LENGTH = 400


class MailboxAdder(QWidget):
    """``added`` carries a local part that can be used, ``listed`` a :class:`Pasted` of several.

    ``duplicated`` and ``removed`` mean the current row.
    """

    added = Signal(str)
    listed = Signal(object)
    list_wanted = Signal()
    duplicated = Signal()
    removed = Signal()

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._domain = ""
        self._taken: frozenset[str] = frozenset()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        row = line()
        label = QLabel(texts("receiving_page.add_label"))
        self._field = QLineEdit()
        self._field.setObjectName("receiving-own")
        self._field.setAccessibleName(label.text().replace("&", ""))
        self._field.setMaxLength(MAX_LENGTH)
        self._field.setPlaceholderText(texts("receiving_page.add_hint"))
        self._field.installEventFilter(self)
        self._field.textEdited.connect(self._typed)
        label.setBuddy(self._field)
        self._at = QLabel()
        row.addWidget(label)
        row.addWidget(self._field, 1)
        row.addWidget(self._at)
        row.addWidget(self._button("add", self._add))
        column.addLayout(row)
        below = line()
        below.addWidget(self._button("paste", self.list_wanted))
        self._duplicate = self._button("duplicate", self.duplicated)
        self._remove = self._button("remove", self.removed)
        below.addWidget(self._duplicate)
        below.addWidget(self._remove)
        below.addStretch(1)
        column.addLayout(below)
        self._problem = StateLabel("wrong", "")
        self._problem.setObjectName("receiving-own-problem")
        self._problem.hide()
        column.addWidget(self._problem)

    def show_setup(self, setup: Setup, current: str, *, busy: bool) -> None:
        """Know which addresses there are; one's own may go, unless a test runs."""
        own = {one.id for one in setup.receiving.mailboxes if one.purpose is Purpose.OWN}
        self._domain = setup.domain or ""
        self._taken = frozenset(one.local.strip().lower() for one in setup.receiving.mailboxes)
        self._at.setText(f"@{to_unicode(self._domain)}" if self._domain else "")
        self._remove.setEnabled(current in own and not busy)
        self._duplicate.setEnabled(bool(current) and not busy)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # With something typed, Enter adds it; otherwise it goes on to the next step as everywhere.
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if entered and self._field.text().strip():
                self._add()
                return True
        return super().eventFilter(watched, event)

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self._texts(f"receiving_page.{name}"))
        button.setObjectName(f"receiving-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _typed(self) -> None:
        self._problem.hide()

    def _add(self) -> None:
        several = read_list(self._field.text(), self._domain or "example.com", self._taken)
        if len(several.mailboxes) > 1 and not several.problems:
            self._field.clear()
            self._problem.hide()
            self.listed.emit(several)
            return
        local, at, domain = clean(self._field.text()).partition("@")
        parsed = parse_address(f"{local}@{self._domain or 'example.com'}")
        shown = to_unicode(self._domain)
        if at and self._domain and parse_domain(domain) != self._domain:
            self._say(self._texts("receiving_page.other_domain", domain=shown))
        elif isinstance(parsed, Invalid):
            self._say(self._texts.render(parsed.message))
        elif local.lower() in self._taken:
            self._say(self._texts("receiving_page.twice", address=f"{local}@{shown}"))
        else:
            self._field.clear()
            self._problem.hide()
            self.added.emit(local)

    def _say(self, said: str) -> None:
        self._problem.show_state("wrong", said)
        self._problem.show()
        self._field.setFocus()
        announce(self._problem)
