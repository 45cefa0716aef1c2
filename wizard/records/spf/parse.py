"""A strict parser for SPF records (RFC 7208 section 12): every term as published, every error.

Octets above 127 arrive as Latin-1 characters, so that nothing is lost and all of it is judged.
What a record costs or should say does not belong in here.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from wizard.texts import Message, message

VERSION: Final = "v=spf1"

_MACRO: Final = r"%(?:\{[slodiphv]\d*r?[.\-+,/_=]*\}|%|_|-)"
_MACRO_STRING: Final = re.compile(rf"(?:{_MACRO}|[\x21-\x24\x26-\x7e])*", re.IGNORECASE)
_ENDS_WITH_MACRO: Final = re.compile(r"%\{[^{}]*\}$")
_TOP_LABEL: Final = re.compile(
    r"\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?$", re.IGNORECASE
)
_ZERO_DIGITS: Final = re.compile(r"%\{[a-z]0+(?!\d)", re.IGNORECASE)
_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM: Final = re.compile(r"([+\-~?]?)([a-z0-9]+)(.*)", re.IGNORECASE | re.DOTALL)
_PREFIXES: Final = re.compile(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?$")
_ANY_PREFIX: Final = re.compile(r"(?:/\d*)+$")
_NEAR_MISS: Final = re.compile(r"v ?[=:-] ?spf|spf1(?![a-z0-9.])", re.IGNORECASE)


class TermKind(StrEnum):
    """The names of section 5 and 6; ``UNKNOWN`` is a modifier of another name."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"
    REDIRECT = "redirect"
    EXP = "exp"
    UNKNOWN = "unknown"


MODIFIERS: Final = frozenset({TermKind.REDIRECT, TermKind.EXP, TermKind.UNKNOWN})
# Section 4.6.4: the terms that cost a DNS look-up.
LOOKUP_KINDS: Final = frozenset(
    {
        TermKind.INCLUDE,
        TermKind.A,
        TermKind.MX,
        TermKind.PTR,
        TermKind.EXISTS,
        TermKind.REDIRECT,
    }
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term as published. ``start`` counts characters of the record from 0.

    ``target`` is the name or network behind it as published, empty where there is none.
    """

    text: str
    start: int
    kind: TermKind
    qualifier: str
    target: str

    @property
    def is_mechanism(self) -> bool:
        return self.kind not in MODIFIERS

    @property
    def has_macro(self) -> bool:
        return "%" in self.target

    def name(self, own: str) -> str:
        """The name it asks about, lower-case without final dot; ``own`` where none is given."""
        return (self.target or own).lower().removesuffix(".")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, from which character to which."""

    start: int
    end: int
    message: Message


@dataclass(frozen=True)
class SpfRecord:
    """A record: its terms in order, and every error in it. Sound when there is none."""

    text: str
    terms: tuple[Term, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def sound(self) -> bool:
        return not self.problems

    @cached_property
    def first_all(self) -> Term | None:
        return next((term for term in self.terms if term.kind is TermKind.ALL), None)

    @cached_property
    def redirect(self) -> Term | None:
        return next((term for term in self.terms if term.kind is TermKind.REDIRECT), None)

    @cached_property
    def effective(self) -> tuple[Term, ...]:
        """The mechanisms before the first ``all``: only these can ever be reached."""
        end = self.first_all
        return tuple(
            term
            for term in self.terms
            if term.is_mechanism and (end is None or term.start < end.start)
        )

    def render(self) -> str:
        """The record with its version as ``v=spf1`` and single spaces."""
        return " ".join([VERSION, *(term.text for term in self.terms)])


def is_spf(text: str) -> bool:
    """Is a TXT record an SPF record (section 4.5)? ``v=spf1`` and then a space or the end."""
    return text[:6].lower() == VERSION and text[6:7] in ("", " ")


def is_near_miss(text: str) -> bool:
    """Is it meant as SPF but none? Sender ID (``spf2.0/…``) is something else."""
    if is_spf(text):
        return False
    shown = text.removeprefix("\xef\xbb\xbf").strip(" \t\r\n\"'\xa0\ufeff")
    shown = re.sub(r"^\xef\xbb\xbf", "", shown)
    return bool(_NEAR_MISS.match(shown))


def parse_spf(text: str) -> SpfRecord:
    """Parse a text for which :func:`is_spf` holds."""
    terms: list[Term] = []
    problems: list[Problem] = []
    seen: set[TermKind] = set()
    for found in re.finditer(r"[^ ]+", text[6:]):
        start = found.start() + 6
        parsed = _parse_term(found[0], start)
        if isinstance(parsed, Problem):
            problems.append(parsed)
            continue
        if parsed.kind in (TermKind.REDIRECT, TermKind.EXP):
            if parsed.kind in seen:
                problems.append(_problem(parsed.text, start, "twice", name=parsed.kind))
            seen.add(parsed.kind)
        terms.append(parsed)
    return SpfRecord(text, tuple(terms), tuple(problems))


def _problem(text: str, start: int, key: str, **values: str) -> Problem:
    shown = text if text.isprintable() else text.encode("unicode_escape").decode()
    return Problem(start, start + len(text), message(f"spf.syntax.{key}", term=shown, **values))


def _parse_term(text: str, start: int) -> Term | Problem:
    if any(not 0x21 <= ord(character) <= 0x7E for character in text):
        return _problem(text, start, "characters")
    if modifier := _MODIFIER.fullmatch(text):
        return _parse_modifier(text, start, modifier[1].lower(), modifier[2])
    found = _MECHANISM.fullmatch(text)
    kind = next(
        (one for one in TermKind if found and one == found[2].lower() and one not in MODIFIERS),
        None,
    )
    if found is None or kind is None:
        return _problem(text, start, "unknown")
    return _parse_mechanism(text, start, kind, found[1], found[3])


def _parse_modifier(text: str, start: int, name: str, value: str) -> Term | Problem:
    if name in (TermKind.REDIRECT, TermKind.EXP):
        kind = TermKind(name)
        if not _is_domain_spec(value):
            return _problem(text, start, "domain")
        return Term(text, start, kind, "", value)
    if not _MACRO_STRING.fullmatch(value):
        return _problem(text, start, "macro")
    return Term(text, start, TermKind.UNKNOWN, "", value)


def _parse_mechanism(
    text: str, start: int, kind: TermKind, qualifier: str, rest: str
) -> Term | Problem:
    match kind:
        case TermKind.ALL:
            if rest:
                return _problem(text, start, "all")
            return Term(text, start, kind, qualifier, "")
        case TermKind.IP4 | TermKind.IP6:
            if not _is_network(kind, rest):
                return _problem(text, start, kind)
            return Term(text, start, kind, qualifier, rest[1:])
        case TermKind.INCLUDE | TermKind.EXISTS:
            if not rest.startswith(":") or not _is_domain_spec(rest[1:]):
                return _problem(text, start, "domain")
            return Term(text, start, kind, qualifier, rest[1:])
        case TermKind.PTR:
            if rest and not (rest.startswith(":") and _is_domain_spec(rest[1:])):
                return _problem(text, start, "domain")
            return Term(text, start, kind, qualifier, rest[1:])
        case _:
            return _parse_address_mechanism(text, start, kind, qualifier, rest)


def _parse_address_mechanism(
    text: str, start: int, kind: TermKind, qualifier: str, rest: str
) -> Term | Problem:
    """``a`` and ``mx``: a name and two prefix lengths, each of them optional."""
    prefixes = _PREFIXES.search(rest)
    four, six = (prefixes[1], prefixes[2]) if prefixes else (None, None)
    if int(four or 0) > 32 or int(six or 0) > 128:
        return _problem(text, start, "prefix")
    name = rest[: prefixes.start()] if prefixes else rest
    if name and not (name.startswith(":") and _is_domain_spec(name[1:])):
        key = "prefix" if _ANY_PREFIX.search(name) else "domain"
        return _problem(text, start, key)
    return Term(text, start, kind, qualifier, name[1:])


def _is_domain_spec(text: str) -> bool:
    """Section 7.1: a macro string that ends in a top label or in a macro."""
    if not _MACRO_STRING.fullmatch(text) or _ZERO_DIGITS.search(text):
        return False
    return bool(_TOP_LABEL.search(text) or _ENDS_WITH_MACRO.search(text))


def _is_network(kind: TermKind, rest: str) -> bool:
    found = re.fullmatch(r":([^/%]+)(?:/(0|[1-9]\d{0,2}))?", rest)
    if found is None:
        return False
    bits = int(found[2] or 0)
    try:
        if kind is TermKind.IP4:
            ipaddress.IPv4Address(found[1])
            return bits <= 32
        ipaddress.IPv6Address(found[1])
    except ValueError:
        return False
    return bits <= 128
