"""The lines of a server, one by one and bounded; an IMAP literal is part of its line."""

import asyncio
from typing import Final

from wizard.model import Protocol
from wizard.probe.stream import Stream, TooMuchError

MAX_LINE: Final = 64 << 10
MAX_TOTAL: Final = 1 << 20
# An errand reads what stands in a mailbox: hundreds of headers and delivery reports.
MAX_TOTAL_OF_ERRAND: Final = 64 << 20
MAX_LITERAL: Final = 64 << 10


class Lines:
    """Reads the lines of one stream."""

    def __init__(self, stream: Stream, protocol: Protocol, total: int = MAX_TOTAL) -> None:
        """``total`` bounds the octets of the whole conversation."""
        self._stream = stream
        self._protocol = protocol
        self._total = total
        self._reading: asyncio.Task[bytes] | None = None

    async def read(self) -> bytes:
        """The next line without its end. Raises ``EOFError``, ``LineTooLongError`` and the like."""
        if self._reading is None:
            return await self._read()
        try:
            return await self._reading
        finally:
            self._reading = None

    async def read_within(self, seconds: float) -> bytes | None:
        """A line if one comes in time. The reading goes on: half a line must not get lost."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait({self._reading}, timeout=max(0.0, seconds))
        return await self.read() if self._reading.done() else None

    async def close(self) -> None:
        """End a reading that is still under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _read(self) -> bytes:
        line = await self._stream.read_line(MAX_LINE, self._total)
        if self._protocol is not Protocol.IMAP:
            return line
        whole = bytearray(line)
        while size := _literal_size(whole):
            if len(size) > 6 or int(size) + len(whole) > MAX_LITERAL:
                raise TooMuchError
            whole += b"\r\n" + await self._stream.read_exactly(int(size), self._total)
            whole += await self._stream.read_line(MAX_LINE, self._total)
        return bytes(whole)


def _literal_size(line: bytearray) -> bytes:
    """The digits of a literal that the end of the line announces (RFC 9051 section 4.3)."""
    if not line.endswith(b"}"):
        return b""
    digits = bytes(line[line.rfind(b"{") + 1 : -1])
    return digits if digits.isdigit() and b"{" in line else b""
