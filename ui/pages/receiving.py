"""Step 4: the mailboxes that the platform reads, tested at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.session import RECEIVING, mailbox_purpose
from ui.widgets.caution_list import CautionList
from ui.widgets.creation import CreationBox
from ui.widgets.exemption import ExemptionNotice
from ui.widgets.labels import Body, Heading, Subheading
from ui.widgets.login_choice import LoginChoice
from ui.widgets.mailbox_detail import MailboxDetail
from ui.widgets.mailbox_list import MailboxList
from ui.widgets.password import PasswordField
from ui.widgets.receiving_way import WayChoice
from ui.widgets.rows import line
from ui.widgets.server_form import Change, ServerFormBox
from ui.widgets.signing_in import SigninBox
from ui.widgets.spacing import GRID
from wizard.current import mailbox_freshness, wanted_mailboxes
from wizard.flow import Step
from wizard.model import Protocol, Secret, ServerSettings, Stage
from wizard.presets import fill_forms
from wizard.server_form import FormChange, Freshness, ServerTest
from wizard.setup import LoginMode, ReceivingWay, Setup, mailbox_form
from wizard.updates import (
    choose_protocol,
    edit_receiving,
    log_in_by,
    take_mailbox_test,
)

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.session import Session
    from wizard.model import AuthMethod

# Fifty mailboxes answer at once: one update for all that came, not one each.
GATHER_MS = 40
BREATH_MS = 30
PROTOCOLS = (Protocol.IMAP, Protocol.POP3)


class ReceivingPage(Page):
    """The incoming side."""

    step = Step.RECEIVING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Job | None = None
        self._running: dict[str, Stage | None] = {}
        self._heard: list[tuple[str, ServerTest]] = []
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._take_heard)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.text("receiving_page.title")))
        self._column.addWidget(Body(self.text("receiving_page.intro")))
        self._way = WayChoice()
        self._way.chosen.connect(self.update_setup)
        self._column.addWidget(self._way)
        self._build_form()
        self._build_mailboxes()
        self._build_test()
        self._column.addStretch(1)
        session.catalog_ready.connect(self._on_catalog)

    def refresh(self, setup: Setup) -> None:
        receiving, catalog = setup.receiving, self.session.catalog
        self._protocols.button(PROTOCOLS.index(receiving.protocol)).setChecked(True)
        self._way.show_setup(setup)
        reads = receiving.way is ReceivingWay.READ
        for widget in (self._server, self._tests):
            widget.setVisible(reads)
        shared = receiving.login is LoginMode.SHARED
        self._form.set_protocol(receiving.protocol)
        self._form.show_username(shown=shared)
        by_token = receiving.form.by_token
        self._form.set_row_visible(self._password, shown=shared and not by_token)
        self._login.show_choice(setup, RECEIVING)
        self._form.set_row_visible(self._login, shown=self._login.needed)
        self._signin.show_setup(setup)
        self._signin.setVisible(by_token and self._login.possible)
        self._form.show_form(receiving.form)
        self._exemption.show_form(receiving.form)
        self._password.show_secret(self.session.typed_secret(RECEIVING), stored=self._stored(setup))
        self._list.show_setup(setup)
        if catalog is not None:
            self._cautions.show_setup(setup, catalog)
            self._creation.show_setup(setup, catalog)
        self._show_state(setup)
        self._show_detail(setup)

    def enter(self) -> None:
        catalog = self.session.catalog
        if catalog is not None:
            self.update_setup(lambda setup: fill_forms(setup, catalog))

    def leave(self) -> None:
        self._password.commit()
        self._signin.stop()
        self._mailbox_signin.stop()
        if self._job is not None:
            self._rest("")
        super().leave()

    def _on_catalog(self) -> None:
        if self.isVisible():
            self.enter()

    # -- form --

    def _build_form(self) -> None:
        self._protocols = QButtonGroup(self)
        choices = line()
        choices.setSpacing(GRID * 2)
        for number, protocol in enumerate(PROTOCOLS):
            button = QRadioButton(self.text(f"receiving_page.protocol.{protocol}"))
            button.setObjectName(f"receiving-{protocol}")
            button.clicked.connect(partial(self._choose_protocol, protocol))
            self._protocols.addButton(button, number)
            choices.addWidget(button)
        choices.addStretch(1)
        self._form = ServerFormBox("receiving", Protocol.IMAP)
        self._form.changed.connect(self._edit)
        self._login = LoginChoice(self, "receiving")
        self._login.chosen.connect(self._choose_auth)
        self._form.add_row(self.text("signin_box.log_in_by"), self._login)
        self._password = PasswordField(self.text("form.password_name"), "receiving-password")
        self._password.entered.connect(self._keep_secret)
        self._form.add_row(self.text("form.password"), self._password)
        self._signin = SigninBox(self, RECEIVING, "receiving")
        self._server = QWidget()
        server = QVBoxLayout(self._server)
        server.setContentsMargins(0, 0, 0, 0)
        server.setSpacing(GRID * 2)
        server.addLayout(choices)
        server.addWidget(self._form)
        server.addWidget(self._signin)
        self._exemption = ExemptionNotice("receiving")
        self._exemption.revoked.connect(self._change_form)
        server.addWidget(self._exemption)
        self._column.addWidget(self._server)

    def _edit(self, change: Change) -> None:
        self.update_setup(lambda setup: edit_receiving(setup, change))

    def _choose_protocol(self, protocol: Protocol) -> None:
        self.update_setup(lambda setup: choose_protocol(setup, protocol))
        self.enter()

    def _choose_auth(self, auth: AuthMethod | None) -> None:
        self.update_setup(lambda setup: log_in_by(setup, self.step, auth))

    def _keep_secret(self, secret: Secret) -> None:
        self.session.set_secret(RECEIVING, secret)

    def _stored(self, setup: Setup) -> bool:
        return (
            setup.receiving.form.secret_revision > 0
            and self.session.keeps
            and self.session.typed_secret(RECEIVING) is None
        )

    # -- mailboxes --

    def _build_mailboxes(self) -> None:
        self._column.addWidget(Subheading(self.text("receiving_page.mailboxes")))
        self._cautions = CautionList(self.step)
        self._column.addWidget(self._cautions)
        self._list = MailboxList(self.session)
        self._list.chosen.connect(self._row_chosen)
        self._column.addWidget(self._list)

    def _row_chosen(self) -> None:
        self._show_detail(self.session.setup)

    def _show_detail(self, setup: Setup) -> None:
        entry = self._list.current()
        tested = entry is not None and entry.id in self._running
        self._detail.show_mailbox(setup, None if tested else entry)
        receiving = setup.receiving
        reads = receiving.way is ReceivingWay.READ and receiving.form.by_token
        each = reads and receiving.login is LoginMode.EACH
        if entry is not None:
            self._mailbox_signin.use_purpose(mailbox_purpose(entry.id))
            self._mailbox_signin.show_setup(setup)
        self._mailbox_signin.setVisible(each and entry is not None and self._login.possible)

    # -- test --

    def _build_test(self) -> None:
        tests = line()
        self._test = self._button("test", self.test)
        self._cancel = self._button("cancel", self._stop)
        self._cancel.hide()
        self._verdict = Body()
        self._verdict.setObjectName("receiving-verdict")
        tests.addWidget(self._test)
        tests.addWidget(self._cancel)
        tests.addWidget(self._verdict, 1)
        self._tests = QWidget()
        self._tests.setLayout(tests)
        self._column.addWidget(self._tests)
        self._detail = MailboxDetail(self.session)
        self._detail.apply.connect(self._apply)
        self._column.addWidget(self._detail)
        self._mailbox_signin = SigninBox(self, RECEIVING, "receiving-mailbox")
        self._mailbox_signin.hide()
        self._column.addWidget(self._mailbox_signin)
        self._creation = CreationBox()
        self._column.addWidget(self._creation)

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self.text(f"receiving_page.{name}"))
        button.setObjectName(f"receiving-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def test(self) -> None:
        """Test every wanted mailbox with what stands there now."""
        self._password.commit()
        setup, session = self.session.setup, self.session
        receiving, domain = setup.receiving, setup.domain or ""
        entries = wanted_mailboxes(setup)
        forms = [mailbox_form(receiving, entry, domain) for entry in entries]
        if not all(isinstance(one.parse(receiving.protocol), ServerSettings) for one in forms):
            self._form.judge_all()
            return
        known = self._stored(setup) or bool(session.typed_secret(RECEIVING))
        if receiving.form.by_token:
            if receiving.login is LoginMode.SHARED and not self._signin.ready():
                return
        elif receiving.login is LoginMode.SHARED and not known:
            self._password.say_missing()
            return

        async def work(report: Progress) -> None:
            from wizard.actions import test_mailboxes  # noqa: PLC0415

            def tell(*event: object) -> None:
                report(event)

            await test_mailboxes(setup, session.secret, session.network(), tell, tell)

        self._running = dict.fromkeys(entry.id for entry in entries)
        self._job = self.run(
            work, succeeded=self._all_answered, progressed=self._hear, failed=self._crashed
        )
        self._list.show_running(self._running, busy=self._job is not None)
        self._show_running("")
        self._show_detail(setup)

    def _hear(self, event: object) -> None:
        match event:
            case (str() as mailbox, ServerTest() as test):
                self._heard.append((mailbox, test))
            case (str() as mailbox, Stage() as stage) if mailbox in self._running:
                self._running[mailbox] = stage
        if not self._gather.isActive():
            self._gather.start()

    def _take_heard(self) -> None:
        self._gather.stop()
        heard, self._heard = self._heard, []
        for mailbox, _ in heard:
            self._running.pop(mailbox, None)
        self._list.show_running(self._running, busy=self._job is not None)

        def take(setup: Setup) -> Setup:
            for mailbox, test in heard:
                setup = take_mailbox_test(setup, mailbox, test)
            return setup

        if heard:
            self.update_setup(take)

    def _all_answered(self, _: object) -> None:
        self._take_heard()
        # Each in a turn of its own, the table painted in between: together they would be felt.
        QTimer.singleShot(0, self._rest_quietly)
        QTimer.singleShot(BREATH_MS, self._choose_failed)

    def _rest_quietly(self) -> None:
        self._rest("")

    def _crashed(self, _: object) -> None:
        self._rest(self.text("server_result.crashed"))

    def _stop(self) -> None:
        if self._job is not None:
            self._job.mute()
            self._job.cancel()
            self._rest(self.text("receiving_page.cancelled"))

    def _rest(self, said: str) -> None:
        """No test runs any more; ``said`` is why, when it did not come to its end."""
        self._job = None
        self._take_heard()
        self._running = {}
        self._list.show_running(self._running, busy=self._job is not None)
        self._show_running(said)
        self._show_detail(self.session.setup)

    def _choose_failed(self) -> None:
        """Explain a failure unasked, unless one is being looked at."""
        setup = self.session.setup
        failed = [
            entry.id
            for entry in wanted_mailboxes(setup)
            if entry.test is not None
            and not entry.test.report.ok
            and mailbox_freshness(setup, entry) is Freshness.FRESH
        ]
        current = self._list.current()
        if failed and (current is None or current.id not in failed):
            self._list.choose(failed[0])
        QTimer.singleShot(BREATH_MS, self._detail.present)

    def _show_running(self, said: str) -> None:
        running = self._job is not None
        focused = self._test.hasFocus() or self._cancel.hasFocus()
        self._test.setVisible(not running)
        self._cancel.setVisible(running)
        if focused:
            (self._cancel if running else self._test).setFocus()
        self._show_state(self.session.setup)
        if said:
            self._verdict.setText(said)

    def _show_state(self, setup: Setup) -> None:
        entries = wanted_mailboxes(setup)
        self._test.setEnabled(bool(entries))
        if self._job is not None:
            self._verdict.setText(self.text("receiving_page.running", n=len(self._running)))
            return
        fresh = [
            one.test.report.ok
            for one in entries
            if one.test is not None and mailbox_freshness(setup, one) is Freshness.FRESH
        ]
        verdict = self.text("receiving_page.verdict", good=sum(fresh), n=len(entries))
        self._verdict.setText(verdict if fresh else "")

    def _apply(self, change: FormChange) -> None:
        """A remedy's button changes the form, and tests at once whether that was it."""
        self._change_form(change)
        QTimer.singleShot(0, self, self.test)

    def _change_form(self, change: FormChange) -> None:
        self._edit(lambda form: form.changed(change))
