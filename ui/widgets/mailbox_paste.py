"""A list of addresses, pasted: what of it can be added is said before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui.widgets.labels import Muted
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.receiving.paste import Pasted, read_list

if TYPE_CHECKING:
    from wizard.setup import Setup

SHOWN_PROBLEMS = 3
ROWS = 6


class MailboxPaste(QWidget):
    """``accepted`` carries a :class:`Pasted`; ``closed`` comes without it."""

    accepted = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._domain = ""
        self._taken: tuple[str, ...] = ()
        self._pasted = Pasted((), ())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        label = QLabel(words()("receiving_page.paste_label"))
        label.setWordWrap(True)
        self._field = QPlainTextEdit()
        self._field.setObjectName("receiving-list")
        self._field.setAccessibleName(label.text())
        self._field.setTabChangesFocus(True)
        self._field.setFixedHeight(self._field.fontMetrics().lineSpacing() * ROWS + 2 * GRID)
        self._field.textChanged.connect(self._read)
        label.setBuddy(self._field)
        self._said = Muted()
        self._said.setObjectName("receiving-list-said")
        self._add = self._button("list-add", "", self._accept)
        close = self._button("list-close", words()("receiving_page.paste_close"), self.close_list)
        row = line()
        row.addWidget(self._add)
        row.addWidget(close)
        row.addStretch(1)
        for widget in (label, self._field, self._said):
            column.addWidget(widget)
        column.addLayout(row)
        self._read()

    def show_setup(self, setup: Setup) -> None:
        """Know the domain, and which addresses are in the list already."""
        domain = setup.domain or ""
        taken = tuple(one.local for one in setup.receiving.mailboxes if one.wanted)
        if (domain, taken) != (self._domain, self._taken):
            self._domain, self._taken = domain, taken
            self._read()

    def begin(self) -> None:
        self.show()
        self._field.setFocus()

    def close_list(self) -> None:
        # A list may hold passwords: it does not stay here.
        self._field.clear()
        self.hide()
        self.closed.emit()

    def _button(self, name: str, text: str, pressed: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"receiving-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _read(self) -> None:
        text = self._field.toPlainText()
        domain = self._domain or "example.com"
        self._pasted = pasted = read_list(text, domain, self._taken)
        count = len(pasted.mailboxes)
        said = words()("receiving_page.paste_add", n=count)
        self._add.setText(said if count else words()("receiving_page.paste_none"))
        self._add.setEnabled(bool(count and self._domain))
        lines = [words()("receiving_page.paste_known", n=pasted.known)] if pasted.known else []
        for problem in pasted.problems[:SHOWN_PROBLEMS]:
            rendered = words().render(problem.message)
            lines.append(
                words()("receiving_page.paste_problem", line=problem.line, problem=rendered)
            )
        more = len(pasted.problems) - SHOWN_PROBLEMS
        lines += [words()("receiving_page.paste_more", n=more)] if more > 0 else []
        self._said.setText("\n".join(lines))
        self._said.setVisible(bool(lines))

    def _accept(self) -> None:
        pasted = self._pasted
        self.close_list()
        self.accepted.emit(pasted)
