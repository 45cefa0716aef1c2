"""The route and its identities in one picture: a block for each who hands mail to the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.widgets.labels import Muted, Subheading
from ui.widgets.rows import add_row, grid_of_rows
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from ui.words import words
from wizard.erp.identities import Hand, Line, route_picture
from wizard.texts import Message

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.setup import Setup


class RoutePicture(QWidget):
    """Takes no room without a company."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sending-picture")
        self._shown: tuple[Hand, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._column.addWidget(Subheading(words()("identity.title")))
        self._hands = QWidget()
        self._column.addWidget(self._hands)
        self.hide()

    def show_setup(self, setup: Setup, catalog: Catalog) -> None:
        """Bring the picture in line."""
        hands = route_picture(setup, catalog)
        self.setVisible(bool(hands))
        if hands == self._shown:
            return
        self._shown = hands
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        for number, hand in enumerate(hands):
            column.addWidget(_Hand(hand, number))
        self._hands = swap(self._column, self._hands, content)


class _Hand(QFrame):
    def __init__(self, hand: Hand, number: int) -> None:
        super().__init__()
        texts = words()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addWidget(Subheading(texts.render(hand.title)))
        grid = grid_of_rows()
        for line in hand.lines:
            add_row(grid, texts(f"identity.role.{line.role}"), _cell(line, number))
        column.addLayout(grid)


def _cell(line: Line, number: int) -> QWidget:
    texts = words()
    cell = QWidget()
    column = QVBoxLayout(cell)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    value = texts.render(line.value) if isinstance(line.value, Message) else line.value
    label = StateLabel(line.state, value)
    label.setObjectName(f"sending-picture-{number}-{line.role}")
    column.addWidget(label)
    column.addWidget(Muted(texts.render(line.why)))
    return cell
