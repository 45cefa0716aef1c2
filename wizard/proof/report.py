"""What became of the messages that were sent as a proof. Values only, saved with the set-up."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wizard.model import Protocol
from wizard.probe.report import Failure
from wizard.proof.authentication import Authentication


class LetterKind(StrEnum):
    """What a letter proves: that a mailbox receives, or that a sender may send."""

    MAILBOX = "mailbox"
    SENDER = "sender"


class LetterState(StrEnum):
    """Where a letter is. Up to ``WAITING`` it is on its way, all others are its end.

    ``NOT_READABLE``: it may be there, but nobody could look. ``SENDING`` counts as sent when the
    work ended in the middle of it.
    """

    QUEUED = "queued"
    SENDING = "sending"
    WAITING = "waiting"
    ARRIVED = "arrived"
    NOT_SENT = "not_sent"
    BOUNCED = "bounced"
    NOT_READABLE = "not_readable"
    NOT_FOUND = "not_found"

    @property
    def on_its_way(self) -> bool:
        return self in (LetterState.QUEUED, LetterState.SENDING, LetterState.WAITING)


class Place(StrEnum):
    """Where in a mailbox a letter was found. ``ALL``: archived, as Gmail's "All Mail" holds it."""

    INBOX = "inbox"
    JUNK = "junk"
    ALL = "all"


class Fate(StrEnum):
    """What the way did to a header that names the recipient."""

    KEPT = "kept"
    CHANGED = "changed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class HeaderFate:
    """A header of a letter that arrived; ``value`` is what stands there, made harmless."""

    name: str
    fate: Fate
    value: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter that was found.

    ``elapsed_ms`` is from the server's acceptance to the moment it was seen; for one that arrived
    while nobody looked, by the mailbox's own clock. ``sender`` and ``return_path`` are what stands
    in From and Return-Path now (empty: the header is not there). ``elsewhere``: it lay in another
    mailbox than the one it was waited for in (its id), as where a catch-all took it.
    """

    place: Place
    folder: str
    elapsed_ms: int
    recipients: tuple[HeaderFate, ...]
    sender: str
    return_path: str
    authentication: Authentication | None
    elsewhere: str = ""


class BounceAction(StrEnum):
    """What a report says was done (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report that a letter was not delivered, or not yet (RFC 3464).

    ``words``: the refusing server's own (Diagnostic-Code), or else what the report says.
    """

    action: BounceAction
    recipient: str
    status: str
    words: str
    remote: str


@dataclass(frozen=True, slots=True)
class ProofLetter:
    """One message, known by its ``token``, to ``recipient``, which is read as ``mailbox`` (an id).

    ``sender`` stands in From, ``envelope`` in MAIL FROM. ``failure`` is why it could not be sent
    or its mailbox not be read, in a conversation of ``protocol``. ``session`` is the run of the
    program in which this state was found out. ``removed``: it was taken out of the mailbox again.
    """

    token: str
    kind: LetterKind
    sender: str
    envelope: str
    recipient: str
    mailbox: str
    state: LetterState = LetterState.QUEUED
    sent: datetime | None = None
    arrival: Arrival | None = None
    bounce: Bounce | None = None
    failure: Failure | None = None
    protocol: Protocol = Protocol.SMTP
    transcript: tuple[str, ...] = ()
    session: str = ""
    removed: bool = False

    @property
    def rewritten(self) -> bool:
        """Did the way put another sender into From or Return-Path?"""
        found = self.arrival
        if found is None:
            return False
        seen = [(found.sender, self.sender), (found.return_path, self.envelope)]
        return any(now and now.lower() != was.lower() for now, was in seen)


class Activity(StrEnum):
    """What is being done for a mailbox. ``LISTENING``: the server tells by itself (IDLE)."""

    CONNECTING = "connecting"
    LOOKING = "looking"
    LISTENING = "listening"
    PAUSING = "pausing"


@dataclass(frozen=True, slots=True)
class Watch:
    """How mailboxes with one login are being watched; ``seconds`` until the next look by itself.

    ``problem``: the last attempt ended so, and there will be another one.
    """

    mailboxes: tuple[str, ...]
    activity: Activity
    looks: int
    seconds: float = 0.0
    problem: Failure | None = None
