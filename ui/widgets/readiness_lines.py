"""Whether the chosen service can be used: a line per direction, the login name, the facts' date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.labels import Muted
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.service_readiness import Direction, Readiness, ServiceReadiness
from wizard.steps import Step, StepState

if TYPE_CHECKING:
    from wizard.texts import Texts

_LOOKS = {
    Readiness.WORKS: StepState.DONE,
    Readiness.NEEDS_PREPARATION: StepState.ATTENTION,
    Readiness.NOT_POSSIBLE: StepState.FAILED,
}


class ReadinessLines(QWidget):
    """Built anew for each verdict."""

    def __init__(
        self, ready: ServiceReadiness, texts: Texts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._texts = texts
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for step, direction in ((Step.SENDING, ready.sending), (Step.RECEIVING, ready.receiving)):
            line = StateLabel(_LOOKS[direction.readiness], self._words(step, direction))
            line.setObjectName(f"service-readiness-{step}")
            column.addWidget(line)
        login = texts.render(ready.login_name)
        date = texts("service_page.checked", date=ready.checked.isoformat())
        column.addWidget(Muted(f"{login} {date}"))

    def _words(self, step: Step, direction: Direction) -> str:
        verdict = self._texts(f"readiness.verdict.{direction.readiness}")
        return f"{self._texts(f'step.{step}')}: {verdict}. {self._texts.render(direction.reason)}"
