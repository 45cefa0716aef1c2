"""A choice between a few things that deserve a picture of their own: cards side by side."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from ui.widgets.spacing import GRID


class Card(QPushButton):
    """One choice: a name and a line below it. Checked state is border and words."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAutoDefault(False)
        self.setMinimumHeight(GRID * 9)
        self.say("")
        self._draw()

    def say(self, below: str) -> None:
        """The line under the name."""
        self.setText(f"{self._title}\n{below}" if below else self._title)
        self.setAccessibleName(f"{self._title}, {below}" if below else self._title)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Return goes on to the next step everywhere; Space chooses.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._draw()

    def _draw(self) -> None:
        palette = QApplication.palette()
        accent = palette.color(QPalette.ColorRole.Link).name()
        edge = palette.color(QPalette.ColorRole.Mid).name()
        base = palette.color(QPalette.ColorRole.Base).name()
        sheet = (
            f"QPushButton {{ background: {base}; border: 1px solid {edge};"
            f" border-radius: {GRID}px; padding: {GRID}px; text-align: center; }}"
            f"QPushButton:checked {{ border: 2px solid {accent}; font-weight: 600; }}"
            f"QPushButton:focus {{ border: 2px dashed {accent}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
