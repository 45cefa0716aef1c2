"""What became of a message that was sent as a proof."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wizard.probe.report import Failure


class ProofOutcome(StrEnum):
    """Arrived; refused by the sending server; the mailbox cannot be read; or not there in time."""

    ARRIVED = "arrived"
    NOT_SENT = "not_sent"
    NOT_READABLE = "not_readable"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class ProofReport:
    """One message from ``sender`` to ``recipient``, known by its ``token``.

    ``elapsed_ms`` is from the server's acceptance to the moment it was seen in the mailbox (or
    given up). ``authentication`` are the values of its Authentication-Results headers (RFC 8601),
    topmost first.
    """

    sender: str
    recipient: str
    token: str
    outcome: ProofOutcome
    started: datetime
    elapsed_ms: int
    failure: Failure | None = None
    authentication: tuple[str, ...] = ()
    transcript: tuple[str, ...] = ()


class ProofPhase(StrEnum):
    """What is being done."""

    SENDING = "sending"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ProofProgress:
    """How far it is: looks taken, seconds waited, seconds until the next look."""

    phase: ProofPhase
    looks: int = 0
    waited_s: float = 0.0
    next_look_s: float = 0.0
