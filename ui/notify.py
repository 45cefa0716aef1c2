"""A word to the desktop when nobody looks at the window. Where there is no way, nothing happens."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QProcess, QStandardPaths, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

# So long an icon is in the tray for a message to come from.
_SHOWN_MS = 20_000


class Notifier(QObject):
    """Tells through the desktop, unless the window is in front."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None

    def tell(self, title: str, text: str) -> bool:
        """Say it if the window is not in front. Was the desktop asked?"""
        if self._window.window().isActiveWindow() or _without_display():
            return False
        QApplication.alert(self._window.window())
        return self._by_program(title, text) or self._by_tray(title, text)

    def _by_program(self, title: str, text: str) -> bool:
        """The desktops of Linux show a message without an icon in the tray, by ``notify-send``."""
        program = "" if sys.platform in ("win32", "darwin") else _found("notify-send")
        arguments = ["--app-name", QApplication.applicationDisplayName(), "--", title, text]
        return bool(program) and QProcess.startDetached(program, arguments)[0]

    def _by_tray(self, title: str, text: str) -> bool:
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return False
        if self._tray is None:
            self._tray = QSystemTrayIcon(self._window.window().windowIcon(), self)
            self._tray.messageClicked.connect(self._raise)
        self._tray.show()
        self._tray.showMessage(title, text)
        QTimer.singleShot(_SHOWN_MS, self, self._tray.hide)
        return True

    def _raise(self) -> None:
        window = self._window.window()
        window.raise_()
        window.activateWindow()


def _without_display() -> bool:
    """The tour and the tests play a window that nobody sees: they tell nobody."""
    return QGuiApplication.platformName() in ("offscreen", "minimal")


def _found(program: str) -> str:
    return QStandardPaths.findExecutable(program)
