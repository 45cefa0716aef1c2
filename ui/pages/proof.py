"""Step 7: one message that really goes out, and is waited for in a mailbox.

How it is sent, found and recognised does not belong in here, nor what a failure means.
"""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.page import Page
from ui.widgets.announcing import announce
from ui.widgets.labels import Body, Heading, Muted
from ui.widgets.proof_result import ProofResult
from ui.widgets.record_watch import clock
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.flow import Step, wanted_mailboxes
from wizard.model import Protocol, Route, to_unicode
from wizard.proof.report import ProofPhase, ProofProgress, ProofReport
from wizard.setup import MailboxEntry, ProofSubject, Purpose, Setup, mailbox_form, proof_subject
from wizard.updates import take_proof

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.session import Session


class ProofPage(Page):
    """Send, wait, see. The choice of the mailbox lives as long as the page."""

    step: ClassVar[Step] = Step.PROOF

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Job | None = None
        self._progress: ProofProgress | None = None
        self._begun = self._heard = 0.0
        self._report: ProofReport | None = None
        self._subject: ProofSubject | None = None
        self._mailboxes: tuple[MailboxEntry, ...] = ()
        self._obstacle = Body("")
        self._obstacle.setObjectName("proof-obstacle")
        self._status = Body("")
        self._status.setObjectName("proof-status")
        self._clock = Muted("")
        self._clock.setObjectName("proof-clock")
        self._result: QWidget = QWidget()
        self._timer = QTimer(self, interval=250)
        self._timer.timeout.connect(self._tell_progress)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        self._column.addWidget(Heading(self.text("proof_page.title")))
        self._column.addWidget(Body(self.text("proof_page.intro")))
        self._column.addLayout(self._choice())
        for widget in (self._obstacle, self._status, self._clock, self._result):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    # -- the contract --

    def refresh(self, setup: Setup) -> None:
        self._fill_choice(setup)
        obstacle = self._obstacle_of(setup)
        self._obstacle.setText(obstacle)
        self._obstacle.setVisible(bool(obstacle))
        self._send.setEnabled(not obstacle and self._job is None)
        again = setup.proof.report is not None
        self._send.setText(self.text("proof_page.again" if again else "proof_page.send"))
        if setup.proof.report != self._report and self._job is None:
            self._show_result(setup)

    def leave(self) -> None:
        self._job = None
        self._rest("")
        super().leave()

    # -- the choice --

    def _choice(self) -> QBoxLayout:
        self._combo = QComboBox()
        self._combo.setObjectName("proof-mailbox")
        self._combo.setAccessibleName(self.text("proof_page.mailbox").replace("&", ""))
        self._combo.currentIndexChanged.connect(self._chosen)
        label = QLabel(self.text("proof_page.mailbox"))
        label.setBuddy(self._combo)
        self._send = QPushButton(self.text("proof_page.send"))
        self._send.setObjectName("proof-send")
        self._send.clicked.connect(self._start)
        self._cancel = QPushButton(self.text("proof_page.cancel"))
        self._cancel.setObjectName("proof-cancel")
        self._cancel.clicked.connect(self._stop)
        self._cancel.hide()
        row = line()
        for widget in (label, self._combo, self._send, self._cancel):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _fill_choice(self, setup: Setup) -> None:
        """The wanted mailboxes; the choice stays, and is catchall@ at first."""
        entries = wanted_mailboxes(setup)
        chosen = self._mailbox()
        self._mailboxes = entries
        addresses = [_address(entry, setup) for entry in entries]
        if addresses == [self._combo.itemText(row) for row in range(self._combo.count())]:
            return
        ids = [entry.id for entry in entries]
        usual = [row for row, one in enumerate(entries) if one.purpose is Purpose.CATCHALL]
        kept = ids.index(chosen.id) if chosen is not None and chosen.id in ids else None
        with QSignalBlocker(self._combo):
            self._combo.clear()
            self._combo.addItems(addresses)
            if entries:
                self._combo.setCurrentIndex(kept if kept is not None else (*usual, 0)[0])

    def _chosen(self) -> None:
        self.refresh(self.session.setup)

    def _mailbox(self) -> MailboxEntry | None:
        row = self._combo.currentIndex()
        return self._mailboxes[row] if 0 <= row < len(self._mailboxes) else None

    def _obstacle_of(self, setup: Setup) -> str:
        """Why no proof can be made yet; empty when it can."""
        entry, catalog = self._mailbox(), self.session.catalog
        if entry is None or setup.domain is None:
            return self.text("proof_page.no_mailbox", step=self.text("step.receiving"))
        if setup.sending.route is Route.PLATFORM:
            platform = catalog.platforms.get(setup.company.platform) if catalog else None
            name = platform.name if platform else self.text("step.platform")
            address = _address(entry, setup)
            return self.text("proof_page.platform_route", platform=name, address=address)
        form = mailbox_form(setup.receiving, entry, setup.domain)
        sending = setup.sending.form.parse(Protocol.SMTP)
        receiving = form.parse(setup.receiving.protocol)
        if isinstance(sending, tuple) or isinstance(receiving, tuple):
            steps = {"sending": self.text("step.sending"), "receiving": self.text("step.receiving")}
            return self.text("proof_page.unusable", **steps)
        return ""

    # -- the work --

    def _start(self) -> None:
        setup, entry = self.session.setup, self._mailbox()
        if entry is None or self._job is not None:
            return

        async def work(report: Progress) -> object:
            from wizard.actions import prove  # noqa: PLC0415

            session = self.session
            return await prove(
                setup,
                entry,
                session.secret,
                session.network(),
                texts=session.texts,
                on_progress=report,
            )

        self._progress = None
        self._subject = proof_subject(setup, entry.id)
        self._begun = self._heard = time.monotonic()
        host = setup.sending.form.host.strip()
        address = _address(entry, setup)
        self._status.setText(self.text("proof_page.sending", address=address, host=host))
        self._status.show()
        self._result.hide()
        self._timer.start()
        self._job = self.run(
            work, succeeded=self._take, progressed=self._hear, failed=self._crashed
        )
        self._job.cancelled.connect(self._cancelled)
        self._show_running(setup)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _hear(self, progress: object) -> None:
        if isinstance(progress, ProofProgress):
            self._progress, self._heard = progress, time.monotonic()
            if progress.phase is ProofPhase.WAITING:
                address = self._combo.currentText()
                self._status.setText(self.text("proof_page.sent", address=address))
            self._tell_progress()

    def _take(self, report: object) -> None:
        if not isinstance(report, ProofReport):
            raise TypeError(report)
        self._job = None
        self._rest("")
        subject = self._subject
        self.update_setup(lambda setup: take_proof(setup, report, subject))
        self.refresh(self.session.setup)
        if isinstance(self._result, ProofResult):
            announce(self._result.head)

    def _cancelled(self) -> None:
        self._job = None
        self._rest(self.text("proof_page.cancelled"))

    def _crashed(self, _: object) -> None:
        self._job = None
        self._rest(self.text("proof_page.crashed"))

    # -- showing --

    def _rest(self, said: str) -> None:
        self._timer.stop()
        self._clock.hide()
        self._status.setText(said)
        self._status.setVisible(bool(said))
        self._result.show()
        self._show_running(self.session.setup)

    def _show_running(self, setup: Setup) -> None:
        running = self._job is not None
        focused = self._send.hasFocus() or self._cancel.hasFocus()
        self._combo.setEnabled(not running)
        self._send.setVisible(not running)
        self._send.setEnabled(not running and not self._obstacle_of(setup))
        self._cancel.setVisible(running)
        if focused:
            (self._cancel if running else self._send).setFocus()

    def _tell_progress(self) -> None:
        progress, now = self._progress, time.monotonic()
        if progress is None or progress.phase is ProofPhase.SENDING:
            self._clock.setText(self.text("proof_page.since", time=clock(now - self._begun)))
            self._clock.show()
            return
        since = now - self._heard
        left = ceil(progress.next_look_s - since)
        looks = self.text("proof_page.looks", n=progress.looks)
        waited = clock(progress.waited_s + since)
        said = [self.text("proof_page.waiting", time=waited)]
        said += [looks] if progress.looks else []
        said.append(
            self.text("proof_page.next_look", n=left)
            if left > 0
            else self.text("proof_page.looking")
        )
        self._clock.setText(" ".join(said))
        self._clock.show()

    def _show_result(self, setup: Setup) -> None:
        self._report = setup.proof.report
        shown = QWidget() if self._report is None else ProofResult(self._report, setup, self)
        self._result = swap(self._column, self._result, shown)


def _address(entry: MailboxEntry, setup: Setup) -> str:
    return f"{entry.local.strip()}@{to_unicode(setup.domain or '')}"
