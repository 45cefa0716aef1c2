"""Rows of a label and what stands beside it, the label on the height of the first line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.widgets.labels import Body, Muted
from ui.widgets.spacing import GRID


def grid_of_rows() -> QGridLayout:
    """A grid for :func:`add_row`: the labels as wide as needed, the rest for the values."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnStretch(1, 1)
    return grid


def add_row(grid: QGridLayout, text: str, cell: QWidget, columns: int = 1) -> int:
    """Put a label and its cell below what is there; gives the number of the row.

    ``columns`` is how many the cell takes, where something stands beside other cells.
    """
    row = grid.rowCount()
    label = Muted(text)
    if not isinstance(cell, Body):
        # A framed value starts lower than plain text.
        label.setContentsMargins(0, GRID // 2 + 1, 0, 0)
    grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(cell, row, 1, 1, columns)
    return row
