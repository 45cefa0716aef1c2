"""Where the suggested DMARC record has reports sent to: an entry the admin fills in.

What the record looks like with it does not belong in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.labels import Body, Muted
from ui.widgets.spacing import GRID
from wizard.model import EmailAddress, Invalid, parse_address

if TYPE_CHECKING:
    from wizard.texts import Texts


class DmarcReports(QWidget):
    """An address, or nothing. ``chosen`` carries it when the entry is done and can be used."""

    chosen = Signal(str)

    def __init__(self, texts: Texts, parent: QWidget) -> None:
        super().__init__(parent)
        self._texts = texts
        self._entry = QLineEdit()
        self._entry.setObjectName("records-dmarc-reports")
        self._entry.setMaxLength(320)
        self._entry.editingFinished.connect(self._finish)
        label = QLabel(texts("records_page.dmarc_reports"))
        label.setWordWrap(True)
        label.setBuddy(self._entry)
        self._entry.setAccessibleName(texts("records_page.dmarc_reports").replace("&", ""))
        self._problem = Body("")
        self._problem.setObjectName("records-dmarc-reports-problem")
        self._problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widget in (label, self._entry, self._problem):
            column.addWidget(widget)
        column.addWidget(Muted(texts("records_page.dmarc_reports_hint")))
        self.hide()

    def offer(self, address: str, example: str) -> None:
        """Show the entry; what is being typed stays."""
        self._entry.setPlaceholderText(example)
        if not self._entry.hasFocus():
            self._entry.setText(address)
        self.show()

    def _finish(self) -> None:
        typed = self._entry.text().strip()
        address: EmailAddress | Invalid | str = parse_address(typed) if typed else ""
        wrong = isinstance(address, Invalid)
        self._problem.setVisible(wrong)
        if isinstance(address, Invalid):
            self._problem.setText(self._texts.render(address.message))
            announce(self._problem)
        else:
            self.chosen.emit(str(address))
