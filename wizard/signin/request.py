"""What is asked of a sign-in service: addresses for the browser, bodies for its endpoints.

The protocol's forms are Authlib's; which of them, and with what, is decided here. No I/O.
"""

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7009 import prepare_revoke_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from wizard.http import HttpRequest
from wizard.model import Secret
from wizard.signin.registration import Registration

DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
# A code that nobody ever issued, to see whether a client is refused before its code is.
MADE_UP_CODE: Final = "0.made-up-to-check-the-client"
# Answers of these endpoints are small; Microsoft's longest tokens are below 10 kB.
MAX_ANSWER: Final = 128 << 10
_FORM: Final = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Accept", "application/json"),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to sign in. ``state``, ``verifier`` and ``nonce`` are fresh and random for each."""

    registration: Registration
    scopes: tuple[str, ...]
    redirect_uri: str
    hint: str
    state: str
    verifier: Secret
    nonce: str


def begin_attempt(
    registration: Registration, scopes: tuple[str, ...], redirect_uri: str, hint: str = ""
) -> Attempt:
    """A new try; ``hint`` is the login that is expected. 256 bits each (RFC 7636 section 7.1)."""
    return Attempt(
        registration=registration,
        scopes=scopes,
        redirect_uri=redirect_uri,
        hint=hint,
        state=secrets.token_urlsafe(32),
        verifier=Secret(secrets.token_urlsafe(48)),
        nonce=secrets.token_urlsafe(32),
    )


def authorization_url(attempt: Attempt) -> str:
    """The address for the browser (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect 3.1.2.1).

    Consent is never forced: who has agreed already is not asked again. The account is chosen
    each time, or else the browser's present one would be taken unasked.
    """
    registration = attempt.registration
    service = registration.service
    openid = "openid" in service.identity
    challenge = create_s256_code_challenge(attempt.verifier.reveal())  # type: ignore[no-untyped-call]
    return str(
        prepare_grant_uri(
            registration.endpoint(service.authorization_endpoint),
            client_id=registration.client_id,
            response_type="code",
            redirect_uri=attempt.redirect_uri,
            scope=" ".join((*attempt.scopes, *service.identity)),
            state=attempt.state,
            code_challenge=challenge,
            code_challenge_method="S256",
            nonce=attempt.nonce if openid else None,
            prompt="select_account" if openid else None,
            login_hint=attempt.hint or None,
            **service.parameters,
        )
    )


def silent_url(registration: Registration, redirect_uri: str) -> str:
    """An address that is answered without a person: may this client be redirected to there?"""
    return str(
        prepare_grant_uri(
            registration.endpoint(registration.service.authorization_endpoint),
            client_id=registration.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope="openid",
            state="check",
            prompt="none",
            response_mode="query",
        )
    )


def code_request(attempt: Attempt, code: str) -> HttpRequest:
    """Redeem a code (RFC 6749 section 4.1.3)."""
    body = prepare_token_request(
        "authorization_code",
        redirect_uri=attempt.redirect_uri,
        code=code,
        code_verifier=attempt.verifier.reveal(),
    )
    return _to_token_endpoint(attempt.registration, body)


def refresh_request(
    registration: Registration, refresh: Secret, scopes: tuple[str, ...]
) -> HttpRequest:
    """A new access token for scopes that were granted (RFC 6749 section 6)."""
    body = prepare_token_request(
        "refresh_token",
        refresh_token=refresh.reveal(),
        scope=" ".join((*scopes, *registration.service.identity)),
    )
    return _to_token_endpoint(registration, body)


def client_request(registration: Registration) -> HttpRequest:
    """The client for itself (RFC 6749 section 4.4), to see whether it is known."""
    scope = registration.service.application_scope
    return _to_token_endpoint(
        registration, prepare_token_request("client_credentials", scope=scope)
    )


def made_up_code_request(registration: Registration, redirect_uri: str) -> HttpRequest:
    """Redeem a code that never was, to see whether the client is known."""
    body = prepare_token_request(
        "authorization_code",
        redirect_uri=redirect_uri,
        code=MADE_UP_CODE,
        code_verifier="x" * 43,
    )
    return _to_token_endpoint(registration, body)


def device_request(registration: Registration, scopes: tuple[str, ...]) -> HttpRequest:
    """Ask for a code to be typed elsewhere (RFC 8628 section 3.1)."""
    scope = " ".join((*scopes, *registration.service.identity))
    form = f"{urlencode({'scope': scope})}&{_credentials(registration)}"
    return _post(registration.endpoint(registration.service.device_endpoint), form)


def device_poll(registration: Registration, device_code: Secret) -> HttpRequest:
    """Has it been typed (RFC 8628 section 3.4)?"""
    body = prepare_token_request(DEVICE_GRANT, device_code=device_code.reveal())
    return _to_token_endpoint(registration, body)


def revoke_request(registration: Registration, token: Secret) -> HttpRequest:
    """Make a token worthless (RFC 7009)."""
    body, _ = prepare_revoke_token_request(
        token.reveal(), "refresh_token", body=_credentials(registration)
    )
    return _post(registration.endpoint(registration.service.revocation_endpoint), body)


def metadata_request(registration: Registration) -> HttpRequest:
    """The service's own description (OpenID Connect Discovery, RFC 8414)."""
    return HttpRequest(
        registration.endpoint(registration.service.metadata),
        headers=(("Accept", "application/json"),),
        max_body=MAX_ANSWER,
    )


def _to_token_endpoint(registration: Registration, body: str) -> HttpRequest:
    form = f"{body}&{_credentials(registration)}"
    return _post(registration.endpoint(registration.service.token_endpoint), form)


def _credentials(registration: Registration) -> str:
    """In the body (client_secret_post): the way all of these services take."""
    form = {"client_id": registration.client_id}
    if registration.secret:
        form["client_secret"] = registration.secret.reveal()
    return urlencode(form)


def _post(url: str, body: str) -> HttpRequest:
    return HttpRequest(url, "POST", _FORM, body.encode("ascii"), max_body=MAX_ANSWER)
