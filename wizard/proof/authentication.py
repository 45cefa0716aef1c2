"""What the receiving server wrote about SPF, DKIM and DMARC (Authentication-Results, RFC 8601).

Only the mailbox's own server is believed: what stands above the place where the message came in
from outside. Everything below that could have been written by anybody (RFC 8601 section 5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wizard.proof.letter import TraceLine

_MAX_OCTETS: Final = 8192
_RESULT: Final = re.compile(r"^(spf|dkim|dmarc)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_DOMAIN: Final = re.compile(
    r"(?:smtp\.mailfrom|smtp\.helo|header\.d|header\.i|header\.from)\s*=\s*"
    r"(?:[^\s;@]*@)?([a-z0-9._-]+)",
    re.IGNORECASE,
)
_BY: Final = re.compile(r"\bby\s+([^\s;()]+)", re.IGNORECASE)
# Second-level names under which companies register in two-letter domains (co.uk, com.au, or.at).
_SHARED: Final = frozenset(("ac", "co", "com", "edu", "gov", "gv", "ltd", "ne", "net", "or", "org"))


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
    """All verdicts of one server (its authserv-id; empty where it does not give its name)."""

    server: str
    results: tuple[MethodResult, ...]

    def verdict(self, method: Method) -> Verdict | None:
        """The best verdict on a method: one signature that passes is enough."""
        found = [one.verdict for one in self.results if one.method is method]
        return Verdict.PASS if Verdict.PASS in found else next(iter(found), None)


def read_trace(trace: tuple[TraceLine, ...]) -> Authentication | None:
    """The verdicts of the mailbox's own server; None where it gave none. ``trace``: topmost first.

    The topmost Received line names the organisation that took the message in; its part ends with
    the first line of another one.
    """
    own: list[str] = []
    organisation = ""
    for line in trace:
        if line.name == "received":
            taken_by = _organisation(line.value)
            organisation = organisation or taken_by
            if taken_by and taken_by != organisation:
                break
        else:
            own.append(line.value)
    return read_authentication(tuple(own))


def read_authentication(values: tuple[str, ...]) -> Authentication | None:
    """The verdicts of the topmost server; None where it gave none. ``values``: topmost first."""
    server: str | None = None
    results: list[MethodResult] = []
    for value in values:
        identity, *parts = _without_comments(value[:_MAX_OCTETS]).split(";")
        if "=" in identity:
            # Microsoft leaves its name out.
            parts, identity = [identity, *parts], ""
        name = (identity.split() or [""])[0].lower()
        server = name if server is None else server
        if name == server:
            results += [read for part in parts if (read := _read(part.strip())) is not None]
    return Authentication(server or "", tuple(results)) if results else None


def _organisation(received: str) -> str:
    """Whose host took the message, roughly: the registered domain of its name; "" when unknown."""
    found = _BY.search(_without_comments(received[:_MAX_OCTETS]))
    labels = found[1].lower().rstrip(".").split(".") if found else []
    if len(labels) < 2 or ":" in labels[0] or labels[-1].isdigit():
        return ""
    shared = len(labels[-1]) == 2 and labels[-2] in _SHARED
    return ".".join(labels[-3 if shared else -2 :])


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
