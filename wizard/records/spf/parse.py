"""A strict parser for SPF records (RFC 7208 section 12): every term as published, every error.

Octets above 127 arrive as Latin-1 characters, so that nothing is lost and all of it is judged.
What a record costs or should say does not belong in here.
"""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

from wizard.records.spf.macro import MAX_NAME, Expansion, fill_name, is_domain_spec, parse_macro
from wizard.records.spf.octets import as_read
from wizard.records.spf.repair import suggest
from wizard.texts import Message, message

VERSION: Final = "v=spf1"
MAX_PROBLEMS: Final = 50
MAX_REMEMBERED: Final = 2_000

_MODIFIER: Final = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
_MECHANISM: Final = re.compile(r"([+\-~?]?)([a-z0-9]+)(.*)", re.IGNORECASE | re.DOTALL)
_PREFIXES: Final = re.compile(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?$")


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
_MECHANISMS: Final = {str(kind): kind for kind in TermKind if kind not in MODIFIERS}
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

    ``target`` is the name or network behind it as published, empty where there is none;
    ``four`` and ``six`` are the prefix lengths of ``a`` and ``mx``.
    """

    text: str
    start: int
    kind: TermKind
    qualifier: str
    target: str
    four: int = 32
    six: int = 128

    @property
    def is_mechanism(self) -> bool:
        return self.kind not in MODIFIERS

    @property
    def depends_on_sender(self) -> bool:
        """Does its name differ from sender to sender? Of all macros only ``d`` does not."""
        if "%" not in self.target:
            return False
        parts = parse_macro(self.target) or ()
        return any(isinstance(part, Expansion) and part.letter != "d" for part in parts)

    def name(self, own: str) -> str:
        """The name it asks about, lower-case without final dot; ``own`` where none is given.

        Not for a term that depends on the sender: its macros stay as they are.
        """
        if "%" in self.target and not self.depends_on_sender:
            return fill_name(parse_macro(self.target) or (), lambda _: own)
        return (self.target or own).lower().removesuffix(".")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, from which character to which.

    ``write`` is how it was probably meant, None where nobody can know.
    """

    start: int
    end: int
    message: Message
    write: str | None = None


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


def counted_terms(record: SpfRecord) -> tuple[Term, ...]:
    """The terms that cost a look-up: before the first ``all``; without ``all`` the redirect too."""
    terms = [term for term in record.effective if term.kind in LOOKUP_KINDS]
    if record.redirect is not None and record.first_all is None:
        terms.append(record.redirect)
    return tuple(terms)


def can_exist(name: str) -> bool:
    """Can DNS hold such a name (RFC 1035 section 2.3.4)? Nobody needs to be asked if not."""
    return len(name) <= MAX_NAME and all(0 < len(label) <= 63 for label in name.split("."))


def is_spf(text: str) -> bool:
    """Is a TXT record an SPF record (section 4.5)? ``v=spf1`` and then a space or the end."""
    return text[:6].lower() == VERSION and text[6:7] in ("", " ")


def parse_spf(text: str) -> SpfRecord:
    """Parse a text for which :func:`is_spf` holds.

    Takes time that grows with its length only, whatever it holds; of its errors the first
    :data:`MAX_PROBLEMS` are told.
    """
    return _remembered(text) if len(text) <= MAX_REMEMBERED else _parse(text)


@lru_cache(maxsize=256)
def _remembered(text: str) -> SpfRecord:
    """Services' records are met again and again; very long ones are nobody's."""
    return _parse(text)


def _parse(text: str) -> SpfRecord:
    terms: list[Term] = []
    problems: list[Problem] = []
    seen: set[TermKind] = set()
    words = [(found[0], found.start()) for found in re.finditer(r"[^ ]+", text[6:])]
    skip = False
    for index, (word, offset) in enumerate(words):
        if len(problems) == MAX_PROBLEMS:
            break
        if skip:
            skip = False
            continue
        start = offset + len(VERSION)
        read = _read_term(word, start)
        if isinstance(read, Term):
            if read.kind in (TermKind.REDIRECT, TermKind.EXP):
                if read.kind in seen:
                    problems.append(_problem(word, start, "twice", name=read.kind))
                seen.add(read.kind)
            terms.append(read)
            continue
        if index + 1 < len(words) and _is_cut(word, words[index + 1][0]):
            following, last = words[index + 1]
            whole = text[start : last + len(VERSION) + len(following)]
            problems.append(_problem(whole, start, "space", write=word + following))
            skip = True
            continue
        problems.append(_problem(word, start, read, write=suggest(word, _is_sound)))
    return SpfRecord(text, tuple(terms), tuple(problems))


def problem_message(problem: Problem) -> Message:
    """Where the error is, counted from 1 as people do, and what is wrong."""
    return message(
        "spf.syntax.at", first=problem.start + 1, last=problem.end, problem=problem.message
    )


def _problem(
    text: str, start: int, key: str, *, write: str | None = None, **values: str
) -> Problem:
    said = message(f"spf.syntax.{key}", term=as_read(text), **values)
    return Problem(start, start + len(text), said, write)


def _is_sound(text: str) -> bool:
    read = _read_term(text, 0)
    return isinstance(read, Term) and read.kind is not TermKind.UNKNOWN


def _is_cut(word: str, following: str) -> bool:
    """Was a term cut in two by a space, as in ``ip4: 192.0.2.1`` or ``- all``?"""
    if word in ("+", "-", "~", "?"):
        # A sign alone before anything else may be a slip: what it meant nobody can know.
        return following.lower() == TermKind.ALL
    whole = word.endswith((":", "=")) and not _is_sound(following)
    return whole and _is_sound(word + following)


def _read_term(text: str, start: int) -> Term | str:
    """A term, or the key of what is wrong with it."""
    if any(not 0x21 <= ord(character) <= 0x7E for character in text):
        return "characters"
    if modifier := _MODIFIER.fullmatch(text):
        return _read_modifier(text, start, modifier[1].lower(), modifier[2])
    found = _MECHANISM.fullmatch(text)
    kind = _MECHANISMS.get(found[2].lower()) if found else None
    if found is None or kind is None:
        return "unknown"
    wrong = _judge_mechanism(kind, found[3])
    if isinstance(wrong, str):
        return wrong
    return Term(text, start, kind, found[1], wrong.target, wrong.four, wrong.six)


def _read_modifier(text: str, start: int, name: str, value: str) -> Term | str:
    if name in (TermKind.REDIRECT, TermKind.EXP):
        if not is_domain_spec(value):
            return "domain"
        return Term(text, start, TermKind(name), "", value)
    if parse_macro(value) is None:
        return "macro"
    return Term(text, start, TermKind.UNKNOWN, "", value)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What stands behind a mechanism's name."""

    target: str = ""
    four: int = 32
    six: int = 128


def _judge_mechanism(kind: TermKind, rest: str) -> _Rest | str:
    match kind:
        case TermKind.ALL:
            return "all" if rest else _Rest()
        case TermKind.IP4 | TermKind.IP6:
            return _Rest(rest[1:]) if _is_network(kind, rest) else str(kind)
        case TermKind.INCLUDE | TermKind.EXISTS:
            return _named(rest)
        case TermKind.PTR:
            return _named(rest) if rest else _Rest()
        case _:
            return _judge_address_mechanism(rest)


def _named(rest: str) -> _Rest | str:
    return _Rest(rest[1:]) if rest.startswith(":") and is_domain_spec(rest[1:]) else "domain"


def _judge_address_mechanism(rest: str) -> _Rest | str:
    """``a`` and ``mx``: a name and two prefix lengths, each of them optional."""
    prefixes = _PREFIXES.search(rest)
    four, six = (prefixes[1], prefixes[2]) if prefixes else (None, None)
    if int(four or 0) > 32 or int(six or 0) > 128:
        return "prefix"
    name = rest[: prefixes.start()] if prefixes else rest
    if name and isinstance(_named(name), str):
        _, slash, bits = name.rpartition("/")
        return "prefix" if slash and (bits.isdigit() or not bits) else "domain"
    return _Rest(name[1:], int(four) if four else 32, int(six) if six else 128)


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
