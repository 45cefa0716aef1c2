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
from wizard.erp.identities import Hand, Line, Role, route_picture
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
        self._blocks: list[_Block] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._column.addWidget(Subheading(words()("identity.title")))
        self._hands = QWidget()
        self._column.addWidget(self._hands)
        self.hide()

    def show_setup(self, setup: Setup, catalog: Catalog) -> None:
        """Bring the picture in line. While somebody types only words change, not widgets."""
        hands = route_picture(setup, catalog)
        self.setVisible(bool(hands))
        if hands == self._shown:
            return
        same_shape = _shape(hands) == _shape(self._shown)
        self._shown = hands
        if not same_shape:
            self._build(hands)
        for block, hand in zip(self._blocks, hands, strict=True):
            block.show_hand(hand)

    def _build(self, hands: tuple[Hand, ...]) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        self._blocks = [_Block(hand, number) for number, hand in enumerate(hands)]
        for block in self._blocks:
            column.addWidget(block)
        self._hands = swap(self._column, self._hands, content)


def _shape(hands: tuple[Hand, ...]) -> list[list[Role]]:
    return [[line.role for line in hand.lines] for hand in hands]


class _Block(QFrame):
    """One hand: its title, and a row for each line."""

    def __init__(self, hand: Hand, number: int) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        self._title = Subheading()
        column.addWidget(self._title)
        grid = grid_of_rows()
        self._cells = [_Cell(line.role, number) for line in hand.lines]
        for line, cell in zip(hand.lines, self._cells, strict=True):
            add_row(grid, words()(f"identity.role.{line.role}"), cell)
        column.addLayout(grid)

    def show_hand(self, hand: Hand) -> None:
        self._title.setText(words().render(hand.title))
        for cell, line in zip(self._cells, hand.lines, strict=True):
            cell.show_line(line)


class _Cell(QWidget):
    """What stands in a line, how sure that is, and below it why it matters."""

    def __init__(self, role: Role, number: int) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._value = StateLabel("open", "")
        self._value.setObjectName(f"sending-picture-{number}-{role}")
        self._why = Muted()
        column.addWidget(self._value)
        column.addWidget(self._why)

    def show_line(self, line: Line) -> None:
        texts = words()
        value = texts.render(line.value) if isinstance(line.value, Message) else line.value
        self._value.show_state(line.state, value)
        self._why.setText(texts.render(line.why))
