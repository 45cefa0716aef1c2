"""What was found about an address: frozen values, so that they can be kept with a set-up."""

from dataclasses import dataclass
from enum import StrEnum

from wizard.model import AuthMethod, Protocol, Security
from wizard.texts import Message


class Source(StrEnum):
    """Who says so; the order is the order of trust."""

    PRESET = "preset"
    AUTOCONFIG = "autoconfig"
    ISPDB = "ispdb"
    AUTODISCOVER = "autodiscover"
    SRV = "srv"
    MX = "mx"
    GUESS = "guess"


class Check(StrEnum):
    """What a conversation with the server said, up to its capabilities and without a login."""

    UNTRIED = "untried"
    WORKING = "working"
    FAILED = "failed"


class Owner(StrEnum):
    """Whose a server is by its name: the company's, the mail service's, or somebody else's."""

    COMPANY = "company"
    PROVIDER = "provider"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Offer:
    """A server that a source names.

    ``auth`` is best first; empty where neither the source nor the server says. ``problem`` tells
    why a check failed. ``canonical`` is the name that ``host`` is an alias for, if it is one.
    """

    protocol: Protocol
    host: str
    port: int
    security: Security
    auth: tuple[AuthMethod, ...]
    username: str
    source: Source
    check: Check = Check.UNTRIED
    owner: Owner = Owner.COMPANY
    problem: Message | None = None
    canonical: str = ""

    @property
    def endpoint(self) -> tuple[Protocol, str, int, Security]:
        """What makes it another server than the next one."""
        return self.protocol, self.host, self.port, self.security


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe it. ``trusted``: the way there was authenticated, or is our own."""

    source: Source
    message: Message
    trusted: bool


class Verdict(StrEnum):
    """How a source answered. ``OUTDONE``: it names servers where the mail does not go."""

    ASKING = "asking"
    FOUND = "found"
    OUTDONE = "outdone"
    NOTHING = "nothing"
    FAILED = "failed"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one source said; ``ms`` after the search began."""

    source: Source
    verdict: Verdict
    message: Message
    trusted: bool
    ms: int


class Outcome(StrEnum):
    """How the search ended. ``NO_ANSWER``: DNS told nothing, so nothing is known."""

    FOUND = "found"
    NOTHING = "nothing"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything found for one address or domain; offers are best first.

    ``provider`` and ``gateway`` are ids of the catalogue; ``mx`` are the mail exchangers in order
    of preference. ``finished`` False: the search still runs, and this is what it knows by now.
    """

    address: str
    domain: str
    outcome: Outcome
    provider: str | None
    gateway: str | None
    mx: tuple[str, ...]
    incoming: tuple[Offer, ...]
    outgoing: tuple[Offer, ...]
    evidence: tuple[Evidence, ...]
    warnings: tuple[Message, ...]
    elapsed_ms: int
    answers: tuple[SourceAnswer, ...] = ()
    finished: bool = True
