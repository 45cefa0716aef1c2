"""What the window's tables have in common: a calm look, and a height that fits their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QPalette, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTableView

from ui.widgets.icons import Tone, colour, follow_palette, mixed
from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MOST_ROWS = 12
FEWEST_ROWS = 3


class CalmTable(QTableView):
    """One row at a time is chosen; no lines; as high as its rows.

    No cell is cut: where the columns do not fit, they give up their spare room first, and only then
    is there scrolling sideways.
    """

    most_rows = MOST_ROWS

    def show_model(
        self, model: QAbstractItemModel, widest: Collection[int], characters: Mapping[int, int]
    ) -> None:
        """Put a model in. ``characters``: column → average ones; ``widest`` share what is left."""
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        metrics = QFontMetrics(self.font())
        self.verticalHeader().setDefaultSectionSize(max(GRID * 4, metrics.height() + GRID * 2))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._widest = tuple(widest)
        self._roomy = {
            column: max(metrics.averageCharWidth() * count, header.sectionSizeHint(column) + GRID)
            for column, count in characters.items()
        }
        # Many cells change in one turn of the loop: they are measured once, after it.
        self._sharing = QTimer(self, singleShot=True, interval=0)
        self._sharing.timeout.connect(self._share)
        self._needed: dict[int, int] = {}
        model.dataChanged.connect(self._forget_columns)
        for changed in (model.modelReset, header.sectionCountChanged):
            changed.connect(self._forget_all)
        self._share()
        self._soften()
        follow_palette(self._soften)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    def setColumnHidden(self, column: int, hide: bool) -> None:
        super().setColumnHidden(column, hide)
        self._sharing.start()

    def _forget_columns(self, first: QModelIndex, last: QModelIndex) -> None:
        for column in range(first.column(), last.column() + 1):
            self._needed.pop(column, None)
        self._sharing.start()

    def _forget_all(self) -> None:
        self._needed.clear()
        self._sharing.start()

    def _width_of(self, column: int) -> int:
        """The width of a column's cells; measuring a long one takes milliseconds, so it is kept."""
        if column not in self._needed:
            title = self.horizontalHeader().sectionSizeHint(column)
            self._needed[column] = max(self.sizeHintForColumn(column), title)
        return self._needed[column]

    def _share(self) -> None:
        """Give every column the width of its cells, and what is left to those that may be wide."""
        header = self.horizontalHeader()
        shown = [one for one in range(header.count()) if not self.isColumnHidden(one)]
        needed = {one: self._width_of(one) for one in shown}
        widths = {one: max(needed[one], self._roomy.get(one, 0)) for one in shown}
        room = self.viewport().width()
        if sum(widths.values()) > room:
            widths = needed
        wide = [one for one in self._widest if one in widths]
        spare = max(0, room - sum(widths.values()))
        for place, one in enumerate(wide):
            widths[one] += spare // len(wide) + (place < spare % len(wide))
        for one, width in widths.items():
            self.setColumnWidth(one, width)
        self._fit()

    def _fit(self) -> None:
        rows = min(max(self.model().rowCount(), FEWEST_ROWS), self.most_rows)
        height = rows * self.verticalHeader().defaultSectionSize()
        height += self.horizontalHeader().sizeHint().height() + GRID // 2
        if self.horizontalHeader().length() > self.viewport().width():
            height += self.horizontalScrollBar().sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)

    def _soften(self) -> None:
        # The states' colours have to be seen on a chosen row too: a veil instead of the full hue.
        given = QApplication.palette()
        palette = QPalette(given)
        veil = mixed(colour(Tone.ACCENT), given.color(QPalette.ColorRole.Base), 0.2)
        palette.setColor(QPalette.ColorRole.Highlight, veil)
        palette.setColor(QPalette.ColorRole.HighlightedText, given.color(QPalette.ColorRole.Text))
        self.setPalette(palette)
