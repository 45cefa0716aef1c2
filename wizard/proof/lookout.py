"""What a look into a mailbox is told and what it tells: the seam between dialogues and the work."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from wizard.proof.folders import Folder
from wizard.proof.letter import ReturnedLetter
from wizard.proof.report import Activity, Bounce


@dataclass(frozen=True, slots=True)
class Sighting:
    """A letter of ours in a folder; ``received`` is the mailbox's own time, None if untold."""

    letter: ReturnedLetter
    folder: Folder
    received: datetime | None


@dataclass(frozen=True, slots=True)
class Lookout:
    """One login's look-out.

    ``tokens`` are the letters of ours that are still on their way, wherever to; ``goes_on`` tells
    whether this mailbox is still worth a look. ``since`` is when the first letter was sent.
    """

    since: datetime
    tokens: Callable[[], frozenset[str]]
    goes_on: Callable[[], bool]
    found: Callable[[Sighting], None]
    bounced: Callable[[str, Bounce], None]
    doing: Callable[[Activity, float], None]


@dataclass(slots=True)
class Memory:
    """What is known of a mailbox from earlier looks, so that nothing is looked at twice.

    ``next_uids``: folder → UIDVALIDITY and the first UID that was not looked at; ``seen`` are
    POP3's unique ids.
    """

    folders: tuple[Folder, ...] = ()
    next_uids: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
