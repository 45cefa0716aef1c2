"""Removes letters of ours again, and nothing else: each is recognised twice. No sockets.

Once by its token among the newest messages, and once more, whole, right before it goes. Where a
server cannot remove single messages (no UIDPLUS, RFC 4315) and somebody else has messages marked
as deleted, ours stay: EXPUNGE would take those along.
"""

import re
from collections.abc import Generator
from datetime import datetime
from typing import Final

from wizard.model import Stage
from wizard.probe.dialogue import Action, Begin, Conversation, Dialogue, Step, fail
from wizard.probe.pop3 import command as pop3_command
from wizard.proof.folders import Folder, quoted
from wizard.proof.imap_fetch import Asking, fetch, recent
from wizard.proof.imap_watch import learn
from wizard.proof.letter import TOKEN_HEADER, read_headers
from wizard.proof.lookout import Memory
from wizard.proof.pop3_look import NEWEST, count_messages, top

_TRASH: Final = re.compile(rb"^\* LIST \([^)]*\\Trash\b[^)]*\) \S+ (.*)$", re.IGNORECASE)
_GMAIL: Final = "X-GM-EXT-1"


def remove_by_imap(
    tokens: frozenset[str], since: datetime, removed: set[str], conversation: Conversation
) -> Dialogue:
    """The errand; ``removed`` gets the token of each letter that is gone."""
    ask, memory = Asking(b"r"), Memory()
    yield Begin(Stage.SELECT)
    yield from learn(ask, memory, conversation)
    for folder in memory.folders:
        yield Begin(Stage.SELECT)
        response = yield from ask(Stage.SELECT, b"EXAMINE " + quoted(folder.wire))
        if not response.ok:
            continue
        # Looked for read-only first: a folder without a letter of ours is never opened to write.
        ours = yield from _ours(ask, tokens, since)
        if ours:
            yield from _remove_from(folder, ours, ask, removed, conversation)
    return None


def _ours(
    ask: Asking, tokens: frozenset[str], since: datetime
) -> Generator[Action, bytes | None, dict[int, str]]:
    """UID → token of the letters of ours in the open folder."""
    yield Begin(Stage.FETCH)
    ours: dict[int, str] = {}
    item = f"BODY.PEEK[HEADER.FIELDS ({TOKEN_HEADER.upper()})]".encode()
    for uids in (yield from recent(ask, since)):
        for one in (yield from fetch(ask, uids, item)):
            letter = read_headers(one.content)
            if letter is not None and letter.token in tokens:
                ours[one.uid] = letter.token
    return ours


def _remove_from(
    folder: Folder,
    ours: dict[int, str],
    ask: Asking,
    removed: set[str],
    conversation: Conversation,
) -> Step:
    response = yield from ask(Stage.SELECT, b"SELECT " + quoted(folder.wire))
    if not response.ok:
        raise fail(Stage.SELECT, response.line)
    for uid, token in ours.items():
        yield Begin(Stage.FETCH)
        number = b"%d" % uid
        whole = yield from fetch(ask, number, b"BODY.PEEK[HEADER]")
        letters = [read_headers(one.content) for one in whole if one.uid == uid]
        if [letter.token for letter in letters if letter is not None] != [token]:
            continue
        if (yield from _remove(number, ask, conversation)):
            removed.add(token)
    return b""


def _remove(
    uid: bytes, ask: Asking, conversation: Conversation
) -> Generator[Action, bytes | None, bool]:
    capabilities = conversation.capabilities
    if _GMAIL in capabilities and "MOVE" in capabilities:
        # There, deleting only takes the label of the folder away.
        trash = yield from _trash(ask)
        if trash:
            moved = yield from ask(Stage.FETCH, b"UID MOVE " + uid + b" " + trash)
            return moved.ok
    if "UIDPLUS" not in capabilities:
        marked = yield from ask(Stage.FETCH, b"UID SEARCH DELETED")
        if not marked.ok or any(len(line.split()) > 2 for line in marked.untagged):
            return False
    stored = yield from ask(Stage.FETCH, b"UID STORE " + uid + b" +FLAGS.SILENT (\\Deleted)")
    if not stored.ok:
        return False
    expunge = b"UID EXPUNGE " + uid if "UIDPLUS" in capabilities else b"EXPUNGE"
    gone = yield from ask(Stage.FETCH, expunge)
    return gone.ok


def _trash(ask: Asking) -> Step:
    response = yield from ask(Stage.FETCH, b'LIST "" "*"')
    names = [found[1] for line in response.untagged if (found := _TRASH.match(line))]
    return names[0] if names else b""


def remove_by_pop3(tokens: frozenset[str], removed: set[str], _: Conversation) -> Dialogue:
    """The errand. The deletions count only when the server has confirmed the end (QUIT)."""
    yield Begin(Stage.STAT)
    count = yield from count_messages()
    yield Begin(Stage.FETCH)
    going: set[str] = set()
    for number in range(count, max(0, count - NEWEST), -1):
        token = yield from _token_at(number)
        # Numbers stay for the whole session; the second look makes sure of it.
        if token in tokens and (yield from _token_at(number)) == token:
            status = yield from pop3_command(Stage.FETCH, b"DELE %d" % number)
            if status.startswith(b"+OK"):
                going.add(token)
    status = yield from pop3_command(Stage.FETCH, b"QUIT")
    if not status.startswith(b"+OK"):
        raise fail(Stage.FETCH, status)
    removed |= going
    return None


def _token_at(number: int) -> Generator[Action, bytes | None, str]:
    headers = yield from top(number, 0)
    letter = read_headers(headers) if headers is not None else None
    return letter.token if letter is not None else ""
