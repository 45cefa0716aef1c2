"""Hands letters in, one after the other over one connection (RFC 5321, RFC 6409). No sockets."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from wizard.model import EmailAddress, Stage
from wizard.probe.dialogue import Action, Begin, Conversation, Dialogue, Done, Send
from wizard.probe.report import Failure
from wizard.probe.smtp import RESET, Reply, command, mail_from, rcpt_to, read_reply

# "Service not available, closing transmission channel" (RFC 5321 section 4.2.3).
CLOSING = 421


@dataclass(frozen=True, slots=True)
class Posting:
    """One letter with its envelope; ``content``: RFC 5322 with CRLF line ends."""

    token: str
    sender: EmailAddress
    recipient: EmailAddress
    content: bytes


@dataclass(frozen=True, slots=True)
class Counter:
    """Where the outcome of each letter is told: it begins, it was taken, it was refused.

    ``refused`` is also told whether the server asks to come again (a 4yz reply).
    """

    begun: Callable[[str], None]
    taken: Callable[[str], None]
    refused: Callable[[str, Failure, bool], None]


def submit(postings: Sequence[Posting], counter: Counter, conversation: Conversation) -> Dialogue:
    """The errand. A refusal ends its letter, not the conversation."""
    for posting in postings:
        counter.begun(posting.token)
        stage, refusal = yield from _hand_in(posting, conversation)
        if refusal is None:
            counter.taken(posting.token)
            continue
        failure = Failure(stage, refusal.show())
        counter.refused(posting.token, failure, 400 <= refusal.code < 500)
        if refusal.code == CLOSING:
            return failure
        yield from command(stage, RESET)
    return None


def _hand_in(
    posting: Posting, conversation: Conversation
) -> Generator[Action, bytes | None, tuple[Stage, Reply | None]]:
    """The last stage, and the reply that refused there."""
    turns = (
        (Stage.MAIL_FROM, mail_from(posting.sender, conversation)),
        (Stage.RCPT, rcpt_to(posting.recipient)),
        (Stage.DATA, b"DATA"),
    )
    for stage, line in turns:
        yield Begin(stage)
        reply = yield from command(stage, line)
        wanted = reply.code == 354 if stage is Stage.DATA else reply.positive
        if not wanted:
            return stage, reply
        yield Done()
    yield Begin(Stage.DATA)
    yield Send(_stuffed(posting.content) + b".", f"({len(posting.content)} octets)")
    reply = yield from read_reply(Stage.DATA)
    return Stage.DATA, None if reply.positive else reply


def _stuffed(content: bytes) -> bytes:
    """Lines that begin with a dot get another (RFC 5321 section 4.5.2); ends with a line end."""
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines)
