"""Checks before anybody signs in, against the real provider; and tokens that are kept and renewed."""

import asyncio
from dataclasses import replace

import pytest

from servers.browser import Browser
from servers.needs import free_ports
from servers.oauth import ERP, IMAP, PEOPLE, SMTP, Memory, SignInService
from wizard.diagnosis.cause import Cause
from wizard.model import Secret
from wizard.network import Network
from wizard.signin.answer import Tokens
from wizard.signin.check import check_client, first_wrong
from wizard.signin.findings import Check, Finding, Standing
from wizard.signin.keeper import MARGIN_SECONDS, Grant, TokenKeeper
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration
from wizard.signin.service import ClientCheck
from wizard.signin.sign_in import sign_in
from wizard.texts import Texts

RIGHT, WRONG, UNKNOWN = Standing.RIGHT, Standing.WRONG, Standing.UNKNOWN


def standings(findings: tuple[Finding, ...]) -> dict[Check, Standing]:
    return {one.check: one.standing for one in findings}


async def test_a_client_that_is_right(
    registration: Registration, network: Network, sign_in_service: SignInService
) -> None:
    findings = await check_client(registration, ERP, network)
    assert standings(findings) == dict.fromkeys(Check, RIGHT)
    assert list(standings(findings)) == list(Check)
    assert first_wrong(findings) is None
    by_code = sign_in_service.facts(client_check=ClientCheck.CODE)
    findings = await check_client(replace(registration, service=by_code), None, network)
    assert standings(findings) == dict.fromkeys(set(Check) - {Check.ERP_REDIRECT}, RIGHT)


async def test_each_thing_that_can_be_wrong(registration: Registration, network: Network) -> None:
    secret = replace(registration, secret=Secret("wrong"))
    findings = await check_client(secret, ERP, network)
    assert standings(findings)[Check.SECRET] is WRONG
    first = first_wrong(findings)
    assert first is not None
    assert first.cause is Cause.OAUTH_SECRET_INVALID
    assert first.note is not None

    address = ERP.replace("erp.", "www.")
    findings = await check_client(registration, address, network)
    assert standings(findings)[Check.ERP_REDIRECT] is WRONG
    assert standings(findings)[Check.OWN_REDIRECT] is RIGHT

    tenant = replace(registration, tenant="nobody.test")
    findings = await check_client(tenant, ERP, network)
    assert standings(findings)[Check.TENANT] is WRONG
    (failure,) = [one.failure for one in findings if one.check is Check.TENANT]
    assert failure is not None
    assert failure.cause is Cause.OAUTH_APP_MISCONFIGURED


async def test_nobody_there_is_no_finding(registration: Registration, network: Network) -> None:
    (port,) = free_ports(1)
    base = f"https://localhost:{port}/{{tenant}}"
    service = replace(
        registration.service,
        metadata=f"{base}/m",
        token_endpoint=f"{base}/t",
        authorization_endpoint=f"{base}/a",
    )
    findings = await check_client(replace(registration, service=service), ERP, network)
    assert set(standings(findings).values()) == {UNKNOWN}
    assert first_wrong(findings) is None


# -- tokens that are kept --------------------------------------------------------------------


class Wall:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def signed_in(registration: Registration, network: Network, ca_file: str) -> Tokens:
    browser = Browser(ca_file)
    tokens = await sign_in(
        registration,
        (SMTP, IMAP),
        network,
        hint=PEOPLE[0],
        texts=Texts.load("en"),
        open_browser=browser.open,
        on_progress=lambda _: None,
    )
    assert isinstance(tokens, Tokens), tokens
    return tokens


async def test_a_token_is_renewed_in_time_and_once(
    registration: Registration, network: Network, sign_in_service: SignInService, memory: Memory
) -> None:
    wall = Wall()
    keeper = TokenKeeper(memory, wall)
    grant = Grant("setup", "sending", registration, (SMTP, IMAP))
    tokens = await signed_in(registration, network, sign_in_service.ca_file)
    await keeper.keep(grant, tokens)
    # Only the lasting token goes to the vault; the access token is nowhere but in memory.
    assert memory.secrets == {("setup", "token:sending"): tokens.refresh}
    assert await keeper.access(grant, network) == tokens.access
    wall.now += tokens.lifetime - MARGIN_SECONDS + 1
    asked = len(sign_in_service.requests)
    fresh = await asyncio.gather(*(keeper.access(grant, network) for _ in range(5)))
    assert len(sign_in_service.requests) - asked == 1
    assert set(fresh) == {fresh[0]} != {tokens.access}
    assert memory.secrets["setup", "token:sending"] != tokens.refresh
    # A new run of the program has the lasting token alone.
    again = await TokenKeeper(memory, wall).access(grant, network)
    assert isinstance(again, Secret), again


async def test_who_stops_waiting_does_not_lose_the_new_token(
    registration: Registration, network: Network, sign_in_service: SignInService, memory: Memory
) -> None:
    wall = Wall()
    keeper = TokenKeeper(memory, wall)
    grant = Grant("setup", "sending", registration, (SMTP, IMAP))
    tokens = await signed_in(registration, network, sign_in_service.ca_file)
    await keeper.keep(grant, tokens)
    wall.now += tokens.lifetime
    waiting = asyncio.create_task(keeper.access(grant, network))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    # The old one is revoked by its use: only who took over the new one can go on.
    assert isinstance(await keeper.access(grant, network), Secret)


async def test_signing_out_revokes(
    registration: Registration, network: Network, sign_in_service: SignInService, memory: Memory
) -> None:
    keeper = TokenKeeper(memory)
    grant = Grant("setup", "sending", registration, (SMTP, IMAP))
    await keeper.keep(grant, await signed_in(registration, network, sign_in_service.ca_file))
    assert await keeper.drop(grant, network)
    assert sign_in_service.tokens[-1].revoked
    assert not memory.secrets["setup", "token:sending"]
    gone = await keeper.access(grant, network)
    assert isinstance(gone, SigninFailure)
    assert gone.cause is Cause.OAUTH_GRANT_EXPIRED
    silent = replace(
        grant,
        registration=replace(
            registration, service=replace(registration.service, revocation_endpoint="")
        ),
    )
    assert not await keeper.drop(silent, network)


async def test_a_revoked_sign_in_is_a_failure(
    registration: Registration, network: Network, sign_in_service: SignInService, memory: Memory
) -> None:
    wall = Wall()
    keeper = TokenKeeper(memory, wall)
    grant = Grant("setup", "sending", registration, (SMTP, IMAP))
    tokens = await signed_in(registration, network, sign_in_service.ca_file)
    await keeper.keep(grant, tokens)
    sign_in_service.tokens[-1].revoked = True
    wall.now += tokens.lifetime
    gone = await keeper.access(grant, network)
    assert isinstance(gone, SigninFailure)
    assert gone.cause is Cause.OAUTH_GRANT_EXPIRED
    # Another client's access token is not handed out either.
    other = replace(grant, registration=replace(registration, client_id="other"))
    assert isinstance(await keeper.access(other, network), SigninFailure)
