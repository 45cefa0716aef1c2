"""What can be found out about a client before anybody signs in with it, and what each finding says.

A check that cannot tell says so: nothing is called right that was not seen. No I/O.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from wizard.diagnosis.cause import Cause
from wizard.http import HttpAnswer, HttpFailure
from wizard.signin.answer import read_object, refused, unreachable
from wizard.signin.login import SigninFailure
from wizard.signin.service import OAuthService
from wizard.texts import Message, message


class Check(StrEnum):
    """What is looked at, in this order."""

    TENANT = "tenant"
    CLIENT = "client"
    SECRET = "secret"
    ERP_REDIRECT = "erp_redirect"
    OWN_REDIRECT = "own_redirect"


class Standing(StrEnum):
    """How it came out. ``UNKNOWN``: it cannot be told from outside."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's outcome; ``failure`` where something is wrong or nobody answered."""

    check: Check
    standing: Standing
    failure: SigninFailure | None = None

    @property
    def message(self) -> Message:
        return message(f"signin.check.{self.check}.{self.standing}")


# Refusals of the client itself, whatever is asked: its id, or its organisation's knowledge of it.
_CLIENT: Final = re.compile(
    r"AADSTS(?:700016|7000229|900023|90002|700038|900144|90013)\b|unauthorized_client"
    r"|client was not found|deleted_client|disabled_client|client does not exist",
    re.IGNORECASE,
)
_CODE: Final = re.compile(r"invalid_grant|invalid_request", re.IGNORECASE)
# What is answered without a person when the address is registered (OpenID Connect Core 3.1.2.6).
_NEEDS_PERSON: Final = frozenset(
    {
        "login_required",
        "interaction_required",
        "consent_required",
        "account_selection_required",
        "immediate_failed",
    }
)
_REDIRECT: Final = re.compile(
    r"AADSTS(?:50011|500112|500113|700054)\b|redirect_uri_mismatch|invalid[ _]redirect"
    r"|redirect_uri",
    re.IGNORECASE,
)
_PRINTABLE: Final = re.compile(rb"[\x20-\x7e]{6,}")
MAX_PAGE: Final = 256 << 10


def judge_tenant(answer: HttpAnswer | HttpFailure, service: OAuthService) -> Finding:
    """Does the organisation exist? Its OpenID metadata is there for everybody to read."""
    if isinstance(answer, HttpFailure):
        return Finding(Check.TENANT, Standing.UNKNOWN, unreachable(answer, service))
    fields = read_object(answer)
    if answer.status == 200 and fields is not None and isinstance(fields.get("issuer"), str):
        return Finding(Check.TENANT, Standing.RIGHT)
    if fields is not None and isinstance(fields.get("error"), str):
        return Finding(Check.TENANT, Standing.WRONG, refused(fields, service))
    return Finding(Check.TENANT, Standing.UNKNOWN)


def judge_client(
    answer: HttpAnswer | HttpFailure, service: OAuthService, *, with_secret: bool
) -> Iterator[Finding]:
    """Is the client known, and its secret right, by the answer of the token endpoint?"""
    if isinstance(answer, HttpFailure):
        yield Finding(Check.CLIENT, Standing.UNKNOWN, unreachable(answer, service))
        return
    fields = read_object(answer) or {}
    if answer.status == 200 and isinstance(fields.get("access_token"), str):
        yield Finding(Check.CLIENT, Standing.RIGHT)
        yield Finding(Check.SECRET, Standing.RIGHT)
        return
    failure = refused(fields, service)
    if _CLIENT.search(failure.words):
        yield Finding(Check.CLIENT, Standing.WRONG, failure)
    elif failure.cause is Cause.OAUTH_SECRET_INVALID and with_secret:
        # Who is told that its secret is wrong is known; Google does not tell the two apart.
        apart = "AADSTS" in failure.words
        yield Finding(Check.CLIENT, Standing.RIGHT if apart else Standing.UNKNOWN)
        yield Finding(Check.SECRET, Standing.WRONG, failure)
    elif _CODE.search(failure.words) and "AADSTS" not in failure.words:
        # Refused for the code: the client had passed before (RFC 6749 section 5.2).
        yield Finding(Check.CLIENT, Standing.RIGHT)
        if with_secret:
            yield Finding(Check.SECRET, Standing.RIGHT)
    else:
        yield Finding(Check.CLIENT, Standing.UNKNOWN)


def judge_redirect(
    check: Check, answer: HttpAnswer | HttpFailure, redirect_uri: str, service: OAuthService
) -> Finding:
    """Is the address registered, by the answer to an authorization request without a person?

    A service redirects only to registered addresses, errors included (RFC 6749 section 4.1.2.1).
    """
    if isinstance(answer, HttpFailure):
        return Finding(check, Standing.UNKNOWN, unreachable(answer, service))
    location = answer.header("location")
    if 300 <= answer.status < 400 and _leads_to(location, redirect_uri):
        errors = parse_qs(urlsplit(location).query).get("error", [""])
        if errors[0] in _NEEDS_PERSON:
            return Finding(check, Standing.RIGHT)
        failure = refused({"error": errors[0]}, service)
        return Finding(check, Standing.UNKNOWN, failure)
    for text in _texts(answer, location):
        if found := _REDIRECT.search(text):
            words = found[0] if found[0].startswith("AADSTS") else "redirect_uri_mismatch"
            return Finding(check, Standing.WRONG, refused({"error": words}, service))
    return Finding(check, Standing.UNKNOWN)


def _leads_to(location: str, redirect_uri: str) -> bool:
    """Is it the very address, apart from query and a final slash?"""
    there = location.partition("?")[0].partition("#")[0]
    return bool(location) and there.rstrip("/") == redirect_uri.rstrip("/")


def _texts(answer: HttpAnswer, location: str) -> Iterator[str]:
    """Where a service says what it does not like: Google in a parameter, in base64."""
    for values in parse_qs(urlsplit(location).query, max_num_fields=100).values():
        for value in values:
            yield from _decoded(value)
    yield answer.body[:MAX_PAGE].decode("utf-8", "replace") if answer.status >= 400 else ""
    page = answer.body[:MAX_PAGE].decode("utf-8", "replace") if answer.status == 200 else ""
    # A page for people: only Microsoft's numbers in it mean anything.
    yield " ".join(re.findall(r"AADSTS\d{4,8}", page))


def _decoded(value: str) -> Iterator[str]:
    try:
        octets = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_")
    except ValueError:
        return
    for piece in _PRINTABLE.findall(octets):
        yield piece.decode("ascii")
