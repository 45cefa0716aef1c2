"""The steps at the service: what to do there, each with its page and the values to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.copying import Value
from ui.widgets.labels import Body, LinkLabel, Muted
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.signin.service import Erp

if TYPE_CHECKING:
    from wizard.signin.guide import GuideStep, GuideValue
    from wizard.signin.service import OAuthService


class ClientGuide(QWidget):
    """A numbered list; ``platform`` is the name of the product that the client is for."""

    def __init__(self, service: OAuthService, platform: str, steps: tuple[GuideStep, ...]) -> None:
        super().__init__()
        self._service = service
        self._platform = platform
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        family = service.family if service.erp is not Erp.NONE else "other"
        for number, step in enumerate(steps, 1):
            said = self._say(f"step.{family}.{step.id}")
            self._column.addWidget(Body(f"{number}. {said}"))
            if step.url:
                link = LinkLabel(words()("diagnosis.open"), step.url)
                link.setContentsMargins(GRID * 3, 0, 0, 0)
                self._column.addWidget(link)
            for place, value in enumerate(step.values):
                self._column.addWidget(self._value(value, f"client-{step.id}-{place}"))

    def _value(self, value: GuideValue, prefix: str) -> QWidget:
        name = self._say(f"value.{value.id}")
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(GRID * 3, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(Muted(name))
        if value.value:
            column.addWidget(Value(value.value, name, prefix))
        else:
            column.addWidget(StateLabel("missing", self._say("enter_address_first")))
        return below

    def _say(self, key: str) -> str:
        return words()(
            f"client_assistant.{key}", service=self._service.name, platform=self._platform
        )
