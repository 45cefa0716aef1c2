"""Registering the company's own OAuth client, step by step: what to copy there, what to bring back.

Which steps there are is :mod:`wizard.signin.guide`'s, what a check means
:mod:`wizard.signin.findings`'.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.session import CLIENT
from ui.widgets.announcing import announce
from ui.widgets.client_entries import CLIENT_ID, ERP, SECRET_ENDS, TENANT, ClientEntries
from ui.widgets.client_guide import ClientGuide
from ui.widgets.labels import Body, Heading, Muted, Subheading
from ui.widgets.password import PasswordField
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.model import Secret
from wizard.signin.client import Audience
from wizard.signin.findings import Finding, Standing
from wizard.signin.guide import GuideStep, guide_for
from wizard.signin.service import Erp
from wizard.steps import StepState
from wizard.texts import Message
from wizard.updates import edit_client

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.page import Page
    from wizard.setup import Setup
    from wizard.signin.service import OAuthService

_STATES = {
    Standing.RIGHT: StepState.DONE,
    Standing.WRONG: StepState.FAILED,
    Standing.UNKNOWN: StepState.OPEN,
}


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
        self._guide: tuple[GuideStep, ...] = ()
        self._findings: QWidget = QWidget()
        self.setObjectName("client-assistant")
        self.setWindowTitle(self._say("title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = _Content()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(GRID, GRID, GRID * 2, GRID)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.windowTitle()))
        self._column.addWidget(Body(self._say("intro")))
        self._address = ClientEntries(page, self._labels(ERP))
        self._address.setVisible(service.erp is not Erp.NONE)
        self._column.addWidget(self._address)
        self._steps = QWidget()
        self._column.addWidget(self._steps)
        self._build_entries()
        self._build_check()
        self._column.addStretch(1)
        self._build_frame(content)
        page.session.setup_changed.connect(self._show)
        self.finished.connect(self._end)
        self._show(page.session.setup)

    def check(self) -> None:
        """Look at the client from outside."""
        self._secret.commit()
        self._entries.judge()
        setup, signins = self._page.session.setup, self._page.session.signins

        async def work(_: Progress) -> object:
            return await signins.check(setup)

        self._check.setEnabled(False)
        self._tell("running", self._say("checking"))
        self._findings = swap(self._column, self._findings, QWidget())
        self._job = self._page.run(work, succeeded=self._take, failed=self._crashed)

    # -- building --

    def _build_frame(self, content: QWidget) -> None:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.windowTitle())
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.addWidget(area)
        buttons = QDialogButtonBox()
        close = buttons.addButton(self._say("close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.setObjectName("client-close")
        close.setAutoDefault(False)
        buttons.rejected.connect(self.close)
        outer.addWidget(buttons)
        window = self._page.window().size()
        self.resize(min(window.width(), 900), round(window.height() * 0.92))

    def _build_entries(self) -> None:
        self._column.addWidget(Subheading(self._say("bring_back")))
        names = [CLIENT_ID]
        names += [TENANT] if self._service.has_tenant else []
        names += [SECRET_ENDS] if self._service.family == "microsoft" else []
        self._entries = ClientEntries(self._page, self._labels(*names))
        said = self._say("entry.secret")
        self._secret = PasswordField(said, "client-secret")
        self._secret.entered.connect(self._keep_secret)
        place = names.index(SECRET_ENDS) if SECRET_ENDS in names else len(names)
        self._entries.add_secret(said, self._secret, place)
        self._column.addWidget(self._entries)
        if self._service.erp is Erp.GMAIL:
            self._build_audience()

    def _labels(self, *names: str) -> dict[str, str]:
        return {name: self._say(f"entry.{name}") for name in names}

    def _build_audience(self) -> None:
        """Internal or External, each with what follows from it."""
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        column.addWidget(Muted(self._say("audience.title")))
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
        self._column.addLayout(column)

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
        self._column.addWidget(self._findings)

    # -- entries --

    def _choose(self, audience: Audience) -> None:
        self._page.update_setup(
            lambda setup: edit_client(setup, lambda client: replace(client, audience=audience))
        )

    def _keep_secret(self, secret: Secret) -> None:
        # In memory until the service has taken it: what is wrong is not worth storing.
        self._page.session.hold_secret(CLIENT, secret)

    def _show(self, setup: Setup) -> None:
        client, session = setup.signin.client, self._page.session
        self._address.show_setup(setup)
        self._entries.show_setup(setup)
        typed = session.typed_secret(CLIENT)
        stored = client.secret_revision > 0 and session.keeps and typed is None
        self._secret.show_secret(typed, stored=stored)
        if self._service.erp is Erp.GMAIL:
            self._audiences.button(list(Audience).index(client.audience)).setChecked(True)
        guide = guide_for(self._service, setup)
        if guide != self._guide:
            self._guide = guide
            new = ClientGuide(self._service, self._platform(), guide)
            self._steps = swap(self._column, self._steps, new)

    # -- check --

    def _take(self, result: object) -> None:
        self._rest()
        found = result if isinstance(result, tuple) else ()
        problems = [self._page.say(one) for one in found if isinstance(one, Message)]
        if problems:
            self._tell("missing", problems[0])
            return
        findings = [one for one in found if isinstance(one, Finding)]
        wrong = sum(one.standing is Standing.WRONG for one in findings)
        said = self._say("verdict", n=wrong) if wrong else self._say("no_wrong")
        self._findings = swap(self._column, self._findings, self._list(findings))
        self._tell(StepState.FAILED if wrong else StepState.DONE, said)

    def _list(self, findings: list[Finding]) -> QWidget:
        """Each finding, and below it the service's words where there are any."""
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
        return box

    def _crashed(self, _: object) -> None:
        self._rest()
        self._tell(StepState.FAILED, self._page.text("server_result.crashed"))

    def _rest(self) -> None:
        self._job = None
        self._check.setEnabled(True)

    def _tell(self, state: StepState | str, said: str) -> None:
        self._verdict.show_state(state, said)
        self._verdict.show()
        announce(self._verdict)

    # -- inside --

    def _say(self, key: str, **values: int) -> str:
        return self._page.text(
            f"client_assistant.{key}",
            service=self._service.name,
            platform=self._platform(),
            **values,
        )

    def _platform(self) -> str:
        setup, catalog = self._page.session.setup, self._page.session.catalog
        platform = catalog.platforms.get(setup.company.platform) if catalog is not None else None
        return platform.name if platform is not None else "openAPPone"

    def _end(self) -> None:
        self._secret.commit()
        if self._job is not None:
            self._job.mute()
            self._job.cancel()
