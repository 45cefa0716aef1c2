"""One row of a table: what has to be seen, and what it means."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Stage


class DiagnosisProtocol(StrEnum):
    """Where a text comes from (``diagnose --protocol``)."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"
    OAUTH = "oauth"
    TLS = "tls"
    TCP = "tcp"
    DNS = "dns"


class Family(StrEnum):
    """Providers whose words mean something of their own."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    YAHOO = "yahoo"
    ICLOUD = "icloud"
    GMX = "gmx"
    YANDEX = "yandex"
    ZOHO = "zoho"
    OTHER = "other"


_FAMILIES: Final = {
    Family.GOOGLE: ("google", "gmail", "googlemail", "g suite", "gsuite"),
    Family.MICROSOFT: ("office", "microsoft", "outlook", "hotmail", "exchange-online"),
    Family.YAHOO: ("yahoo", "aol"),
    Family.ICLOUD: ("icloud", "apple"),
    Family.GMX: ("gmx", "web-de", "web.de", "mail-com", "mail.com"),
    Family.YANDEX: ("yandex",),
    Family.ZOHO: ("zoho",),
}
# What a server says of itself in its replies.
_SIGNATURES: Final = (
    (Family.GOOGLE, re.compile(r"\bgsmtp\b|support\.google\.com|accounts\.google\.com", re.I)),
    (Family.MICROSOFT, re.compile(r"prod\.outlook\.com|protection\.outlook\.com|aka\.ms/", re.I)),
    (Family.YAHOO, re.compile(r"#MBR\d|#AUTH\d|yahoo\.com", re.I)),
    (Family.GMX, re.compile(r"\bgmx\.(?:net|com|de)\b|\bweb\.de\b", re.I)),
)


def family_of(provider: str | None, text: str) -> Family:
    """The family of a provider's id or name, else what the text itself gives away."""
    name = (provider or "").lower()
    for family, starts in _FAMILIES.items():
        if name.startswith(starts):
            return family
    if not name or name == "generic":
        for family, signature in _SIGNATURES:
            if signature.search(text):
                return family
    return Family.OTHER


_MAILBOX: Final = frozenset({DiagnosisProtocol.IMAP, DiagnosisProtocol.POP3})
SMTP_ONLY: Final = frozenset({DiagnosisProtocol.SMTP})
IMAP_ONLY: Final = frozenset({DiagnosisProtocol.IMAP})
POP3_ONLY: Final = frozenset({DiagnosisProtocol.POP3})
OAUTH_ONLY: Final = frozenset({DiagnosisProtocol.OAUTH})
MAILBOX: Final = _MAILBOX


@dataclass(frozen=True, slots=True)
class Rule:
    """``pattern`` is searched in the folded text. Empty sets mean: any."""

    cause: Cause
    pattern: re.Pattern[str]
    others: tuple[Cause, ...] = ()
    protocols: frozenset[DiagnosisProtocol] = frozenset()
    stages: frozenset[Stage] = frozenset()
    families: frozenset[Family] = frozenset()

    def applies(self, protocol: DiagnosisProtocol, stage: Stage | None, family: Family) -> bool:
        """Do protocol, stage and provider fit? An unknown stage fits every rule without one."""
        return (
            (not self.protocols or protocol in self.protocols)
            and (not self.stages or stage in self.stages)
            and (not self.families or family in self.families)
        )


# An escape such as \B means something else in small letters.
_ESCAPE_OR_OTHER: Final = re.compile(r"(\\.)|([^\\]+)")


def rule(
    cause: Cause,
    pattern: str,
    *others: Cause,
    protocols: frozenset[DiagnosisProtocol] = frozenset(),
    stages: tuple[Stage, ...] = (),
    families: tuple[Family, ...] = (),
) -> Rule:
    """A row. Patterns have no nested repetition, so that a search stays linear.

    Case does not matter in them: they are made small, as the text is that they are searched in.
    That is three times as fast as to have the engine disregard it.
    """
    small = _ESCAPE_OR_OTHER.sub(lambda found: found[1] or found[2].lower(), pattern)
    return Rule(
        cause,
        re.compile(small),
        others,
        protocols,
        frozenset(stages),
        frozenset(families),
    )
