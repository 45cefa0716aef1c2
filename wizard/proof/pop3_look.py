"""Looks for letters of ours by POP3: headers only (TOP), nothing is fetched or deleted. No sockets.

A POP3 session shows the mailbox as it was at its login, so each look is a session of its own.
"""

from collections.abc import Generator
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Stage
from wizard.probe.dialogue import (
    LINE_OF_MESSAGE,
    Action,
    Begin,
    Conversation,
    Dialogue,
    Done,
    Step,
    fail,
    receive,
)
from wizard.probe.pop3 import command
from wizard.proof.bounce import may_be_report, read_bounce
from wizard.proof.folders import INBOX
from wizard.proof.letter import read_headers
from wizard.proof.lookout import Lookout, Memory, Sighting
from wizard.proof.report import Activity

# A proof is among the last that came; the whole mailbox is none of our business.
NEWEST: Final = 60
MAX_HEADER_LINES: Final = 2_000
REPORT_LINES: Final = 400

Lines = Generator[Action, bytes | None, bytes | None]


def look(lookout: Lookout, memory: Memory, _: Conversation) -> Dialogue:
    """The errand: one look at what is new among the newest messages."""
    lookout.doing(Activity.LOOKING, 0.0)
    yield Begin(Stage.STAT)
    count = yield from count_messages()
    yield Done(str(count))
    yield Begin(Stage.FETCH)
    for number in range(count, max(0, count - NEWEST), -1):
        if not lookout.goes_on():
            break
        unique = yield from unique_id(number)
        if unique and unique in memory.seen:
            continue
        headers = yield from top(number, 0)
        if headers is None:
            continue  # deleted by somebody else, or a server without TOP: said by what is missing
        yield from _judge(headers, number, lookout)
        if unique:
            memory.seen.add(unique)
    yield Done()
    return None


def _judge(headers: bytes, number: int, lookout: Lookout) -> Step:
    tokens = lookout.tokens()
    letter = read_headers(headers)
    if letter is not None and letter.token in tokens:
        lookout.found(Sighting(letter, INBOX, None))
    elif letter is None and may_be_report(headers):
        content = yield from top(number, REPORT_LINES)
        bounce = read_bounce(content, tokens) if content is not None else None
        if bounce is not None:
            lookout.bounced(*bounce)
    return b""


def count_messages() -> Generator[Action, bytes | None, int]:
    """How many there are (STAT)."""
    status = yield from command(Stage.STAT, b"STAT")
    if not status.startswith(b"+OK"):
        raise fail(Stage.STAT, status)
    words = status.split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() and len(words[1]) < 8 else 0


def unique_id(number: int) -> Step:
    """A message's lasting name (UIDL); empty where the server gives none."""
    status = yield from command(Stage.FETCH, b"UIDL %d" % number)
    words = status.split()
    return words[2] if status.startswith(b"+OK") and len(words) > 2 else b""


def top(number: int, lines: int) -> Lines:
    """Headers and so many lines of a message (RFC 1939 section 7); None if it is not given."""
    status = yield from command(Stage.FETCH, b"TOP %d %d" % (number, lines))
    if not status.startswith(b"+OK"):
        return None
    read: list[bytes] = []
    while (line := (yield from receive(LINE_OF_MESSAGE))) != b".":
        read.append(line.removeprefix(b"."))
        if len(read) > MAX_HEADER_LINES:
            raise fail(Stage.FETCH, line, Cause.PROTOCOL_ERROR)
    return b"\r\n".join(read) + b"\r\n"
