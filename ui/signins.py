"""Signing in, for the pages: the desk of this run, over the session's secrets and its network.

All of it is background work. What is asked and what an answer means is :mod:`wizard.signin`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.signin.grants import by_token, service_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.session import Session
    from wizard.catalog import Catalog
    from wizard.model import Secret
    from wizard.setup import Setup
    from wizard.signin.client import SignedIn
    from wizard.signin.desk import Problems, SigninDesk, World
    from wizard.signin.findings import Finding
    from wizard.signin.login import Login, SigninFailure
    from wizard.signin.service import OAuthService
    from wizard.signin.sign_in import OpenBrowser


class _Secrets:
    """The session's secrets: in its memory and in the keyring."""

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
        self._desk: SigninDesk | None = None
        self.open_browser: OpenBrowser | None = None

    def service(self, setup: Setup) -> OAuthService | None:
        """Who signs people in for this set-up's provider."""
        catalog = self._session.catalog
        return service_of(setup, catalog) if catalog is not None else None

    async def sign_in(
        self, setup: Setup, purpose: str, *, hint: str, report: Callable[[object], None]
    ) -> SignedIn | SigninFailure | Problems:
        """Sign a person in by the browser."""
        return await self._at_desk().sign_in(
            setup, purpose, self._world(), hint=hint, on_progress=report
        )

    async def sign_in_by_device(
        self, setup: Setup, purpose: str, *, report: Callable[[object], None]
    ) -> SignedIn | SigninFailure | Problems:
        """The same with a code on another device."""
        return await self._at_desk().sign_in_by_device(
            setup, purpose, self._world(), on_progress=report
        )

    async def login(self, setup: Setup, purpose: str) -> Login:
        """What this purpose logs in with."""
        if not by_token(setup, purpose):
            # Who uses passwords needs nothing of all this.
            return await self._session.stored_secret(setup.id, purpose)
        network = self._session.network()
        return await self._at_desk().login(setup, purpose, self._catalog(), network)

    async def sign_out(self, setup: Setup, person: SignedIn) -> bool:
        """Forget a sign-in; True when the service has made its tokens worthless."""
        network = self._session.network()
        return await self._at_desk().sign_out(setup, person, self._catalog(), network)

    async def check(self, setup: Setup) -> tuple[Finding, ...] | Problems:
        """Look at the client from outside, without anybody signing in."""
        return await self._at_desk().check(setup, self._catalog(), self._session.network())

    def _at_desk(self) -> SigninDesk:
        if self._desk is None:
            from wizard.signin.desk import SigninDesk  # noqa: PLC0415

            self._desk = SigninDesk(_Secrets(self._session))
        return self._desk

    def _world(self) -> World:
        from wizard.signin.desk import World  # noqa: PLC0415

        session = self._session
        world = World(self._catalog(), session.network(), session.texts)
        if self.open_browser is None:
            return world
        return World(world.catalog, world.network, world.texts, self.open_browser)

    def _catalog(self) -> Catalog:
        catalog = self._session.catalog
        if catalog is None:
            raise RuntimeError("nobody can sign in before the facts are there")
        return catalog
