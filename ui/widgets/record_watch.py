"""The watch over the records: what is being asked and since when, or when the next look comes.

It keeps the time, through a sleep of the computer too, and asks for looks by signal. What is looked
up does not belong in here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.labels import Body, Muted
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from wizard.records.watch import Clocks, Pause

if TYPE_CHECKING:
    from wizard.texts import Texts


def now() -> Clocks:
    """The present time on both clocks."""
    return Clocks(time.monotonic(), time.time())


def clock(seconds: float) -> str:
    """Seconds as minutes and seconds: 0:07, 12:30."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"


class RecordWatch(QWidget):
    """Asking, or at rest until the next look. Emits only what the user or the countdown wants."""

    look_wanted = Signal()
    cancel_wanted = Signal()

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._what = ""
        self._since = 0.0
        self._pause: Pause | None = None
        self._status = Body("")
        self._status.setObjectName("records-status")
        self._clock = Muted("")
        self._clock.setObjectName("records-clock")
        self._look = QPushButton(texts("records_page.look"))
        self._look.setObjectName("records-look")
        self._look.clicked.connect(self.look_wanted)
        self._cancel = QPushButton(texts("records_page.cancel"))
        self._cancel.setObjectName("records-cancel")
        self._cancel.clicked.connect(self.cancel_wanted)
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._tick)
        said = QVBoxLayout()
        said.setSpacing(GRID // 2)
        said.addWidget(self._status)
        said.addWidget(self._clock)
        said.addStretch(1)
        row = line()
        self.setLayout(row)
        row.addLayout(said, 1)
        row.addWidget(self._look, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._cancel, 0, Qt.AlignmentFlag.AlignTop)

    @property
    def counts(self) -> bool:
        """Whether a next look is coming by itself."""
        return self._pause is not None

    def ask(self, what: str) -> None:
        """A look has begun; ``what`` says what is asked of whom."""
        self._what, self._since, self._pause = what, time.monotonic(), None
        self._show(asking=True)
        self._timer.start()

    def rest(self, said: str, pause_s: float | None) -> None:
        """No look runs; ``pause_s`` seconds until one is wanted, None: only when the user asks."""
        self._pause = None if pause_s is None else Pause(now(), pause_s)
        news = said != self._status.text()
        self._status.setText(said)
        self._show(asking=False)
        if news and said:
            announce(self._status)
        if self._pause is None:
            self._timer.stop()
        else:
            self._timer.start()

    def stop(self) -> None:
        """The page is not in front any more: no countdown, no wish."""
        self._timer.stop()
        self._pause = None

    def _show(self, *, asking: bool) -> None:
        focused = self._look.hasFocus() or self._cancel.hasFocus()
        self._look.setVisible(not asking)
        self._cancel.setVisible(asking)
        if focused:
            (self._cancel if asking else self._look).setFocus()
        if asking:
            self._status.setText(self._what)
        self._tell_time()

    def _tick(self) -> None:
        if self._pause is not None and not self._pause.left(now()):
            self._timer.stop()
            self._pause = None
            self.look_wanted.emit()
            return
        self._tell_time()

    def _tell_time(self) -> None:
        if self._cancel.isVisibleTo(self):
            gone = time.monotonic() - self._since
            said = self._texts("records_page.asking_since", time=clock(gone))
        elif self._pause is not None:
            left = clock(self._pause.left(now()) + 0.999)
            said = self._texts("records_page.next_look", time=left)
        else:
            said = ""
        self._clock.setText(said)
        self._clock.setVisible(bool(said))
