"""A sentence that has to be seen: icon, word for its weight, text, perhaps a button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ui.widgets.icons import Tone, colour, follow_palette, pixmap, text_size
from ui.widgets.labels import Body, LinkLabel
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.steps import Severity

_LOOKS = {
    Severity.IMPOSSIBLE: ("cross", Tone.BAD),
    Severity.WARNING: ("attention", Tone.WARN),
    Severity.HINT: ("info", Tone.ACCENT),
}


class Notice(QFrame):
    """A banner inside a page; nothing waits for it to be closed."""

    def __init__(
        self,
        severity: Severity,
        text: str,
        *,
        button: QPushButton | None = None,
        link: tuple[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``link``: its text and its address."""
        super().__init__(parent)
        self._severity = severity
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 3 // 2, GRID, GRID * 3 // 2, GRID)
        row.setSpacing(GRID * 3 // 2)
        self._icon = QLabel()
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.label = Body(text)
        row.addWidget(self.label, 1)
        if link is not None:
            row.addWidget(LinkLabel(*link), 0, Qt.AlignmentFlag.AlignVCenter)
        if button is not None:
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._drawn = False
        follow_palette(self._redraw)
        self.set_text(text)

    def text(self) -> str:
        return self.label.text()

    def set_text(self, text: str) -> None:
        """Change the sentence. Its weight is said as a word too: the icon alone is not read out."""
        word = words()(f"notice.{self._severity}")
        self.label.setText(text)
        self.setAccessibleName(f"{word}: {text}")
        self._icon.setToolTip(word)

    def showEvent(self, event: QShowEvent) -> None:
        # Drawn when it is first seen: the shell has notices that hardly ever are.
        if not self._drawn:
            self._draw()
        super().showEvent(event)

    def _redraw(self) -> None:
        if self._drawn:
            self._draw()

    def _draw(self) -> None:
        self._drawn = True
        name, tone = _LOOKS[self._severity]
        self._icon.setPixmap(pixmap(name, tone, text_size()))
        edge = QColor(colour(tone))
        ground = QColor(edge)
        ground.setAlphaF(0.1)
        shade = f"rgba({ground.red()}, {ground.green()}, {ground.blue()}, {ground.alpha()})"
        self.setStyleSheet(
            f"Notice {{ background: {shade}; border: 1px solid {edge.name()};"
            f" border-radius: {GRID // 2}px; }}"
        )
