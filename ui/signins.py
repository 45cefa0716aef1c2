"""Signing in, for the pages: the tokens of this run, the client's secret, the way to the browser.

All of it is background work. What is asked and what an answer means is :mod:`wizard.signin`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wizard.signin.client import SignedIn
from wizard.signin.grants import (
    CLIENT,
    by_token,
    erp_redirect,
    grant_for,
    registration_of,
    scopes_to_ask,
    service_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.session import Session
    from wizard.actions import Login
    from wizard.model import Secret
    from wizard.setup import Setup
    from wizard.signin.answer import SigninFailure
    from wizard.signin.findings import Finding
    from wizard.signin.keeper import Grant, TokenKeeper
    from wizard.signin.registration import Registration
    from wizard.signin.service import OAuthService
    from wizard.signin.sign_in import OpenBrowser
    from wizard.texts import Message

    Problems = tuple[Message, ...]


class _VaultStore:
    """Lasting tokens, in the session's memory and in the keyring."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, setup_id: str, purpose: str) -> Secret | None:
        return await self._session.stored_secret(setup_id, purpose)

    async def put(self, setup_id: str, purpose: str, secret: Secret) -> None:
        await self._session.store_secret(setup_id, purpose, secret)


class Signins:
    """``open_browser`` None: the system's own; tests put theirs in its place."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keeper: TokenKeeper | None = None
        self.open_browser: OpenBrowser | None = None

    def service(self, setup: Setup) -> OAuthService | None:
        """Who signs people in for this set-up's provider."""
        catalog = self._session.catalog
        return service_of(setup, catalog) if catalog is not None else None

    async def sign_in(
        self, setup: Setup, purpose: str, *, hint: str, report: Callable[[object], None]
    ) -> SignedIn | SigninFailure | Problems:
        """Look at the client, then sign a person in by the browser; the tokens are kept."""
        from wizard.signin.browser import open_browser  # noqa: PLC0415
        from wizard.signin.check import check_client, first_wrong  # noqa: PLC0415
        from wizard.signin.sign_in import sign_in  # noqa: PLC0415

        registration = await self._registration(setup)
        if isinstance(registration, tuple):
            return registration
        session = self._session
        network = session.network()
        wrong = first_wrong(await check_client(registration, None, network))
        if wrong is not None:
            return wrong
        scopes = scopes_to_ask(setup, registration.service)
        tokens = await sign_in(
            registration,
            scopes,
            network,
            hint=hint,
            texts=session.texts,
            open_browser=self.open_browser or open_browser,
            on_progress=report,
        )
        return await self._keep(setup, purpose, registration, scopes, tokens)

    async def sign_in_by_device(
        self, setup: Setup, purpose: str, *, report: Callable[[object], None]
    ) -> SignedIn | SigninFailure | Problems:
        """The same with a code on another device."""
        from wizard.signin.sign_in import sign_in_by_device  # noqa: PLC0415

        registration = await self._registration(setup)
        if isinstance(registration, tuple):
            return registration
        scopes = scopes_to_ask(setup, registration.service)
        tokens = await sign_in_by_device(
            registration, scopes, self._session.network(), on_progress=report
        )
        return await self._keep(setup, purpose, registration, scopes, tokens)

    async def login(self, setup: Setup, purpose: str) -> Login:
        """What this purpose logs in with: a token that is good yet, or a password."""
        if not by_token(setup, purpose):
            return await self._session.stored_secret(setup.id, purpose)
        from wizard.model import Secret  # noqa: PLC0415
        from wizard.signin.token import TokenLogin  # noqa: PLC0415

        registration = await self._registration(setup)
        if isinstance(registration, tuple):
            return None
        person = grant_for(setup, purpose, registration.service)
        if person is None:
            return None
        grant = _grant(setup, person, registration)
        access = await self._tokens().access(grant, self._session.network())
        if isinstance(access, Secret):
            return TokenLogin(access, registration.service, person.scopes, person.person)
        return access

    async def sign_out(self, setup: Setup, person: SignedIn) -> bool:
        """Forget a sign-in; True when the service has made its tokens worthless."""
        registration = await self._registration(setup)
        if isinstance(registration, tuple):
            return False
        grant = _grant(setup, person, registration)
        return await self._tokens().drop(grant, self._session.network())

    async def check(self, setup: Setup) -> tuple[Finding, ...] | Problems:
        """Look at the client from outside, without anybody signing in."""
        from wizard.signin.check import check_client  # noqa: PLC0415
        from wizard.signin.findings import Check, Standing  # noqa: PLC0415

        registration = await self._registration(setup)
        if isinstance(registration, tuple):
            return registration
        address = (
            erp_redirect(setup, registration.service) if setup.platform.address.strip() else None
        )
        redirect = address if isinstance(address, str) else None
        findings = await check_client(registration, redirect, self._session.network())
        if any(one.check is Check.SECRET and one.standing is Standing.RIGHT for one in findings):
            await self._store_client_secret(setup, registration)
        return findings

    async def _keep(
        self,
        setup: Setup,
        purpose: str,
        registration: Registration,
        scopes: tuple[str, ...],
        tokens: object,
    ) -> SignedIn | SigninFailure:
        from wizard.signin.answer import SigninFailure, Tokens  # noqa: PLC0415

        if isinstance(tokens, SigninFailure):
            return tokens
        if not isinstance(tokens, Tokens):
            raise TypeError("neither tokens nor a failure")
        person = SignedIn(
            purpose=purpose,
            person=tokens.person,
            service=registration.service.id,
            client_id=registration.client_id,
            scopes=scopes,
            when=datetime.now(UTC),
            lasting=tokens.refresh is not None,
        )
        await self._store_client_secret(setup, registration)
        await self._tokens().keep(_grant(setup, person, registration), tokens)
        return person

    async def _store_client_secret(self, setup: Setup, registration: Registration) -> None:
        """Into the keyring, now that the service has taken it."""
        if registration.secret:
            await self._session.store_secret(setup.id, CLIENT, registration.secret)

    async def _registration(self, setup: Setup) -> Registration | Problems:
        service = self.service(setup)
        if service is None:
            return ()
        secret = await self._session.stored_secret(setup.id, CLIENT)
        return registration_of(setup, service, secret)

    def _tokens(self) -> TokenKeeper:
        if self._keeper is None:
            from wizard.signin.keeper import TokenKeeper  # noqa: PLC0415

            self._keeper = TokenKeeper(_VaultStore(self._session))
        return self._keeper


def _grant(setup: Setup, person: SignedIn, registration: Registration) -> Grant:
    from wizard.signin.keeper import Grant  # noqa: PLC0415

    return Grant(setup.id, person.purpose, registration, person.scopes)
