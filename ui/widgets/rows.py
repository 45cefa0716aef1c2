"""Rows of a label and what stands beside it; below it where the text is large.

At twice the usual size a label, a value and a button are wider together than the smallest window.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QBoxLayout, QGridLayout, QWidget

from ui.widgets.labels import Body, Muted
from ui.widgets.spacing import GRID

# Pixels of an average character, from which on there is no room for two things side by side.
_LARGE: Final = 10


def text_is_large() -> bool:
    """Whether things have to stand below each other instead of beside."""
    return QFontMetrics(QApplication.font()).averageCharWidth() >= _LARGE


def line() -> QBoxLayout:
    """A row of things that stand beside each other while there is room."""
    direction = QBoxLayout.Direction
    row = QBoxLayout(direction.TopToBottom if text_is_large() else direction.LeftToRight)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID)
    return row


def grid_of_rows() -> QGridLayout:
    """A grid for :func:`add_row`: the labels as wide as needed, the rest for the values."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnStretch(1, 1)
    return grid


def add_row(grid: QGridLayout, text: str, cell: QWidget, remark: QWidget | None = None) -> None:
    """Put a label, its cell and a short remark on it below what is there; ``text`` may be empty."""
    row = grid.rowCount()
    label = Muted(text) if text else None
    if text_is_large():
        for offset, widget in enumerate((label, cell, remark)):
            if widget is not None:
                grid.addWidget(widget, row + offset, 0, 1, 3)
        return
    if label is not None:
        if not isinstance(cell, Body):
            # A framed value starts lower than plain text.
            label.setContentsMargins(0, GRID // 2 + 1, 0, 0)
        grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(cell, row, 1, 1, 2 if remark is None else 1)
    if remark is not None:
        grid.addWidget(remark, row, 2)
