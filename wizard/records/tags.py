"""Tag lists: ``name=value`` with semicolons between, as DKIM keys and DMARC records are written.

The syntax is that of RFC 6376 section 3.2; which tags there are belongs to their own modules. Pure.
"""

import re
from dataclasses import dataclass
from typing import Final

# Of a hostile record only so many tags are looked at.
MAX_TAGS: Final = 100
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VALUE: Final = re.compile(r"[\t\n\r\x20-\x3a\x3c-\x7e]*")


@dataclass(frozen=True, slots=True)
class TagList:
    """The tags in their order, names in lower case, and the parts that are none."""

    tags: tuple[tuple[str, str], ...]
    broken: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def first(self) -> tuple[str, str]:
        return self.tags[0] if self.tags else ("", "")

    def get(self, name: str, default: str = "") -> str:
        """The value of a tag; of a doubled one the first."""
        return next((value for known, value in self.tags if known == name), default)

    def __contains__(self, name: object) -> bool:
        return any(known == name for known, _ in self.tags)


def parse_tags(text: str) -> TagList:
    """Read a tag list. A final semicolon is allowed; empty parts between are passed over."""
    parts = [part for part in text.split(";") if part.strip(" \t\r\n")]
    tags: list[tuple[str, str]] = []
    broken: list[str] = []
    for part in parts[:MAX_TAGS]:
        name, equals, value = (piece.strip(" \t\r\n") for piece in part.partition("="))
        if equals and _NAME.fullmatch(name) and _VALUE.fullmatch(value):
            tags.append((name.lower(), value))
        else:
            broken.append(part.strip())
    names = [name for name, _ in tags]
    doubled = tuple(dict.fromkeys(name for name in names if names.count(name) > 1))
    return TagList(tuple(tags), tuple(broken), doubled)
