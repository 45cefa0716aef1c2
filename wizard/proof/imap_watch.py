"""Looks for letters of ours by IMAP, and waits there: EXAMINE, PEEK, IDLE (RFC 9051). No sockets.

Of other messages only three headers are asked for, and the content of delivery reports; nothing is
marked, moved or changed.
"""

import re
from collections.abc import Generator
from typing import Final

from wizard.model import Stage
from wizard.probe.dialogue import (
    Action,
    Await,
    Begin,
    Conversation,
    Dialogue,
    Send,
    Step,
    fail,
)
from wizard.probe.imap import capabilities_in, read_response
from wizard.proof.bounce import MAX_BYTES, REPORT_HEADERS, may_be_report, read_bounce
from wizard.proof.folders import INBOX, Folder, folders_of, quoted
from wizard.proof.imap_fetch import Asking, Fetched, fetch, recent
from wizard.proof.letter import TOKEN_HEADER, read_headers
from wizard.proof.lookout import Lookout, Memory, Sighting
from wizard.proof.patience import Patience
from wizard.proof.report import Activity, Place

# A server that talks without end while we wait: look, rather than listen to it.
MAX_REMARKS: Final = 20
ROUNDS_UNTIL_SURE: Final = 8
# Of EXAMINE (response codes) and of STATUS (a list).
_NEXT: Final = re.compile(rb"\bUIDNEXT (\d{1,10})\b", re.IGNORECASE)
_VALIDITY: Final = re.compile(rb"\bUIDVALIDITY (\d{1,10})\b", re.IGNORECASE)


def watch(
    lookout: Lookout,
    memory: Memory,
    patience: Patience,
    conversation: Conversation,
    *,
    stays: bool,
) -> Dialogue:
    """The errand: look until nothing is left to wait for; not ``stays``: one look and away."""
    ask, looks = Asking(b"w"), 0
    view = _View(ask, lookout, memory)
    lookout.doing(Activity.LOOKING, 0.0)
    # Most letters are in the inbox by now: all else can wait until that is sure.
    yield from view.look_into_inbox()
    if not lookout.goes_on():
        return None
    yield from learn(ask, memory, conversation)
    idles = "IDLE" in conversation.capabilities
    while lookout.goes_on():
        lookout.doing(Activity.LOOKING, 0.0)
        before = lookout.tokens()
        yield from view.look_around()
        if lookout.tokens() != before:
            looks = 0  # where one came, the next is near
        if not (stays and lookout.goes_on()):
            return None
        pauses = patience.listening if idles else patience.asking
        pause = pauses.after(looks)
        looks += 1
        lookout.doing(Activity.LISTENING if idles else Activity.PAUSING, pause)
        if idles:
            yield from _listen(ask, pause)
        else:
            yield from _pause(pause)
    return None


def learn(ask: Asking, memory: Memory, conversation: Conversation) -> Step:
    """What the server can do for the one who is logged in, and its folders; once per mailbox."""
    yield Begin(Stage.SELECT)
    response = yield from ask(Stage.SELECT, b"CAPABILITY")
    if response.ok:
        conversation.capabilities = capabilities_in(response.untagged)
    if not memory.folders:
        extended = {"SPECIAL-USE", "LIST-EXTENDED"} <= set(conversation.capabilities)
        line = b'LIST "" "*"' + (b" RETURN (SPECIAL-USE)" if extended else b"")
        response = yield from ask(Stage.SELECT, line)
        memory.folders = folders_of(response.untagged) if response.ok else (INBOX,)
    return b""


class _View:
    """One connection's view: the inbox stays open, the other folders are asked for news only."""

    def __init__(self, ask: Asking, lookout: Lookout, memory: Memory) -> None:
        self._ask = ask
        self._lookout = lookout
        self._memory = memory
        self._inbox_is_open = False
        self._archived: list[Sighting] = []
        self._rounds = 0

    def look_around(self) -> Step:
        """Every folder once."""
        self._rounds += 1
        if self._rounds % ROUNDS_UNTIL_SURE == 0:
            # A server that forgot to say something tells all of it again.
            self._inbox_is_open = False
        others = self._memory.folders[1:]
        yield from self.look_into_inbox()
        for folder in others:
            if not self._lookout.goes_on():
                return b""
            if (yield from self._has_news(folder)):
                self._inbox_is_open = False
                yield from self._open(folder)
        if not self._inbox_is_open and self._lookout.goes_on():
            yield from self.look_into_inbox()
        # An archive holds the inbox's messages as well: what came just now is in both.
        archived, self._archived = self._archived, []
        for sighting in archived:
            if sighting.letter.token in self._lookout.tokens():
                self._lookout.found(sighting)
        return b""

    def look_into_inbox(self) -> Step:
        """Open it, or ask what is new there, unless the server has said so already."""
        if not self._inbox_is_open:
            yield from self._open(INBOX)
            self._inbox_is_open = True
        elif not self._ask.told:
            yield Begin(Stage.FETCH)
            response = yield from self._ask(Stage.FETCH, b"NOOP")
            if not response.ok:
                raise fail(Stage.FETCH, response.line)
        for _ in range(MAX_REMARKS):
            if not (self._ask.told and self._lookout.goes_on()):
                break
            self._ask.told = False
            yield Begin(Stage.FETCH)
            yield from self._fetch_news(INBOX, b"")
        return b""

    def _has_news(self, folder: Folder) -> Generator[Action, bytes | None, bool]:
        """Whether a folder has messages that were not looked at; one that is gone has none."""
        known = self._memory.next_uids.get(folder.wire)
        if known is None:
            return True
        yield Begin(Stage.FETCH)
        line = b"STATUS " + quoted(folder.wire) + b" (UIDNEXT UIDVALIDITY)"
        response = yield from self._ask(Stage.FETCH, line)
        told = b" ".join(response.untagged)
        validity, upcoming = _VALIDITY.search(told), _NEXT.search(told)
        if not response.ok or upcoming is None:
            return False
        same = validity is None or validity[1] == known[0]
        return not same or int(upcoming[1]) > known[1]

    def _open(self, folder: Folder) -> Step:
        """EXAMINE, and look at what is new there."""
        yield Begin(Stage.SELECT)
        response = yield from self._ask(Stage.SELECT, b"EXAMINE " + quoted(folder.wire))
        if not response.ok:
            if folder != INBOX:
                return b""  # a junk folder that went away takes no letter with it
            raise fail(Stage.SELECT, response.line)
        # EXAMINE tells how many there are in any case.
        self._ask.told = False
        yield Begin(Stage.FETCH)
        yield from self._fetch_news(folder, b" ".join((*response.untagged, response.line)))
        return b""

    def _fetch_news(self, folder: Folder, told: bytes) -> Step:
        """Look at the messages that are new since the last look; ``told``: EXAMINE's answers."""
        validity, upcoming = _VALIDITY.search(told), _NEXT.search(told)
        known, start = self._memory.next_uids.get(folder.wire, (b"", 0))
        if validity and known and validity[1] != known:
            start = 0
        if upcoming and start and int(upcoming[1]) <= start:
            return b""
        groups = [b"%d:*" % start] if start else (yield from recent(self._ask, self._lookout.since))
        looked = start
        for uids in groups:
            fields = " ".join((TOKEN_HEADER, *REPORT_HEADERS)).upper().encode()
            item = b"BODY.PEEK[HEADER.FIELDS (" + fields + b")]"
            for one in (yield from fetch(self._ask, uids, item)):
                # "n:*" gives the last message also where it is older.
                if one.uid >= start:
                    looked = max(looked, one.uid + 1)
                    yield from self._judge(one, folder)
        if upcoming:
            looked = max(looked, int(upcoming[1]))
        self._memory.next_uids[folder.wire] = (validity[1] if validity else known, looked)
        return b""

    def _judge(self, one: Fetched, folder: Folder) -> Step:
        """A letter of ours that is waited for, or a report about one; all else is left alone."""
        tokens, number = self._lookout.tokens(), b"%d" % one.uid
        letter = read_headers(one.content)
        if letter is not None and letter.token in tokens:
            for headers in (yield from fetch(self._ask, number, b"BODY.PEEK[HEADER]")):
                complete = read_headers(headers.content)
                if complete is not None and complete.token == letter.token:
                    self._see(Sighting(complete, folder, one.received))
        elif letter is None and may_be_report(one.content):
            item = b"BODY.PEEK[]<0.%d>" % MAX_BYTES
            for report in (yield from fetch(self._ask, number, item)):
                bounce = read_bounce(report.content, tokens)
                if bounce is not None:
                    self._lookout.bounced(*bounce)
        return b""

    def _see(self, sighting: Sighting) -> None:
        if sighting.folder.place is Place.ALL:
            self._archived.append(sighting)
        else:
            self._lookout.found(sighting)


def _listen(ask: Asking, seconds: float) -> Step:
    """IDLE (RFC 2177) until something is new in the inbox, or so many seconds are over."""
    if ask.told:
        return b""
    tag = ask.tags.next()
    yield Begin(Stage.FETCH)
    yield Send(tag + b" IDLE")
    response = yield from read_response(Stage.FETCH, tag)
    ask.hear(response)
    if response.status != "+":
        raise fail(Stage.FETCH, response.line)
    for _ in range(MAX_REMARKS):
        if ask.told:
            break
        line = yield Await(seconds)
        if line is None:
            break
        if line[:6].upper() == b"* BYE ":
            raise fail(Stage.FETCH, line)
        ask.told |= line.upper().endswith(b" EXISTS")
    yield Begin(Stage.FETCH)
    yield Send(b"DONE")
    response = yield from read_response(Stage.FETCH, tag)
    ask.hear(response)
    if response.status == "BYE":
        raise fail(Stage.FETCH, response.line)
    return b""


def _pause(seconds: float) -> Step:
    line = yield Await(seconds)
    if line is not None and line[:6].upper() == b"* BYE ":
        raise fail(Stage.FETCH, line)
    return b""
