"""The addresses of a set-up: the table, and below it what adds, doubles and removes rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.session import mailbox_purpose
from ui.widgets.mailbox_entry import MailboxAdder
from ui.widgets.mailbox_paste import MailboxPaste
from ui.widgets.mailbox_table import MailboxTable
from ui.widgets.spacing import GRID
from wizard.updates import (
    add_mailbox,
    add_mailboxes,
    duplicate_mailbox,
    new_mailbox,
    remove_mailbox,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.session import Session
    from wizard.model import Stage
    from wizard.receiving.paste import Pasted
    from wizard.setup import MailboxEntry, Setup


class MailboxList(QWidget):
    """``chosen`` tells that another row is the current one."""

    chosen = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._running = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 2)
        self._table = MailboxTable(session)
        self._table.chosen.connect(self._row_chosen)
        self._adder = MailboxAdder(session.texts)
        self._adder.added.connect(self._add)
        self._adder.removed.connect(self._remove)
        self._adder.duplicated.connect(self._duplicate)
        self._adder.listed.connect(self._add_list)
        self._paste = MailboxPaste()
        self._paste.hide()
        self._paste.accepted.connect(self._add_list)
        self._adder.list_wanted.connect(self._paste.begin)
        for widget in (self._table, self._adder, self._paste):
            column.addWidget(widget)

    def show_setup(self, setup: Setup) -> None:
        """Bring all of it in line."""
        self._table.show_setup(setup)
        self._paste.show_setup(setup)
        self._show_adder(setup)

    def show_running(self, running: Mapping[str, Stage | None], *, busy: bool) -> None:
        """Which rows are being tested, and at which stage; while ``busy`` no row goes."""
        self._running = busy
        self._table.show_running(running)
        self._show_adder(self._session.setup)

    def current(self) -> MailboxEntry | None:
        """The mailbox of the current row."""
        current = self._table.current_id()
        entries = self._session.setup.receiving.mailboxes
        return next((one for one in entries if one.id == current), None)

    def choose(self, mailbox: str) -> None:
        self._table.choose(mailbox)

    def _row_chosen(self) -> None:
        self._show_adder(self._session.setup)
        self.chosen.emit()

    def _show_adder(self, setup: Setup) -> None:
        self._adder.show_setup(setup, self._table.current_id(), busy=self._running)

    def _add(self, local: str) -> None:
        self._session.apply(lambda setup: add_mailbox(setup, local))
        self._table.choose(self._session.setup.receiving.mailboxes[-1].id)

    def _add_list(self, pasted: Pasted) -> None:
        """Add what was pasted; its passwords go where all others are."""
        rows = [(new_mailbox(one.local, one.username), one.password) for one in pasted.mailboxes]
        self._session.apply(lambda setup: add_mailboxes(setup, [entry for entry, _ in rows]))
        entries = self._session.setup.receiving.mailboxes
        ids = {one.local.strip().lower(): one.id for one in entries}
        secrets = {
            mailbox_purpose(ids[entry.local.lower()]): password
            for entry, password in rows
            if password is not None
        }
        self._session.set_secrets(secrets)
        if rows:
            self._table.choose(ids[rows[0][0].local.lower()])

    def _remove(self) -> None:
        mailbox = self._table.current_id()
        self._session.apply(lambda setup: remove_mailbox(setup, mailbox))

    def _duplicate(self) -> None:
        mailbox = self._table.current_id()
        self._session.apply(lambda setup: duplicate_mailbox(setup, mailbox))
