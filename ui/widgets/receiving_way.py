"""How mail gets into the platform: four ways to choose from, the chosen one explained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QVBoxLayout, QWidget

from ui.widgets.labels import Muted
from ui.widgets.rows import text_is_large
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.model import to_unicode
from wizard.setup import LoginMode, ReceivingWay
from wizard.updates import Update, choose_login, choose_way

if TYPE_CHECKING:
    from wizard.setup import Setup

# The name of each way's button, and what choosing it changes.
_WAYS: dict[str, Update] = {
    "each": lambda setup: choose_login(setup, LoginMode.EACH),
    "shared": lambda setup: choose_login(setup, LoginMode.SHARED),
    "forward": lambda setup: choose_way(setup, ReceivingWay.FORWARD),
    "subdomain": lambda setup: choose_way(setup, ReceivingWay.SUBDOMAIN),
}


class WayChoice(QWidget):
    """``chosen`` carries an update of the set-up."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 2)
        grid.setColumnStretch(1, 1)
        self._buttons = QButtonGroup(self)
        for number, (name, update) in enumerate(_WAYS.items()):
            button = QRadioButton(words()(f"receiving_page.way.{name}"))
            button.setObjectName(f"receiving-login-{name}" if number < 2 else f"receiving-{name}")
            button.clicked.connect(partial(self.chosen.emit, update))
            self._buttons.addButton(button, number)
            place = (number, 0) if text_is_large() else divmod(number, 2)
            grid.addWidget(button, *place)
        column.addLayout(grid)
        self._detail = Muted()
        self._detail.setObjectName("receiving-way")
        column.addWidget(self._detail)

    def show_setup(self, setup: Setup) -> None:
        """Tick the way of this set-up and explain it."""
        receiving = setup.receiving
        read = receiving.way is ReceivingWay.READ
        name = receiving.login.value if read else receiving.way.value
        self._buttons.button(list(_WAYS).index(name)).setChecked(True)
        domain = to_unicode(setup.domain or "example.com")
        self._detail.setText(words()(f"receiving_page.way_detail.{name}", domain=domain))
