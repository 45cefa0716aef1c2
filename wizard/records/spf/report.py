"""What is known about an SPF record beyond its text, as values: for the plan and the window.

Imports neither DNS nor anything slow, so that a saved set-up can hold it.
"""

from dataclasses import dataclass
from enum import StrEnum

from wizard.model import Who
from wizard.records.spf.warning import SpfWarning
from wizard.texts import Message


class SpfResult(StrEnum):
    """The results of RFC 7208 section 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result, and the terms that led to it from the domain's record inwards.

    ``why`` tells what an error rests on; ``explanation`` is the domain's own sentence for a fail.
    """

    result: SpfResult
    path: tuple[str, ...] = ()
    why: SpfWarning | None = None
    explanation: str | None = None


class Whose(StrEnum):
    """Whose server an address is: below an include, the set-up's own, or anybody's."""

    INCLUDE = "include"
    SERVER = "server"
    STRANGER = "anyone_else"


@dataclass(frozen=True, slots=True)
class Effect:
    """What receivers make of a message from one address; ``after`` None: nothing is offered.

    ``name`` is the include or the host it belongs to, empty for a stranger.
    """

    whose: Whose
    name: str
    address: str
    before: Verdict
    after: Verdict | None


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A term, what it costs with all that it leads to, and what is wrong there.

    ``void``: its query finds nothing; ``claimable``: because a domain is not registered, so that a
    stranger could; ``repeated``: the same name stands earlier in the tree and is paid for again.
    """

    term: str
    name: str
    lookups: int
    void: bool
    problem: SpfWarning | None
    children: tuple["TreeNode", ...] = ()
    claimable: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class WayOut:
    """What to do about one thing, step by step, and whose turn it is.

    ``proposal`` is a text to look at and to decide about, None where there is none.
    """

    about: SpfWarning
    steps: tuple[Message, ...]
    who: Who
    proposal: str | None = None


@dataclass(frozen=True, slots=True)
class SpfReport:
    """The counts (None where they cannot be known), the tree, the effect and the ways out."""

    lookups_before: int | None
    lookups_after: int | None
    voids_before: int | None
    voids_after: int | None
    tree: tuple[TreeNode, ...] = ()
    effects: tuple[Effect, ...] = ()
    ways: tuple[WayOut, ...] = ()
