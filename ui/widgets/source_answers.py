"""What each source said about the mail service, and the switch for the one that is somebody else's.

It shows; what is asked, and when, does not belong in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.ticking import Tick
from wizard.discovery.report import SourceAnswer, Verdict

if TYPE_CHECKING:
    from wizard.texts import Texts


class SourceAnswers(QWidget):
    """A line for each source, best first, and below them the switch. ``ispdb_wanted``: flipped."""

    ispdb_wanted = Signal(bool)

    def __init__(self, texts: Texts, *, ispdb_asked: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._shown: tuple[SourceAnswer, ...] = ()
        self._labels: list[StateLabel] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, 0, 0, 0)
        column.setSpacing(GRID)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(GRID // 2)
        column.addLayout(self._lines)
        switch = Tick(texts("service_page.ask_ispdb"), "service-ispdb")
        switch.box.setChecked(ispdb_asked)
        switch.toggled.connect(self.ispdb_wanted)
        column.addWidget(switch)

    def show_answers(self, answers: tuple[SourceAnswer, ...]) -> None:
        """Bring the lines in line; those that say the same stay as they are."""
        if answers == self._shown:
            return
        self._shown = answers
        for place, answer in enumerate(answers):
            if place == len(self._labels):
                self._labels.append(StateLabel(_state(answer), ""))
                self._lines.addWidget(self._labels[place])
            self._labels[place].show_state(_state(answer), self._words(answer))
        for place, label in enumerate(self._labels):
            label.setVisible(place < len(answers))

    def _words(self, answer: SourceAnswer) -> str:
        source = self._texts(f"discovery.source.{answer.source}")
        if answer.verdict is Verdict.ASKING:
            return f"{source}: {self._texts('discovery.verdict.asking')} …"
        return f"{source}: {self._texts.render(answer.message)}"


def _state(answer: SourceAnswer) -> str:
    match answer.verdict:
        case Verdict.FOUND:
            return "done" if answer.trusted else "attention"
        case Verdict.OUTDONE:
            return "attention"
        case Verdict.ASKING:
            return "running"
        case Verdict.FAILED:
            return "failed"
        case Verdict.NOTHING | Verdict.NOT_ASKED:
            return "open"
