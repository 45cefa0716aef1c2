"""Put newly built content in the place of the old, without taking the keyboard from its user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayout


def swap(layout: QLayout, old: QWidget, new: QWidget) -> QWidget:
    """Replace ``old``, keep the focus on the control of the same object name, give back ``new``."""
    focused = QApplication.focusWidget()
    inside = focused is not None and old.isAncestorOf(focused)
    name = focused.objectName() if inside and focused is not None else ""
    layout.replaceWidget(old, new)
    old.hide()
    old.deleteLater()
    new.show()
    if name and (same := new.findChild(QWidget, name)) is not None:
        same.setFocus()
    return new
