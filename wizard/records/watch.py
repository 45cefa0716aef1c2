"""When to look at the records again: what was just entered takes a while to be seen everywhere."""

from typing import Final

from wizard.records.plan import RecordNeed, RecordPlan, RecordState

FIRST_LOOK_S: Final = 15
LONGEST_PAUSE_S: Final = 300


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
