"""Step 3: who sends, through which server, as whom; tested live, sending nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.session import SENDING
from ui.widgets.caution_list import CautionList
from ui.widgets.exemption import ExemptionNotice
from ui.widgets.labels import Body, Heading, Muted, Subheading
from ui.widgets.login_choice import LoginChoice
from ui.widgets.password import PasswordField
from ui.widgets.route_picture import RoutePicture
from ui.widgets.rows import line
from ui.widgets.server_form import Change, ServerFormBox
from ui.widgets.server_result import ServerResult
from ui.widgets.signing_in import SigninBox
from ui.widgets.spacing import GRID
from ui.widgets.stages import StageList
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.current import sending_freshness
from wizard.erp.senders import senders_of
from wizard.flow import Step, StepState
from wizard.model import Protocol, Route, Secret, ServerSettings, Stage, to_unicode
from wizard.presets import fill_forms, sending_choices
from wizard.probe.report import StageResult
from wizard.server_form import FormChange, Freshness, ServerForm, ServerTest
from wizard.setup import Setup
from wizard.updates import choose_route, edit_sending, log_in_by, take_sending_test

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.session import Session
    from wizard.model import AuthMethod

ROUTES = (Route.PROVIDER, Route.RELAY, Route.PLATFORM, Route.BOTH)


class SendingPage(Page):
    """The outgoing side."""

    step = Step.SENDING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Job | None = None
        self._shown: object = None
        self._choices: tuple[ServerForm, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        column.setSpacing(GRID * 2)
        column.addWidget(Heading(self.text("sending_page.title")))
        column.addLayout(self._build_routes())
        self._no_server = Body(self.text("sending_page.platform_sends"))
        self._no_server.setObjectName("sending-no-server")
        column.addWidget(self._no_server)
        self._server = QWidget()
        self._column = QVBoxLayout(self._server)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID * 2)
        self._build_form()
        self._build_test()
        column.addWidget(self._server)
        self._picture = RoutePicture()
        column.addWidget(self._picture)
        column.addStretch(1)
        session.catalog_ready.connect(self._on_catalog)

    def refresh(self, setup: Setup) -> None:
        catalog, route = self.session.catalog, setup.sending.route
        self._routes.button(ROUTES.index(route)).setChecked(True)
        self._server.setVisible(route is not Route.PLATFORM)
        self._no_server.setVisible(route is Route.PLATFORM)
        with_login = route is not Route.RELAY
        self._form.show_username(shown=with_login)
        by_token = with_login and setup.sending.form.by_token
        self._form.set_row_visible(self._password, shown=with_login and not by_token)
        self._login.show_choice(setup, SENDING)
        self._form.set_row_visible(self._login, shown=with_login and self._login.needed)
        self._signin.show_setup(setup)
        self._signin.setVisible(by_token and self._login.possible)
        self._form.show_form(setup.sending.form)
        self._exemption.show_form(setup.sending.form)
        self._password.show_secret(self.session.typed_secret(SENDING), stored=self._stored(setup))
        senders = ", ".join(f"{one.local}@{to_unicode(one.domain)}" for one in senders_of(setup))
        self._senders.setText(self.text("sending_page.senders", senders=senders))
        self._senders.setVisible(bool(senders))
        if catalog is not None:
            self._show_choices(sending_choices(setup, catalog), setup)
            self._cautions.show_setup(setup, catalog)
            self._picture.show_setup(setup, catalog)
        self._show_result(setup)

    def enter(self) -> None:
        catalog = self.session.catalog
        if catalog is not None:
            self.update_setup(lambda setup: fill_forms(setup, catalog))

    def leave(self) -> None:
        self._password.commit()
        self._signin.stop()
        if self._job is not None:
            self._rest("")
        super().leave()

    def _on_catalog(self) -> None:
        if self.isVisible():
            self.enter()

    # -- route --

    def _build_routes(self) -> QVBoxLayout:
        """A choice each, with its sentence below it."""
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        self._routes = QButtonGroup(self)
        for number, route in enumerate(ROUTES):
            button = QRadioButton(self.text(f"sending_page.route.{route}"))
            button.setObjectName(f"sending-route-{route}")
            why = Muted(self.text(f"sending_page.route_why.{route}"))
            why.setContentsMargins(GRID * 3, 0, 0, GRID // 2)
            button.setAccessibleDescription(why.text())
            button.clicked.connect(partial(self._choose_route, route))
            self._routes.addButton(button, number)
            column.addWidget(button)
            column.addWidget(why)
        return column

    def _choose_route(self, route: Route) -> None:
        self.update_setup(lambda setup: choose_route(setup, route))
        self.enter()

    # -- form --

    def _build_form(self) -> None:
        row = line()
        self._choice_label = QLabel(self.text("sending_page.choices"))
        self._choice = QComboBox()
        self._choice.setObjectName("sending-choices")
        self._choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._choice.activated.connect(self._take_choice)
        self._choice_label.setBuddy(self._choice)
        row.addWidget(self._choice_label)
        row.addWidget(self._choice, 1)
        self._column.addLayout(row)
        self._form = ServerFormBox("sending", Protocol.SMTP)
        self._form.changed.connect(self._edit)
        self._login = LoginChoice(self, "sending")
        self._login.chosen.connect(self._choose_login)
        self._form.add_row(self.text("signin_box.log_in_by"), self._login)
        self._password = PasswordField(self.text("form.password_name"), "sending-password")
        self._password.entered.connect(self._keep_secret)
        self._password.typed.connect(self._password_typed)
        self._form.add_row(self.text("form.password"), self._password)
        self._column.addWidget(self._form)
        self._signin = SigninBox(self, SENDING, "sending")
        self._column.addWidget(self._signin)
        self._exemption = ExemptionNotice("sending")
        self._exemption.revoked.connect(self._change_form)
        self._column.addWidget(self._exemption)
        self._cautions = CautionList(self.step)
        self._column.addWidget(self._cautions)

    def _edit(self, change: Change) -> None:
        self.update_setup(lambda setup: edit_sending(setup, change))

    def _choose_login(self, auth: AuthMethod | None) -> None:
        self.update_setup(lambda setup: log_in_by(setup, self.step, auth))

    def _keep_secret(self, secret: Secret) -> None:
        self.session.set_secret(SENDING, secret)
        self._show_result(self.session.setup)

    def _password_typed(self) -> None:
        self._show_result(self.session.setup)

    def _stored(self, setup: Setup) -> bool:
        return (
            setup.sending.form.secret_revision > 0
            and self.session.keeps
            and self.session.typed_secret(SENDING) is None
        )

    def _show_choices(self, choices: tuple[ServerForm, ...], setup: Setup) -> None:
        if choices != self._choices:
            self._choices = choices
            with QSignalBlocker(self._choice):
                self._choice.clear()
                for one in choices:
                    security = self.text(f"form.security_choice.{one.security}")
                    self._choice.addItem(f"{one.host}, {one.port}, {security}")
        several = len(choices) > 1
        self._choice.setVisible(several)
        self._choice_label.setVisible(several)
        same = [n for n, one in enumerate(choices) if setup.sending.form.same_entry(one)]
        with QSignalBlocker(self._choice):
            self._choice.setCurrentIndex(same[0] if same else -1)

    def _take_choice(self, index: int) -> None:
        chosen = self._choices[index]
        self._edit(chosen.keeping_login)

    # -- test --

    def _build_test(self) -> None:
        self._column.addWidget(Subheading(self.text("sending_page.test_title")))
        self._senders = Muted()
        self._senders.setObjectName("sending-senders")
        self._column.addWidget(self._senders)
        row = QHBoxLayout()
        self._test = self._button("test", self.test)
        self._cancel = self._button("cancel", self._stop)
        self._cancel.hide()
        row.addWidget(self._test)
        row.addWidget(self._cancel)
        row.addStretch(1)
        self._column.addLayout(row)
        self._status = StateLabel(StepState.OPEN, "")
        self._status.setObjectName("sending-status")
        self._status.hide()
        self._column.addWidget(self._status)
        self._stages = StageList("sending-stage")
        self._column.addWidget(self._stages)
        self._result: QWidget = QWidget()
        self._column.addWidget(self._result)

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self.text(f"sending_page.{name}"))
        button.setObjectName(f"sending-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        return button

    def test(self) -> None:
        """Test with what stands in the form now."""
        self._password.commit()
        setup, session = self.session.setup, self.session
        if not isinstance(setup.sending.form.parse(Protocol.SMTP), ServerSettings):
            self._form.judge_all()
            return
        known = self._stored(setup) or bool(session.typed_secret(SENDING))
        if setup.sending.form.by_token:
            if not self._signin.ready():
                return
        elif setup.sending.route is not Route.RELAY and not known:
            self._password.say_missing()
            return

        async def work(report: Progress) -> ServerTest:
            from wizard.actions import test_sending  # noqa: PLC0415

            login = await session.secret(SENDING)
            return await test_sending(setup, login, session.network(), report, report)

        self._stages.clear()
        self._stages.show()
        self._status.hide()
        self._job = self.run(
            work, succeeded=self._take, progressed=self._hear, failed=self._crashed
        )
        self._show_running()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.mute()
            self._job.cancel()
            self._rest(self.text("sending_page.cancelled"))

    def _hear(self, event: object) -> None:
        match event:
            case StageResult() as result:
                self._stages.end(result)
            case Stage() as stage:
                self._stages.begin(stage)

    def _take(self, test: ServerTest) -> None:
        self._rest("")
        self._shown = None
        self.update_setup(lambda setup: take_sending_test(setup, test))
        if isinstance(self._result, ServerResult):
            self._result.present()

    def _crashed(self, _: object) -> None:
        self._rest(self.text("server_result.crashed"))

    def _rest(self, said: str) -> None:
        """No test runs any more; ``said`` is why, when it did not come to its end."""
        self._job = None
        self._stages.stop()
        self._status.show_state(StepState.OPEN, said)
        self._status.setVisible(bool(said))
        self._show_running()

    def _show_running(self) -> None:
        running = self._job is not None
        focused = self._test.hasFocus() or self._cancel.hasFocus()
        self._test.setVisible(not running)
        self._cancel.setVisible(running)
        self._result.setVisible(not running and self._status.isHidden())
        if focused:
            (self._cancel if running else self._test).setFocus()

    def _show_result(self, setup: Setup) -> None:
        test, fresh = setup.sending.test, sending_freshness(setup)
        if test is not None and self._password.uncommitted:
            fresh = Freshness.STALE
        if self._job is not None or (test, fresh) == self._shown:
            return
        self._shown = (test, fresh)
        good = test is not None and fresh is Freshness.FRESH
        self._stages.setVisible(good)
        self._status.hide()
        if test is None:
            self._result = swap(self._column, self._result, QWidget())
            return
        if good:
            self._stages.show_results(test.report.stages)
        around = self.session.circumstances(Protocol.SMTP)
        result = ServerResult(test, fresh, around, "sending")
        result.apply.connect(self._apply)
        self._result = swap(self._column, self._result, result)

    def _apply(self, change: FormChange) -> None:
        """A remedy's button changes the form, and tests at once whether that was it."""
        self._change_form(change)
        QTimer.singleShot(0, self, self.test)

    def _change_form(self, change: FormChange) -> None:
        self._edit(lambda form: form.changed(change))
