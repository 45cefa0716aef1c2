"""Macros of SPF (RFC 7208 section 7): reading a macro string and filling it in. Pure.

What the letters stand for is the evaluation's to say.
"""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

MAX_NAME: Final = 253
# The letters of a domain-spec; c, r and t are for explanations only (section 7.2).
NAME_LETTERS: Final = frozenset("slodiphv")
EXPLANATION_LETTERS: Final = NAME_LETTERS | frozenset("crt")

_TOKEN: Final = re.compile(
    r"%\{(?P<letter>[a-z])(?P<keep>\d*)(?P<reverse>r?)(?P<delimiters>[.\-+,/_=]*)\}"
    r"|%(?P<escape>[%_-])"
    r"|(?P<literal>[\x20-\x24\x26-\x7e]+)",
    re.IGNORECASE,
)
_ALPHANUM: Final = frozenset(string.ascii_letters + string.digits)
_ESCAPES: Final = {"%": "%", "_": " ", "-": "%20"}


@dataclass(frozen=True, slots=True)
class Expansion:
    """``%{letter keep r delimiters}``. ``keep`` right-hand parts, all of them when it is 0."""

    letter: str
    keep: int
    reverse: bool
    delimiters: str
    escaped: bool

    def fill(self, value: str) -> str:
        """Split, turn round, cut and join (section 7.3)."""
        parts = re.split(f"[{re.escape(self.delimiters or '.')}]", value)
        if self.reverse:
            parts.reverse()
        text = ".".join(parts[-self.keep :] if self.keep else parts)
        return quote(text, safe="", encoding="latin-1") if self.escaped else text


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself; ``escaped`` was written ``%%``, ``%_`` or ``%-``."""

    text: str
    escaped: bool = False


Part = Literal | Expansion


def parse_macro(text: str, letters: frozenset[str] = NAME_LETTERS) -> tuple[Part, ...] | None:
    """The parts of a macro string; None where it is none."""
    parts: list[Part] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            return None
        place = found.end()
        if found["literal"]:
            parts.append(Literal(found["literal"]))
        elif found["escape"]:
            parts.append(Literal(_ESCAPES[found["escape"]], escaped=True))
        else:
            letter, digits = found["letter"], found["keep"]
            # Section 7.3: a number is never zero; more than 128 labels no name has.
            if letter.lower() not in letters or (digits and not digits.strip("0")):
                return None
            keep = int(digits.lstrip("0")[:4] or 0)
            parts.append(
                Expansion(
                    letter.lower(), keep, bool(found["reverse"]), found["delimiters"],
                    escaped=letter.isupper(),
                )
            )  # fmt: skip
    return tuple(parts)


def is_domain_spec(text: str) -> bool:
    """Section 7.1: a macro string without spaces that ends in a top label or in a macro."""
    parts = None if " " in text else parse_macro(text)
    if not parts:
        return False
    last = parts[-1]
    if isinstance(last, Literal) and not last.escaped:
        return _ends_in_top_label(last.text)
    return True


def _ends_in_top_label(text: str) -> bool:
    """A dot and then letters and digits, not digits alone; hyphens within (section 7.1)."""
    _, dot, label = text.removesuffix(".").rpartition(".")
    if not dot or not label or not _ALPHANUM.issuperset(label.replace("-", "")):
        return False
    if "-" in label:
        return label[0] != "-" and label[-1] != "-"
    return not label.isdigit()


def fill_macro(parts: tuple[Part, ...], value: Callable[[str], str]) -> str:
    """The text with every macro filled in; ``value`` gives what a letter stands for."""
    return "".join(
        part.text if isinstance(part, Literal) else part.fill(value(part.letter)) for part in parts
    )


def fill_name(parts: tuple[Part, ...], value: Callable[[str], str]) -> str:
    """The name a domain-spec asks about: in lower case, its left side cut off when too long."""
    name = fill_macro(parts, value).removesuffix(".").lower()
    if len(name) <= MAX_NAME:
        return name
    _, dot, shorter = name[-MAX_NAME - 1 :].partition(".")
    return shorter if dot else name
