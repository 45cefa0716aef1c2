"""A sign-in that did not work: why, what to do, and what to send to the administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.widgets.copying import Value
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.signin.client import AdminConsent
from wizard.signin.grants import registration_of, scopes_to_ask
from wizard.signin.registration import admin_consent_url
from wizard.steps import StepState

if TYPE_CHECKING:
    from ui.page import Page
    from wizard.setup import Setup
    from wizard.signin.login import SigninFailure
    from wizard.signin.service import OAuthService


class SigninFailed(QWidget):
    """What we know of it ourselves, then the diagnosis of the service's words."""

    def __init__(self, page: Page, failure: SigninFailure, prefix: str) -> None:
        super().__init__()
        from wizard.diagnosis.circumstances import Circumstances  # noqa: PLC0415
        from wizard.diagnosis.diagnose import DiagnosisProtocol, diagnose_cause  # noqa: PLC0415

        diagnosis = diagnose_cause(
            failure.cause,
            failure.words,
            protocol=DiagnosisProtocol.OAUTH,
            circumstances=Circumstances(provider=failure.family),
        )
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        if failure.note is not None:
            note = StateLabel(StepState.FAILED, page.say(failure.note))
            note.setObjectName(f"{prefix}-sign-in-note")
            column.addWidget(note)
        column.addWidget(DiagnosisCard(diagnosis, (), f"{prefix}-sign-in"))

    def add(self, widget: QWidget) -> None:
        """Something more below it."""
        self._column.addWidget(widget)


class AdminConsentBox(QWidget):
    """The link for the administrator; ``waiting``: it was sent, their answer is awaited."""

    waiting = Signal()

    def __init__(self, page: Page, setup: Setup, service: OAuthService, prefix: str) -> None:
        super().__init__()
        self.setObjectName(f"{prefix}-admin-consent")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        registration = registration_of(setup, service, None)
        if isinstance(registration, tuple):
            return
        url = admin_consent_url(registration, scopes_to_ask(setup, service))
        column.addWidget(Body(page.text("signin_box.admin_link")))
        name = page.text("signin_box.admin_link_name")
        column.addWidget(Value(url, name, f"{prefix}-admin-link"))
        if setup.signin.admin_consent is AdminConsent.AWAITED:
            return
        wait = QPushButton(page.text("signin_box.admin_wait"))
        wait.setObjectName(f"{prefix}-admin-wait")
        wait.setAutoDefault(False)
        wait.clicked.connect(self.waiting)
        row = line()
        row.addWidget(wait)
        row.addStretch(1)
        column.addLayout(row)
