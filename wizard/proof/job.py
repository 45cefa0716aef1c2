"""What a proof is given: the letters, the ways out and in, and how patient to be. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, Secret, ServerSettings, Stage
from wizard.probe.report import Failure
from wizard.proof.patience import PATIENCE, Patience
from wizard.proof.report import ProofLetter

NOTHING_TO_LOG_IN_WITH: Final = Failure(Stage.AUTH, "", Cause.AUTH_REQUIRED)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How patient and how polite to be; seconds.

    ``retries``: pauses before a refused attempt is made again, to send or to look. ``readers``:
    mailboxes that may be connected at a time; where there are more they take turns. ``grace``: how
    long a letter that was seen in another mailbox may still turn up in its own. ``aside``: how long
    a mailbox without a letter of its own is left alone at first.
    """

    wait: float = 900.0
    retries: tuple[float, ...] = (5.0, 15.0, 60.0, 120.0, 300.0)
    patience: Patience = PATIENCE
    readers: int = 25
    grace: float = 5.0
    aside: float = 1.0


@dataclass(frozen=True, slots=True)
class Account:
    """A login at a server. Two mailboxes with the same one are one place to look."""

    settings: ServerSettings
    secret: Secret | None

    @property
    def lacks_secret(self) -> bool:
        return not self.secret and self.settings.auth is not AuthMethod.NONE


@dataclass(frozen=True, slots=True)
class ProofJob:
    """The letters, how they go out, and how each mailbox (by id) is read.

    ``to_the_end``: mailboxes that are watched while any letter is on its way, for bounces and for
    what a catch-all takes.
    """

    letters: tuple[ProofLetter, ...]
    outgoing: Account
    mailboxes: Mapping[str, Account]
    to_the_end: frozenset[str] = frozenset()
    provider: str | None = None
