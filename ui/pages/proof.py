"""Step 7: messages that really go out, and are waited for in every mailbox.

How they are sent, found and recognised does not belong in here, nor what a failure means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.page import Page
from ui.widgets.announcing import announce
from ui.widgets.labels import Body, Heading, Muted
from ui.widgets.proof_result import ProofResult
from ui.widgets.proof_table import ProofTable
from ui.widgets.revealing import reveal
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.current import wanted_mailboxes
from wizard.flow import Step, StepState
from wizard.model import Protocol, Route, to_unicode
from wizard.proof.report import LetterState, ProofLetter, Watch
from wizard.proof.standing import letter_freshness, letter_state, letters_to_wait_for
from wizard.server_form import Freshness
from wizard.setup import ReceivingWay, Setup, mailbox_form
from wizard.updates import begin_proof, mark_removed, take_letter

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.session import Session

# Many letters change at once: one update for all that came, not one each.
GATHER_MS = 60


class ProofPage(Page):
    """Send, wait, see. Left, it stops looking; come back to, it looks on for the same letters."""

    step: ClassVar[Step] = Step.PROOF

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Job | None = None
        self._heard: dict[str, ProofLetter] = {}
        self._shown: object = None
        self._obstacle = Body("")
        self._obstacle.setObjectName("proof-obstacle")
        self._status = Body("")
        self._status.setObjectName("proof-status")
        self._table = ProofTable(session.setup)
        self._table.chosen.connect(self._choose)
        self._result: QWidget = QWidget()
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._table.letters.tick)
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._take_heard)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        self._column.addWidget(Heading(self.text("proof_page.title")))
        self._column.addWidget(Body(self.text("proof_page.intro")))
        self._column.addWidget(self._obstacle)
        self._column.addLayout(self._buttons())
        self._column.addWidget(self._table)
        self._column.addWidget(self._result)
        self._column.addLayout(self._clean_up())
        self._column.addStretch(1)

    # -- the contract --

    def refresh(self, setup: Setup) -> None:
        obstacle = self._obstacle_of(setup)
        self._obstacle.setText(obstacle)
        self._obstacle.setVisible(bool(obstacle))
        running, letters = self._job is not None, setup.proof.letters
        self._send.setEnabled(not obstacle)
        self._send.setText(self.text("proof_page.again" if letters else "proof_page.send"))
        self._send.setVisible(not running)
        waiting = letters_to_wait_for(setup)
        self._look.setVisible(bool(waiting) and not running and not obstacle)
        self._look.setText(self.text("proof_page.look", n=len(waiting)))
        self._cancel.setVisible(running)
        self._table.setVisible(bool(letters))
        self._table.show_setup(setup, running=running)
        here = [one for one in letters if one.state is LetterState.ARRIVED and not one.removed]
        self._remove.setVisible(bool(here) and not running)
        self._remove_said.setVisible(self._remove.isVisibleTo(self))
        self._tell(setup)
        self._show_result(setup)

    def enter(self) -> None:
        """Look on for what was sent in this session; anything older waits for a button."""
        setup = self.session.setup
        fresh = [
            one
            for one in letters_to_wait_for(setup)
            if letter_freshness(setup, one) is Freshness.FRESH
        ]
        if fresh and self._job is None and not self._obstacle_of(setup):
            self._run(setup, tuple(fresh))

    def leave(self) -> None:
        self._take_heard()
        self._job = None
        self._clock.stop()
        super().leave()

    # -- building --

    def _buttons(self) -> QBoxLayout:
        self._send = self._button("send", self._start)
        self._look = self._button("look", self._look_on)
        self._cancel = self._button("cancel", self._stop)
        row = line()
        for widget in (self._send, self._look, self._cancel):
            row.addWidget(widget)
        row.addWidget(self._status, 1)
        return row

    def _clean_up(self) -> QBoxLayout:
        self._remove = self._button("remove", self._clean)
        self._remove_said = Muted(self.text("proof_page.remove_detail"))
        self._remove_said.setObjectName("proof-removed")
        row = line()
        row.addWidget(self._remove)
        row.addWidget(self._remove_said, 1)
        return row

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self.text(f"proof_page.{name}", n=1))
        button.setObjectName(f"proof-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _obstacle_of(self, setup: Setup) -> str:
        """Why no proof can be made yet; empty when it can."""
        entries, catalog, domain = wanted_mailboxes(setup), self.session.catalog, setup.domain
        platform = catalog.platforms.get(setup.company.platform) if catalog else None
        name = platform.name if platform else self.text("step.platform")
        if setup.receiving.way is not ReceivingWay.READ:
            return self.text("proof_page.direct", platform=name)
        if not entries or domain is None:
            return self.text("proof_page.no_mailbox", step=self.text("step.receiving"))
        if setup.sending.route is Route.PLATFORM:
            address = f"{entries[0].local.strip()}@{to_unicode(domain)}"
            return self.text("proof_page.platform_route", platform=name, address=address)
        parsed = [setup.sending.form.parse(Protocol.SMTP)]
        parsed += [
            mailbox_form(setup.receiving, entry, domain).parse(setup.receiving.protocol)
            for entry in entries
        ]
        if any(isinstance(one, tuple) for one in parsed):
            steps = {"sending": self.text("step.sending"), "receiving": self.text("step.receiving")}
            return self.text("proof_page.unusable", **steps)
        return ""

    # -- the work --

    def _start(self) -> None:
        """New letters, in place of all earlier ones."""
        from wizard.proof.plan import plan_letters  # noqa: PLC0415 - not before the first paint

        letters = plan_letters(self.session.setup)
        if letters and self._job is None:
            self.update_setup(lambda setup: begin_proof(setup, letters))
            self._run(self.session.setup, self.session.setup.proof.letters)

    def _look_on(self) -> None:
        """Wait on for letters that are out, also for those of an earlier session."""
        setup = self.session.setup
        self._run(setup, letters_to_wait_for(setup))

    def _run(self, setup: Setup, letters: tuple[ProofLetter, ...]) -> None:
        async def work(report: Progress) -> object:
            from wizard.actions import prove  # noqa: PLC0415

            session = self.session
            return await prove(
                setup,
                letters,
                session.secret,
                session.network(),
                texts=session.texts,
                on_event=report,
            )

        self._job = self.run(
            work, succeeded=self._ended, progressed=self._hear, failed=self._crashed
        )
        self._job.cancelled.connect(self._cancelled)
        self._clock.start()
        self._show_running()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _hear(self, event: object) -> None:
        if isinstance(event, Watch):
            self._table.letters.show_watch(event)
        elif isinstance(event, ProofLetter):
            self._heard[event.token] = event
            if not self._gather.isActive():
                self._gather.start()

    def _take_heard(self) -> None:
        self._gather.stop()
        heard, self._heard = self._heard, {}

        def take(setup: Setup) -> Setup:
            for letter in heard.values():
                setup = take_letter(setup, letter)
            return setup

        if heard:
            self.update_setup(take)

    def _ended(self, _: object) -> None:
        self._rest()
        setup = self.session.setup
        bad = [
            letter.token
            for letter in setup.proof.letters
            if letter_state(setup, letter) in (StepState.FAILED, StepState.ATTENTION)
        ]
        chosen = self._table.current_token()
        if bad and chosen not in bad:
            self._table.choose(bad[0])
        elif not chosen and setup.proof.letters:
            self._table.choose(setup.proof.letters[0].token)
        announce(self._status)
        if bad:
            reveal(self._result)

    def _cancelled(self) -> None:
        self._rest()
        self._status.setText(self.text("proof_page.cancelled"))

    def _crashed(self, _: object) -> None:
        self._rest()
        self._status.setText(self.text("proof_page.crashed"))

    def _rest(self) -> None:
        self._take_heard()
        self._job = None
        self._clock.stop()
        self._show_running()

    def _show_running(self) -> None:
        focused = self._send.hasFocus() or self._cancel.hasFocus() or self._look.hasFocus()
        self.refresh(self.session.setup)
        if focused:
            (self._send if self._job is None else self._cancel).setFocus()

    # -- removing --

    def _clean(self) -> None:
        setup = self.session.setup

        async def work(_: Progress) -> frozenset[str]:
            from wizard.actions import remove_proof  # noqa: PLC0415

            return await remove_proof(setup, self.session.secret, self.session.network())

        self._remove.setEnabled(False)
        self.run(work, succeeded=self._cleaned, finished=lambda: self._remove.setEnabled(True))

    def _cleaned(self, removed: frozenset[str]) -> None:
        self.update_setup(lambda setup: mark_removed(setup, removed))
        self._remove_said.setText(self.text("proof_page.removed", n=len(removed)))
        self._remove_said.show()
        announce(self._remove_said)

    # -- showing --

    def _choose(self) -> None:
        self._show_result(self.session.setup)

    def _tell(self, setup: Setup) -> None:
        letters = setup.proof.letters
        if not letters:
            self._status.setText("")
            return
        states = [letter_state(setup, letter) for letter in letters]
        arrived = sum(one in (StepState.DONE, StepState.ATTENTION) for one in states)
        if StepState.STALE in states and self._job is None:
            self._status.setText(self.text("proof_page.stale"))
            return
        said = [self.text("proof_page.arrived_count", good=arrived, n=len(letters))]
        waiting = sum(letter.state.on_its_way for letter in letters)
        if waiting and self._job is not None:
            said.append(self.text("proof_page.waiting_count", n=waiting))
        self._status.setText(" ".join(said))

    def _show_result(self, setup: Setup) -> None:
        token = self._table.current_token()
        letter = next((one for one in setup.proof.letters if one.token == token), None)
        key = letter and (letter, letter_state(setup, letter), setup.records.plan)
        if key == self._shown:
            return
        self._shown = key
        shown = QWidget() if letter is None else ProofResult(letter, setup, self)
        self._result = swap(self._column, self._result, shown)
