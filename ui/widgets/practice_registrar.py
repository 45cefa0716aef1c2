"""The practice company's registrar: one button in place of a DNS console.

What is published, and how, is the practice company's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from ui.widgets.labels import Body
from ui.widgets.rows import line

if TYPE_CHECKING:
    from wizard.texts import Texts


class PracticeRegistrar(QWidget):
    """Offered only while the practice company has something to publish."""

    publish_wanted = Signal()

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self._said = Body("")
        self._said.setObjectName("records-practice-hint")
        self._button = QPushButton(texts("records_page.practice"))
        self._button.setObjectName("records-practice")
        self._button.clicked.connect(self.publish_wanted)
        row = line()
        self.setLayout(row)
        row.addWidget(self._said, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def offer(self) -> None:
        """Show the button; another plan may be published again."""
        self._said.setText(self._texts("records_page.practice_hint"))
        self._button.setEnabled(True)
        self.show()

    def tell_published(self) -> None:
        """The records are on their way."""
        self._said.setText(self._texts("records_page.practice_published"))
        self._button.setEnabled(False)
