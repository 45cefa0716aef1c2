"""A sign-in: who is signed in, the way to the browser and back, waiting, what failed.

When a sign-in is possible, and what an answer means, is :mod:`wizard.signin`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.announcing import announce
from ui.widgets.copying import Value
from ui.widgets.labels import Muted
from ui.widgets.revealing import reveal
from ui.widgets.rows import line
from ui.widgets.signin_failed import AdminConsentBox, SigninFailed
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.model import Invalid
from wizard.setup import purpose_form
from wizard.signin.client import AdminConsent, SignedIn, parse_client_id
from wizard.signin.grants import grant_for
from wizard.steps import StepState
from wizard.texts import Message
from wizard.updates import await_admin_consent, drop_sign_in, take_sign_in

if TYPE_CHECKING:
    from ui.background import Job, Progress, Work
    from ui.page import Page
    from wizard.setup import Setup
    from wizard.signin.login import SigninFailure
    from wizard.signin.service import OAuthService


class SigninBox(QWidget):
    """The sign-in for one purpose of the vault. Its work belongs to the page and ends with it."""

    def __init__(self, page: Page, purpose: str, prefix: str) -> None:
        super().__init__()
        self._page = page
        self._purpose = purpose
        self._prefix = prefix
        self._service: OAuthService | None = None
        self._job: Job | None = None
        self._failure: SigninFailure | None = None
        self._browserless = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self._column = column
        self._state = StateLabel(StepState.OPEN, "")
        self._state.setObjectName(f"{prefix}-sign-in-state")
        self._more = Muted()
        self._more.setObjectName(f"{prefix}-sign-in-more")
        self._buttons = line()
        self._sign_in = self._button("sign-in", self.sign_in)
        self._device = self._button("sign-in-device", self.sign_in_by_device)
        self._cancel = self._button("sign-in-cancel", self._stop)
        self._sign_out = self._button("sign-out", self.sign_out)
        self._client = self._button("client", self._open_assistant)
        self._buttons.addStretch(1)
        self._below: QWidget = QWidget()
        column.addWidget(self._state)
        column.addWidget(self._more)
        column.addLayout(self._buttons)
        column.addWidget(self._below)

    def use_purpose(self, purpose: str) -> None:
        """Serve another purpose; what runs for the present one ends."""
        if purpose != self._purpose:
            self.stop()
            self._purpose = purpose
            self._failure = None
            self._show_below(QWidget())

    def show_setup(self, setup: Setup) -> None:
        """Who is signed in, what is missing; a sign-in that runs goes on."""
        self._service = service = self._page.session.signins.service(setup)
        if service is None or self._job is not None:
            return
        name = service.name
        person = grant_for(setup, self._purpose, service)
        ready = not isinstance(parse_client_id(setup.signin.client.client_id), Invalid)
        self._sign_in.setText(self._page.text("signin_box.sign_in", service=name))
        if person is not None:
            self._sign_in.setText(self._page.text("signin_box.again"))
        self._client.setText(self._page.text("signin_box.client", service=name))
        self._sign_in.setEnabled(ready)
        self._device.setVisible(ready and bool(service.device_endpoint) and self._may_need_device())
        self._cancel.hide()
        own = person is not None and person.purpose == self._purpose
        self._sign_out.setVisible(own)
        self._sign_in.show()
        self._client.show()
        self._say(setup, service, person, ready=ready)

    def stop(self) -> None:
        """Nobody waits any more."""
        if self._job is not None:
            job, self._job = self._job, None
            job.mute()
            job.cancel()

    def sign_in(self) -> None:
        """Sign in by the browser."""
        session, purpose = self._page.session, self._purpose
        setup = session.setup
        hint = self._hint(setup)

        async def work(report: Progress) -> object:
            return await session.signins.sign_in(setup, purpose, hint=hint, report=report)

        self._begin(work)

    def sign_in_by_device(self) -> None:
        """Sign in with a code on another device."""
        session, purpose = self._page.session, self._purpose
        setup = session.setup

        async def work(report: Progress) -> object:
            return await session.signins.sign_in_by_device(setup, purpose, report=report)

        self._begin(work)

    def sign_out(self) -> None:
        """Forget the tokens, and have them made worthless where the service can."""
        session, purpose = self._page.session, self._purpose
        setup = session.setup
        person = setup.signin.signed_in(purpose)
        if person is None:
            return

        async def work(_: Progress) -> object:
            return await session.signins.sign_out(setup, person)

        self._page.update_setup(lambda now: drop_sign_in(now, purpose))
        # Not the page's: who leaves the step at once wants the tokens gone all the same.
        job = session.background.job(work)
        job.succeeded.connect(self._signed_out)
        job.start()

    def ready(self) -> bool:
        """Can a test be made? Says what is missing when not."""
        setup, service = self._page.session.setup, self._service
        if service is not None and grant_for(setup, self._purpose, service) is not None:
            return True
        if self._job is None:
            self._state.show_state("wrong", self._page.text("signin_box.first"))
            announce(self._state)
            (self._sign_in if self._sign_in.isEnabled() else self._client).setFocus()
        return False

    # -- inside --

    def _open_assistant(self) -> None:
        from ui.widgets.client_assistant import ClientAssistant  # noqa: PLC0415

        if self._service is not None:
            ClientAssistant(self._page, self._service).open()

    def _hint(self, setup: Setup) -> str:
        """The login that is expected: the mailbox; none when somebody else is to sign in."""
        name = purpose_form(setup, self._purpose).username.strip()
        again = setup.signin.signed_in(self._purpose) is not None
        return name if "@" in name and not again else ""

    def _may_need_device(self) -> bool:
        """Only where the browser's way did not work: Microsoft advises to forbid the other."""
        return self._failure is not None or self._browserless

    def _begin(self, work: Work) -> None:
        self._failure = None
        self._show_below(QWidget())
        self._state.show_state("running", self._page.text("signin_box.looking"))
        self._more.setText("")
        self._job = self._page.run(
            work,
            succeeded=self._take,
            progressed=self._hear,
            failed=self._crashed,
        )
        focused = self._sign_in.hasFocus() or self._device.hasFocus()
        for button in (self._sign_in, self._device, self._sign_out, self._client):
            button.hide()
        self._cancel.show()
        if focused:
            self._cancel.setFocus()

    def _stop(self) -> None:
        self.stop()
        self._rest(self._page.text("signin_box.cancelled"))

    def _rest(self, said: str = "") -> None:
        focused = self._cancel.hasFocus()
        self._show_below(QWidget())
        self.show_setup(self._page.session.setup)
        if said:
            self._state.show_state(StepState.OPEN, said)
        if focused:
            self._sign_in.setFocus()

    def _hear(self, event: object) -> None:
        from wizard.signin.sign_in import InBrowser, OnDevice  # noqa: PLC0415

        page = self._page
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        match event:
            case InBrowser(address=address, opened=opened):
                self._browserless = not opened
                key = "waiting" if opened else "no_browser"
                self._state.show_state("running", page.text(f"signin_box.{key}"))
                if opened:
                    column.addWidget(Muted(page.text("signin_box.address")))
                column.addWidget(self._value(address, "address", "sign-in-address"))
                column.addWidget(Muted(page.text("signin_box.browser_error")))
            case OnDevice(device=device):
                self._state.show_state("running", page.text("signin_box.on_device"))
                column.addWidget(Muted(page.text("signin_box.device_address")))
                column.addWidget(self._value(device.address, "device_address", "device-address"))
                column.addWidget(Muted(page.text("signin_box.device_code")))
                column.addWidget(self._value(device.user_code, "device_code", "device-code"))
        self._show_below(below)
        announce(self._state)

    def _value(self, value: str, name: str, object_name: str) -> Value:
        return Value(value, self._page.text(f"signin_box.{name}"), f"{self._prefix}-{object_name}")

    def _take(self, result: object) -> None:
        from wizard.signin.login import SigninFailure  # noqa: PLC0415

        self._job = None
        match result:
            case SignedIn() as person:
                self._page.update_setup(lambda setup: take_sign_in(setup, person))
                self._rest()
            case SigninFailure() as failure:
                self._failure = failure
                self._rest()
                self._explain(failure)
            case (Message() as problem, *_):
                self._rest(self._page.say(problem))
            case _:
                self._rest()
        announce(self._state)

    def _crashed(self, _: object) -> None:
        self._job = None
        self._rest(self._page.text("server_result.crashed"))

    def _signed_out(self, revoked: object) -> None:
        key = "signed_out" if revoked else "signed_out_here"
        self._state.show_state(StepState.OPEN, self._page.text(f"signin_box.{key}"))
        announce(self._state)

    def _say(
        self, setup: Setup, service: OAuthService, person: SignedIn | None, *, ready: bool
    ) -> None:
        page = self._page
        self._more.setText("")
        if person is not None:
            who = person.person or page.text("signin_box.somebody")
            when = f"{person.when.astimezone():%Y-%m-%d %H:%M}"
            self._state.show_state(
                StepState.DONE, page.text("signin_box.signed_in", person=who, when=when)
            )
            key = "lasting" if person.lasting else "one_hour"
            if person.purpose != self._purpose:
                key = "shared"
            self._more.setText(page.text(f"signin_box.{key}"))
        elif not ready:
            said = page.text("signin_box.no_client", service=service.name)
            self._state.show_state("missing", said)
        else:
            self._state.show_state(StepState.OPEN, page.text("signin_box.nobody"))
            if setup.signin.admin_consent is AdminConsent.AWAITED:
                self._state.show_state("propagating", page.text("signin_box.awaiting_admin"))
                if self._failure is None:
                    self._show_below(self._consent(setup, service))
        self._more.setVisible(bool(self._more.text()))

    def _explain(self, failure: SigninFailure) -> None:
        below = SigninFailed(self._page, failure, self._prefix)
        setup, service = self._page.session.setup, self._service
        if failure.admin_may_agree and service is not None and service.admin_consent:
            below.add(self._consent(setup, service))
        self._state.show_state(StepState.FAILED, self._page.text("signin_box.failed"))
        self._show_below(below)
        reveal(below)

    def _consent(self, setup: Setup, service: OAuthService) -> AdminConsentBox:
        box = AdminConsentBox(self._page, setup, service, self._prefix)
        box.waiting.connect(self._await_admin)
        return box

    def _await_admin(self) -> None:
        self._failure = None
        self._page.update_setup(lambda now: await_admin_consent(now, AdminConsent.AWAITED))
        self.show_setup(self._page.session.setup)

    def _show_below(self, widget: QWidget) -> None:
        self._below = swap(self._column, self._below, widget)

    def _button(self, name: str, pressed: object) -> QPushButton:
        button = QPushButton(self._page.text(f"signin_box.button.{name}"))
        button.setObjectName(f"{self._prefix}-{name}")
        button.setAutoDefault(False)
        button.clicked.connect(pressed)
        self._buttons.addWidget(button)
        return button
