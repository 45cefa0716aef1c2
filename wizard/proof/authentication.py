"""What the receiving server wrote about SPF, DKIM and DMARC (Authentication-Results, RFC 8601).

Reads the header's values; whether they may be believed is the reader's: only the topmost server is
the mailbox's own, everything below it could have been written by the sender.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MAX_HEADERS: Final = 20
_MAX_OCTETS: Final = 8192
_RESULT: Final = re.compile(r"^(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_DOMAIN: Final = re.compile(
    r"(?:smtp\.mailfrom|smtp\.helo|header\.d|header\.i|header\.from)\s*=\s*"
    r"(?:[^\s;@]*@)?([a-z0-9._-]+)",
    re.IGNORECASE,
)


class Method(StrEnum):
    """What was checked."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"


class Verdict(StrEnum):
    """How it came out (RFC 8601 section 2.7); ``OTHER`` is a word that is not registered."""

    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class MethodResult:
    """One verdict in the server's ``word``, and the domain that it is about, empty if unnamed."""

    method: Method
    verdict: Verdict
    word: str
    domain: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """All verdicts of one server (its authserv-id)."""

    server: str
    results: tuple[MethodResult, ...]


def read_authentication(values: tuple[str, ...]) -> Authentication | None:
    """The verdicts of the topmost server; None where it gave none. ``values``: topmost first."""
    server = ""
    results: list[MethodResult] = []
    for value in values[:_MAX_HEADERS]:
        identity, *parts = _without_comments(value[:_MAX_OCTETS]).split(";")
        name = (identity.split() or [""])[0].lower()
        server = server or name
        if name == server:
            results += [read for part in parts if (read := _read(part.strip())) is not None]
    return Authentication(server, tuple(results)) if server and results else None


def _read(part: str) -> MethodResult | None:
    found = _RESULT.match(part)
    if found is None:
        return None
    word = found[2].lower()
    known = word in set(Verdict) - {Verdict.OTHER}
    domain = _DOMAIN.search(part)
    return MethodResult(
        Method(found[1].lower()),
        Verdict(word) if known else Verdict.OTHER,
        word,
        domain[1].lower() if domain else "",
    )


def _without_comments(value: str) -> str:
    """Drop nested comments and quotation marks (RFC 5322 section 3.2.2)."""
    kept: list[str] = []
    depth = 0
    for character in value:
        if character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif not depth and character != '"':
            kept.append(character)
    return "".join(kept)
