"""The set-up's mailboxes as Qt's table model: one row an address, changes become updates.

How the table looks and is driven does not belong in here.
"""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ui.session import mailbox_purpose
from ui.widgets.icons import icon
from ui.widgets.stages import stage_name
from ui.widgets.state import look_of
from ui.words import words
from wizard.current import mailbox_freshness
from wizard.flow import StepState
from wizard.model import Secret, Stage, to_unicode
from wizard.server_form import Freshness
from wizard.setup import LoginMode, MailboxEntry, Purpose, Setup
from wizard.updates import edit_mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


LOGIN_COLUMNS = (Column.USERNAME, Column.PASSWORD)
# Qt asks for a dozen roles a cell at every paint; all others are answered before anything is made.
_ANSWERED = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.EditRole,
        Qt.ItemDataRole.CheckStateRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleDescriptionRole,
        Qt.ItemDataRole.AccessibleTextRole,
    }
)


class MailboxModel(QAbstractTableModel):
    """Shows a set-up; knows no more of a running test than which stage a row is at."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._setup = session.setup
        self._domain = to_unicode(session.setup.domain or "")
        self._running: dict[str, Stage | None] = {}

    def show_setup(self, setup: Setup) -> None:
        """Bring the rows in line; only rows that changed are drawn again."""
        before = self._setup
        if before.company is not setup.company:
            self._domain = to_unicode(setup.domain or "")
        old, new = before.receiving.mailboxes, setup.receiving.mailboxes
        if [entry.id for entry in old] != [entry.id for entry in new]:
            self.beginResetModel()
            self._setup = setup
            self.endResetModel()
            return
        self._setup = setup
        everything = (
            before.receiving.login is not setup.receiving.login
            or before.receiving.form != setup.receiving.form
            or before.company != setup.company
        )
        for row, entry in enumerate(new):
            if everything or entry is not old[row]:
                # A result changes nothing but the state.
                only = not everything and replace(old[row], test=entry.test) == entry
                first = Column.STATE if only else Column.ADDRESS
                self.dataChanged.emit(self.index(row, first), self.index(row, Column.STATE))

    def show_running(self, running: Mapping[str, Stage | None]) -> None:
        """Which rows are being tested, and at which stage; None waits for its turn."""
        before, self._running = self._running, dict(running)
        for row, entry in enumerate(self._setup.receiving.mailboxes):
            was, now = (states.get(entry.id, Stage.DATA) for states in (before, self._running))
            if was is not now:
                cell = self.index(row, Column.STATE)
                self.dataChanged.emit(cell, cell)

    def entry(self, row: int) -> MailboxEntry:
        return self._setup.receiving.mailboxes[row]

    def row_of(self, mailbox_id: str) -> int:
        """The row of a mailbox, -1 when it is gone."""
        ids = [entry.id for entry in self._setup.receiving.mailboxes]
        return ids.index(mailbox_id) if mailbox_id in ids else -1

    def address(self, entry: MailboxEntry) -> str:
        """The whole address as people read it."""
        return f"{entry.local.strip()}@{self._domain}"

    def state_of(self, entry: MailboxEntry) -> tuple[str, str]:
        """The look and the words of a row's state."""
        texts = words()
        if entry.id in self._running:
            stage = self._running[entry.id]
            if stage is None:
                return "open", texts("receiving_page.state.waiting")
            return "running", texts("stages.running", stage=stage_name(stage))
        if not entry.wanted:
            return "open", texts("receiving_page.state.unwanted")
        match mailbox_freshness(self._setup, entry):
            case Freshness.STALE:
                return "stale", texts("receiving_page.state.stale")
            case Freshness.FRESH if entry.test is not None:
                failure = entry.test.report.failure
                if failure is None:
                    return StepState.DONE, texts("receiving_page.state.done")
                stage_said = stage_name(failure.stage)
                said = texts("receiving_page.state.failed_at", stage=stage_said)
                return StepState.FAILED, said
            case _:
                receiving = self._setup.receiving
                typed = receiving.login is LoginMode.EACH and not receiving.form.by_token
                lacks = typed and not self.has_secret(entry)
                return "open", texts(f"receiving_page.state.{'no_password' if lacks else 'open'}")

    def has_secret(self, entry: MailboxEntry) -> bool:
        """Is a password of its own known or stored?"""
        secret = self._session.typed_secret(mailbox_purpose(entry.id))
        return bool(secret) if secret is not None else entry.secret_revision > 0

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
        if role not in _ANSWERED:
            return None
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
            case Qt.ItemDataRole.ToolTipRole if column is Column.PURPOSE:
                return words()(f"mailbox.why.{entry.purpose}")
            case Qt.ItemDataRole.ToolTipRole:
                return self._text(entry, column)
            case Qt.ItemDataRole.AccessibleDescriptionRole if column is Column.PURPOSE:
                return words()(f"mailbox.why.{entry.purpose}")
            case Qt.ItemDataRole.AccessibleTextRole if column is Column.PASSWORD:
                key = "entered" if self.has_secret(entry) else "empty"
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
        if column in LOGIN_COLUMNS:
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
                self._change(entry, lambda one: replace(one, local=local or one.local))
            case Column.USERNAME:
                own = "" if text.strip() == self.address(entry) else text.strip()
                self._change(entry, lambda one: replace(one, username=own))
            case Column.PASSWORD:
                self._session.set_secret(mailbox_purpose(entry.id), Secret(text))
            case _:
                return False
        return True

    def _change(self, entry: MailboxEntry, change: Callable[[MailboxEntry], MailboxEntry]) -> None:
        self._session.apply(lambda setup: edit_mailbox(setup, entry.id, change))

    def _text(self, entry: MailboxEntry, column: Column) -> str:
        match column:
            case Column.ADDRESS:
                return self.address(entry)
            case Column.PURPOSE:
                return words()(f"mailbox.purpose.{entry.purpose}")
            case Column.USERNAME:
                return entry.username or words()("receiving_page.same_name")
            case Column.PASSWORD:
                return "•" * 8 if self.has_secret(entry) else ""
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
                return entry.username or self.address(entry)
            case _:
                return self._text(entry, column)
