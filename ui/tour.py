"""Plays the real window against the practice company, without a display.

The script below is a list of what a person does and waits for; it presses the window's own
controls and never reaches past them. Each wait is bounded, so the tour always ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QElapsedTimer, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLineEdit,
    QScrollArea,
    QTableView,
    QWidget,
)

from ui.theme import paint
from wizard.current import sending_freshness
from wizard.flow import STEPS, Step, StepState, state_of
from wizard.records.plan import RecordNeed, RecordState
from wizard.report.document import as_text
from wizard.report.report import brief
from wizard.server_form import Freshness

if TYPE_CHECKING:
    from ui.tour_arguments import TourOptions
    from ui.window import MainWindow

TICK_MS: Final = 15
WAIT_SECONDS: Final = 30.0
# Layouts and fonts settle within a few turns of the event loop.
SETTLE_MS: Final = 250

W = TypeVar("W", bound=QWidget)


@dataclass(frozen=True, slots=True)
class Wait:
    """Go on when this is true; ``what`` is said when it never is."""

    condition: Callable[[], bool]
    what: str
    seconds: float = WAIT_SECONDS


def run_tour(options: TourOptions) -> int:
    """Play the tour; returns 0 when every step came out as it should."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from ui.app import make_application, make_window  # noqa: PLC0415 - the platform comes first

    application = make_application()
    paint(options.theme)
    window = make_window(keep=False, language=options.language)
    window.resize(*options.size)
    window.show()
    if options.pictures is not None:
        try:
            options.pictures.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            said = window.session.texts(
                "tour.cannot_save", path=str(options.pictures), reason=reason
            )
            sys.stderr.write(said + "\n")
            return 3
    tour = Tour(window, options.pictures)
    tour.start(application)
    application.exec()
    status = tour.report()
    window.close()
    return status


class Tour:
    """One play-through."""

    def __init__(self, window: MainWindow, pictures: Path | None) -> None:
        self._window = window
        self._session = window.session
        self._pictures = pictures
        self._saved: list[Path] = []
        self._failed: Wait | None = None
        self._script = self._play()
        self._wait = Wait(lambda: True, "start")
        self._clock = QElapsedTimer()
        self._timer = QTimer(window, interval=TICK_MS)

    def start(self, application: QApplication) -> None:
        """Begin with the next turn of the event loop; it ends by quitting the application."""
        self._timer.timeout.connect(self._tick)
        self._application = application
        self._clock.start()
        self._timer.start()

    def report(self) -> int:
        """Say how it went, on standard output; returns the exit status."""
        texts, setup, catalog = self._session.texts, self._session.setup, self._session.catalog
        lines: list[str] = []
        good = self._failed is None and catalog is not None
        if self._failed is not None:
            seconds = f"{self._failed.seconds:g}"
            lines.append(texts("tour.failed", what=self._failed.what, seconds=seconds))
        if catalog is not None:
            for row in STEPS[:-1]:
                state = state_of(row.step, setup, catalog)
                good = good and state is StepState.DONE
                mark = "✓" if state is StepState.DONE else "✗"
                step, word = texts(f"step.{row.step}"), texts(f"step_state.{state}")
                lines.append(texts("tour.step", mark=mark, step=step, state=word))
            lines += ["", as_text(brief(setup, catalog, texts, datetime.now(UTC)))]
        lines += [texts("tour.picture", path=str(path)) for path in self._saved]
        lines.append(texts("tour.all_well" if good else "tour.not_done"))
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        return 0 if good else 1

    # -- the script --

    def _play(self) -> Iterator[Wait]:
        yield Wait(lambda: self._session.catalog is not None, "the facts")
        yield from self._company()
        yield from self._service()
        yield from self._sending()
        yield from self._receiving()
        yield from self._records()
        yield from self._platform()
        yield from self._proof()
        self._press("window-next")
        yield from self._picture("8-summary")

    def _company(self) -> Iterator[Wait]:
        self._press("company-practice")
        yield Wait(lambda: self._session.practice is not None, "the practice company")
        yield from self._picture("1-company")

    def _service(self) -> Iterator[Wait]:
        self._press("window-next")
        yield Wait(lambda: self._session.setup.service.detection is not None, "the mail service")
        self._press("service-evidence")
        self._press("service-card-other")
        yield from self._picture("2-service")

    def _sending(self) -> Iterator[Wait]:
        self._press("window-next")
        self._press("sending-route-both")
        yield Wait(lambda: bool(self._session.setup.sending.form.host), "the outgoing server")
        self._type("sending-password", "not the password")
        self._press("sending-test")
        yield Wait(lambda: self._tested() is False, "the refused login")
        yield from self._picture("3-sending-refused", show="sending-diagnosis")
        self._type("sending-password", self._password())
        self._press("sending-test")
        yield Wait(lambda: self._tested() is True, "the outgoing test")
        yield from self._picture("3-sending", show="sending-verdict")

    def _receiving(self) -> Iterator[Wait]:
        self._press("window-next")
        yield Wait(lambda: bool(self._session.setup.receiving.form.host), "the incoming server")
        table = self._find(QTableView, "receiving-mailboxes")
        sales = table.model().index(2, 0)
        table.scrollTo(sales)
        box = table.visualRect(sales).topLeft() + QPoint(10, table.visualRect(sales).height() // 2)
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box)
        for row in range(3):
            yield from self._enter_password(table, row)
        self._press("receiving-test")
        yield Wait(lambda: self._is_done(Step.RECEIVING), "the tested mailboxes")
        yield from self._picture("4-receiving", show="receiving-verdict")

    def _enter_password(self, table: QTableView, row: int) -> Iterator[Wait]:
        cell = table.model().index(row, 3)
        table.setCurrentIndex(cell)
        QTest.keyClick(table, Qt.Key.Key_F2)
        name = "receiving-password-editor"
        yield Wait(lambda: table.findChild(QLineEdit, name) is not None, "the password's cell")
        editor = table.findChild(QLineEdit, name)
        if isinstance(editor, QLineEdit):
            editor.selectAll()
            QTest.keyClicks(editor, self._password())
            QTest.keyClick(editor, Qt.Key.Key_Tab)
        yield Wait(
            lambda: self._session.setup.receiving.mailboxes[row].secret_revision > 0, "the password"
        )

    def _records(self) -> Iterator[Wait]:
        self._press("window-next")
        yield Wait(lambda: self._session.setup.records.plan is not None, "the records")
        yield from self._picture("5-records-missing")
        self._press("records-practice")
        yield Wait(self._required_records_are_there, "the published records", 90)
        yield from self._picture("5-records")

    def _platform(self) -> Iterator[Wait]:
        self._press("window-next")
        yield from self._picture("6-platform")
        self._press("platform-entered")

    def _proof(self) -> Iterator[Wait]:
        self._press("window-next")
        self._press("proof-send")
        yield Wait(self._proven, "the proof")
        yield from self._picture("7-proof")

    # -- what is waited for --

    def _tested(self) -> bool | None:
        """Whether the outgoing test passed; None while there is none for what stands there."""
        setup = self._session.setup
        if setup.sending.test is None or sending_freshness(setup) is not Freshness.FRESH:
            return None
        return setup.sending.test.report.ok

    def _is_done(self, step: Step) -> bool:
        catalog = self._session.catalog
        done = StepState.DONE
        return catalog is not None and state_of(step, self._session.setup, catalog) is done

    def _required_records_are_there(self) -> bool:
        plan = self._session.setup.records.plan
        required = [one for one in plan.records if one.need is RecordNeed.REQUIRED] if plan else []
        return bool(required) and all(one.state is RecordState.OK for one in required)

    def _proven(self) -> bool:
        return bool(self._session.setup.proof.letters) and self._is_done(Step.PROOF)

    def _password(self) -> str:
        practice = self._session.practice
        return practice.accounts[0].password if practice is not None else ""

    # -- hands and eyes --

    def _find(self, kind: type[W], name: str) -> W:
        widget = self._window.findChild(kind, name)
        if widget is None:
            raise LookupError(f"the window has no {name}")
        return widget

    def _press(self, name: str) -> None:
        button = self._find(QAbstractButton, name)
        self._bring_into_view(button)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(12, button.height() // 2))

    def _type(self, name: str, text: str) -> None:
        field = self._find(QLineEdit, name)
        self._bring_into_view(field)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    def _bring_into_view(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget, 0, 40)

    def _picture(self, name: str, show: str = "") -> Iterator[Wait]:
        """Let the page settle, then save how the window looks."""
        yield self._settle()
        if show:
            self._bring_into_view(self._find(QWidget, show))
            yield self._settle()
        if self._pictures is None:
            return
        path = self._pictures / f"{name}.png"
        if self._window.grab().save(str(path)):
            self._saved.append(path)

    def _settle(self) -> Wait:
        clock = QElapsedTimer()
        clock.start()
        return Wait(lambda: clock.elapsed() >= SETTLE_MS, "the page")

    # -- time --

    def _tick(self) -> None:
        if self._wait.condition():
            try:
                self._wait = next(self._script)
            except StopIteration:
                self._end()
            except LookupError as problem:
                self._failed = Wait(lambda: False, str(problem), 0)
                self._end()
            self._clock.restart()
        elif self._clock.elapsed() > self._wait.seconds * 1000:
            self._failed = self._wait
            if self._pictures is not None:
                self._window.grab().save(str(self._pictures / "stopped.png"))
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        # Not quit(): that would close the window, and with it the practice company, first.
        self._application.exit()
