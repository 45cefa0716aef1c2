"""Looks for letters of ours by IMAP, and waits there: EXAMINE, PEEK, IDLE (RFC 9051). No sockets.

Of other messages only three headers are asked for, and the content of delivery reports; nothing is
marked, moved or changed.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from wizard.model import Stage
from wizard.probe.dialogue import (
    Action,
    Await,
    Begin,
    Conversation,
    Dialogue,
    Done,
    Send,
    Step,
    fail,
)
from wizard.probe.imap import Tags, capabilities_in, command, read_response
from wizard.proof.bounce import MAX_BYTES, REPORT_HEADERS, may_be_report, read_bounce
from wizard.proof.folders import INBOX, Folder, folders_of, quoted
from wizard.proof.letter import TOKEN_HEADER, read_headers
from wizard.proof.lookout import Lookout, Memory, Sighting
from wizard.proof.report import Activity

# The newest of them; a letter of ours came only just now.
MAX_MESSAGES: Final = 500
MESSAGES_AT_ONCE: Final = 100
# A server that talks without end while we wait: look, rather than listen to it.
MAX_REMARKS: Final = 20
_LITERAL: Final = re.compile(rb"\{(\d{1,6})\}\r\n")
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_RECEIVED: Final = re.compile(rb'\bINTERNALDATE "([^"]{10,40})"', re.IGNORECASE)
_NEXT: Final = re.compile(rb"\[UIDNEXT (\d{1,10})\]", re.IGNORECASE)
_VALIDITY: Final = re.compile(rb"\[UIDVALIDITY (\d{1,10})\]", re.IGNORECASE)
_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds until the next look: the first pause, how it grows, the longest."""

    first: float
    growth: float
    longest: float

    def after(self, looks: int) -> float:
        """The pause after so many looks that found nothing."""
        # The exponent is bounded: nobody may wait an infinite time.
        return float(min(self.longest, self.first * self.growth ** min(looks, 60)))


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to look. While the server tells of new mail by itself, looks are only for junk."""

    asking: Pauses = field(default=Pauses(0.25, 1.6, 15.0))
    listening: Pauses = field(default=Pauses(0.5, 1.5, 30.0))


PATIENCE: Final = Patience()


@dataclass(slots=True)
class Fetched:
    """One message's answer to a FETCH: the literal, its UID and the mailbox's time."""

    uid: int
    content: bytes
    received: datetime | None


def watch(
    lookout: Lookout,
    memory: Memory,
    patience: Patience,
    conversation: Conversation,
    *,
    stays: bool,
) -> Dialogue:
    """The errand: look until nothing is left to wait for; not ``stays``: one look and away."""
    tags, looks = Tags(b"w"), 0
    yield Begin(Stage.SELECT)
    yield from learn(tags, memory, conversation)
    idles = "IDLE" in conversation.capabilities
    yield Done()
    while lookout.goes_on():
        lookout.doing(Activity.LOOKING, 0.0)
        before = lookout.tokens()
        yield from _look_everywhere(tags, lookout, memory)
        if lookout.tokens() != before:
            looks = 0  # where one came, the next is near
        if not (stays and lookout.goes_on()):
            return None
        pauses = patience.listening if idles else patience.asking
        pause = pauses.after(looks)
        looks += 1
        lookout.doing(Activity.LISTENING if idles else Activity.PAUSING, pause)
        if idles:
            yield from _listen(tags, pause)
        else:
            yield from _pause(pause)
    return None


def learn(tags: Tags, memory: Memory, conversation: Conversation) -> Step:
    """What the server can do for the one who is logged in, and its folders; once per mailbox."""
    response = yield from command(Stage.SELECT, tags, b"CAPABILITY")
    if response.ok:
        conversation.capabilities = capabilities_in(response.untagged)
    if not memory.folders:
        extended = {"SPECIAL-USE", "LIST-EXTENDED"} <= set(conversation.capabilities)
        line = b'LIST "" "*"' + (b" RETURN (SPECIAL-USE)" if extended else b"")
        response = yield from command(Stage.SELECT, tags, line)
        memory.folders = folders_of(response.untagged) if response.ok else (INBOX,)
    return b""


def _look_everywhere(tags: Tags, lookout: Lookout, memory: Memory) -> Step:
    """Every folder; the inbox last, so that it is the one that is listened to."""
    inbox, *others = memory.folders
    yield from _look(inbox, tags, lookout, memory)
    for folder in others:
        if not lookout.goes_on():
            break
        yield from _look(folder, tags, lookout, memory)
    if others and lookout.goes_on():
        yield from _look(inbox, tags, lookout, memory)
    return b""


def _look(folder: Folder, tags: Tags, lookout: Lookout, memory: Memory) -> Step:
    yield Begin(Stage.SELECT)
    response = yield from command(Stage.SELECT, tags, b"EXAMINE " + quoted(folder.wire))
    if not response.ok:
        if folder is not memory.folders[0]:
            return b""  # a junk folder that went away takes no letter with it
        raise fail(Stage.SELECT, response.line)
    yield Begin(Stage.FETCH)
    told = b" ".join((*response.untagged, response.line))
    validity, upcoming = _VALIDITY.search(told), _NEXT.search(told)
    known, start = memory.next_uids.get(folder.wire, (b"", 0))
    if validity and known and validity[1] != known:
        start = 0
    if upcoming and start and int(upcoming[1]) <= start:
        return b""
    groups = [b"%d:*" % start] if start else (yield from recent(tags, lookout.since))
    looked = start
    for uids in groups:
        fields = " ".join((TOKEN_HEADER, *REPORT_HEADERS)).upper().encode()
        found = yield from fetch(tags, uids, b"BODY.PEEK[HEADER.FIELDS (" + fields + b")]")
        for one in found:
            # "n:*" gives the last message also where it is older.
            if one.uid >= start:
                looked = max(looked, one.uid + 1)
                yield from _judge(one, folder, tags, lookout)
    if upcoming:
        looked = max(looked, int(upcoming[1]))
    memory.next_uids[folder.wire] = (validity[1] if validity else b"", looked)
    return b""


def recent(tags: Tags, since: datetime) -> Generator[Action, bytes | None, list[bytes]]:
    """The UIDs of the newest messages since the day before, in sets for UID FETCH.

    The day is the server's, whose clock and zone may differ from ours.
    """
    day = since - timedelta(days=1)
    line = f"UID SEARCH SINCE {day.day}-{_MONTHS[day.month * 4 - 4 :][:3]}-{day.year}".encode()
    response = yield from command(Stage.FETCH, tags, line)
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


def _judge(one: Fetched, folder: Folder, tags: Tags, lookout: Lookout) -> Step:
    """A letter of ours that is waited for, or a report about one; all else is left alone."""
    tokens = lookout.tokens()
    letter = read_headers(one.content)
    if letter is not None and letter.token in tokens:
        whole = yield from fetch(tags, b"%d" % one.uid, b"BODY.PEEK[HEADER]")
        for headers in whole:
            complete = read_headers(headers.content)
            if complete is not None and complete.token == letter.token:
                lookout.found(Sighting(complete, folder, one.received))
    elif letter is None and may_be_report(one.content):
        content = yield from fetch(tags, b"%d" % one.uid, b"BODY.PEEK[]<0.%d>" % MAX_BYTES)
        for report in content:
            bounce = read_bounce(report.content, tokens)
            if bounce is not None:
                lookout.bounced(*bounce)
    return b""


def fetch(tags: Tags, uids: bytes, item: bytes) -> Generator[Action, bytes | None, list[Fetched]]:
    response = yield from command(
        Stage.FETCH, tags, b"UID FETCH " + uids + b" (UID INTERNALDATE " + item + b")"
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


def _listen(tags: Tags, seconds: float) -> Step:
    """IDLE (RFC 2177) until something is new in the inbox, or so many seconds are over."""
    tag = tags.next()
    yield Begin(Stage.FETCH)
    yield Send(tag + b" IDLE")
    response = yield from read_response(Stage.FETCH, tag)
    if response.status != "+":
        raise fail(Stage.FETCH, response.line)
    for _ in range(MAX_REMARKS):
        line = yield Await(seconds)
        if line is None or line.upper().endswith((b" EXISTS", b" RECENT")):
            break
        if line[:6].upper() == b"* BYE ":
            raise fail(Stage.FETCH, line)
    yield Begin(Stage.FETCH)
    yield Send(b"DONE")
    response = yield from read_response(Stage.FETCH, tag)
    if response.status == "BYE":
        raise fail(Stage.FETCH, response.line)
    return b""


def _pause(seconds: float) -> Step:
    line = yield Await(seconds)
    if line is not None and line[:6].upper() == b"* BYE ":
        raise fail(Stage.FETCH, line)
    return b""
