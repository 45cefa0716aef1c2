"""The stages of a test, as they happen: a mark, a word, a time. It does not judge them."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.model import Stage
from wizard.probe.report import StageResult
from wizard.texts import duration

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
        self._under_way: Stage | None = None

    def clear(self) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows.clear()
        self._under_way = None

    def begin(self, stage: Stage) -> None:
        self._under_way = stage
        self._row(stage).show_state("running", words()("stages.running", stage=stage_name(stage)))

    def end(self, result: StageResult) -> None:
        self._under_way = None
        row = self._row(result.stage)
        row.show_state("ok" if result.ok else "failed", stage_line(result))
        QAccessible.updateAccessibility(QAccessibleEvent(row, QAccessible.Event.NameChanged))

    def stop(self) -> None:
        """The test was cancelled: the stage under way stays without a result."""
        if self._under_way is not None:
            said = words()("stages.cancelled", stage=stage_name(self._under_way))
            self._row(self._under_way).show_state("open", said)
            self._under_way = None

    def show_results(self, results: tuple[StageResult, ...]) -> None:
        """All stages of a test that is over."""
        if tuple(self._rows) != tuple(dict.fromkeys(result.stage for result in results)):
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


def stage_line(result: StageResult) -> str:
    """A stage that is over, in one line; long words of a server are cut, they stand below whole."""
    detail = result.detail.replace("\n", " ").strip()
    if len(detail) > MAX_DETAIL:
        detail = detail[:MAX_DETAIL] + " …"
    # By a clock of milliseconds: nought is less than one of them, not less than a second.
    name, time = stage_name(result.stage), duration(max(1, result.ms))
    if not detail:
        return words()("stages.over", stage=name, time=time)
    return words()("stages.over_detail", stage=name, time=time, detail=detail)


def stage_name(stage: Stage) -> str:
    """The stage in the present language."""
    return words()(f"stage.{stage}")
