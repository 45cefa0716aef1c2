"""The letters of a proof as a table that lives while they are waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal

from ui.widgets.proof_model import Column, ProofModel
from ui.widgets.tables import CalmTable
from ui.words import words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wizard.setup import Setup

WIDTHS: dict[int, int] = {Column.STATE: 31, Column.TIME: 9}


class ProofTable(CalmTable):
    """``chosen`` carries the token of the current letter, or an empty text."""

    chosen = Signal(str)
    most_rows = 8

    def __init__(self, setup: Setup, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("proof-letters")
        self.setAccessibleName(words()("proof_page.table"))
        self.letters = ProofModel(setup)
        self.show_model(self.letters, (Column.SENDER, Column.RECIPIENT), WIDTHS)
        self.setEditTriggers(self.EditTrigger.NoEditTriggers)
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    def show_setup(self, setup: Setup, *, running: bool) -> None:
        """Bring the table in line; the current letter stays."""
        current = self.current_token()
        self.letters.show_setup(setup, running=running)
        row = self.letters.row_of(current)
        if row >= 0 and self.currentIndex().row() != row:
            self.setCurrentIndex(self.letters.index(row, 0))

    def current_token(self) -> str:
        row = self.currentIndex().row()
        return self.letters.letter(row).token if 0 <= row < self.letters.rowCount() else ""

    def choose(self, token: str) -> None:
        row = self.letters.row_of(token)
        if row >= 0:
            self.setCurrentIndex(self.letters.index(row, 0))

    def _row_changed(self, _: QModelIndex) -> None:
        self.chosen.emit(self.current_token())
