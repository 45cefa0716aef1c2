"""The steps, their order, and how they can stand. Light: needed before the first paint.

Everything about order is here and nowhere else; the way back is computed from it, not remembered.
What makes a step done is in :mod:`wizard.flow`.
"""

from enum import StrEnum


class Step(StrEnum):
    """The steps, in order."""

    COMPANY = "company"
    SERVICE = "service"
    SENDING = "sending"
    RECEIVING = "receiving"
    RECORDS = "records"
    PLATFORM = "platform"
    PROOF = "proof"
    SUMMARY = "summary"


class StepState(StrEnum):
    """How a step stands. ``ATTENTION``: usable, but something is left to do."""

    OPEN = "open"
    DONE = "done"
    ATTENTION = "attention"
    STALE = "stale"
    FAILED = "failed"


class Severity(StrEnum):
    """How much something that is said at a step weighs."""

    IMPOSSIBLE = "impossible"
    WARNING = "warning"
    HINT = "hint"


def next_step(step: Step) -> Step | None:
    """The step behind this one; None behind the last."""
    order = list(Step)
    index = order.index(step) + 1
    return order[index] if index < len(order) else None


def previous_step(step: Step) -> Step | None:
    """The step before this one; None before the first."""
    order = list(Step)
    index = order.index(step)
    return order[index - 1] if index else None
