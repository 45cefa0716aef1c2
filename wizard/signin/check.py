"""Looks at a client from outside before anybody signs in with it: nothing is stored."""

import asyncio
from dataclasses import replace

from wizard.http import HttpRequest, fetch
from wizard.network import Network
from wizard.signin.findings import (
    MAX_PAGE,
    Check,
    Finding,
    Standing,
    judge_client,
    judge_redirect,
    judge_tenant,
)
from wizard.signin.grants import own_redirect
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration
from wizard.signin.request import (
    client_request,
    made_up_code_request,
    metadata_request,
    silent_url,
)
from wizard.signin.service import ClientCheck


async def check_client(
    registration: Registration, erp_redirect: str | None, network: Network
) -> tuple[Finding, ...]:
    """Organisation, client, secret and both redirect addresses, as far as each can be seen.

    ``erp_redirect`` None: the platform's address is not known yet, so it is not looked at.
    """
    found = await asyncio.gather(
        _tenant(registration, network),
        _client(registration, network),
        _redirect(registration, Check.ERP_REDIRECT, erp_redirect, network),
        _redirect(registration, Check.OWN_REDIRECT, own_redirect(registration.service), network),
    )
    findings = [finding for group in found for finding in group]
    order = list(Check)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.check)))


async def _tenant(registration: Registration, network: Network) -> tuple[Finding, ...]:
    service = registration.service
    if not (service.has_tenant and service.metadata):
        return ()
    answer = await fetch(metadata_request(registration), network)
    return (judge_tenant(answer, service),)


async def _client(registration: Registration, network: Network) -> tuple[Finding, ...]:
    service, with_secret = registration.service, bool(registration.secret)
    match service.client_check:
        case ClientCheck.CLIENT_CREDENTIALS if with_secret:
            request = client_request(registration)
        case ClientCheck.CODE:
            request = made_up_code_request(registration, own_redirect(service))
        case _:
            return (Finding(Check.CLIENT, Standing.UNKNOWN),)
    answer = await fetch(request, network)
    return tuple(judge_client(answer, service, with_secret=with_secret))


async def _redirect(
    registration: Registration, check: Check, redirect_uri: str | None, network: Network
) -> tuple[Finding, ...]:
    if redirect_uri is None or "openid" not in registration.service.identity:
        return ()
    request = HttpRequest(silent_url(registration, redirect_uri), max_body=MAX_PAGE)
    answer = await fetch(request, network)
    return (judge_redirect(check, answer, redirect_uri, registration.service),)


def first_wrong(findings: tuple[Finding, ...]) -> SigninFailure | None:
    """What is known to be wrong, so that a sign-in would only fail in the browser."""
    for finding in findings:
        if finding.standing is Standing.WRONG and finding.failure is not None:
            return replace(finding.failure, note=finding.message)
    return None
