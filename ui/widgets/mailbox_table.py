"""The mailboxes as a table: quick with a hundred rows, all of it by mouse and by keyboard.

Arrows go from cell to cell, typing or F2 begins to edit, Space ticks. While editing, Tab goes to
the next field and Enter to the same field of the next mailbox; otherwise Tab leaves the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ui.widgets.mailbox_model import LOGIN_COLUMNS, Column, Index, MailboxModel
from ui.widgets.password import MAX_LENGTH
from ui.widgets.tables import CalmTable
from ui.words import words
from wizard.setup import LoginMode, Purpose, Setup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.session import Session
    from wizard.model import Stage

# Average characters that a column needs; the address takes what is left.
WIDTHS: dict[int, int] = {
    Column.PURPOSE: 20,
    Column.USERNAME: 15,
    Column.PASSWORD: 13,
    Column.STATE: 22,
}


class _Editor(QStyledItemDelegate):
    """Edits a cell; ``entered`` tells that Enter ended it."""

    entered = Signal(QModelIndex)

    def __init__(self, column: Column, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = column

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName(f"receiving-{self._column.name.lower()}-editor")
        editor.setMaxLength(MAX_LENGTH)
        if self._column is Column.PASSWORD:
            editor.setEchoMode(QLineEdit.EchoMode.Password)
        column = words()(f"receiving_page.column.{self._column.name.lower()}")
        address = index.model().index(index.row(), Column.ADDRESS).data()
        editor.setAccessibleName(words()("receiving_page.editor", column=column, address=address))
        self._index = index.model().index(index.row(), index.column())
        return editor

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Left to Qt, Enter would also reach the window, and that goes on to the next step.
        if _is_enter(event) and isinstance(watched, QWidget):
            self.commitData.emit(watched)
            self.closeEditor.emit(watched, QAbstractItemDelegate.EndEditHint.NoHint)
            self.entered.emit(self._index)
            return True
        return super().eventFilter(watched, event)


def _is_enter(event: QEvent) -> bool:
    """Is it a press of Enter, of either one?"""
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
        return False
    return event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MailboxTable(CalmTable):
    """``chosen`` carries the id of the row that is current, or an empty text."""

    chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("receiving-mailboxes")
        self.setAccessibleName(words()("receiving_page.table"))
        self.mailboxes = MailboxModel(session)
        self.show_model(self.mailboxes, (Column.ADDRESS,), WIDTHS)
        for column in (Column.ADDRESS, *LOGIN_COLUMNS):
            delegate = _Editor(column, self)
            delegate.entered.connect(self._edit_below)
            self.setItemDelegateForColumn(column, delegate)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            triggers.DoubleClicked
            | triggers.SelectedClicked
            | triggers.EditKeyPressed
            | triggers.AnyKeyPressed
        )
        self.clicked.connect(self._edit_clicked)
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    def show_setup(self, setup: Setup) -> None:
        """Bring the table in line; the current row stays where there is still one of its id."""
        before, current = self.currentIndex(), self.current_id()
        self.mailboxes.show_setup(setup)
        if before.isValid() and not self.currentIndex().isValid():
            row = max(self.mailboxes.row_of(current), 0)
            self.setCurrentIndex(self.mailboxes.index(row, before.column()))
        each = setup.receiving.login is LoginMode.EACH
        for column in LOGIN_COLUMNS:
            # Who logs in by a token still has a user name: the mailbox, or one shared with others.
            shown = each and not (column is Column.PASSWORD and setup.receiving.form.by_token)
            if self.isColumnHidden(column) == shown:
                self.setColumnHidden(column, not shown)

    def show_running(self, running: Mapping[str, Stage | None]) -> None:
        """Which rows are being tested, and at which stage."""
        self.mailboxes.show_running(running)

    def current_id(self) -> str:
        row = self.currentIndex().row()
        return self.mailboxes.entry(row).id if 0 <= row < self.mailboxes.rowCount() else ""

    def choose(self, mailbox_id: str) -> None:
        """Make a mailbox the current row, unless one is just being typed in."""
        row = self.mailboxes.row_of(mailbox_id)
        if row >= 0 and self.state() is not QAbstractItemView.State.EditingState:
            self.setCurrentIndex(self.mailboxes.index(row, Column.STATE))
            # Whose state it is has to be seen too, where the columns do not all fit.
            self.horizontalScrollBar().setValue(0)

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Tab ends one field and goes on to the next that can be typed in."""
        moves, here = QAbstractItemView.CursorAction, self.currentIndex()
        if here.isValid() and action in (moves.MoveNext, moves.MovePrevious):
            return self._field_beside(here, 1 if action is moves.MoveNext else -1)
        return super().moveCursor(action, modifiers)

    def _field_beside(self, here: QModelIndex, way: int) -> QModelIndex:
        width = len(Column)
        place = here.row() * width + here.column() + way
        while 0 <= place < self.mailboxes.rowCount() * width:
            cell = self.mailboxes.index(place // width, place % width)
            if self._can_be_typed_in(cell):
                return cell
            place += way
        return QModelIndex()

    def _edit_below(self, index: QModelIndex) -> None:
        for row in range(index.row() + 1, self.mailboxes.rowCount()):
            cell = self.mailboxes.index(row, index.column())
            if self._can_be_typed_in(cell):
                self.setCurrentIndex(cell)
                self.edit(cell)
                return

    def _can_be_typed_in(self, cell: QModelIndex) -> bool:
        entry = self.mailboxes.entry(cell.row())
        if self.isColumnHidden(cell.column()) or not entry.wanted:
            return False
        return cell.column() in LOGIN_COLUMNS or (
            cell.column() == Column.ADDRESS and entry.purpose is Purpose.OWN
        )

    def _edit_clicked(self, index: QModelIndex) -> None:
        if index.column() in LOGIN_COLUMNS:
            self.edit(index)

    def _row_changed(self) -> None:
        self.chosen.emit(self.current_id())
