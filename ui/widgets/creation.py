"""What has to be created at the mail service, to look at and to hand over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.copying import CopyButton, FixedText
from ui.widgets.folding import Folding
from ui.widgets.labels import LinkLabel
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.receiving.create import creation_list, creation_text

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.setup import Setup


class CreationBox(Folding):
    """Folded shut until somebody wants it; the text is made anew with every change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(words()("receiving_page.create"), "receiving-create", parent)
        self._text = ""
        self._about: tuple[Setup, Catalog] | None = None
        self.setObjectName("receiving-creation")
        self.button.toggled.connect(self._write)

    def show_setup(self, setup: Setup, catalog: Catalog) -> None:
        """Know what to write about; nothing is written while nobody reads it."""
        self._about = (setup, catalog) if setup.domain else None
        self.setVisible(self._about is not None)
        self._write()

    def _write(self) -> None:
        if self._about is None or not self.button.isChecked():
            return
        setup, catalog = self._about
        text = creation_text(setup, catalog, words())
        if text == self._text:
            return
        self._text = text
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        field = FixedText(text.rstrip())
        field.setAccessibleName(words()("receiving_page.create"))
        field.setObjectName("receiving-create-text")
        column.addWidget(field)
        copy = CopyButton(lambda: self._text, words()("receiving_page.create"))
        copy.setObjectName("receiving-create-copy")
        column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        url = creation_list(setup, catalog).url
        if url:
            column.addWidget(LinkLabel(words()("service_page.open_page"), url))
        self.show_content(content)
