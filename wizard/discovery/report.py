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
    SRV = "srv"
    AUTODISCOVER = "autodiscover"
    MX = "mx"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Offer:
    """A server that a source names. ``auth`` is best first; empty where the source does not say."""

    protocol: Protocol
    host: str
    port: int
    security: Security
    auth: tuple[AuthMethod, ...]
    username: str
    source: Source


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe it. ``trusted``: the way there was authenticated, or is our own."""

    source: Source
    message: Message
    trusted: bool


class Outcome(StrEnum):
    """How the search ended. ``NO_ANSWER``: DNS told nothing, so nothing is known."""

    FOUND = "found"
    NOTHING = "nothing"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything found for one address or domain; offers are best first.

    ``provider`` and ``gateway`` are ids of the catalogue; ``mx`` are the mail exchangers in order
    of preference.
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
