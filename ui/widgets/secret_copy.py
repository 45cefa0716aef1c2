"""Copy a secret without showing it, and take it off the clipboard again.

The secret is never a text of a widget. Where it is kept is the session's matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from wizard.model import Secret

if TYPE_CHECKING:
    from ui.page import Page

CLEAR_AFTER_S: Final = 60


class SecretOnClipboard(QObject):
    """A secret that was copied: gone after a minute, or with the program, if nobody copied since.

    Lives with the application: the page may be left meanwhile.
    """

    def __init__(self, secret: Secret) -> None:
        application = QGuiApplication.instance()
        super().__init__(application)
        self._secret = secret
        content = QMimeData()
        content.setText(secret.reveal())
        # Clipboard managers that know this hint keep no history of it.
        content.setData("x-kde-passwordManagerHint", b"secret")
        QGuiApplication.clipboard().setMimeData(content)
        self._timer = QTimer(self, singleShot=True, interval=CLEAR_AFTER_S * 1000)
        self._timer.timeout.connect(self.clear)
        self._timer.start()
        if application is not None:
            application.aboutToQuit.connect(self.clear)

    def clear(self) -> None:
        """Clear the clipboard unless it holds something else by now."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.text() == self._secret.reveal():
            clipboard.clear()
        self._timer.stop()
        self.deleteLater()


class SecretCopy(QObject):
    """Fetches a secret from the session and puts it on the clipboard."""

    copied = Signal()
    missing = Signal()

    def __init__(self, page: Page, purpose: str) -> None:
        super().__init__(page)
        self._page = page
        self._purpose = purpose

    def copy(self) -> None:
        """``copied`` or ``missing`` follows: at once, or when the keyring has answered."""
        secret = self._page.session.typed_secret(self._purpose)
        if secret is not None:
            self._take(secret)
            return

        async def fetch(_: object) -> object:
            session = self._page.session
            return await session.stored_secret(session.setup.id, self._purpose)

        self._page.run(fetch, succeeded=self._take)

    def _take(self, secret: object) -> None:
        if isinstance(secret, Secret) and secret:
            SecretOnClipboard(secret)
            self.copied.emit()
        else:
            self.missing.emit()
