"""The mailboxes as a table: one row an address, quick with a hundred, all of it by keyboard."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ui.session import mailbox_purpose
from ui.widgets.icons import icon
from ui.widgets.spacing import GRID
from ui.widgets.state import look_of
from ui.words import words
from wizard.flow import StepState, mailbox_freshness
from wizard.model import Secret
from wizard.setup import Freshness, LoginMode, MailboxEntry, Purpose, Setup, edit_mailbox

if TYPE_CHECKING:
    from ui.session import Session

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Column(IntEnum):
    """The columns, in order."""

    ADDRESS = 0
    PURPOSE = 1
    USERNAME = 2
    PASSWORD = 3
    STATE = 4


class MailboxModel(QAbstractTableModel):
    """The set-up's mailboxes; edits become updates of the session."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._setup = session.setup
        self._running: frozenset[str] = frozenset()

    def show_setup(self, setup: Setup, running: frozenset[str]) -> None:
        """Bring the rows in line; only rows that changed are drawn again."""
        before, was_running = self._setup, self._running
        old = [entry.id for entry in before.receiving.mailboxes]
        new = [entry.id for entry in setup.receiving.mailboxes]
        if old != new:
            self.beginResetModel()
            self._setup, self._running = setup, running
            self.endResetModel()
            return
        self._setup, self._running = setup, running
        everything = (
            before.receiving.login != setup.receiving.login
            or before.receiving.form != setup.receiving.form
            or before.domain != setup.domain
        )
        for row, entry in enumerate(setup.receiving.mailboxes):
            changed = entry != before.receiving.mailboxes[row]
            if everything or changed or (entry.id in was_running) != (entry.id in running):
                self.dataChanged.emit(self.index(row, 0), self.index(row, Column.STATE))

    def entry(self, row: int) -> MailboxEntry:
        return self._setup.receiving.mailboxes[row]

    def state_of(self, entry: MailboxEntry) -> tuple[str, str]:
        """The look and the words of a row's state."""
        texts = words()
        if entry.id in self._running:
            return "running", texts("receiving_page.state.running")
        if not entry.wanted:
            return "open", texts("receiving_page.state.unwanted")
        match mailbox_freshness(self._setup, entry):
            case Freshness.NONE:
                return "open", texts("receiving_page.state.open")
            case Freshness.STALE:
                return "stale", texts("receiving_page.state.stale")
            case Freshness.FRESH:
                good = entry.test is not None and entry.test.report.ok
                state = StepState.DONE if good else StepState.FAILED
                return state, texts(f"receiving_page.state.{state}")

    # -- Qt's model --

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._setup.receiving.mailboxes)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return words()(f"receiving_page.column.{Column(section).name.lower()}")
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        entry, column = self.entry(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(entry, column)
            case Qt.ItemDataRole.EditRole:
                return self._edited(entry, column)
            case Qt.ItemDataRole.CheckStateRole if column is Column.ADDRESS:
                return Qt.CheckState.Checked if entry.wanted else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole if column is Column.STATE:
                return icon(*look_of(self.state_of(entry)[0]))
            case Qt.ItemDataRole.ToolTipRole:
                return self._text(entry, column)
            case Qt.ItemDataRole.AccessibleTextRole if column is Column.PASSWORD:
                key = "entered" if self._has_secret(entry) else "empty"
                return words()(f"receiving_page.password.{key}")
            case _:
                return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        entry, column = self.entry(index.row()), Column(index.column())
        if column is Column.ADDRESS:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
            if entry.purpose is Purpose.OWN:
                flags |= Qt.ItemFlag.ItemIsEditable
        if column in (Column.USERNAME, Column.PASSWORD):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        entry, column = self.entry(index.row()), Column(index.column())
        if role == Qt.ItemDataRole.CheckStateRole and column is Column.ADDRESS:
            wanted = Qt.CheckState(value) is Qt.CheckState.Checked
            self._change(entry, lambda one: replace(one, wanted=wanted))
            return True
        text = str(value)
        match column:
            case Column.ADDRESS:
                local = text.strip().partition("@")[0]
                self._change(entry, lambda one: replace(one, local=local))
            case Column.USERNAME:
                own = "" if text.strip() == self._address(entry) else text.strip()
                self._change(entry, lambda one: replace(one, username=own))
            case Column.PASSWORD:
                self._session.set_secret(mailbox_purpose(entry.id), Secret(text))
            case _:
                return False
        return True

    def _change(self, entry: MailboxEntry, change: Any) -> None:
        self._session.apply(lambda setup: edit_mailbox(setup, entry.id, change))

    def _address(self, entry: MailboxEntry) -> str:
        return f"{entry.local.strip()}@{self._setup.domain or ''}"

    def _has_secret(self, entry: MailboxEntry) -> bool:
        secret = self._session.typed_secret(mailbox_purpose(entry.id))
        return bool(secret) or entry.secret_revision > 0

    def _text(self, entry: MailboxEntry, column: Column) -> str:
        match column:
            case Column.ADDRESS:
                return self._address(entry)
            case Column.PURPOSE:
                return words()(f"mailbox.purpose.{entry.purpose}")
            case Column.USERNAME:
                return entry.username or words()("receiving_page.same_name")
            case Column.PASSWORD:
                return "•" * 8 if self._has_secret(entry) else ""
            case Column.STATE:
                return self.state_of(entry)[1]

    def _edited(self, entry: MailboxEntry, column: Column) -> str:
        match column:
            case Column.ADDRESS:
                return entry.local
            case Column.PASSWORD:
                secret = self._session.typed_secret(mailbox_purpose(entry.id))
                return secret.reveal() if secret is not None else ""
            case Column.USERNAME:
                return entry.username or self._address(entry)
            case _:
                return self._text(entry, column)


class _CellDelegate(QStyledItemDelegate):
    """Edits a cell in a field with a name; a password without showing it."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        column = Column(index.column()).name.lower()
        editor = QLineEdit(parent)
        editor.setObjectName(f"receiving-{column}-editor")
        editor.setAccessibleName(words()(f"receiving_page.column.{column}"))
        if column == Column.PASSWORD.name.lower():
            editor.setEchoMode(QLineEdit.EchoMode.Password)
        return editor

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())


class MailboxTable(QTableView):
    """``chosen`` carries the id of the row that is current, or an empty text."""

    chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("receiving-mailboxes")
        self.setAccessibleName(words()("receiving_page.table"))
        self.mailboxes = MailboxModel(session)
        self.setModel(self.mailboxes)
        self.setItemDelegate(_CellDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(GRID * 4)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.PURPOSE, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        metrics = QFontMetrics(self.font())
        self.setColumnWidth(Column.ADDRESS, metrics.averageCharWidth() * 27)
        self.setColumnWidth(Column.USERNAME, metrics.averageCharWidth() * 16)
        self.setColumnWidth(Column.PASSWORD, metrics.averageCharWidth() * 13)
        self.setColumnWidth(Column.STATE, metrics.averageCharWidth() * 21)
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        self.mailboxes.modelReset.connect(self._fit)
        self._fit()

    def show_setup(self, setup: Setup, running: frozenset[str]) -> None:
        self.mailboxes.show_setup(setup, running)
        each = setup.receiving.login is LoginMode.EACH
        for column in (Column.USERNAME, Column.PASSWORD):
            if self.isColumnHidden(column) == each:
                self.setColumnHidden(column, not each)

    def current_id(self) -> str:
        row = self.currentIndex().row()
        return self.mailboxes.entry(row).id if 0 <= row < self.mailboxes.rowCount() else ""

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Tab leaves the table behind its last cell; Qt would begin again at the first for ever."""
        here, there = self.currentIndex(), super().moveCursor(action, modifiers)
        moves = QAbstractItemView.CursorAction
        place = (there.row(), there.column())
        wrapped = (action is moves.MoveNext and place < (here.row(), here.column())) or (
            action is moves.MovePrevious and place > (here.row(), here.column())
        )
        return here if wrapped and here.isValid() else there

    def _row_changed(self) -> None:
        self.chosen.emit(self.current_id())

    def _fit(self) -> None:
        rows = min(max(self.mailboxes.rowCount(), 3), 12)
        height = rows * self.verticalHeader().defaultSectionSize()
        self.setFixedHeight(height + self.horizontalHeader().sizeHint().height() + GRID)
