"""Finds the cause: the tables in their order, success and in-between replies first."""

import re
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.reply import Reply
from wizard.diagnosis.rule import DiagnosisProtocol, Rule, family_of
from wizard.diagnosis.rules_delivery import FALLBACKS, GENERAL, MAILBOXES, SMTP
from wizard.diagnosis.rules_login import CREDENTIALS, ENCRYPTION, PROVIDERS, REQUIRED
from wizard.diagnosis.rules_oauth import AADSTS
from wizard.diagnosis.rules_oauth import RULES as OAUTH
from wizard.diagnosis.rules_transport import CERTIFICATES, DNS, TCP, TLS
from wizard.model import Stage

# The most specific first. A transport's words stand inside many programs' frames, so they come
# before what a login's refusal could mean, and behind what only a mail server says.
TABLES: Final[tuple[tuple[Rule, ...], ...]] = (
    OAUTH,
    MAILBOXES,
    PROVIDERS,
    CERTIFICATES,
    TLS,
    DNS,
    ENCRYPTION,
    REQUIRED,
    SMTP,
    CREDENTIALS,
    TCP,
    GENERAL,
    FALLBACKS,
)

_SUCCESS: Final = {
    DiagnosisProtocol.SMTP: re.compile(r"^\W{0,4}(?:[SC]: ?)?(?:2\d\d|334|354)(?:[ -]|$)", re.I),
    DiagnosisProtocol.IMAP: re.compile(
        r"^\W{0,4}(?:S: ?)?(?:\*|[a-z]*\d+|[a-z]{1,8}) (?:OK|PREAUTH)\b|^\+(?: |$)"
        r"|^\* BYE\b.{0,20}(?:logging out|logout|session ending|terminating connection)",
        re.I,
    ),
    DiagnosisProtocol.POP3: re.compile(r"^\W{0,4}(?:S: ?)?\+OK\b|^\+(?: |$)", re.I),
}
_NEGATIVE: Final = re.compile(
    r"(?<![\d.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}|\bNO\b|\bBAD\b|-ERR\b"
    r"|error|fail|refus|denied|reject|timed out|\*{6,}",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The cause, what else it could be, and the words that decided it."""

    cause: Cause
    others: tuple[Cause, ...]
    quoted: str


def judge(
    reply: Reply, protocol: DiagnosisProtocol, stage: Stage | None, provider: str | None
) -> Verdict:
    """The best cause for a text; :attr:`Cause.UNKNOWN` when no row fits."""
    success = _SUCCESS.get(protocol)
    if success and success.search(reply.text) and not _NEGATIVE.search(reply.text):
        return Verdict(Cause.NO_ERROR, (), reply.quote(0, 0))
    for number in reply.aadsts:
        cause = AADSTS.get(number)
        if cause is not None:
            start = reply.flat.upper().find(f"AADSTS{number}")
            return Verdict(cause, (), reply.quote(start, start + 6 + len(str(number))))
    family = family_of(provider, reply.flat)
    for table in TABLES:
        for row in table:
            if row.applies(protocol, stage, family) and (hit := row.pattern.search(reply.folded)):
                return Verdict(row.cause, row.others, reply.quote(*hit.span()))
    return Verdict(Cause.UNKNOWN, (), reply.quote(0, 0))
