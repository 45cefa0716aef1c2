"""Talks to a sign-in service's endpoints. Every end is a value; no secret is logged."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.http import HttpAnswer, HttpFailure, fetch
from wizard.model import Secret
from wizard.network import Network
from wizard.signin.answer import (
    SLOWER_SECONDS,
    DeviceCode,
    Issuer,
    Pending,
    Tokens,
    judge_poll,
    judge_tokens,
    parse_device_code,
    parse_issuer,
    parse_tokens,
    unreachable,
)
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration
from wizard.signin.request import (
    Attempt,
    code_request,
    device_poll,
    device_request,
    metadata_request,
    refresh_request,
    revoke_request,
)

# A service that cannot be reached for a moment does not end a sign-in on another device.
MAX_UNREACHABLE: Final = 3

Sleep = Callable[[float], Awaitable[None]]


async def ask_issuer(registration: Registration, network: Network) -> Issuer | SigninFailure:
    """Who the service says it is; by our own facts where it publishes nothing."""
    service = registration.service
    if not service.metadata:
        return Issuer(registration.endpoint(service.issuer))
    answer = await fetch(metadata_request(registration), network)
    if isinstance(answer, HttpFailure):
        return unreachable(answer, service)
    return parse_issuer(answer, service)


async def redeem(
    attempt: Attempt, code: Secret, issuer: Issuer, network: Network
) -> Tokens | SigninFailure:
    """Turn the code into tokens, once."""
    answer = await fetch(code_request(attempt, code.reveal()), network)
    if isinstance(answer, HttpFailure):
        return unreachable(answer, attempt.registration.service)
    return judge_tokens(answer, attempt, issuer, time.time())


async def refresh(
    registration: Registration, token: Secret, scopes: tuple[str, ...], network: Network
) -> Tokens | SigninFailure:
    """A new access token; a service that gives no new refresh token means the old one still."""
    answer = await fetch(refresh_request(registration, token, scopes), network)
    if isinstance(answer, HttpFailure):
        return unreachable(answer, registration.service)
    return parse_tokens(answer, registration.service, scopes)


async def revoke(registration: Registration, token: Secret, network: Network) -> bool:
    """Make a token worthless; False where the service has no way, or did not do it."""
    if not registration.service.revocation_endpoint:
        return False
    answer = await fetch(revoke_request(registration, token), network)
    return isinstance(answer, HttpAnswer) and answer.status == 200


async def ask_device_code(
    registration: Registration, scopes: tuple[str, ...], network: Network
) -> DeviceCode | SigninFailure:
    """A code to be typed on another device."""
    answer = await fetch(device_request(registration, scopes), network)
    if isinstance(answer, HttpFailure):
        return unreachable(answer, registration.service)
    return parse_device_code(answer, registration.service)


async def wait_for_device(
    registration: Registration,
    device: DeviceCode,
    scopes: tuple[str, ...],
    network: Network,
    sleep: Sleep = asyncio.sleep,
) -> Tokens | SigninFailure:
    """Ask as often as allowed until the code was typed, refused or has expired."""
    service = registration.service
    interval, waited, unreached = device.interval, 0, 0
    while waited < device.lifetime:
        await sleep(interval)
        waited += interval
        answer = await fetch(device_poll(registration, device.code), network)
        if isinstance(answer, HttpFailure):
            unreached += 1
            if unreached > MAX_UNREACHABLE:
                return unreachable(answer, service)
            # RFC 8628 section 3.5: after a connection's timeout ask less often.
            interval += SLOWER_SECONDS
            continue
        match judge_poll(answer, service, scopes):
            case Pending(slower=slower):
                interval += SLOWER_SECONDS if slower else 0
            case ended:
                return ended
    return SigninFailure(Cause.OAUTH_GRANT_EXPIRED, "expired_token", None, service.family)
