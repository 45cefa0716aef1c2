"""The letters of a proof as Qt's table model: one row a letter, where it is and since when.

What becomes of a letter is not decided here, nor how the table looks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from ui.widgets.icons import icon
from ui.widgets.record_watch import clock
from ui.widgets.state import look_of
from ui.words import words
from wizard.flow import StepState
from wizard.model import readable
from wizard.proof.report import Activity, LetterState, ProofLetter, Watch
from wizard.proof.standing import letter_state
from wizard.texts import duration

if TYPE_CHECKING:
    from wizard.setup import Setup

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Column(IntEnum):
    """The columns, in order."""

    SENDER = 0
    RECIPIENT = 1
    STATE = 2
    TIME = 3


class ProofModel(QAbstractTableModel):
    """Shows a set-up's letters; ``running``: somebody is waiting for them now."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self._setup = setup
        self._running = False
        self._watches: dict[str, tuple[Watch, datetime]] = {}

    def show_setup(self, setup: Setup, *, running: bool) -> None:
        """Bring the rows in line; only rows that changed are drawn again."""
        before, was_running = self._setup.proof, self._running
        # Results also become stale by what is typed elsewhere.
        same_rest = (
            self._setup.sending == setup.sending and self._setup.receiving == setup.receiving
        )
        old, new = before.letters, setup.proof.letters
        self._setup, self._running = setup, running
        if not running:
            self._watches = {}
        if [letter.token for letter in old] != [letter.token for letter in new]:
            self.beginResetModel()
            self.endResetModel()
            return
        for row, letter in enumerate(new):
            if letter is not old[row] or running != was_running or not same_rest:
                self.dataChanged.emit(self.index(row, 0), self.index(row, Column.TIME))

    def show_watch(self, watch: Watch) -> None:
        """How the mailboxes of a login are being watched now."""
        now = datetime.now(UTC)
        for mailbox in watch.mailboxes:
            self._watches[mailbox] = (watch, now)
        self.tick(frozenset(watch.mailboxes))

    def tick(self, mailboxes: frozenset[str] | None = None) -> None:
        """Time went on for letters that are waited for, in these mailboxes or in all."""
        for row, letter in enumerate(self._setup.proof.letters):
            if letter.state.on_its_way and (mailboxes is None or letter.mailbox in mailboxes):
                self.dataChanged.emit(self.index(row, Column.STATE), self.index(row, Column.TIME))

    def letter(self, row: int) -> ProofLetter:
        return self._setup.proof.letters[row]

    def row_of(self, token: str) -> int:
        """The row of a letter, -1 when it is gone."""
        tokens = [letter.token for letter in self._setup.proof.letters]
        return tokens.index(token) if token in tokens else -1

    def look(self, letter: ProofLetter) -> str:
        """The state that the icon shows."""
        state = letter_state(self._setup, letter)
        if letter.state.on_its_way:
            return "running" if self._running else StepState.OPEN
        return state

    def said(self, letter: ProofLetter) -> str:
        """The state in words; one of an earlier session is said to be so by its icon's word."""
        said = state_words(letter)
        stale = letter_state(self._setup, letter) is StepState.STALE
        if stale and not letter.state.on_its_way:
            return words()("proof_page.state.stale", state=said)
        return said

    def what_is_done(self, letter: ProofLetter) -> str:
        """What is being done for a letter that is waited for; empty when nothing is."""
        known = self._watches.get(letter.mailbox)
        if letter.state is not LetterState.WAITING or known is None:
            return ""
        watch, since = known
        left = watch.seconds - (datetime.now(UTC) - since).total_seconds()
        key = f"proof_page.activity.{watch.activity}"
        if watch.activity is Activity.PAUSING and left <= 0:
            key = f"proof_page.activity.{Activity.LOOKING}"
        return words()(key, seconds=max(1, round(left)))

    # -- Qt's model --

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._setup.proof.letters)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return words()(f"proof_page.column.{Column(section).name.lower()}")
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        letter, column = self.letter(index.row()), Column(index.column())
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return self._text(letter, column)
            case Qt.ItemDataRole.DecorationRole if column is Column.STATE:
                return icon(*look_of(self.look(letter)))
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._text(letter, column)
            case _:
                return None

    def _text(self, letter: ProofLetter, column: Column) -> str:
        match column:
            case Column.SENDER:
                return readable(letter.sender)
            case Column.RECIPIENT:
                return readable(letter.recipient)
            case Column.STATE:
                doing = self.what_is_done(letter) if self._running else ""
                return doing or self.said(letter)
            case Column.TIME:
                return self._time(letter)

    def _time(self, letter: ProofLetter) -> str:
        if letter.arrival is not None:
            return words().render(duration(letter.arrival.elapsed_ms))
        if letter.state is LetterState.WAITING and letter.sent is not None:
            return clock((datetime.now(UTC) - letter.sent).total_seconds())
        return ""


def state_words(letter: ProofLetter) -> str:
    """Where a letter is, in a word or two."""
    arrival = letter.arrival
    if letter.state is LetterState.ARRIVED and arrival is not None:
        return words()(f"proof_page.place.{arrival.place}")
    if letter.state is LetterState.QUEUED and letter.failure is not None:
        return words()("proof_page.state.put_off")
    return words()(f"proof_page.state.{letter.state}")
