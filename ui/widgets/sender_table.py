"""Which senders the server takes: address, verdict, the server's own words; one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ui.widgets.copying import breakable
from ui.widgets.labels import Muted, Subheading
from ui.widgets.rows import text_is_large
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.steps import StepState

if TYPE_CHECKING:
    from wizard.probe.report import SenderResult


class SenderTable(QWidget):
    """A table to read; there is nothing to choose in it."""

    def __init__(
        self, senders: tuple[SenderResult, ...], prefix: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}-senders-table")
        title = words()("senders.title")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Subheading(title))
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 2)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for row, sender in enumerate(senders):
            self._add(grid, row, sender, prefix)
        column.addLayout(grid)
        # Some servers look at the sender only when there is a message.
        column.addWidget(Muted(words()("senders.not_proven")))

    def _add(self, grid: QGridLayout, row: int, sender: SenderResult, prefix: str) -> None:
        reply = " ".join(sender.reply.split())
        verdict = words()("senders.accepted" if sender.accepted else "senders.refused")
        state = StepState.DONE if sender.accepted else StepState.FAILED
        who = StateLabel(state, f"{sender.sender}: {verdict}")
        who.setObjectName(f"{prefix}-sender-{sender.sender}")
        who.setAccessibleName(f"{sender.sender}: {verdict}. {reply}")
        said = Muted(breakable(reply))
        said.setAccessibleName(reply)
        if text_is_large():
            grid.addWidget(who, row * 2, 0, 1, 2)
            grid.addWidget(said, row * 2 + 1, 0, 1, 2)
            return
        grid.addWidget(who, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(said, row, 1)
