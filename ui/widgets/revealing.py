"""Bring something that came by itself into view, without taking the focus there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QScrollArea

from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def reveal(widget: QWidget) -> None:
    """Scroll to it with the next turn of the event loop: until then it has no place yet."""
    QTimer.singleShot(0, widget, lambda: _scroll_to(widget))


def _scroll_to(widget: QWidget) -> None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    if isinstance(parent, QScrollArea) and widget.isVisible():
        parent.ensureWidgetVisible(widget, 0, GRID * 2)
