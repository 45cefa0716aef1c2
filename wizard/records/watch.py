"""When to look at the records again: what was just entered takes a while to be seen everywhere.

The watch asks for looks and is told their plans; it never looks and never waits itself. Pure: the
time comes from outside, on two clocks. The steady one stands still while a computer sleeps, the
wall clock goes on but may be set; a pause is over when it is over on either.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from wizard.records.plan import PlannedRecord, RecordNeed, RecordPlan, RecordState

FIRST_LOOK_S: Final = 5
LONGEST_PAUSE_S: Final = 300
# Without a network nothing is asked of anybody: it costs nothing to try again soon.
OFFLINE_PAUSE_S: Final = 15


@dataclass(frozen=True, slots=True)
class Clocks:
    """The present time in seconds: one clock that only goes forward, and the one on the wall."""

    steady: float
    wall: float


class Outcome(StrEnum):
    """What a look has brought."""

    COMPLETE = "complete"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Pause:
    """Waiting for the next look."""

    since: Clocks
    seconds: float

    def left(self, now: Clocks) -> float:
        """Seconds until the next look; 0 when it is due, or when the computer slept meanwhile."""
        gone = max(now.steady - self.since.steady, now.wall - self.since.wall)
        return max(0.0, self.seconds - gone)


@dataclass(frozen=True, slots=True)
class Change:
    """A record's state, before and after."""

    record: PlannedRecord
    before: RecordState


@dataclass(frozen=True, slots=True)
class Watch:
    """How far a watch has got. ``told`` holds until something required is no longer in place."""

    plan: RecordPlan | None = None
    unchanged: int = 0
    told: bool = False

    def take(self, plan: RecordPlan) -> tuple["Watch", Outcome]:
        """A look is over."""
        if is_offline(plan):
            # What was seen before still holds: nothing was heard that says otherwise.
            return replace(self, unchanged=0), Outcome.OFFLINE
        same = self.plan is not None and _states(self.plan) == _states(plan)
        if is_complete(plan):
            return Watch(plan, 0, told=True), Outcome.COMPLETE
        outcome = Outcome.UNCHANGED if same else Outcome.CHANGED
        return Watch(plan, self.unchanged + 1 if same else 0), outcome

    def first_time(self, outcome: Outcome) -> bool:
        """Is it news that everything is in place? Asked before the look is taken."""
        return outcome is Outcome.COMPLETE and not self.told and self.plan is not None

    def pause_s(self, outcome: Outcome) -> float | None:
        """Seconds until the next look, asked after the look was taken; None when all is in place.

        When only resolvers' memories are waited for, there is no use in looking before they end.
        """
        match outcome:
            case Outcome.COMPLETE:
                return None
            case Outcome.OFFLINE:
                return OFFLINE_PAUSE_S
            case _:
                pause = next_look_s(self.unchanged)
                remembered = _remembered_s(self.plan)
                return pause if remembered is None else min(LONGEST_PAUSE_S, max(pause, remembered))


def next_look_s(unchanged_looks: int) -> int:
    """Seconds until the next look, doubled with each look that brought nothing new."""
    # The exponent is bounded too: a window left open for weeks counts on.
    return min(LONGEST_PAUSE_S, FIRST_LOOK_S << min(unchanged_looks, 8))


def is_complete(plan: RecordPlan) -> bool:
    """Whether every required record is in place, so that there is nothing to wait for."""
    return all(
        record.state is RecordState.OK
        for record in plan.records
        if record.need is RecordNeed.REQUIRED
    )


def is_offline(plan: RecordPlan) -> bool:
    """Did nobody answer for anything?"""
    return bool(plan.records) and all(
        record.state is RecordState.UNKNOWN
        and all(one.values is None for one in (*record.published, *record.visible))
        for record in plan.records
    )


def changes(before: RecordPlan, after: RecordPlan) -> tuple[Change, ...]:
    """The records whose state is another one than before."""
    known = {(one.type, one.name): one.state for one in before.records}
    return tuple(
        Change(record, known[record.type, record.name])
        for record in after.records
        if known.get((record.type, record.name), record.state) is not record.state
    )


def looks_alike(one: RecordPlan | None, other: RecordPlan | None) -> bool:
    """Would a person see the same? Answers grow older between two looks, minutes are enough."""
    if one is None or other is None:
        return one is other
    return _ageless(one) == _ageless(other)


def _ageless(plan: RecordPlan) -> RecordPlan:
    return replace(plan, elapsed_ms=0, records=tuple(map(_without_age, plan.records)))


def _without_age(record: PlannedRecord) -> PlannedRecord:
    seconds = record.retry_after_s
    return replace(
        record,
        published=tuple(replace(one, ttl=None) for one in record.published),
        visible=tuple(replace(one, ttl=None) for one in record.visible),
        retry_after_s=None if seconds is None else minutes(seconds),
    )


def minutes(seconds: int) -> int:
    """Whole minutes, begun ones counted."""
    return -(-seconds // 60)


def _remembered_s(plan: RecordPlan | None) -> int | None:
    """How long the memories last, if they are all that keeps the required records from being ok."""
    left = [
        record
        for record in (plan.records if plan else ())
        if record.need is RecordNeed.REQUIRED and record.state is not RecordState.OK
    ]
    waits = [record.retry_after_s for record in left if _only_remembered(record)]
    if not left or len(waits) < len(left):
        return None
    return min(wait for wait in waits if wait is not None)


def _only_remembered(record: PlannedRecord) -> bool:
    waiting = record.state is RecordState.PROPAGATING and record.retry_after_s is not None
    return waiting and not record.problems


def _states(plan: RecordPlan) -> tuple[tuple[str, str, RecordState, object], ...]:
    """What makes a look bring something new: a state, or what a server publishes."""
    return tuple(
        (one.type, one.name, one.state, tuple((s.server, s.values) for s in one.published))
        for one in plan.records
    )
