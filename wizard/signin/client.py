"""The company's own OAuth client as it was registered and entered, and who signed in with it.

No secret is in here: the client's secret and all tokens are in the vault. Part of the set-up.
"""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from wizard.model import Invalid, clean, parse_domain, parse_host
from wizard.texts import Message, message

# Before a secret ends there has to be time to make a new one and to enter it.
REMIND_DAYS: Final = 30
MAX_ENTRY: Final = 300

_TENANT_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CLIENT_ID: Final = re.compile(r"[\x21-\x7e]{3,300}")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Audience(StrEnum):
    """Google's consent screen: for the own organisation, or for everybody, being tested or not."""

    INTERNAL = "internal"
    TESTING = "testing"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """What was entered about the client. ``secret_revision`` counts changes of its secret.

    ``secret_ends`` is the day on which the secret expires, as its maker said it.
    """

    client_id: str = ""
    tenant: str = ""
    secret_revision: int = 0
    secret_ends: dt.date | None = None
    audience: Audience = Audience.INTERNAL


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in: for which purpose of the vault, who it was, what was allowed.

    ``person`` is empty where the service does not tell. ``lasting``: there is a refresh token.
    """

    purpose: str
    person: str
    service: str
    client_id: str
    scopes: tuple[str, ...]
    when: dt.datetime
    lasting: bool


class AdminConsent(StrEnum):
    """Whether the organisation's administrator has to agree, as far as is known."""

    UNKNOWN = "unknown"
    AWAITED = "awaited"


@dataclass(frozen=True, slots=True)
class Signin:
    """All about signing in: the client, who signed in, what is waited for."""

    client: OAuthClient = OAuthClient()
    people: tuple[SignedIn, ...] = ()
    admin_consent: AdminConsent = AdminConsent.UNKNOWN

    def signed_in(self, purpose: str) -> SignedIn | None:
        return next((one for one in self.people if one.purpose == purpose), None)


def parse_client_id(text: str) -> str | Invalid:
    """A client's id: visible ASCII, no space."""
    entry = clean(text)
    if not entry:
        return Invalid(message("input.client_id.empty"))
    if not _CLIENT_ID.fullmatch(entry):
        return Invalid(message("input.client_id.characters"))
    return entry


def parse_tenant(text: str) -> str | Invalid:
    """An organisation: its id, or one of its domains."""
    entry = clean(text)
    if _TENANT_ID.fullmatch(entry):
        return entry.lower()
    domain = parse_domain(entry)
    return Invalid(message("input.tenant.form")) if isinstance(domain, Invalid) else domain


def parse_erp_address(text: str) -> str | Invalid:
    """The address of the platform: ``https://host[:port]``, without path and final slash."""
    entry = clean(text)
    if not entry:
        return Invalid(message("input.erp.empty"))
    if "://" not in entry:
        entry = f"https://{entry}"
    try:
        parts = urlsplit(entry)
        port = parts.port
    except ValueError:
        return Invalid(message("input.erp.form"))
    host = parse_host(parts.hostname or "")
    if isinstance(host, Invalid) or "@" in parts.netloc or len(entry) > MAX_ENTRY:
        return Invalid(message("input.erp.form"))
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        # Both services refuse to redirect to http, but on this very machine.
        return Invalid(message("input.erp.https"))
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def parse_day(text: str) -> dt.date | Invalid | None:
    """A day as ``2027-05-31``; nothing is no day."""
    entry = clean(text)
    if not entry:
        return None
    try:
        return dt.date.fromisoformat(entry)
    except ValueError:
        return Invalid(message("input.date.form", example="2027-05-31"))


def secret_reminder(client: OAuthClient, today: dt.date) -> Message | None:
    """What there is to say about the end of the client's secret; None while it is far away."""
    ends = client.secret_ends
    if ends is None:
        return None
    if ends < today:
        return message("signin.secret_ended", day=ends.isoformat())
    if ends - today <= dt.timedelta(days=REMIND_DAYS):
        return message("signin.secret_ends", day=ends.isoformat())
    return None
