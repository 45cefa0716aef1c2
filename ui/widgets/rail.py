"""The steps at the left: state as icon and word, every one to be visited at any time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSizePolicy, QWidget

from ui.widgets.icons import Tone, blank, colour, follow_palette, icon, text_size, tint
from ui.widgets.spacing import GRID
from ui.widgets.state import look_of
from ui.words import words
from wizard.steps import Step, StepState

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Rail(QListWidget):
    """A list, so that arrow keys and screen readers know it; ``chosen`` names a step.

    The arrow keys only look around: a step is visited by Space, Enter or a click.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("window-steps")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setSpacing(1)
        self._states: dict[Step, StepState] = {}
        self._current = Step.COMPANY
        for step in Step:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, str(step))
            self.addItem(item)
        self.itemClicked.connect(self._choose)
        self.translate()
        follow_palette(self._draw)

    def translate(self) -> None:
        self.setAccessibleName(words()("window.steps"))
        self._draw()

    def show_states(self, states: dict[Step, StepState], current: Step) -> None:
        """Bring icons and words in line; the current step is marked beside its state."""
        if (states, current) == (self._states, self._current):
            return
        self._states, self._current = dict(states), current
        self._draw()

    def wanted_width(self) -> int:
        """What the longest name needs in bold, so that none is cut."""
        font = self.font()
        font.setBold(True)
        measure = QFontMetrics(font)
        names = (self.item(index).text() for index in range(self.count()))
        longest = max(measure.horizontalAdvance(name) for name in names)
        return longest + self.iconSize().width() + 5 * GRID

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in _KEYS and item is not None:
            self._choose(item)
            event.accept()  # else Enter would go on one step more
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._dress()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._mark()
        self._dress()

    def _draw(self) -> None:
        texts = words()
        size = text_size() + 2
        self.setIconSize(QSize(size, size))
        height = max(GRID * 5, self.fontMetrics().height() + 2 * GRID)
        for index, step in enumerate(Step):
            item = self.item(index)
            state = self._states.get(step, StepState.OPEN)
            current = step is self._current
            name, tone = look_of(state)
            if current and state is StepState.OPEN:
                name, tone = "current", Tone.ACCENT
            name_of, word = texts(f"step.{step}"), texts(f"step_state.{state}")
            item.setText(name_of)
            item.setIcon(icon(name, tone) if self._states else blank())
            said = texts(
                "window.step_current" if current else "window.step", step=name_of, state=word
            )
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            item.setToolTip(word)
            item.setSizeHint(QSize(0, height))
            font = item.font()
            font.setBold(current)
            item.setFont(font)
        self._mark()
        self._dress()

    def _mark(self) -> None:
        self.setCurrentRow(list(Step).index(self._current))

    def _dress(self) -> None:
        text = colour(Tone.PLAIN).name()
        ring = colour(Tone.ACCENT).name() if self.hasFocus() else "transparent"
        sheet = (
            "QListWidget#window-steps { background: transparent; border: none; outline: none; }"
            f"QListWidget#window-steps::item {{ border-radius: {GRID * 3 // 4}px;"
            f" padding-left: {GRID}px; border: 2px solid transparent; color: {text}; }}"
            f"QListWidget#window-steps::item:hover {{ background: {tint(Tone.PLAIN, 0.06)}; }}"
            f"QListWidget#window-steps::item:selected {{ background: {tint(Tone.ACCENT, 0.15)}; }}"
            f"QListWidget#window-steps::item:selected {{ border: 2px solid {ring}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(Step(item.data(Qt.ItemDataRole.UserRole)))
