"""Which messages are new, and parts of them, by IMAP (RFC 9051). Nothing is marked. No sockets."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wizard.model import Stage
from wizard.probe.dialogue import Action, fail
from wizard.probe.imap import Answered, Response, Tags, command

# The newest of them; a letter of ours came only just now.
MAX_MESSAGES: Final = 500
MESSAGES_AT_ONCE: Final = 100
_LITERAL: Final = re.compile(rb"\{(\d{1,6})\}\r\n")
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_RECEIVED: Final = re.compile(rb'\bINTERNALDATE "([^"]{10,40})"', re.IGNORECASE)
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


class Asking:
    """Sends the commands of one connection, and hears what a server says unasked.

    ``told``: some answer held EXISTS (RFC 9051 section 7.4.1), so there is something new in the
    open folder. A server says it once only, with whatever command comes next.
    """

    def __init__(self, letter: bytes) -> None:
        self.tags = Tags(letter)
        self.told = False

    def __call__(self, stage: Stage, line: bytes) -> Answered:
        response = yield from command(stage, self.tags, line)
        self.hear(response)
        return response

    def hear(self, response: Response) -> None:
        self.told |= any(line.upper().endswith(b" EXISTS") for line in response.untagged)


@dataclass(slots=True)
class Fetched:
    """One message's answer to a FETCH: the literal, its UID and the mailbox's time."""

    uid: int
    content: bytes
    received: datetime | None


def recent(ask: Asking, since: datetime) -> Generator[Action, bytes | None, list[bytes]]:
    """The UIDs of the newest messages since the day before, in sets for UID FETCH.

    The day is the server's, whose clock and zone may differ from ours.
    """
    day = since - timedelta(days=1)
    line = f"UID SEARCH SINCE {day.day}-{_MONTHS[day.month * 4 - 4 :][:3]}-{day.year}".encode()
    response = yield from ask(Stage.FETCH, line)
    if not response.ok:
        raise fail(Stage.FETCH, response.line)
    numbers = sorted(
        int(word)
        for line in response.untagged
        if line.upper().startswith(b"* SEARCH")
        for word in line.split()[2:]
        if word.isdigit() and len(word) <= 10
    )[-MAX_MESSAGES:]
    starts = range(0, len(numbers), MESSAGES_AT_ONCE)
    return [
        b",".join(b"%d" % number for number in numbers[start : start + MESSAGES_AT_ONCE])
        for start in starts
    ]


def fetch(ask: Asking, uids: bytes, item: bytes) -> Generator[Action, bytes | None, list[Fetched]]:
    response = yield from ask(
        Stage.FETCH, b"UID FETCH " + uids + b" (UID INTERNALDATE " + item + b")"
    )
    if not response.ok:
        raise fail(Stage.FETCH, response.line)
    return [one for line in response.untagged if (one := _read_answer(line)) is not None]


def _read_answer(line: bytes) -> Fetched | None:
    literal = _LITERAL.search(line)
    if literal is None:
        return None
    start, end = literal.end(), literal.end() + int(literal[1])
    # What the message itself holds may look like an answer.
    around = line[: literal.start()] + b" " + line[end:]
    uid, received = _UID.search(around), _RECEIVED.search(around)
    if uid is None:
        return None
    return Fetched(int(uid[1]), line[start:end], _time(received[1]) if received else None)


def _time(text: bytes) -> datetime | None:
    """An INTERNALDATE (RFC 9051 section 9, date-time)."""
    try:
        return datetime.strptime(text.decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")
    except ValueError:
        return None
