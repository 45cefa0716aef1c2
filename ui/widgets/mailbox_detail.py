"""What there is to know about one mailbox: what it is for, and how its test came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.session import mailbox_purpose
from ui.widgets.labels import Muted, Subheading
from ui.widgets.password import PasteRemark, is_padded
from ui.widgets.server_result import ServerResult
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.current import mailbox_freshness
from wizard.model import Secret, clean, to_unicode
from wizard.setup import LoginMode

if TYPE_CHECKING:
    from ui.session import Session
    from wizard.setup import MailboxEntry, Setup


class MailboxDetail(QWidget):
    """Stands below the table for its current row; ``apply`` carries a remedy's change."""

    apply = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("receiving-detail")
        self._session = session
        self._shown: object = None
        self._mailbox = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._address = Subheading()
        self._why = Muted()
        self._why.setObjectName("receiving-why")
        self._result: QWidget = QWidget()
        for widget in (self._address, self._why, self._result):
            self._column.addWidget(widget)
        self._remark: PasteRemark | None = None
        self.hide()

    def show_mailbox(self, setup: Setup, entry: MailboxEntry | None) -> None:
        """Show this mailbox; None shows nothing."""
        self.setVisible(entry is not None)
        if entry is None:
            self._shown = None
            return
        fresh = mailbox_freshness(setup, entry)
        key = (entry, fresh, setup.domain, setup.receiving.login)
        if key == self._shown:
            return
        self._shown, self._mailbox = key, entry.id
        address = f"{entry.local.strip()}@{to_unicode(setup.domain or '')}"
        self._address.setText(address)
        texts = self._session.texts
        missing = texts("receiving_page.missing", text=texts(f"mailbox.missing.{entry.purpose}"))
        self._why.setText(f"{texts(f'mailbox.why.{entry.purpose}')} {missing}")
        self._show_remark(address, each=setup.receiving.login is LoginMode.EACH)
        new = QWidget()
        if entry.test is not None and entry.wanted:
            around = self._session.circumstances(setup.receiving.protocol)
            result = ServerResult(entry.test, fresh, around, "receiving-mailbox")
            result.apply.connect(self.apply)
            new = result
        self._result = swap(self._column, self._result, new)

    def present(self) -> None:
        """A test ended just now: have its outcome read, and bring it into view."""
        if isinstance(self._result, ServerResult):
            self._result.present()

    def _show_remark(self, address: str, *, each: bool) -> None:
        if self._remark is not None:
            self._column.removeWidget(self._remark)
            self._remark.hide()
            self._remark.deleteLater()
            self._remark = None
        secret = self._session.typed_secret(mailbox_purpose(self._mailbox))
        if secret is None or not each or not is_padded(secret.reveal()):
            return
        said = self._session.texts("receiving_page.space", address=address)
        self._remark = PasteRemark(said, "receiving-mailbox-password")
        self._remark.trimmed.connect(self._trim)
        self._column.insertWidget(2, self._remark)
        self._remark.show_for(secret.reveal())

    def _trim(self) -> None:
        purpose = mailbox_purpose(self._mailbox)
        secret = self._session.typed_secret(purpose)
        if secret is not None:
            self._session.set_secret(purpose, Secret(clean(secret.reveal())))
