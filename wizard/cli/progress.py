"""How far a long list is: a bar on a terminal, else a plain line now and then; standard error."""

import sys
import time
from typing import Final

from wizard.cli.call import Call
from wizard.cli.domain_source import Source

WIDTH: Final = 30
BAR_SECONDS: Final = 0.1
LINE_SECONDS: Final = 10.0


class Progress:
    """Told of every result; shows itself no more often than is good to read."""

    def __init__(self, call: Call, source: Source) -> None:
        self._call = call
        self._source = source
        self._on_terminal = sys.stderr.isatty()
        self._pause = BAR_SECONDS if self._on_terminal else LINE_SECONDS
        self._next = time.monotonic() + self._pause
        self._shown = False

    def show(self, done: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._pause
        share = self._share()
        count = self._call.texts("cli.check.done", n=done)
        if not self._on_terminal:
            percent = "" if share is None else f" ({share:.0%})"
            self._call.tell(f"{count}{percent}")
            return
        bar = "" if share is None else f"[{'#' * round(share * WIDTH):·<{WIDTH}}] {share:4.0%} "
        sys.stderr.write(f"\r{bar}{count}")
        sys.stderr.flush()
        self._shown = True

    def end(self) -> None:
        """Leave the terminal's line clean for what comes next."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _share(self) -> float | None:
        if not self._source.size:
            return None
        return min(1.0, self._source.octets_read / self._source.size)
