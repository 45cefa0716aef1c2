"""State as icon and word, never as colour alone."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.widgets.icons import Tone, follow_palette, pixmap, text_size
from ui.widgets.labels import Body
from ui.widgets.spacing import GRID

# What the states of steps, records, stages and results look like.
_LOOKS = {
    "done": ("check", Tone.GOOD),
    "ok": ("check", Tone.GOOD),
    "failed": ("cross", Tone.BAD),
    "wrong": ("attention", Tone.WARN),
    "conflict": ("cross", Tone.BAD),
    "attention": ("attention", Tone.WARN),
    "missing": ("attention", Tone.WARN),
    "propagating": ("again", Tone.WARN),
    "stale": ("again", Tone.WARN),
    "running": ("again", Tone.ACCENT),
    "current": ("current", Tone.ACCENT),
}


def look_of(state: str) -> tuple[str, Tone]:
    """Icon and tone of a state; one without a look of its own is an open circle."""
    return _LOOKS.get(state, ("circle", Tone.QUIET))


class StateLabel(QWidget):
    """An icon and the word for it."""

    def __init__(self, state: StrEnum | str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._text = Body()
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        self._state = ""
        self.show_state(state, text)
        follow_palette(self._draw)

    def show_state(self, state: StrEnum | str, text: str) -> None:
        """Change what is shown."""
        self._state = str(state)
        self._text.setText(text)
        self.setAccessibleName(text)
        self._draw()

    def text(self) -> str:
        return self._text.text()

    def _draw(self) -> None:
        name, tone = look_of(self._state)
        self._icon.setPixmap(pixmap(name, tone, text_size()))
