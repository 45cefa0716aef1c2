"""One sign-in from beginning to end: in the system's browser, or with a code on another device.

Both can be cancelled at any time; nothing is left listening then.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wizard.diagnosis.cause import Cause
from wizard.network import Network
from wizard.signin.answer import Code, DeviceCode, Issuer, Stray, Tokens, judge_callback
from wizard.signin.exchange import ask_device_code, ask_issuer, redeem, wait_for_device
from wizard.signin.grants import own_redirect
from wizard.signin.login import SigninFailure
from wizard.signin.loopback import Landing, Page, PortTaken, listening
from wizard.signin.registration import Registration
from wizard.signin.request import Attempt, authorization_url, begin_attempt
from wizard.texts import Texts, message


@dataclass(frozen=True, slots=True)
class InBrowser:
    """The person is in the browser now; ``opened`` False: has to copy the address there."""

    address: str
    opened: bool


@dataclass(frozen=True, slots=True)
class OnDevice:
    """The person has to type this code at this address."""

    device: DeviceCode


OpenBrowser = Callable[[str], Awaitable[bool]]
OnProgress = Callable[[InBrowser | OnDevice], None]


async def sign_in(
    registration: Registration,
    scopes: tuple[str, ...],
    network: Network,
    *,
    hint: str,
    texts: Texts,
    open_browser: OpenBrowser,
    on_progress: OnProgress,
) -> Tokens | SigninFailure:
    """The code grant with PKCE by the system's browser; waits for the person as long as it takes.

    ``hint`` is the login that is expected.
    """
    issuer = await ask_issuer(registration, network)
    if isinstance(issuer, SigninFailure):
        return issuer
    service = registration.service
    # Made with the port, which is known only when it is listened on; one answer, judged once.
    judged = _Judged(issuer)
    async with listening(service.redirect_host, service.redirect_port, judged, texts) as landing:
        match landing:
            case PortTaken(port=port, reason=reason):
                note = message("signin.port_taken", port=port, reason=reason)
                return SigninFailure(Cause.PROTOCOL_ERROR, reason, note, service.family)
            case Landing(port=port, arrived=arrived):
                redirect = own_redirect(service, port)
                judged.attempt = begin_attempt(registration, scopes, redirect, hint)
                address = authorization_url(judged.attempt)
                on_progress(InBrowser(address, opened=True))
                if not await open_browser(address):
                    on_progress(InBrowser(address, opened=False))
                await arrived
    answer = judged.answer
    if isinstance(answer, Code) and judged.attempt is not None:
        return await redeem(judged.attempt, answer.value, issuer, network)
    if isinstance(answer, SigninFailure):
        return answer
    raise RuntimeError("an answer arrived that was not judged")


class _Judged:
    """Sees what comes to the redirect address, keeps the one answer, names the page for it."""

    def __init__(self, issuer: Issuer) -> None:
        self.attempt: Attempt | None = None
        self.answer: Code | SigninFailure | None = None
        self._issuer = issuer

    def __call__(self, target: str) -> Page:
        if self.attempt is None:
            return Page.STRAY
        match judge_callback(target, self.attempt, self._issuer):
            case Stray():
                return Page.STRAY
            case Code() as code:
                self.answer = code
                return Page.RECEIVED
            case SigninFailure() as failure:
                self.answer = failure
                return Page.REFUSED


async def sign_in_by_device(
    registration: Registration,
    scopes: tuple[str, ...],
    network: Network,
    *,
    on_progress: OnProgress,
) -> Tokens | SigninFailure:
    """The device grant (RFC 8628), for where no browser of this machine can be used."""
    device = await ask_device_code(registration, scopes, network)
    if isinstance(device, SigninFailure):
        return device
    on_progress(OnDevice(device))
    return await wait_for_device(registration, device, scopes, network)
