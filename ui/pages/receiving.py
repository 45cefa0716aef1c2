"""Step 4: the mailboxes that the platform reads, tested at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.pages.sending import changed_form
from ui.session import RECEIVING
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body, Heading, Subheading
from ui.widgets.mailbox_table import MailboxTable
from ui.widgets.notice import Notice
from ui.widgets.password import PasswordField
from ui.widgets.server_form import Change, ServerFormBox
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.flow import Step, mailbox_freshness, wanted_mailboxes
from wizard.model import Invalid, Protocol, Secret, ServerSettings, parse_address
from wizard.presets import fill_forms
from wizard.readiness import Caution, cautions
from wizard.setup import (
    Freshness,
    LoginMode,
    Purpose,
    ServerTest,
    Setup,
    add_mailbox,
    choose_login,
    choose_protocol,
    edit_receiving,
    mailbox_form,
    remove_mailbox,
    take_mailbox_test,
)

if TYPE_CHECKING:
    from ui.background import Progress
    from ui.session import Session
    from wizard.catalog import Catalog
    from wizard.diagnosis.diagnose import FormChange

GATHER_MS = 40


class ReceivingPage(Page):
    """The incoming side."""

    step = Step.RECEIVING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._running: frozenset[str] = frozenset()
        self._shown: object = None
        # Fifty mailboxes answer at once: one update for all that came, not one each.
        self._heard: list[tuple[str, ServerTest]] = []
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._take_heard)
        self._cautioned: list[Caution] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.text("receiving_page.title")))
        self._column.addWidget(Body(self.text("receiving_page.intro")))
        self._build_form()
        self._cautions = QWidget()
        self._column.addWidget(self._cautions)
        self._build_table()
        self._result = QWidget()
        self._column.addWidget(self._result)
        self._column.addStretch(1)

    def refresh(self, setup: Setup) -> None:
        receiving, catalog = setup.receiving, self.session.catalog
        for button in self._choices.buttons():
            name = button.objectName()
            if name in (f"receiving-{receiving.protocol}", f"receiving-login-{receiving.login}"):
                button.setChecked(True)
        for button in self._logins.buttons():
            if button.objectName() == f"receiving-login-{receiving.login}":
                button.setChecked(True)
        self._form.set_protocol(receiving.protocol)
        self._form.show_form(receiving.form)
        shared = receiving.login is LoginMode.SHARED
        self._form.show_username(shown=shared)
        self._form.set_row_visible(self._password, shown=shared)
        stored = receiving.form.secret_revision > 0 and self.session.keeps
        self._password.show_secret(self.session.typed_secret(RECEIVING), stored=stored)
        self._table.show_setup(setup, self._running)
        self._show_buttons(setup)
        if catalog is not None:
            self._show_cautions(setup, catalog)
        self._show_result()

    def enter(self) -> None:
        catalog = self.session.catalog
        if catalog is not None:
            self.update_setup(lambda setup: fill_forms(setup, catalog))

    def leave(self) -> None:
        self._password.commit()
        super().leave()
        self._over()

    # -- form --

    def _build_form(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(GRID * 2)
        self._choices = QButtonGroup(self)
        for protocol in (Protocol.IMAP, Protocol.POP3):
            button = QRadioButton(self.text(f"receiving_page.protocol.{protocol}"))
            button.setObjectName(f"receiving-{protocol}")
            button.clicked.connect(partial(self._choose_protocol, protocol))
            self._choices.addButton(button)
            line.addWidget(button)
        line.addStretch(1)
        self._column.addLayout(line)
        self._form = ServerFormBox("receiving", Protocol.IMAP)
        self._form.changed.connect(self._edit)
        self._column.addWidget(self._form)
        logins = QHBoxLayout()
        logins.setSpacing(GRID * 2)
        self._logins = QButtonGroup(self)
        for mode in LoginMode:
            choice = QRadioButton(self.text(f"receiving_page.login.{mode}"))
            choice.setObjectName(f"receiving-login-{mode}")
            choice.clicked.connect(partial(self._choose_login, mode))
            self._logins.addButton(choice)
            logins.addWidget(choice)
        logins.addStretch(1)
        self._column.addLayout(logins)
        self._password = PasswordField(self.text("form.password_name"), "receiving-password")
        self._password.entered.connect(self._keep_secret)
        self._form.add_row(self.text("form.password"), self._password)

    def _edit(self, change: Change) -> None:
        self.update_setup(lambda setup: edit_receiving(setup, change))

    def _choose_protocol(self, protocol: Protocol) -> None:
        self.update_setup(lambda setup: choose_protocol(setup, protocol))

    def _choose_login(self, mode: LoginMode) -> None:
        self.update_setup(lambda setup: choose_login(setup, mode))

    def _keep_secret(self, secret: Secret) -> None:
        self.session.set_secret(RECEIVING, secret)

    def _show_cautions(self, setup: Setup, catalog: Catalog) -> None:
        found = [one for one in cautions(setup, catalog) if one.step is self.step]
        if found == self._cautioned:
            return
        self._cautioned = found
        new = QWidget()
        column = QVBoxLayout(new)
        column.setContentsMargins(0, 0, 0, 0)
        for caution in found:
            link = (self.text("service_page.open_page"), caution.url) if caution.url else None
            column.addWidget(Notice(caution.severity, self.say(caution.message), link=link))
        self._cautions = swap(self._column, self._cautions, new)

    # -- mailboxes --

    def _build_table(self) -> None:
        self._column.addWidget(Subheading(self.text("receiving_page.mailboxes")))
        self._table = MailboxTable(self.session)
        self._table.chosen.connect(self._row_chosen)
        self._column.addWidget(self._table)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        label = QLabel(self.text("receiving_page.add_label"))
        self._own = QLineEdit()
        self._own.setObjectName("receiving-own")
        self._own.setPlaceholderText("invoices")
        self._own.setMaxLength(64)
        label.setBuddy(self._own)
        add = self._button("add", self._add)
        self._remove = self._button("remove", self._remove_current)
        line.addWidget(label)
        line.addWidget(self._own, 1)
        line.addWidget(add)
        line.addWidget(self._remove)
        self._column.addLayout(line)
        self._problem = Body()
        self._problem.hide()
        self._column.addWidget(self._problem)
        tests = QHBoxLayout()
        self._test = self._button("test", self.test)
        self._cancel = self._button("cancel", self.leave)
        self._cancel.hide()
        self._verdict = Body()
        self._verdict.setObjectName("receiving-verdict")
        tests.addWidget(self._test)
        tests.addWidget(self._cancel)
        tests.addWidget(self._verdict, 1)
        self._column.addLayout(tests)

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self.text(f"receiving_page.{name}"))
        button.setObjectName(f"receiving-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def _add(self) -> None:
        local = self._own.text().strip().partition("@")[0]
        domain = self.session.setup.domain or "acme.example"
        parsed = parse_address(f"{local}@{domain}")
        known = {entry.local.strip().lower() for entry in self.session.setup.receiving.mailboxes}
        if isinstance(parsed, Invalid):
            self._say_problem(self.say(parsed.message))
        elif local.lower() in known:
            self._say_problem(self.text("receiving_page.twice", address=f"{local}@{domain}"))
        else:
            self._problem.hide()
            self._own.clear()
            self.update_setup(lambda setup: add_mailbox(setup, local))

    def _say_problem(self, said: str) -> None:
        self._problem.setText(said)
        self._problem.show()

    def _remove_current(self) -> None:
        mailbox = self._table.current_id()
        self.update_setup(lambda setup: remove_mailbox(setup, mailbox))

    def _row_chosen(self) -> None:
        self._shown = None
        self._show_buttons(self.session.setup)
        self._show_result()

    def _show_buttons(self, setup: Setup) -> None:
        current = self._table.current_id()
        own = {one.id for one in setup.receiving.mailboxes if one.purpose is Purpose.OWN}
        self._remove.setEnabled(current in own)
        count = len(wanted_mailboxes(setup))
        self._test.setEnabled(count > 0)
        self._test.setVisible(not self._running)
        self._cancel.setVisible(bool(self._running))
        if self._running:
            self._verdict.setText(self.text("receiving_page.running", n=len(self._running)))
            return
        fresh = [
            one
            for one in wanted_mailboxes(setup)
            if mailbox_freshness(setup, one) is Freshness.FRESH and one.test is not None
        ]
        good = sum(1 for one in fresh if one.test is not None and one.test.report.ok)
        said = self.text("receiving_page.verdict", good=good, n=count) if fresh else ""
        self._verdict.setText(said)

    # -- test --

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
        self._running = frozenset(entry.id for entry in entries)

        async def work(report: Progress) -> None:
            from wizard.actions import test_mailboxes  # noqa: PLC0415

            await test_mailboxes(
                setup, session.secret, session.network(), lambda *result: report(result)
            )

        self.run(work, succeeded=lambda _: None, progressed=self._hear, finished=self._over)
        self.refresh(setup)

    def _hear(self, result: object) -> None:
        match result:
            case (str() as mailbox, ServerTest() as test):
                self._heard.append((mailbox, test))
                if not self._gather.isActive():
                    self._gather.start()

    def _take_heard(self) -> None:
        heard, self._heard = self._heard, []
        self._running -= {mailbox for mailbox, _ in heard}

        def take(setup: Setup) -> Setup:
            for mailbox, test in heard:
                setup = take_mailbox_test(setup, mailbox, test)
            return setup

        self.update_setup(take)

    def _over(self) -> None:
        self._gather.stop()
        self._take_heard()
        self._running = frozenset()
        self._shown = None
        self.refresh(self.session.setup)
        self._choose_first_failed()

    def _choose_first_failed(self) -> None:
        setup = self.session.setup
        for row, entry in enumerate(setup.receiving.mailboxes):
            fresh = mailbox_freshness(setup, entry) is Freshness.FRESH
            if entry.wanted and fresh and entry.test is not None and not entry.test.report.ok:
                self._table.selectRow(row)
                return

    def _show_result(self) -> None:
        """The card of the chosen row, if it failed."""
        setup, current = self.session.setup, self._table.current_id()
        entry = next((one for one in setup.receiving.mailboxes if one.id == current), None)
        fresh = entry is not None and mailbox_freshness(setup, entry) is Freshness.FRESH
        key = (entry, fresh) if entry is not None and entry.test and fresh else None
        if key == self._shown and key is not None:
            return
        self._shown = key
        report = entry.test.report if entry is not None and entry.test and fresh else None
        if report is None or report.failure is None:
            self._result = swap(self._column, self._result, QWidget())
            return
        from wizard.diagnosis.diagnose import diagnose_failure  # noqa: PLC0415

        diagnosis = diagnose_failure(report.failure, report.settings, setup.service.provider)
        card = DiagnosisCard(diagnosis, report.transcript, "receiving")
        card.apply.connect(self._apply)
        self._result = swap(self._column, self._result, card)

    def _apply(self, change: FormChange) -> None:
        self._edit(lambda form: changed_form(form, change))
