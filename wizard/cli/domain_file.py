"""Reads a list of domains: one a line, or a CSV file with a column ``domain``. Pure.

Whatever a line holds, it never stops the lines behind it. Reading from disk, and what is done
with a domain, does not belong in here.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Final

from wizard.texts import Message, message

MAX_LINES: Final = 1_000_000
MAX_LINE_OCTETS: Final = 64 << 10
COLUMN: Final = "domain"
_DELIMITERS: Final = (",", ";", "\t", "|")
# A quoted cell may run over so many lines; a quotation mark that is open longer is a slip.
_MAX_CELL_LINES: Final = 20


class Form(Enum):
    """How a list is written; ``UNKNOWN`` is found out from its first line."""

    LINES = "lines"
    CSV = "csv"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: the number of its first line from 1, and its text.

    ``problem`` is set where the line itself cannot be read.
    """

    line: int
    text: str
    problem: Message | None = None


class NoColumnError(Exception):
    """A CSV file has no column ``domain``."""


_Line = tuple[int, str]


def read_rows(lines: Iterable[bytes], form: Form) -> Iterator[Row]:
    """The entries in their order; empty lines are none. Raises :class:`NoColumnError` at first.

    ``lines`` with or without their line ends; UTF-8, else what Windows writes (cp1252).
    """
    numbered = enumerate(map(_text, lines), 1)
    first = next((line for line in numbered if line[1].strip()), None)
    if first is None:
        return iter(())
    if form is not Form.LINES:
        header = _find_header(first, numbered)
        if header is not None:
            return _bounded(_cells(numbered, *header))
        if form is Form.CSV:
            raise NoColumnError
    whole = chain([first], numbered)
    return _bounded(Row(number, text.strip()) for number, text in whole if text.strip())


def _text(line: bytes) -> str:
    line = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _find_header(first: _Line, rest: Iterator[_Line]) -> tuple[str, int] | None:
    """The delimiter and the place of the column; Excel's ``sep=;`` line is passed over."""
    delimiters: tuple[str, ...] = _DELIMITERS
    text = first[1]
    if text.strip().lower().startswith("sep=") and len(text.strip()) == 5:
        delimiters = (text.strip()[4],)
        text = next(rest, (0, ""))[1]
    for delimiter in delimiters:
        names = [cell.strip().casefold() for cell in _split(text, delimiter) or ()]
        if COLUMN in names:
            return delimiter, names.index(COLUMN)
    return None


def _cells(lines: Iterator[_Line], delimiter: str, column: int) -> Iterator[Row]:
    ahead: list[_Line] = []
    while True:
        number, text = ahead.pop(0) if ahead else next(lines, (0, ""))
        if not number:
            return
        if not text.strip():
            continue
        cells = _split(text, delimiter)
        if text.count('"') % 2:
            cells = _running_on(text, ahead, lines, delimiter, column)
        if len(text) > MAX_LINE_OCTETS:
            yield Row(number, text[:80], message("cli.check.too_long"))
        elif cells is None:
            yield Row(number, text[:80], message("cli.check.quotes"))
        elif column < len(cells) and cells[column].strip():
            yield Row(number, cells[column].strip())
        elif any(one.strip() for one in cells):
            yield Row(number, text[:80], message("cli.check.no_cell"))


def _running_on(
    text: str, ahead: list[_Line], lines: Iterator[_Line], delimiter: str, column: int
) -> list[str] | None:
    """The cells of a line whose last one runs on in the lines behind it.

    None when no line nearby closes it, or when the domain itself would run on: then the quotation
    mark is a slip, and the lines behind it are lines of their own.
    """
    for index in range(_MAX_CELL_LINES):
        if index == len(ahead):
            following = next(lines, None)
            if following is None:
                return None
            ahead.append(following)
        if ahead[index][1].count('"') % 2:
            cells = _split("\n".join([text, *(one for _, one in ahead[: index + 1])]), delimiter)
            if cells is None or column >= len(cells) or "\n" in cells[column]:
                return None
            del ahead[: index + 1]
            return cells
    return None


def _split(text: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return None


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if row.line > MAX_LINES:
            yield Row(row.line, "", message("cli.check.too_many", n=MAX_LINES))
            return
        long = len(row.text) > MAX_LINE_OCTETS
        yield Row(row.line, row.text[:80], message("cli.check.too_long")) if long else row
