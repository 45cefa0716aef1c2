"""What a sign-in service answers: at the redirect address, at its endpoints. Judged, never trusted.

A refusal is a cause of the diagnosis with the service's own words. No I/O.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import Circumstances
from wizard.diagnosis.diagnose import DiagnosisProtocol, diagnose
from wizard.http import HttpAnswer, HttpFailure
from wizard.model import Secret, Stage
from wizard.probe.harmless import harmless
from wizard.signin.login import SigninFailure
from wizard.signin.service import OAuthService
from wizard.signin.token import TokenFacts, missing_scopes, read_token
from wizard.texts import message

if TYPE_CHECKING:
    from wizard.signin.request import Attempt

MAX_WORDS: Final = 1_000
MAX_FIELDS: Final = 40
# How long an access token lives where nothing is said (RFC 6749 section 5.1 leaves it open).
UNSAID_SECONDS: Final = 600
LONGEST_SECONDS: Final = 30 * 24 * 3600
# RFC 8628 section 3.2 and 3.5
POLL_SECONDS: Final = 5
SLOWER_SECONDS: Final = 5
LONGEST_POLL_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Stray:
    """A call at the redirect address that is no answer to this attempt: it changes nothing."""


@dataclass(frozen=True, slots=True)
class Code:
    """The person agreed."""

    value: Secret


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who answers, as its own description says; ``named``: it says so in each answer (RFC 9207)."""

    name: str
    named: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was given out. ``lifetime`` of the access token in seconds from now."""

    access: Secret
    refresh: Secret | None
    lifetime: int
    scopes: tuple[str, ...]
    person: str = ""


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A code for another device. ``lifetime`` and ``interval`` in seconds (RFC 8628)."""

    code: Secret = field(repr=False)
    user_code: str
    address: str
    lifetime: int
    interval: int


@dataclass(frozen=True, slots=True)
class Pending:
    """Not typed yet; ``slower``: ask less often."""

    slower: bool = False


def judge_callback(target: str, attempt: Attempt, issuer: Issuer) -> Code | SigninFailure | Stray:
    """The answer that the browser brings (RFC 6749 section 4.1.2, RFC 9207 section 2.4).

    ``target`` is path and query. What has another state belongs to another attempt, or to nobody.
    """
    try:
        query = parse_qsl(urlsplit(target).query, max_num_fields=MAX_FIELDS)
    except ValueError:
        return Stray()
    answer = dict(query)
    if len(answer) < len(query):
        # RFC 6749 section 3.1: no parameter twice.
        return Stray()
    state = answer.get("state", "")
    if not hmac.compare_digest(state.encode(), attempt.state.encode()):
        return Stray()
    family = attempt.registration.service.family
    said = answer.get("iss")
    if (said is None and issuer.named) or (said is not None and said != issuer.name):
        words = harmless(f"iss={said}" if said else "no iss", 300)
        note = message("signin.wrong_issuer", issuer=issuer.name)
        return SigninFailure(Cause.PROTOCOL_ERROR, words, note, family)
    if "error" in answer:
        return refused(answer, attempt.registration.service)
    code = answer.get("code", "")
    if not code:
        return SigninFailure(Cause.PROTOCOL_ERROR, "no code", None, family)
    return Code(Secret(code))


def refused(answer: Mapping[str, Any], service: OAuthService) -> SigninFailure:
    """An error answer (RFC 6749 sections 4.1.2.1 and 5.2) and its cause."""
    parts = [answer.get(key) for key in ("error", "error_subtype", "error_description")]
    words = harmless(": ".join(part for part in parts if isinstance(part, str) and part), MAX_WORDS)
    around = Circumstances(provider=service.family)
    diagnosis = diagnose(
        words, protocol=DiagnosisProtocol.OAUTH, stage=Stage.TOKEN, circumstances=around
    )
    return SigninFailure(diagnosis.cause, words, None, service.family)


def unreachable(failure: HttpFailure, service: OAuthService) -> SigninFailure:
    """The service itself cannot be reached."""
    return SigninFailure(failure.cause, failure.words, None, service.family)


def parse_tokens(
    answer: HttpAnswer, service: OAuthService, asked: tuple[str, ...]
) -> Tokens | SigninFailure:
    """A token endpoint's answer (RFC 6749 section 5). ``asked``: what is granted if unsaid."""
    fields = read_object(answer)
    if fields is None or answer.status != 200 or "error" in fields:
        return _no_token(answer, fields, service)
    access = fields.get("access_token")
    kind = fields.get("token_type")
    if not _sendable(access) or not isinstance(kind, str) or kind.lower() != "bearer":
        return SigninFailure(Cause.PROTOCOL_ERROR, "no bearer token", None, service.family)
    refresh = fields.get("refresh_token")
    scope = fields.get("scope")
    identity = fields.get("id_token")
    facts = read_token(Secret(identity)) if isinstance(identity, str) else None
    return Tokens(
        access=Secret(str(access)),
        refresh=Secret(str(refresh)) if _sendable(refresh) else None,
        lifetime=_seconds(fields.get("expires_in"), UNSAID_SECONDS, LONGEST_SECONDS),
        scopes=tuple(harmless(scope, MAX_WORDS * 4).split()) if isinstance(scope, str) else asked,
        person=facts.person if facts else "",
    )


def judge_tokens(
    answer: HttpAnswer, attempt: Attempt, issuer: Issuer, now: float
) -> Tokens | SigninFailure:
    """The answer to a code: is it for this very attempt, and does it hold what was asked for?

    The identity came over TLS from the endpoint itself, so its signature adds nothing (OpenID
    Connect Core 3.1.3.7 point 6); its issuer, audience, nonce and end are compared.
    """
    service = attempt.registration.service
    tokens = parse_tokens(answer, service, attempt.scopes)
    if isinstance(tokens, SigninFailure):
        return tokens
    fields = read_object(answer) or {}
    identity = fields.get("id_token")
    if isinstance(identity, str):
        facts = read_token(Secret(identity))
        if facts is None or (wrong := _not_ours(facts, attempt, issuer, now)):
            words = "id_token" if facts is None else wrong
            return SigninFailure(Cause.PROTOCOL_ERROR, words, None, service.family)
    return with_all_scopes(tokens, attempt.scopes, service)


def with_all_scopes(
    tokens: Tokens, asked: tuple[str, ...], service: OAuthService
) -> Tokens | SigninFailure:
    """Was everything granted that was asked for? Google lets a person untick the mail."""
    missing = missing_scopes(asked, tokens.scopes)
    if not missing:
        return tokens
    note = message("signin.not_granted", scope=missing[0])
    words = f"scope={' '.join(tokens.scopes)}"
    return SigninFailure(Cause.OAUTH_CONSENT_REQUIRED, words, note, service.family)


def parse_device_code(answer: HttpAnswer, service: OAuthService) -> DeviceCode | SigninFailure:
    """RFC 8628 section 3.2."""
    fields = read_object(answer)
    if fields is None or answer.status != 200:
        return _no_token(answer, fields, service)
    code, user_code = fields.get("device_code"), fields.get("user_code")
    address = fields.get("verification_uri") or fields.get("verification_url")
    if not (_sendable(code) and isinstance(user_code, str) and isinstance(address, str)):
        return SigninFailure(Cause.PROTOCOL_ERROR, "no device code", None, service.family)
    if not address.startswith("https://"):
        words = harmless(address, 300)
        return SigninFailure(Cause.PROTOCOL_ERROR, words, None, service.family)
    return DeviceCode(
        code=Secret(str(code)),
        user_code=harmless(user_code, 40),
        address=harmless(address, 300),
        lifetime=_seconds(fields.get("expires_in"), UNSAID_SECONDS, 3600),
        interval=_seconds(fields.get("interval"), POLL_SECONDS, LONGEST_POLL_SECONDS),
    )


def judge_poll(
    answer: HttpAnswer, service: OAuthService, asked: tuple[str, ...]
) -> Tokens | SigninFailure | Pending:
    """RFC 8628 section 3.5."""
    fields = read_object(answer)
    if fields is not None and answer.status != 200:
        match fields.get("error"):
            case "authorization_pending":
                return Pending()
            case "slow_down":
                return Pending(slower=True)
    tokens = parse_tokens(answer, service, asked)
    if isinstance(tokens, SigninFailure):
        return tokens
    return with_all_scopes(tokens, asked, service)


def parse_issuer(answer: HttpAnswer, service: OAuthService) -> Issuer | SigninFailure:
    """The service's own description (RFC 8414 section 2, RFC 9207 section 3)."""
    fields = read_object(answer)
    if fields is None or answer.status != 200:
        return _no_token(answer, fields, service)
    name = fields.get("issuer")
    if not isinstance(name, str) or not name.startswith("https://"):
        return SigninFailure(Cause.PROTOCOL_ERROR, "no issuer", None, service.family)
    named = fields.get("authorization_response_iss_parameter_supported") is True
    return Issuer(name, named)


def read_object(answer: HttpAnswer) -> dict[str, Any] | None:
    """The body as a JSON object; None when it is none."""
    try:
        fields = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _no_token(
    answer: HttpAnswer, fields: dict[str, Any] | None, service: OAuthService
) -> SigninFailure:
    if fields is not None and isinstance(fields.get("error"), str):
        return refused(fields, service)
    if answer.status in (429, 503):
        cause = Cause.RATE_LIMITED if answer.status == 429 else Cause.TEMPORARILY_UNAVAILABLE
        return SigninFailure(cause, f"HTTP {answer.status}", None, service.family)
    cause = Cause.TEMPORARILY_UNAVAILABLE if answer.status >= 500 else Cause.PROTOCOL_ERROR
    return SigninFailure(cause, f"HTTP {answer.status}", None, service.family)


def _not_ours(facts: TokenFacts, attempt: Attempt, issuer: Issuer, now: float) -> str:
    """What in an identity is not as this attempt has it; empty when all is."""
    if facts.nonce != attempt.nonce:
        return "id_token: nonce"
    if attempt.registration.client_id not in facts.audience:
        return "id_token: aud"
    # Google leaves the scheme out at times; templates of several organisations name no issuer.
    same = _bare(facts.issuer) == _bare(issuer.name)
    if not same and "{" not in issuer.name:
        return harmless(f"id_token: iss={facts.issuer}", 300)
    return "id_token: exp" if facts.expires and facts.expires < now - 300 else ""


def _bare(issuer: str) -> str:
    return issuer.removeprefix("https://")


def _sendable(value: object) -> bool:
    """A token that can stand in a header or a SASL message: visible ASCII, no space."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= 32_768
        and value.isprintable()
        and (value.isascii() and " " not in value)
    )


def _seconds(value: object, unsaid: int, longest: int) -> int:
    """A number of seconds as services write it: a number, or one in quotation marks."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        return unsaid
    return max(1, min(int(value), longest))
