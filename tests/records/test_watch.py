"""When to look at the records again."""

from dataclasses import replace

from wizard.model import Route
from wizard.records.plan import (
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
)
from wizard.records.watch import is_complete, next_look_s
from wizard.texts import message

RECORD = PlannedRecord(
    purpose=Purpose.SPF,
    type="TXT",
    name="acme.example",
    value="v=spf1 -all",
    strings=("v=spf1 -all",),
    ttl=3600,
    need=RecordNeed.REQUIRED,
    why=message("x"),
    state=RecordState.OK,
    action=RecordAction.NONE,
    old_value=None,
    problems=(),
    published=(),
    visible=(),
)


def plan(*records: PlannedRecord) -> RecordPlan:
    subject = PlanSubject("acme.example", "openappone-online", None, Route.PLATFORM)
    return RecordPlan(subject, subject.domain, (), None, records, None, 1)


def test_the_pause_doubles_from_five_seconds_to_five_minutes() -> None:
    assert [next_look_s(looks) for looks in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert next_look_s(10**9) == 300


def test_only_required_records_are_waited_for() -> None:
    missing = replace(RECORD, state=RecordState.MISSING)
    assert is_complete(plan(RECORD))
    assert is_complete(plan(RECORD, replace(missing, need=RecordNeed.RECOMMENDED)))
    for state in set(RecordState) - {RecordState.OK}:
        assert not is_complete(plan(RECORD, replace(RECORD, state=state)))
