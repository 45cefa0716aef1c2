"""Where a list of domains comes from: a file, or standard input. Gives its rows one by one."""

import asyncio
import codecs
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final, Self

from wizard.cli.domain_file import MAX_LINE_OCTETS, Form, NoColumnError, Row, read_rows

STANDARD_INPUT: Final = "-"
_FORMS: Final = {".csv": Form.CSV, ".txt": Form.LINES}
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Rows that are read ahead of a slow look.
_QUEUED: Final = 50
# One octet more than may be, so that a line that is too long is seen to be.
_READ: Final = MAX_LINE_OCTETS + 1


class UnreadableError(Exception):
    """The list could be opened, but not be read to its end; the text is the system's reason."""


@dataclass(slots=True)
class Source:
    """An open list. ``size`` in octets, None where only the end will tell."""

    file: BinaryIO
    form: Form
    size: int | None
    octets_read: int = 0

    @classmethod
    def open(cls, name: str) -> Self:
        """Open a file, or standard input for ``-``. Raises ``OSError``."""
        if name == STANDARD_INPUT:
            # A reader of its own: one that waits must not hold the interpreter's at its end.
            return cls(os.fdopen(sys.stdin.fileno(), "rb", closefd=False), Form.UNKNOWN, None)
        path = Path(name)
        file = path.open("rb")
        state = os.fstat(file.fileno())
        size = state.st_size if S_ISREG(state.st_mode) else None
        return cls(file, _FORMS.get(path.suffix.lower(), Form.UNKNOWN), size)

    def rows(self) -> AsyncIterator[Row]:
        """The entries. A regular file is read as it is needed, anything else by a thread."""
        return _at_hand(self._read) if self.size is not None else _awaited(self._read)

    def _read(self) -> Iterator[Row]:
        try:
            yield from read_rows(self._lines(), self.form)
        except OSError as problem:
            raise UnreadableError(problem.strerror or str(problem)) from problem

    def _lines(self) -> Iterator[bytes]:
        with self.file:
            first = self.file.readline(_READ)
            if first.startswith(_UTF16):
                yield from self._lines_of_utf16(first)
            else:
                yield from self._whole_lines(first)

    def _whole_lines(self, first: bytes) -> Iterator[bytes]:
        """Lines up to a bound; what is longer is cut, and its rest passed over."""
        line = first
        while line:
            self.octets_read += len(line)
            yield line
            while line and not line.endswith(b"\n"):
                line = self.file.readline(_READ)
                self.octets_read += len(line)
            line = self.file.readline(_READ)

    def _lines_of_utf16(self, first: bytes) -> Iterator[bytes]:
        """What Excel calls "Unicode text"."""
        order = "utf-16-le" if first.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        decoder = codecs.getincrementaldecoder(order)("replace")
        text = decoder.decode(first[2:])
        self.octets_read += len(first)
        while chunk := self.file.read(_READ):
            self.octets_read += len(chunk)
            *lines, text = (text + decoder.decode(chunk)).split("\n")
            yield from (line.encode() for line in lines)
            text = text[:_READ]
        yield from (line.encode() for line in text.split("\n"))


async def _at_hand(rows: Callable[[], Iterator[Row]]) -> AsyncIterator[Row]:
    for row in rows():
        yield row


async def _awaited(rows: Callable[[], Iterator[Row]]) -> AsyncIterator[Row]:
    """Rows that may take long to come. The thread ends with the program, waiting or not."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Row | Exception | None] = asyncio.Queue()
    places = threading.Semaphore(_QUEUED)

    def put(item: Row | Exception | None) -> None:
        places.acquire()
        loop.call_soon_threadsafe(queue.put_nowait, item)

    def read() -> None:
        # A loop that is closed wants no more rows.
        with contextlib.suppress(RuntimeError):
            try:
                for row in rows():
                    put(row)
                put(None)
            except (NoColumnError, UnreadableError) as problem:
                put(problem)

    threading.Thread(target=read, daemon=True, name="domains").start()
    while (item := await queue.get()) is not None:
        places.release()
        if isinstance(item, Exception):
            raise item
        yield item
