"""When nothing was found: the five things to ask the provider for, as a text to send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.copying import CopyButton
from ui.widgets.labels import Body, Subheading
from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from wizard.texts import Texts


class ProviderRequest(QWidget):
    """The text, readable as a letter, with a button that copies it."""

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._letter = Body()
        self._letter.setObjectName("service-request")
        self._letter.setContentsMargins(GRID * 2, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        head = QHBoxLayout()
        title = texts("service_page.request_title")
        head.addWidget(Subheading(title), 1)
        copy = CopyButton(self._letter.text, title)
        copy.setObjectName("service-request-copy")
        head.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self._letter)

    def show_domain(self, domain: str) -> None:
        self._letter.setText(self._texts("service_page.request", domain=domain))
