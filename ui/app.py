"""The composition root: makes the application, the session and the window, and runs them."""

from __future__ import annotations

import gc
import sys
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from ui.background import Background
from ui.session import Session
from ui.theme import give_room
from ui.window import MainWindow
from wizard.texts import Texts, system_language

COLLECT_MS = 500


class _AfterFirstPaint(QObject):
    """Calls once, when the window has been painted: nothing slow may come before."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, MainWindow):
            watched.removeEventFilter(self)
            QTimer.singleShot(0, partial(self._go_on, watched))
        return False

    def _go_on(self, window: MainWindow) -> None:
        give_room()
        window.begin()
        window.session.load_catalog()


class _Collector(QObject):
    """Collects garbage on the window's thread only.

    Python collects on whichever thread allocates; on the background thread that would destroy Qt
    objects where they must not be touched (seen as a segmentation fault).
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        gc.disable()
        self._timer = QTimer(self, interval=COLLECT_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def _collect(self) -> None:
        counts, limits = gc.get_count(), gc.get_threshold()
        # The oldest generation that is due; the younger ones are part of it.
        due = [number for number in range(3) if limits[number] and counts[number] > limits[number]]
        if due:
            gc.collect(due[-1])


def make_application() -> QApplication:
    """The one ``QApplication``, named so that settings have a place."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
        _Collector(application)
    application.setOrganizationName("openAPPone")
    application.setApplicationName("Mail Wizard")
    return application


def make_window(*, keep: bool, language: str | None = None) -> MainWindow:
    """A session and its window. ``keep`` False: nothing is written to disk or keyring."""
    session = Session(Background(), Texts.load(language or system_language()), keep=keep)
    # What is there when all is imported stays: looking through it again and again would be felt.
    session.warmed_up.connect(gc.freeze)
    window = MainWindow(session, remember=keep, at_once=False)
    _AfterFirstPaint(window)
    return window


def run_window(language: str | None = None, theme: str | None = None) -> int:
    """Open the window; returns the exit status when it is closed.

    ``theme`` is ``light`` or ``dark``; None follows the system, also while running.
    """
    application = make_application()
    if theme is not None:
        scheme = Qt.ColorScheme.Dark if theme == "dark" else Qt.ColorScheme.Light
        application.styleHints().setColorScheme(scheme)
    window = make_window(keep=True, language=language)
    window.show()
    return application.exec()
