"""Step 3: who sends, through which server, as whom; tested live, sending nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker
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
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body, Heading, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.password import PasswordField
from ui.widgets.server_form import Change, ServerFormBox
from ui.widgets.spacing import GRID
from ui.widgets.stages import StageList
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.erp.senders import senders_of
from wizard.flow import Step, StepState, sending_freshness
from wizard.model import Protocol, Route, Secret, ServerSettings, Stage
from wizard.presets import fill_forms, sending_choices
from wizard.probe.report import ProbeReport, StageResult
from wizard.readiness import Caution, cautions
from wizard.setup import (
    Freshness,
    ServerForm,
    ServerTest,
    Setup,
    choose_route,
    edit_sending,
    take_sending_test,
)

if TYPE_CHECKING:
    from ui.background import Progress
    from ui.session import Session
    from wizard.catalog import Catalog
    from wizard.diagnosis.diagnose import FormChange


class SendingPage(Page):
    """The outgoing side."""

    step = Step.SENDING

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._running = False
        self._shown: object = None
        self._cautioned: list[Caution] | None = None
        self._choices: tuple[ServerForm, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.text("sending_page.title")))
        self._build_routes()
        self._server = QWidget()
        server = QVBoxLayout(self._server)
        server.setContentsMargins(0, 0, 0, 0)
        server.setSpacing(GRID * 2)
        self._build_form(server)
        self._cautions = QWidget()
        self._server_column = server
        server.addWidget(self._cautions)
        self._build_test(server)
        self._column.addWidget(self._server)
        self._no_server = Body(self.text("sending_page.platform_sends"))
        self._column.addWidget(self._no_server)
        self._column.addStretch(1)

    def refresh(self, setup: Setup) -> None:
        catalog = self.session.catalog
        route = setup.sending.route
        for button in self._routes.buttons():
            if button.objectName() == f"sending-route-{route}":
                button.setChecked(True)
        self._server.setVisible(route is not Route.PLATFORM)
        self._no_server.setVisible(route is Route.PLATFORM)
        self._form.show_form(setup.sending.form)
        self._form.show_username(shown=route is not Route.RELAY)
        self._password_row(shown=route is not Route.RELAY)
        self._password.show_secret(self.session.typed_secret(SENDING), stored=self._stored(setup))
        senders = ", ".join(str(sender) for sender in senders_of(setup))
        self._senders.setText(self.text("sending_page.senders", senders=senders))
        if catalog is not None:
            self._show_choices(sending_choices(setup, catalog), setup)
            self._show_cautions(setup, catalog)
        self._show_result(setup)

    def enter(self) -> None:
        if self.session.catalog is not None:
            catalog = self.session.catalog
            self.update_setup(lambda setup: fill_forms(setup, catalog))

    def leave(self) -> None:
        self._password.commit()
        super().leave()
        self._over()

    # -- route --

    def _build_routes(self) -> None:
        self._routes = QButtonGroup(self)
        for route in (Route.PROVIDER, Route.RELAY, Route.PLATFORM, Route.BOTH):
            button = QRadioButton(self.text(f"sending_page.route.{route}"))
            button.setObjectName(f"sending-route-{route}")
            button.setToolTip(self.text(f"sending_page.route_why.{route}"))
            button.setAccessibleDescription(button.toolTip())
            button.clicked.connect(partial(self._choose_route, route))
            self._routes.addButton(button)
            self._column.addWidget(button)
        self._column.setSpacing(GRID)

    def _choose_route(self, route: Route) -> None:
        catalog = self.session.catalog
        self.update_setup(lambda setup: choose_route(setup, route))
        if catalog is not None:
            self.update_setup(lambda setup: fill_forms(setup, catalog))

    # -- form --

    def _build_form(self, column: QVBoxLayout) -> None:
        column.addSpacing(GRID)
        line = QHBoxLayout()
        self._choice_label = QLabel(self.text("sending_page.choices"))
        self._choice = QComboBox()
        self._choice.setObjectName("sending-choices")
        self._choice.activated.connect(self._take_choice)
        self._choice_label.setBuddy(self._choice)
        line.addWidget(self._choice_label)
        line.addWidget(self._choice, 1)
        column.addLayout(line)
        self._form = ServerFormBox("sending", Protocol.SMTP)
        self._form.changed.connect(self._edit)
        self._password = PasswordField(self.text("form.password_name"), "sending-password")
        self._password.entered.connect(self._keep_secret)
        self._form.add_row(self.text("form.password"), self._password)
        column.addWidget(self._form)

    def _password_row(self, *, shown: bool) -> None:
        self._form.set_row_visible(self._password, shown=shown)

    def _edit(self, change: Change) -> None:
        self.update_setup(lambda setup: edit_sending(setup, change))

    def _keep_secret(self, secret: Secret) -> None:
        self.session.set_secret(SENDING, secret)

    def _stored(self, setup: Setup) -> bool:
        return setup.sending.form.secret_revision > 0 and self.session.keeps

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
        self._edit(lambda form: replace(chosen, secret_revision=form.secret_revision))

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
        self._cautions = swap(self._server_column, self._cautions, new)

    # -- test --

    def _build_test(self, column: QVBoxLayout) -> None:
        column.addWidget(Subheading(self.text("sending_page.test_title")))
        self._senders = Muted()
        self._senders.setObjectName("sending-senders")
        column.addWidget(self._senders)
        row = QHBoxLayout()
        self._test = QPushButton(self.text("sending_page.test"))
        self._test.setObjectName("sending-test")
        self._test.setAutoDefault(False)
        self._test.clicked.connect(self.test)
        self._cancel = QPushButton(self.text("sending_page.cancel"))
        self._cancel.setObjectName("sending-cancel")
        self._cancel.setAutoDefault(False)
        self._cancel.clicked.connect(self.leave)
        self._cancel.hide()
        row.addWidget(self._test)
        row.addWidget(self._cancel)
        row.addStretch(1)
        column.addLayout(row)
        self._stages = StageList("sending-stage")
        column.addWidget(self._stages)
        self._result = QWidget()
        column.addWidget(self._result)

    def test(self) -> None:
        """Test with what stands in the form now."""
        self._password.commit()
        setup, session = self.session.setup, self.session
        if not isinstance(setup.sending.form.parse(Protocol.SMTP), ServerSettings):
            self._form.judge_all()
            return
        self._running = True
        self._stages.clear()
        self._show_running()

        async def work(report: Progress) -> ServerTest:
            from wizard.actions import test_sending  # noqa: PLC0415

            secret = await session.secret(SENDING)
            return await test_sending(setup, secret, session.network(), report, report)

        self.run(work, succeeded=self._take, progressed=self._hear, finished=self._over)

    def _hear(self, event: object) -> None:
        match event:
            case StageResult() as result:
                self._stages.end(result)
            case Stage() as stage:
                self._stages.begin(stage)

    def _take(self, test: ServerTest) -> None:
        self._running = False
        self.update_setup(lambda setup: take_sending_test(setup, test))

    def _over(self) -> None:
        self._running = False
        self._show_running()
        self._shown = None
        self._show_result(self.session.setup)

    def _show_running(self) -> None:
        self._test.setVisible(not self._running)
        self._cancel.setVisible(self._running)
        self._result.setVisible(not self._running)

    def _show_result(self, setup: Setup) -> None:
        test, fresh = setup.sending.test, sending_freshness(setup)
        if self._running or (test, fresh) == self._shown:
            return
        self._shown = (test, fresh)
        self._stages.setVisible(fresh is Freshness.FRESH)
        if test is not None and fresh is Freshness.FRESH:
            self._stages.show_results(test.report.stages)
        new = QWidget() if test is None else self._build_result(test.report, fresh, setup)
        self._result = swap(self._server_column, self._result, new)

    def _build_result(self, report: ProbeReport, fresh: Freshness, setup: Setup) -> QWidget:
        result = QWidget()
        column = QVBoxLayout(result)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        if fresh is not Freshness.FRESH:
            said = self.text("sending_page.stale")
            column.addWidget(StateLabel(StepState.STALE, said))
            return result
        for sender in report.senders:
            state = StepState.DONE if sender.accepted else StepState.FAILED
            said = self.text(
                "sending_page.accepted" if sender.accepted else "sending_page.refused",
                sender=sender.sender,
                reply=sender.reply,
            )
            label = StateLabel(state, said)
            label.setObjectName(f"sending-sender-{sender.sender}")
            column.addWidget(label)
        if report.failure is None:
            good = StateLabel(StepState.DONE, self.text("sending_page.works"))
            good.setObjectName("sending-verdict")
            column.addWidget(good)
            return result
        from wizard.diagnosis.diagnose import diagnose_failure  # noqa: PLC0415

        diagnosis = diagnose_failure(report.failure, report.settings, setup.service.provider)
        card = DiagnosisCard(diagnosis, report.transcript, "sending")
        card.apply.connect(self._apply)
        column.addWidget(card)
        return result

    def _apply(self, change: FormChange) -> None:
        """A remedy's button changes the form; the result is stale by that."""
        self._edit(lambda form: changed_form(form, change))


def changed_form(form: ServerForm, change: FormChange) -> ServerForm:
    """The form with a remedy's change made."""
    return replace(
        form,
        host=change.host or form.host,
        port=str(change.port) if change.port else form.port,
        security=change.security or form.security,
    )
