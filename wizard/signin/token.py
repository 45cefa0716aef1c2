"""What a token says of itself, read without trusting it: only to explain, never to decide.

An access token is for the server it was made for; that it can be read at all (a JWT, RFC 7519) is
a habit of Microsoft's and others'. Google's cannot.
"""

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Final

from wizard.model import Protocol, Secret, ServerSettings
from wizard.probe.harmless import harmless
from wizard.signin.service import OAuthService
from wizard.texts import Message, message

MAX_TOKEN: Final = 32 << 10
# The end of the year 9998: later than that no calendar goes.
LAST_SECOND: Final = 253_370_764_800
# Under which name a token tells who its person is, the most telling first.
_PERSON: Final = ("upn", "preferred_username", "email", "unique_name")


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What stands in a token; ``expires`` in seconds since 1970, 0 when it does not say."""

    audience: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    person: str = ""
    issuer: str = ""
    nonce: str = ""
    expires: int = 0


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """An access token to log in with, and what was said when it was given out."""

    access: Secret
    service: OAuthService
    granted: tuple[str, ...]
    person: str


def read_token(token: Secret) -> TokenFacts | None:
    """The facts in a JWT's middle part; None when it is none."""
    text = token.reveal()
    parts = text.split(".")
    if len(parts) != 3 or len(text) > MAX_TOKEN:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    expires = claims.get("exp")
    return TokenFacts(
        audience=_list(claims.get("aud")),
        scopes=tuple(_text(claims.get("scp") or claims.get("scope")).split()),
        person=next((name for key in _PERSON if (name := _text(claims.get(key)))), ""),
        issuer=_text(claims.get("iss")),
        nonce=_text(claims.get("nonce")),
        expires=expires if isinstance(expires, int) and 0 < expires < LAST_SECOND else 0,
    )


def same_scope(one: str, other: str) -> bool:
    """Are two scopes the same? Microsoft gives them back in other cases, and without a host."""
    return one == other or _tail(one) == _tail(other)


def missing_scopes(wanted: tuple[str, ...], granted: tuple[str, ...]) -> tuple[str, ...]:
    """What was asked for and not given."""
    return tuple(one for one in wanted if not any(same_scope(one, given) for given in granted))


def explain_refusal(
    login: TokenLogin, settings: ServerSettings, now: dt.datetime
) -> Message | None:
    """Why a server may have refused a token; None where nothing about the token tells."""
    facts = read_token(login.access) or TokenFacts()
    if facts.expires and facts.expires < now.timestamp():
        ended = dt.datetime.fromtimestamp(facts.expires).astimezone()
        return message("signin.refused.expired", when=f"{ended:%Y-%m-%d %H:%M}")
    wanted = login.service.scopes.for_protocol(settings.protocol)
    if facts.audience and wanted and not _meant_for(facts.audience, wanted):
        return message("signin.refused.audience", audience=facts.audience[0], wanted=wanted[0])
    missing = missing_scopes(wanted, facts.scopes or login.granted)
    if missing:
        return message("signin.refused.scope", scope=missing[0])
    who = facts.person or login.person
    if who and who.casefold() != settings.username.casefold():
        return message(
            f"signin.refused.person_{_kind(settings)}", person=who, mailbox=settings.username
        )
    if login.service.family == "microsoft":
        return message(f"signin.refused.switch_{_kind(settings)}", mailbox=settings.username)
    return None


def _kind(settings: ServerSettings) -> str:
    return "smtp" if settings.protocol is Protocol.SMTP else "mailbox"


def _meant_for(audience: tuple[str, ...], scopes: tuple[str, ...]) -> bool:
    """Is the resource of the scopes the token's? Outlook is known under two names.

    An audience that is a bare id (a GUID) cannot be compared.
    """
    hosts = {_host(scope) for scope in scopes}
    known = {_host(one) for one in audience if "://" in one}
    if not known or "" in hosts:
        return True
    return bool({_outlook(host) for host in hosts} & {_outlook(host) for host in known})


def _outlook(host: str) -> str:
    return "outlook.office.com" if host == "outlook.office365.com" else host


def _host(scope: str) -> str:
    return scope.split("://", 1)[1].split("/", 1)[0].lower() if "://" in scope else ""


def _tail(scope: str) -> str:
    """``https://outlook.office.com/SMTP.Send`` and ``SMTP.Send`` alike."""
    name = scope.rstrip("/").rsplit("/", 1)[-1].lower()
    return name if "." in name and _host(scope) in ("", *_OUTLOOK) else scope.lower()


_OUTLOOK: Final = (
    "outlook.office.com",
    "outlook.office365.com",
    "outlook.office365.us",
    "partner.outlook.cn",
)


def _text(value: Any) -> str:
    return harmless(value, 2_000) if isinstance(value, str) else ""


def _list(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(text for one in given[:20] if (text := _text(one)))
