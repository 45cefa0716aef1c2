"""Holds tokens: the lasting one in the vault, the short one in memory; renews it in time.

For work on one event loop. Microsoft's access tokens are too long for some keyrings and live an
hour: they are never written anywhere.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from wizard.diagnosis.cause import Cause
from wizard.model import Secret
from wizard.network import Network
from wizard.signin.answer import Tokens
from wizard.signin.exchange import refresh, revoke
from wizard.signin.grants import token_purpose
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration

# A token must outlive what it is taken for, and a proof waits a quarter of an hour for its letters.
MARGIN_SECONDS: Final = 1_200


class Store(Protocol):
    """Where lasting tokens are kept, by set-up and purpose; an empty secret is forgotten."""

    async def get(self, setup_id: str, purpose: str) -> Secret | None: ...
    async def put(self, setup_id: str, purpose: str, secret: Secret) -> None: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """One sign-in: whose set-up, for what, with which client, for which scopes."""

    setup_id: str
    purpose: str
    registration: Registration
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    """An access token and when it is over, by the clock on the wall: a laptop may sleep."""

    access: Secret
    client_id: str
    until: float


class TokenKeeper:
    """All tokens of this run of the program."""

    def __init__(self, store: Store, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._held: dict[tuple[str, str], _Held] = {}
        self._renewals: dict[tuple[str, str], asyncio.Task[Secret | SigninFailure]] = {}

    async def keep(self, grant: Grant, tokens: Tokens) -> None:
        """Take over what a sign-in or a renewal brought."""
        # The new lasting token first: the old one may be worth nothing from now on (rotation).
        if tokens.refresh is not None:
            purpose = token_purpose(grant.purpose)
            await self._store.put(grant.setup_id, purpose, tokens.refresh)
        until = self._now() + tokens.lifetime
        self._held[_key(grant)] = _Held(tokens.access, grant.registration.client_id, until)

    async def access(self, grant: Grant, network: Network) -> Secret | SigninFailure:
        """An access token that is good for a while yet; one renewal for all who ask at once."""
        held = self._held.get(_key(grant))
        same_client = held is not None and held.client_id == grant.registration.client_id
        if held is not None and same_client and held.until - self._now() > MARGIN_SECONDS:
            return held.access
        renewal = self._renewals.get(_key(grant))
        if renewal is None:
            renewal = asyncio.create_task(self._renew(grant, network))
            self._renewals[_key(grant)] = renewal
            renewal.add_done_callback(lambda _: self._renewals.pop(_key(grant), None))
        # Who is cancelled only stops waiting: the service may have changed the token already.
        return await asyncio.shield(renewal)

    async def drop(self, grant: Grant, network: Network) -> bool:
        """Forget a sign-in, and have it revoked; False where the service did not do that."""
        if (renewal := self._renewals.get(_key(grant))) is not None:
            await asyncio.shield(renewal)
        held = self._held.pop(_key(grant), None)
        purpose = token_purpose(grant.purpose)
        lasting = await self._store.get(grant.setup_id, purpose)
        await self._store.put(grant.setup_id, purpose, Secret(""))
        token = lasting or (held.access if held else None)
        return await revoke(grant.registration, token, network) if token else False

    async def _renew(self, grant: Grant, network: Network) -> Secret | SigninFailure:
        lasting = await self._store.get(grant.setup_id, token_purpose(grant.purpose))
        if not lasting:
            family = grant.registration.service.family
            return SigninFailure(Cause.OAUTH_GRANT_EXPIRED, "no refresh token", None, family)
        answer = await refresh(grant.registration, lasting, grant.scopes, network)
        if isinstance(answer, SigninFailure):
            return answer
        await self.keep(grant, answer)
        return answer.access


def _key(grant: Grant) -> tuple[str, str]:
    return grant.setup_id, grant.purpose
