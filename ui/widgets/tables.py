"""What the window's tables have in common: a calm look, and a height that fits their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QFontMetrics, QPalette
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView

from ui.widgets.icons import Tone, colour, follow_palette, mixed
from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS = 12
FEWEST_ROWS = 3


class CalmTable(QTableView):
    """One row at a time is chosen; no lines, no scrolling sideways; as high as its rows."""

    most_rows = MOST_ROWS

    def show_model(
        self, model: QAbstractItemModel, widest: int, characters: Mapping[int, int]
    ) -> None:
        """Put a model in. ``characters``: column → average characters; ``widest`` has the rest."""
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        metrics = QFontMetrics(self.font())
        self.verticalHeader().setDefaultSectionSize(max(GRID * 4, metrics.height() + GRID * 2))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(widest, QHeaderView.ResizeMode.Stretch)
        for column, count in characters.items():
            wanted = metrics.averageCharWidth() * count
            self.setColumnWidth(column, max(wanted, header.sectionSizeHint(column) + GRID))
        model.modelReset.connect(self._fit)
        self._fit()
        self._soften()
        follow_palette(self._soften)

    def _fit(self) -> None:
        rows = min(max(self.model().rowCount(), FEWEST_ROWS), self.most_rows)
        height = rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(height + self.horizontalHeader().sizeHint().height() + GRID // 2)

    def _soften(self) -> None:
        # The states' colours have to be seen on a chosen row too: a veil instead of the full hue.
        given = QApplication.palette()
        palette = QPalette(given)
        veil = mixed(colour(Tone.ACCENT), given.color(QPalette.ColorRole.Base), 0.2)
        palette.setColor(QPalette.ColorRole.Highlight, veil)
        palette.setColor(QPalette.ColorRole.HighlightedText, given.color(QPalette.ColorRole.Text))
        self.setPalette(palette)
