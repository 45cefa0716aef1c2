"""Signing in against a real OpenID provider, with a real HTTP client in the browser's place."""

import asyncio
import contextlib
import logging
import socket
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from servers.browser import Browser
from servers.needs import free_ports
from servers.oauth import CLIENT, IMAP, PEOPLE, PUBLIC, SECRET, SMTP, SignInService
from wizard.diagnosis.cause import Cause
from wizard.model import Secret
from wizard.network import Network
from wizard.signin import loopback
from wizard.signin.answer import Issuer, Tokens
from wizard.signin.exchange import redeem, refresh, revoke, wait_for_device
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration
from wizard.signin.request import begin_attempt
from wizard.signin.sign_in import InBrowser, OnDevice, sign_in, sign_in_by_device
from wizard.texts import Texts

SCOPES = (SMTP, IMAP)
ENGLISH = Texts.load("en")


@pytest.fixture
def browser(sign_in_service: SignInService) -> Browser:
    return Browser(sign_in_service.ca_file)


class Seen(list[Any]):
    """What was told on the way; waiting for the next costs nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = asyncio.Event()

    def append(self, what: Any) -> None:
        super().append(what)
        self._grown.set()

    async def hold(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self) < count:
                self._grown.clear()
                await self._grown.wait()


async def go(
    registration: Registration, network: Network, browser: Browser, seen: Seen | None = None
) -> Tokens | SigninFailure:
    async with asyncio.timeout(20):
        return await sign_in(
            registration,
            SCOPES,
            network,
            hint=PEOPLE[0],
            texts=ENGLISH,
            open_browser=browser.open,
            on_progress=(Seen() if seen is None else seen).append,
        )


def port_of(seen: list[Any]) -> int:
    redirect = parse_qs(urlsplit(seen[0].address).query)["redirect_uri"][0]
    return urlsplit(redirect).port or 0


def is_listened_on(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as one:
            one.connect((address, port))
            return True
    return False


async def test_the_whole_way(
    registration: Registration,
    network: Network,
    browser: Browser,
    sign_in_service: SignInService,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = Seen()
    tokens = await go(registration, network, browser, seen)
    assert isinstance(tokens, Tokens), tokens
    await browser.done()
    assert tokens.person == PEOPLE[0]
    assert set(SCOPES) <= set(tokens.scopes)
    assert tokens.refresh
    assert tokens.lifetime == 3600
    assert tokens.access.reveal() == sign_in_service.tokens[-1].access_token
    asked = parse_qs(urlsplit(seen[0].address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["login_hint"] == [PEOPLE[0]]
    assert "consent" not in asked["prompt"][0]
    assert "client_secret" not in asked
    assert ENGLISH("signin.page.received.title") in browser.page
    assert not is_listened_on(port_of(seen))
    secrets = [SECRET, tokens.access.reveal(), tokens.refresh.reveal()]
    for code in (parse_qs(urlsplit(one).query).get("code") for one in browser.visited):
        secrets += code or []
    assert len(secrets) == 4
    for record in caplog.records:
        # The provider runs in this process too, and logs what it likes.
        if not record.name.startswith(("authlib.", "servers.")):
            assert not any(one in record.getMessage() for one in secrets), record.name
    assert not any(one in repr(tokens) for one in secrets)


async def test_a_public_client_needs_no_secret(
    sign_in_service: SignInService, network: Network, browser: Browser
) -> None:
    public = Registration(sign_in_service.facts(), PUBLIC, "firma.test")
    tokens = await go(public, network, browser)
    assert isinstance(tokens, Tokens), tokens


async def test_the_code_is_worth_nothing_without_its_verifier(
    registration: Registration, network: Network, browser: Browser
) -> None:
    attempt = begin_attempt(registration, SCOPES, "http://localhost:1")
    from wizard.signin.request import authorization_url

    with contextlib.suppress(OSError):
        await asyncio.to_thread(browser.act, authorization_url(attempt))
    code = Secret(parse_qs(urlsplit(browser.visited[-1]).query)["code"][0])
    issuer = Issuer(registration.endpoint(registration.service.issuer))
    stolen = replace(attempt, verifier=Secret("x" * 64))
    answer = await redeem(stolen, code, issuer, network)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.OAUTH_GRANT_EXPIRED
    assert isinstance(await redeem(attempt, code, issuer, network), Tokens)
    # A code works once.
    again = await redeem(attempt, code, issuer, network)
    assert isinstance(again, SigninFailure)
    assert again.cause is Cause.OAUTH_GRANT_EXPIRED


async def test_pkce_is_not_optional(
    registration: Registration, network: Network, browser: Browser
) -> None:
    from wizard.signin.request import authorization_url

    attempt = begin_attempt(registration, SCOPES, "http://localhost:1")
    address = authorization_url(attempt)
    without = address.replace("code_challenge=", "no_challenge=")
    with contextlib.suppress(OSError):
        await asyncio.to_thread(browser.act, without)
    code = parse_qs(urlsplit(browser.visited[-1]).query).get("code")
    assert code is None or isinstance(
        await redeem(attempt, Secret(code[0]), Issuer(""), network), SigninFailure
    )


async def test_consent_denied(
    registration: Registration, network: Network, browser: Browser
) -> None:
    browser.agrees = False
    seen = Seen()
    answer = await go(registration, network, browser, seen)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.OAUTH_CONSENT_REQUIRED
    assert "access_denied" in answer.words
    await browser.done()
    assert ENGLISH("signin.page.refused.title") in browser.page
    assert not is_listened_on(port_of(seen))


async def test_who_comes_with_another_state_changes_nothing(
    registration: Registration, network: Network, browser: Browser
) -> None:
    seen = Seen()
    browser.opens = False
    running = asyncio.create_task(go(registration, network, browser, seen))
    await seen.hold(2)
    assert [one.opened for one in seen] == [True, False]
    port = port_of(seen)
    stray = Browser(browser.ca_file)
    for target in ("/?code=x&state=wrong", "/?code=x", "/", "/other", "/?state=a&state=b"):
        await asyncio.to_thread(stray.act, f"http://localhost:{port}{target}")
        assert ENGLISH("signin.page.stray.title") in stray.page
    assert not running.done()
    # Somebody who came by another name (DNS rebinding) is not the browser.
    state = parse_qs(urlsplit(seen[0].address).query)["state"][0]
    await asyncio.to_thread(stray.act, f"http://127.0.0.1:{port}/?code=x&state={state}")
    assert not running.done()
    browser.opens = True
    await browser.open(seen[0].address)
    assert isinstance(await running, Tokens)


async def test_the_wrong_issuer_ends_it(
    registration: Registration, network: Network, browser: Browser, sign_in_service: SignInService
) -> None:
    sign_in_service.behaviour.issuer = "https://evil.test"
    answer = await go(registration, network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.PROTOCOL_ERROR
    assert answer.note is not None
    assert answer.note.key == "signin.wrong_issuer"
    assert not any("grant_type" in one for one in sign_in_service.requests)


async def test_an_identity_for_another_attempt_is_refused(
    registration: Registration, network: Network, browser: Browser, sign_in_service: SignInService
) -> None:
    sign_in_service.behaviour.nonce = "replayed"
    answer = await go(registration, network, browser)
    assert isinstance(answer, SigninFailure)
    assert "nonce" in answer.words


async def test_what_was_not_granted_is_named(
    registration: Registration, network: Network, browser: Browser, sign_in_service: SignInService
) -> None:
    sign_in_service.behaviour.granted = f"openid {IMAP}"
    answer = await go(registration, network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.OAUTH_CONSENT_REQUIRED
    assert answer.note is not None
    assert dict(answer.note.values)["scope"] == SMTP


async def test_the_wrong_secret(
    registration: Registration, network: Network, browser: Browser
) -> None:
    wrong = replace(registration, secret=Secret("wrong"))
    answer = await go(wrong, network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.OAUTH_SECRET_INVALID


async def test_an_unknown_organisation_opens_no_browser(
    registration: Registration, network: Network, browser: Browser
) -> None:
    answer = await go(replace(registration, tenant="nobody.test"), network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.OAUTH_APP_MISCONFIGURED
    assert "AADSTS90002" in answer.words
    assert browser.visited == []


async def test_refresh_tokens_rotate(
    registration: Registration, network: Network, browser: Browser
) -> None:
    first = await go(registration, network, browser)
    assert isinstance(first, Tokens)
    assert first.refresh is not None
    second = await refresh(registration, first.refresh, SCOPES, network)
    assert isinstance(second, Tokens), second
    assert second.refresh is not None
    assert second.access != first.access
    assert second.refresh != first.refresh
    old = await refresh(registration, first.refresh, SCOPES, network)
    assert isinstance(old, SigninFailure)
    assert old.cause is Cause.OAUTH_GRANT_EXPIRED
    assert await revoke(registration, second.refresh, network)
    gone = await refresh(registration, second.refresh, SCOPES, network)
    assert isinstance(gone, SigninFailure)
    assert gone.cause is Cause.OAUTH_GRANT_EXPIRED


async def test_cancelling_leaves_nothing(
    registration: Registration, network: Network, browser: Browser
) -> None:
    seen = Seen()
    browser.opens = False
    running = asyncio.create_task(go(registration, network, browser, seen))
    await seen.hold(1)
    port = port_of(seen)
    assert is_listened_on(port)
    # A browser that holds a connection open must not hold the end up.
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await reader.read() == b""
    writer.close()
    assert not is_listened_on(port)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_who_does_not_wait_for_the_last_page_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sending = asyncio.Event()

    async def send_for_ever(*_: object) -> None:
        sending.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(loopback, "_send", send_for_ever)
    left = asyncio.Event()

    async def sign_in_and_leave() -> None:
        async with loopback.listening(
            "127.0.0.1", 0, lambda _: loopback.Page.RECEIVED, Texts.load("en")
        ) as landing:
            assert isinstance(landing, loopback.Landing)
            host = f"127.0.0.1:{landing.port}"
            _, writer = await asyncio.open_connection("127.0.0.1", landing.port)
            writer.write(f"GET /?code=x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            await sending.wait()
            writer.close()
            left.set()

    running = asyncio.create_task(sign_in_and_leave())
    await left.wait()
    await asyncio.sleep(0)  # now it waits for the page to go out
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_two_at_once(
    registration: Registration, network: Network, sign_in_service: SignInService
) -> None:
    browsers = [Browser(sign_in_service.ca_file, person) for person in PEOPLE]
    answers = await asyncio.gather(*(go(registration, network, one) for one in browsers))
    assert [one.person for one in answers if isinstance(one, Tokens)] == list(PEOPLE)


async def test_a_port_that_is_taken_is_said(
    sign_in_service: SignInService, network: Network, browser: Browser
) -> None:
    (port,) = free_ports(1)
    facts = sign_in_service.facts(redirect_host="127.0.0.1", redirect_port=port)
    fixed = Registration(facts, CLIENT, "firma.test", Secret(SECRET))
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        answer = await go(fixed, network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.note is not None
    assert answer.note.key == "signin.port_taken"
    assert browser.visited == []
    # Free again: and directly afterwards once more, though the port was just in use.
    for _ in range(2):
        assert isinstance(await go(fixed, network, browser), Tokens)


class Clock:
    """Sleeps without time going by, and lets the person act in between."""

    def __init__(self, service: SignInService, say: str = "", after: int = 0) -> None:
        self.naps: list[float] = []
        self._service, self._say, self._after = service, say, after

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self._say and len(self.naps) > self._after:
            for device in self._service.devices.values():
                self._service.typed[device["user_code"]] = self._say


async def device(
    registration: Registration, network: Network, clock: Clock
) -> Tokens | SigninFailure:
    from wizard.signin.exchange import ask_device_code

    code = await ask_device_code(registration, SCOPES, network)
    assert not isinstance(code, SigninFailure), code
    assert code.code.reveal() not in repr(code)
    return await wait_for_device(registration, code, SCOPES, network, clock)


async def test_a_code_on_another_device(
    registration: Registration, network: Network, sign_in_service: SignInService
) -> None:
    sign_in_service.behaviour.interval = 1
    clock = Clock(sign_in_service, PEOPLE[1], after=2)
    tokens = await device(registration, network, clock)
    assert isinstance(tokens, Tokens), tokens
    # Asked again within the interval it says slow_down: five seconds more each time (RFC 8628).
    assert clock.naps[:3] == [1, 1, 6]


async def test_a_device_code_that_is_refused_or_expires(
    registration: Registration, network: Network, sign_in_service: SignInService
) -> None:
    refused = await device(registration, network, Clock(sign_in_service, "no"))
    assert isinstance(refused, SigninFailure)
    assert refused.cause is Cause.OAUTH_CONSENT_REQUIRED
    sign_in_service.behaviour.interval = 0
    sign_in_service.behaviour.device_lifetime = 30
    clock = Clock(sign_in_service)
    late = await device(registration, network, clock)
    assert isinstance(late, SigninFailure)
    assert late.cause is Cause.OAUTH_GRANT_EXPIRED
    assert 30 <= sum(clock.naps) <= 40


async def test_the_device_way_shows_its_code(
    registration: Registration, network: Network, sign_in_service: SignInService
) -> None:
    seen = Seen()
    running = asyncio.create_task(
        sign_in_by_device(registration, SCOPES, network, on_progress=seen.append)
    )
    await seen.hold(1)
    assert isinstance(seen[0], OnDevice)
    assert seen[0].device.address == f"{sign_in_service.url}/activate"
    assert len(seen[0].device.user_code) >= 8
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_service_that_cannot_be_reached(
    registration: Registration, network: Network, browser: Browser
) -> None:
    (port,) = free_ports(1)
    service = replace(
        registration.service, metadata=f"https://localhost:{port}/{{tenant}}/metadata"
    )
    answer = await go(replace(registration, service=service), network, browser)
    assert isinstance(answer, SigninFailure)
    assert answer.cause is Cause.CONNECTION_REFUSED


def test_progress_shows_no_secret() -> None:
    assert "verifier" not in repr(InBrowser("https://x/", opened=True))
