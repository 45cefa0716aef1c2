"""Signing in for a set-up: which client, which scopes, whose token; for window and command line.

Puts the parts of this room together over one store of secrets. How a sign-in looks does not belong
in here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from wizard.catalog import Catalog
from wizard.network import Network
from wizard.setup import Setup
from wizard.signin.answer import Tokens
from wizard.signin.browser import open_browser
from wizard.signin.check import check_client, first_wrong
from wizard.signin.client import SignedIn
from wizard.signin.findings import Check, Finding, Standing
from wizard.signin.grants import (
    CLIENT,
    by_token,
    erp_redirect,
    grant_for,
    registration_of,
    scopes_to_ask,
    service_of,
)
from wizard.signin.keeper import Grant, Store, TokenKeeper
from wizard.signin.login import Login, SigninFailure
from wizard.signin.registration import Registration
from wizard.signin.sign_in import InBrowser, OnDevice, OpenBrowser, sign_in, sign_in_by_device
from wizard.signin.token import TokenLogin
from wizard.texts import Message, Texts

Problems = tuple[Message, ...]
OnProgress = Callable[[InBrowser | OnDevice], None]


@dataclass(frozen=True, slots=True)
class World:
    """What a sign-in needs to know and to reach."""

    catalog: Catalog
    network: Network
    texts: Texts
    open_browser: OpenBrowser = open_browser


class SigninDesk:
    """All sign-ins of one run of the program."""

    def __init__(self, secrets: Store) -> None:
        self._secrets = secrets
        self._keeper = TokenKeeper(secrets)

    async def sign_in(
        self, setup: Setup, purpose: str, world: World, *, hint: str, on_progress: OnProgress
    ) -> SignedIn | SigninFailure | Problems:
        """Look at the client, then sign a person in by the browser; what is right is kept.

        ``hint`` is the login that is expected. What has to be entered first comes back as problems.
        """
        registration = await self._registration(setup, world.catalog)
        if isinstance(registration, tuple):
            return registration
        wrong = first_wrong(await check_client(registration, None, world.network))
        if wrong is not None:
            return wrong
        tokens = await sign_in(
            registration,
            scopes_to_ask(setup, registration.service),
            world.network,
            hint=hint,
            texts=world.texts,
            open_browser=world.open_browser,
            on_progress=on_progress,
        )
        return await self._keep(setup, purpose, registration, tokens)

    async def sign_in_by_device(
        self, setup: Setup, purpose: str, world: World, *, on_progress: OnProgress
    ) -> SignedIn | SigninFailure | Problems:
        """The same with a code on another device."""
        registration = await self._registration(setup, world.catalog)
        if isinstance(registration, tuple):
            return registration
        scopes = scopes_to_ask(setup, registration.service)
        tokens = await sign_in_by_device(
            registration, scopes, world.network, on_progress=on_progress
        )
        return await self._keep(setup, purpose, registration, tokens)

    async def login(self, setup: Setup, purpose: str, catalog: Catalog, network: Network) -> Login:
        """What this purpose logs in with: a token that is good for a while yet, or a password."""
        if not by_token(setup, purpose):
            return await self._secrets.get(setup.id, purpose)
        registration = await self._registration(setup, catalog)
        if isinstance(registration, tuple):
            return None
        person = grant_for(setup, purpose, registration.service)
        if person is None:
            return None
        access = await self._keeper.access(_grant(setup, person, registration), network)
        if isinstance(access, SigninFailure):
            return access
        return TokenLogin(access, registration.service, person.scopes, person.person)

    async def sign_out(
        self, setup: Setup, person: SignedIn, catalog: Catalog, network: Network
    ) -> bool:
        """Forget a sign-in; True when the service has made its tokens worthless."""
        registration = await self._registration(setup, catalog)
        if isinstance(registration, tuple):
            return False
        return await self._keeper.drop(_grant(setup, person, registration), network)

    async def check(
        self, setup: Setup, catalog: Catalog, network: Network
    ) -> tuple[Finding, ...] | Problems:
        """Look at the client from outside; its secret is stored when the service takes it."""
        registration = await self._registration(setup, catalog)
        if isinstance(registration, tuple):
            return registration
        address = erp_redirect(setup, registration.service) if setup.platform.address else None
        redirect = address if isinstance(address, str) else None
        findings = await check_client(registration, redirect, network)
        if any(one.check is Check.SECRET and one.standing is Standing.RIGHT for one in findings):
            await self._store_client_secret(setup, registration)
        return findings

    async def _keep(
        self,
        setup: Setup,
        purpose: str,
        registration: Registration,
        tokens: Tokens | SigninFailure,
    ) -> SignedIn | SigninFailure:
        if isinstance(tokens, SigninFailure):
            return tokens
        person = SignedIn(
            purpose=purpose,
            person=tokens.person,
            service=registration.service.id,
            client_id=registration.client_id,
            scopes=scopes_to_ask(setup, registration.service),
            when=datetime.now(UTC),
            lasting=tokens.refresh is not None,
        )
        await self._store_client_secret(setup, registration)
        await self._keeper.keep(_grant(setup, person, registration), tokens)
        return person

    async def _store_client_secret(self, setup: Setup, registration: Registration) -> None:
        """Into the keyring, now that the service has taken it."""
        if registration.secret:
            await self._secrets.put(setup.id, CLIENT, registration.secret)

    async def _registration(self, setup: Setup, catalog: Catalog) -> Registration | Problems:
        service = service_of(setup, catalog)
        if service is None:
            return ()
        return registration_of(setup, service, await self._secrets.get(setup.id, CLIENT))


def _grant(setup: Setup, person: SignedIn, registration: Registration) -> Grant:
    return Grant(setup.id, person.purpose, registration, person.scopes)
