"""Reads a list of mailboxes that a person pasted: lines, CSV, cells of a spreadsheet. Pure.

A row is an address or the part before the @, and perhaps a login name and a password, in columns
that a heading may name. ``box[1-20]`` stands for twenty names.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.model import EmailAddress, Invalid, Secret, clean, parse_address, to_unicode
from wizard.texts import Message, message

MAX_CHARACTERS: Final = 200_000
MAX_ROWS: Final = 500
# Also of what is known already or cannot be used: a short row may stand for hundreds.
MAX_READ: Final = 5_000
MAX_PROBLEMS: Final = 50
MAX_SHOWN: Final = 80
_SEPARATORS: Final = "\t;,"
_RANGE: Final = re.compile(r"^(.*)\[(\d{1,4})-(\d{1,4})\](.*)$", re.DOTALL)
# What people call the columns, in the languages of the program and a few more.
_HEADINGS: Final = {
    "address": {
        *("address", "adresse", "e-mail", "email", "e-mail-adresse", "email address", "mail"),
        *("e-mail address", "mailbox", "postfach", "alias", "mailadresse", "emailadresse"),
    },
    "username": {"username", "user name", "user", "login", "benutzer", "benutzername", "anmeldung"},
    "password": {"password", "passwort", "kennwort", "app password", "app-passwort", "secret"},
}
_NAME: Final = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class PastedMailbox:
    """One row that can be used; an empty ``username`` means the address itself."""

    local: str
    username: str = ""
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class PastedProblem:
    """A line that cannot be used, and why; counted from 1."""

    line: int
    message: Message


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was in a list. ``known``: how many of it are in the set-up already."""

    mailboxes: tuple[PastedMailbox, ...]
    problems: tuple[PastedProblem, ...]
    known: int = 0


def read_list(text: str, domain: str, taken: Iterable[str] = ()) -> Pasted:
    """Read any text. ``domain``: A-labels; ``taken``: local parts that are in the set-up."""
    have = {local.strip().lower() for local in taken}
    mailboxes: dict[str, PastedMailbox] = {}
    problems: list[PastedProblem] = []
    known = looked_at = 0
    if len(text) > MAX_CHARACTERS:
        problems.append(PastedProblem(1, message("paste.too_long", n=MAX_CHARACTERS)))
    for number, cells in _rows(text[:MAX_CHARACTERS]):
        for address in expand(cells["address"]):
            looked_at += 1
            if looked_at > MAX_READ:
                problems.append(PastedProblem(number, message("paste.too_many", n=MAX_READ)))
                return Pasted(tuple(mailboxes.values()), tuple(problems), known)
            read = _read(address, cells, domain)
            if isinstance(read, Message):
                if len(problems) < MAX_PROBLEMS:
                    problems.append(PastedProblem(number, read))
            elif read.local.lower() in have:
                known += 1
            elif len(mailboxes) < MAX_ROWS:
                mailboxes.setdefault(read.local.lower(), read)
            else:
                problems.append(PastedProblem(number, message("paste.too_many", n=MAX_ROWS)))
                return Pasted(tuple(mailboxes.values()), tuple(problems), known)
    return Pasted(tuple(mailboxes.values()), tuple(problems), known)


def expand(name: str) -> Iterator[str]:
    """``box[1-3]`` as box1, box2, box3; leading zeros stay. Anything else is itself."""
    found = _RANGE.fullmatch(name)
    if found is None or int(found[2]) > int(found[3]):
        yield name
        return
    width = len(found[2]) if found[2].startswith("0") else 0
    last = min(int(found[3]), int(found[2]) + MAX_ROWS)
    for number in range(int(found[2]), last + 1):
        yield f"{found[1]}{number:0{width}}{found[4]}"


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells by column. Without a heading: address, login name, password."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    separator = _separator(lines)
    columns: Sequence[str] = ("address", "username", "password")
    first = True
    for number, line in enumerate(lines, 1):
        if not clean(line):
            continue
        cells = _cells(line, separator)
        if first:
            first = False
            named = _heading(cells)
            if named is not None:
                columns = named
                continue
        if _is_list(cells):
            # Several addresses in a line, as they stand in a mail's header.
            yield from (
                (number, {"address": cell, "username": "", "password": ""}) for cell in cells
            )
            continue
        row = dict.fromkeys(("address", "username", "password"), "")
        row |= {name: cell for name, cell in zip(columns, cells, strict=False) if name}
        if row["address"]:
            yield number, row


def _separator(lines: Sequence[str]) -> str:
    """The one that most of the lines have; tabs come from spreadsheets and win."""
    counts = {one: sum(one in line for line in lines) for one in _SEPARATORS}
    if counts["\t"]:
        return "\t"
    return max(_SEPARATORS[1:], key=lambda one: counts[one])


def _cells(line: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        cells = line.split(separator)
    # A password may begin or end with a space: only the others are cleaned, later.
    return [cell if index >= 2 else clean(cell) for index, cell in enumerate(cells)]


def _heading(cells: Sequence[str]) -> tuple[str, ...] | None:
    """The columns, if the first line names them."""
    named = tuple(
        next((name for name, words in _HEADINGS.items() if clean(cell).casefold() in words), "")
        for cell in cells
    )
    return named if "address" in named else None


def _is_list(cells: Sequence[str]) -> bool:
    """Addresses beside each other rather than the columns of one mailbox."""
    filled = [clean(cell) for cell in cells if clean(cell)]
    if len(filled) < 2:
        return False
    addresses = sum(cell.count("@") == 1 and " " not in _bare(cell) for cell in filled)
    return addresses == len(filled) and (
        len(filled) > 2 or _bare(filled[0]).lower() != _bare(filled[1]).lower()
    )


def _bare(cell: str) -> str:
    found = _NAME.search(cell)
    return (found[1] if found else cell).strip()


def _read(address: str, cells: dict[str, str], domain: str) -> PastedMailbox | Message:
    given = _bare(clean(address))
    whole = given if "@" in given else f"{given}@{domain}"
    parsed = parse_address(whole)
    if isinstance(parsed, Invalid):
        return parsed.message
    assert isinstance(parsed, EmailAddress)  # noqa: S101 - the other of two
    if parsed.domain != domain:
        shown = whole[:MAX_SHOWN]
        return message("paste.other_domain", address=shown, domain=to_unicode(domain))
    username = clean(cells["username"])
    own = "" if username.lower() == whole.lower() else username
    password = cells["password"]
    return PastedMailbox(parsed.local, own, Secret(password) if password.strip() else None)
