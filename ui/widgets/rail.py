"""The steps at the left: state as icon and word, every one to be visited at any time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from ui.widgets.icons import Tone, colour, icon
from ui.widgets.spacing import GRID
from ui.widgets.state import look_of
from ui.words import words
from wizard.flow import STEPS, Step, StepState


class Rail(QListWidget):
    """A list, so that arrow keys and screen readers know it; ``chosen`` names a step."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setIconSize(QSize(20, 20))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSpacing(2)
        self.viewport().setAutoFillBackground(False)
        self._paint()
        self._states: dict[Step, StepState] = {}
        self._current = Step.COMPANY
        for row in STEPS:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, str(row.step))
            item.setSizeHint(QSize(0, GRID * 5))
            self.addItem(item)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)
        self.translate()

    def translate(self) -> None:
        self.setAccessibleName(words()("window.steps"))
        self._draw()

    def show_states(self, states: dict[Step, StepState], current: Step) -> None:
        """Bring icons and words in line; the current step is marked beside its state."""
        if (states, current) == (self._states, self._current):
            return
        self._states, self._current = dict(states), current
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._paint()
            self._draw()

    def _paint(self) -> None:
        """A quiet mark for the current step: the icons keep their colours on it."""
        shade = QColor(colour(Tone.ACCENT))
        shade.setAlphaF(0.16)
        ground = f"rgba({shade.red()}, {shade.green()}, {shade.blue()}, {shade.alpha()})"
        text = colour(Tone.PLAIN).name()
        sheet = (
            "QListWidget { background: transparent; outline: 0; }"
            f"QListWidget::item {{ border-radius: {GRID // 2}px; padding: 4px; color: {text}; }}"
            f"QListWidget::item:selected {{ background: {ground}; color: {text}; }}"
            f"QListWidget::item:focus {{ border: 1px solid {colour(Tone.ACCENT).name()}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)

    def _draw(self) -> None:
        texts = words()
        for index, row in enumerate(STEPS):
            item = self.item(index)
            state = self._states.get(row.step, StepState.OPEN)
            current = row.step is self._current
            name, tone = look_of(state)
            if current and state is StepState.OPEN:
                name, tone = "current", Tone.ACCENT
            item.setText(texts(f"step.{row.step}"))
            item.setIcon(icon(name, tone))
            said = f"{texts(f'step.{row.step}')}: {texts(f'step_state.{state}')}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            item.setToolTip(texts(f"step_state.{state}"))
            font = item.font()
            font.setBold(current)
            item.setFont(font)
            if current:
                self.setCurrentRow(index)

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(Step(item.data(Qt.ItemDataRole.UserRole)))
