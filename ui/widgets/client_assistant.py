"""Registering the company's own OAuth client, step by step: what to copy there, what to bring back.

A window of its own that can stay open beside the browser. Which steps there are is
:mod:`wizard.signin.guide`'s, what a check means :mod:`wizard.signin.findings`'.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.session import CLIENT
from ui.widgets.announcing import announce
from ui.widgets.copying import Value
from ui.widgets.labels import Body, Heading, LinkLabel, Muted, Subheading
from ui.widgets.password import PasswordField
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.model import Invalid, Secret
from wizard.signin.client import (
    Audience,
    OAuthClient,
    parse_client_id,
    parse_erp_address,
    parse_tenant,
    secret_reminder,
)
from wizard.signin.findings import Finding, Standing
from wizard.signin.guide import GuideStep, guide_for
from wizard.signin.service import Erp
from wizard.steps import StepState
from wizard.texts import Message
from wizard.updates import edit_client, enter_erp_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.background import Job, Progress
    from ui.page import Page
    from wizard.setup import Setup
    from wizard.signin.service import OAuthService


_STATES = {
    Standing.RIGHT: StepState.DONE,
    Standing.WRONG: StepState.FAILED,
    Standing.UNKNOWN: StepState.OPEN,
}
MAX_LENGTH = 400


class _Content(QWidget):
    """As high as it is for its present width, not for the narrowest one (see ``Page``)."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class ClientAssistant(QDialog):
    """To be shown by ``open()``; ``page`` runs the work. Entries go into the set-up at once."""

    def __init__(self, page: Page, service: OAuthService) -> None:
        super().__init__(page)
        self._page = page
        self._service = service
        self._job: Job | None = None
        self._lines: dict[str, QLineEdit] = {}
        self._problems: dict[str, StateLabel] = {}
        self._guide: tuple[GuideStep, ...] = ()
        self.setObjectName("client-assistant")
        self.setWindowTitle(self._say("title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.windowTitle())
        content = _Content()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(GRID, GRID, GRID * 2, GRID)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.windowTitle()))
        self._column.addWidget(Body(self._say("intro")))
        if service.erp is not Erp.NONE:
            self._column.addLayout(self._entries(("erp",)))
        self._steps = QWidget()
        self._column.addWidget(self._steps)
        self._column.addWidget(Subheading(self._say("bring_back")))
        self._build_entries()
        self._build_check()
        self._column.addStretch(1)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.addWidget(area)
        buttons = QDialogButtonBox()
        close = buttons.addButton(self._say("close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("client-close")
        close.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        outer.addWidget(buttons)
        window = page.window().size()
        self.resize(min(window.width(), 900), round(window.height() * 0.92))
        page.session.setup_changed.connect(self._show)
        self.finished.connect(self._end)
        self._show(page.session.setup)

    # -- entries --

    def _build_entries(self) -> None:
        names = ["client-id"]
        if self._service.has_tenant:
            names.append("tenant")
        self._form = self._entries(tuple(names))
        self._secret = PasswordField(self._say("entry.secret"), "client-secret")
        self._secret.entered.connect(self._keep_secret)
        self._add_row(self._form, self._say("entry.secret"), self._secret)
        if self._service.family == "microsoft":
            self._add_entry(self._form, "secret-ends")
        self._column.addLayout(self._form)
        if self._service.erp is Erp.GMAIL:
            self._build_audience()

    def _entries(self, names: tuple[str, ...]) -> QFormLayout:
        form = QFormLayout()
        form.setSpacing(GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name in names:
            self._add_entry(form, name)
        return form

    def _add_entry(self, form: QFormLayout, name: str) -> None:
        said = self._say(f"entry.{name}")
        edit = QLineEdit()
        edit.setObjectName(f"client-{name}")
        edit.setAccessibleName(said)
        edit.setMaxLength(MAX_LENGTH)
        edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        if name == "secret-ends":
            edit.setPlaceholderText(f"{dt.date.today() + dt.timedelta(days=180):%Y-%m-%d}")
        edit.textEdited.connect(lambda text: self._entered(name, text))
        edit.editingFinished.connect(self._judge)
        problem = StateLabel("wrong", "")
        problem.setObjectName(f"client-{name}-problem")
        problem.hide()
        self._lines[name], self._problems[name] = edit, problem
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(edit)
        column.addWidget(problem)
        self._add_row(form, said, whole, edit)

    def _add_row(
        self, form: QFormLayout, said: str, row: QWidget, buddy: QWidget | None = None
    ) -> None:
        label = QLabel(said)
        label.setBuddy(buddy or row)
        form.addRow(label, row)

    def _build_audience(self) -> None:
        """Internal or External, each with what follows from it."""
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        column.addWidget(Muted(self._say("audience.title")))
        self._column.addLayout(column)
        self._audiences = QButtonGroup(self)
        for number, audience in enumerate(Audience):
            button = QRadioButton(self._say(f"audience.{audience}"))
            button.setObjectName(f"client-audience-{audience}")
            why = Muted(self._say(f"audience_why.{audience}"))
            why.setContentsMargins(GRID * 3, 0, 0, GRID // 2)
            button.setAccessibleDescription(why.text())
            button.clicked.connect(lambda _=False, chosen=audience: self._choose(chosen))
            self._audiences.addButton(button, number)
            column.addWidget(button)
            column.addWidget(why)

    def _choose(self, audience: Audience) -> None:
        self._page.update_setup(
            lambda setup: edit_client(setup, lambda client: replace(client, audience=audience))
        )

    def _entered(self, name: str, text: str) -> None:
        self._problems[name].hide()
        if name == "erp":
            self._page.update_setup(lambda setup: enter_erp_address(setup, text))
            return
        change: Callable[[OAuthClient], OAuthClient]
        match name:
            case "client-id":
                change = lambda client: replace(client, client_id=text)  # noqa: E731
            case "tenant":
                change = lambda client: replace(client, tenant=text)  # noqa: E731
            case _:
                day = _parse_day(text)
                if isinstance(day, Invalid):
                    return
                change = lambda client: replace(client, secret_ends=day)  # noqa: E731
        self._page.update_setup(lambda setup: edit_client(setup, change))

    def _judge(self) -> None:
        """Say what cannot be used; an empty field is only not filled in yet."""
        parse: dict[str, Callable[[str], object]] = {
            "erp": parse_erp_address,
            "client-id": parse_client_id,
            "tenant": parse_tenant,
            "secret-ends": _parse_day,
        }
        for name, edit in self._lines.items():
            parsed = parse[name](edit.text()) if edit.text().strip() else None
            said = self._page.say(parsed.message) if isinstance(parsed, Invalid) else ""
            self._problems[name].show_state("wrong", said)
            self._problems[name].setVisible(bool(said))
            edit.setAccessibleDescription(said)

    def _keep_secret(self, secret: Secret) -> None:
        # In memory until the service has taken it: what is wrong is not worth storing.
        self._page.session.hold_secret(CLIENT, secret)

    # -- check --

    def _build_check(self) -> None:
        row = line()
        self._check = QPushButton(self._say("check"))
        self._check.setObjectName("client-check")
        self._check.setAutoDefault(False)
        self._check.clicked.connect(self.check)
        self._verdict = StateLabel(StepState.OPEN, "")
        self._verdict.setObjectName("client-verdict")
        self._verdict.hide()
        row.addWidget(self._check, 0, Qt.AlignmentFlag.AlignLeft)
        row.addWidget(self._verdict, 1)
        self._column.addLayout(row)
        self._findings = QWidget()
        self._column.addWidget(self._findings)

    def check(self) -> None:
        """Look at the client from outside, nothing is stored."""
        self._secret.commit()
        self._judge()
        setup, signins = self._page.session.setup, self._page.session.signins

        async def work(_: Progress) -> object:
            return await signins.check(setup)

        self._check.setEnabled(False)
        self._verdict.show_state("running", self._say("checking"))
        self._verdict.show()
        self._findings = swap(self._column, self._findings, QWidget())
        self._job = self._page.run(work, succeeded=self._take, failed=self._crashed)

    def _take(self, result: object) -> None:
        self._rest()
        found = result if isinstance(result, tuple) else ()
        problems = [self._page.say(one) for one in found if isinstance(one, Message)]
        if problems:
            self._verdict.show_state("missing", problems[0])
            announce(self._verdict)
            return
        findings = [one for one in found if isinstance(one, Finding)]
        wrong = sum(one.standing is Standing.WRONG for one in findings)
        state = StepState.FAILED if wrong else StepState.DONE
        self._verdict.show_state(
            state, self._say("verdict", n=wrong) if wrong else self._say("no_wrong")
        )
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for finding in findings:
            label = StateLabel(_STATES[finding.standing], self._page.say(finding.message))
            label.setObjectName(f"client-finding-{finding.check}")
            column.addWidget(label)
            if finding.failure is not None and finding.failure.words:
                words = Muted(self._page.text("diagnosis.said", words=finding.failure.words))
                words.setContentsMargins(GRID * 3, 0, 0, 0)
                column.addWidget(words)
        self._findings = swap(self._column, self._findings, box)
        announce(self._verdict)

    def _crashed(self, _: object) -> None:
        self._rest()
        self._verdict.show_state(StepState.FAILED, self._page.text("server_result.crashed"))

    def _rest(self) -> None:
        self._job = None
        self._check.setEnabled(True)

    # -- inside --

    def _say(self, key: str, **values: int) -> str:
        setup, catalog = self._page.session.setup, self._page.session.catalog
        platform = catalog.platforms.get(setup.company.platform) if catalog is not None else None
        name = platform.name if platform is not None else "openAPPone"
        return self._page.text(
            f"client_assistant.{key}", service=self._service.name, platform=name, **values
        )

    def _show(self, setup: Setup) -> None:
        client = setup.signin.client
        ends = client.secret_ends
        typed = {
            "erp": setup.platform.address,
            "client-id": client.client_id,
            "tenant": client.tenant,
            "secret-ends": ends.isoformat() if ends else "",
        }
        for name, edit in self._lines.items():
            if edit.text() != typed[name] and not (name == "secret-ends" and edit.hasFocus()):
                with QSignalBlocker(edit):
                    edit.setText(typed[name])
        if self._service.has_tenant:
            self._lines["tenant"].setPlaceholderText(setup.domain or "")
        if self._service.erp is Erp.GMAIL:
            self._audiences.button(list(Audience).index(client.audience)).setChecked(True)
        session = self._page.session
        typed_secret = session.typed_secret(CLIENT)
        stored = client.secret_revision > 0 and session.keeps and typed_secret is None
        self._secret.show_secret(typed_secret, stored=stored)
        if ends is not None and (reminder := secret_reminder(client, dt.date.today())):
            self._problems["secret-ends"].show_state("attention", self._page.say(reminder))
            self._problems["secret-ends"].show()
        guide = guide_for(self._service, setup)
        if guide != self._guide:
            self._guide = guide
            self._steps = swap(self._column, self._steps, self._build_steps(guide))

    def _build_steps(self, guide: tuple[GuideStep, ...]) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        family = self._service.family if self._service.erp is not Erp.NONE else "other"
        for number, step in enumerate(guide, 1):
            said = self._say(f"step.{family}.{step.id}")
            column.addWidget(Body(f"{number}. {said}"))
            if step.url:
                link = LinkLabel(self._page.text("diagnosis.open"), step.url)
                link.setContentsMargins(GRID * 3, 0, 0, 0)
                column.addWidget(link)
            for place, value in enumerate(step.values):
                name = self._say(f"value.{value.id}")
                below = QWidget()
                inner = QVBoxLayout(below)
                inner.setContentsMargins(GRID * 3, 0, 0, 0)
                inner.setSpacing(GRID // 2)
                inner.addWidget(Muted(name))
                if value.value:
                    prefix = f"client-{step.id}-{place}"
                    inner.addWidget(Value(value.value, name, prefix))
                else:
                    inner.addWidget(StateLabel("missing", self._say("enter_address_first")))
                column.addWidget(below)
        return box

    def _end(self) -> None:
        self._secret.commit()
        if self._job is not None:
            self._job.mute()
            self._job.cancel()


def _parse_day(text: str) -> dt.date | Invalid | None:
    """A day as ``2027-05-31``; nothing is no day."""
    if not text.strip():
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        from wizard.texts import message  # noqa: PLC0415

        example = f"{dt.date.today() + dt.timedelta(days=180):%Y-%m-%d}"
        return Invalid(message("input.date.form", example=example))
