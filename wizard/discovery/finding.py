"""What a source brings home, and how much it counts. Frozen values; no look-ups."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from wizard.discovery.delivery import Delivery
from wizard.discovery.report import Check, Evidence, Offer, Source, Verdict
from wizard.texts import Message


class Rank(IntEnum):
    """How much a finding counts, the smaller the more.

    ``DELIVERY`` is an MX that belongs to a known mailbox service: where mail is delivered decides,
    whatever a web host has left over. ``UNPROTECTED`` came over http.
    """

    PRESET = 0
    DELIVERY = 1
    AUTOCONFIG = 2
    ISPDB = 3
    AUTODISCOVER = 4
    SRV = 5
    UNPROTECTED = 6
    MX = 7
    GUESS = 8


# A finding none of whose servers answers comes behind all those that have one which does.
NOT_WORKING: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One source's word. ``message`` is its line under "How do we know?".

    ``trusted``: the way there was authenticated (https, signed DNS), or the servers are our own
    files'. ``evidence`` is said besides ``message``.
    """

    source: Source
    verdict: Verdict
    message: Message
    rank: Rank
    trusted: bool = False
    offers: tuple[Offer, ...] = ()
    provider: str | None = None
    evidence: tuple[Evidence, ...] = ()
    delivery: Delivery | None = None

    @property
    def decides(self) -> bool:
        """The service is known by this, whether its servers can be reached from here or not."""
        return self.rank in (Rank.PRESET, Rank.DELIVERY)


def place_of(finding: Finding) -> int | None:
    """The finding's place in the race; None when it is no success."""
    if finding.verdict is not Verdict.FOUND:
        return None
    if finding.decides:
        return int(finding.rank)
    failed = all(offer.check is Check.FAILED for offer in finding.offers)
    return finding.rank + NOT_WORKING if failed else int(finding.rank)


def nothing(source: Source, rank: Rank, message: Message) -> Finding:
    return Finding(source, Verdict.NOTHING, message, rank)
