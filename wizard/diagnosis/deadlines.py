"""What changes by date: announcements of providers that decide how long a remedy holds.

Rows are data; their words are the texts ``deadline.<id>.before`` and ``deadline.<id>.after``.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import DiagnosisProtocol, Family
from wizard.texts import Message, message

_MAILBOX: Final = frozenset({DiagnosisProtocol.IMAP, DiagnosisProtocol.POP3})
_SMTP: Final = frozenset({DiagnosisProtocol.SMTP})
# These causes are Microsoft's own, whoever the text says it is from.
_OF_MICROSOFT: Final = frozenset(
    {Cause.SMTP_AUTH_DISABLED_TENANT, Cause.SMTP_AUTH_DISABLED_MAILBOX, Cause.BASIC_AUTH_RETIRED}
)
_LOGIN: Final = frozenset(
    {Cause.WRONG_CREDENTIALS, Cause.ACCESS_POLICY_BLOCKED, Cause.AUTH_MECHANISM_UNSUPPORTED}
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A change on a day, and which diagnoses it matters to."""

    id: str
    day: dt.date
    url: str
    family: Family
    causes: frozenset[Cause]
    protocols: frozenset[DiagnosisProtocol]


@dataclass(frozen=True, slots=True)
class Change:
    """What changes, or has changed, on a day."""

    day: dt.date
    message: Message
    url: str


DEADLINES: Final[tuple[Deadline, ...]] = (
    # Announced on 27 January 2026; the final day is to be told in the second half of 2027.
    Deadline(
        "microsoft_smtp_password",
        dt.date(2026, 12, 31),
        "https://techcommunity.microsoft.com/blog/exchange/"
        "updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835",
        Family.MICROSOFT,
        _OF_MICROSOFT | _LOGIN,
        _SMTP,
    ),
    Deadline(
        "microsoft_mailbox_password",
        dt.date(2022, 12, 31),
        "https://learn.microsoft.com/en-us/exchange/clients-and-mobile-in-exchange-online/"
        "deprecation-of-basic-authentication-exchange-online",
        Family.MICROSOFT,
        _OF_MICROSOFT | _LOGIN,
        _MAILBOX,
    ),
    # "Less secure apps": the pages of Google name no single last day; by then it was gone for all.
    Deadline(
        "google_less_secure_apps",
        dt.date(2025, 5, 1),
        "https://support.google.com/a/answer/14114704",
        Family.GOOGLE,
        frozenset({Cause.WRONG_CREDENTIALS, Cause.APP_PASSWORD_REQUIRED}),
        _SMTP | _MAILBOX,
    ),
)


def changes_for(
    cause: Cause, family: Family, protocol: DiagnosisProtocol, today: dt.date
) -> tuple[Change, ...]:
    """What there is to know about dates for a diagnosis, in the words of before or after."""
    return tuple(
        Change(
            row.day,
            message(f"deadline.{row.id}.{'before' if today <= row.day else 'after'}"),
            row.url,
        )
        for row in DEADLINES
        if cause in row.causes
        and protocol in row.protocols
        and (family is row.family or (row.family is Family.MICROSOFT and cause in _OF_MICROSOFT))
    )
