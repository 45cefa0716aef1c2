"""The stages of a test, as they happen: a mark, a word, a time."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.model import Stage
from wizard.probe.report import StageResult

MAX_DETAIL = 140


class StageList(QWidget):
    """Grows while a test runs."""

    def __init__(self, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self._rows: dict[Stage, StateLabel] = {}

    def clear(self) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.deleteLater()
        self._rows.clear()

    def begin(self, stage: Stage) -> None:
        self._row(stage).show_state("running", words()("stages.running", stage=_name(stage)))

    def end(self, result: StageResult) -> None:
        detail = result.detail.replace("\n", " ")
        if len(detail) > MAX_DETAIL:
            detail = detail[:MAX_DETAIL] + " …"
        parts = [words()("stages.over", stage=_name(result.stage), ms=result.ms), detail]
        said = " · ".join(filter(None, parts))
        row = self._row(result.stage)
        row.show_state("ok" if result.ok else "failed", said)
        QAccessible.updateAccessibility(QAccessibleEvent(row, QAccessible.Event.NameChanged))

    def show_results(self, results: tuple[StageResult, ...]) -> None:
        """All stages of a test that is over."""
        if tuple(self._rows) != tuple(result.stage for result in results):
            self.clear()
        for result in results:
            self.end(result)

    def _row(self, stage: Stage) -> StateLabel:
        if stage not in self._rows:
            row = StateLabel("open", "")
            row.setObjectName(f"{self.objectName()}-{stage}")
            self._rows[stage] = row
            self._column.addWidget(row)
        return self._rows[stage]


def _name(stage: Stage) -> str:
    return words()(f"stage.{stage}")
