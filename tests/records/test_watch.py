"""When to look at the records again."""

from dataclasses import replace

import pytest

from wizard.model import Route
from wizard.records.plan import (
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
    ServerAnswer,
)
from wizard.records.watch import (
    OFFLINE_PAUSE_S,
    Clocks,
    Outcome,
    Pause,
    Watch,
    changes,
    is_complete,
    looks_alike,
    next_look_s,
)
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


# -- the watch, in virtual time --

MISSING = replace(RECORD, state=RecordState.MISSING)
SILENT = replace(RECORD, state=RecordState.UNKNOWN)


def lagging(seconds: int) -> PlannedRecord:
    return replace(RECORD, state=RecordState.PROPAGATING, retry_after_s=seconds)


def at(steady: float, wall: float | None = None) -> Clocks:
    return Clocks(steady, steady if wall is None else wall)


def test_the_pauses_grow_until_something_changes() -> None:
    watch, pauses = Watch(), []
    for record in (MISSING, MISSING, MISSING, lagging(2), MISSING):
        watch, outcome = watch.take(plan(record))
        pauses.append(watch.pause_s(outcome))
    assert pauses == [5, 10, 20, 5, 5]


def test_done_is_told_once_and_again_only_after_it_was_lost() -> None:
    watch, news = Watch(), []
    for record in (MISSING, RECORD, RECORD, MISSING, RECORD):
        after, outcome = watch.take(plan(record))
        news.append(watch.first_time(outcome))
        watch = after
    assert news == [False, True, False, False, True]


def test_what_was_in_place_from_the_start_is_no_news() -> None:
    after, outcome = Watch().take(plan(RECORD))
    assert outcome is Outcome.COMPLETE
    assert not Watch().first_time(outcome)
    assert after.pause_s(outcome) is None


def test_without_a_network_what_was_seen_still_holds_and_the_pause_stays_short() -> None:
    watch, _ = Watch().take(plan(MISSING))
    for _ in range(20):
        watch, outcome = watch.take(plan(SILENT))
        assert (outcome, watch.pause_s(outcome)) == (Outcome.OFFLINE, OFFLINE_PAUSE_S)
    assert watch.plan == plan(MISSING)
    watch, outcome = watch.take(plan(MISSING))
    assert watch.pause_s(outcome) == 10


@pytest.mark.parametrize(("remembered", "pause"), [(2, 5), (90, 90), (7200, 300)])
def test_what_resolvers_remember_sets_the_pause(remembered: int, pause: float) -> None:
    watch, outcome = Watch().take(plan(lagging(remembered)))
    assert watch.pause_s(outcome) == pause


def test_a_server_that_lags_may_catch_up_at_any_time() -> None:
    behind = replace(lagging(3600), problems=(message("record.problem.server_old", server="x"),))
    watch, outcome = Watch().take(plan(behind))
    assert watch.pause_s(outcome) == 5


def test_a_pause_counts_down() -> None:
    pause = Pause(at(100), 15)
    assert [pause.left(at(100 + gone)) for gone in (0, 5, 15, 20)] == [15, 10, 0, 0]


def test_a_computer_that_slept_looks_at_once() -> None:
    """The steady clock stands still in sleep, the wall clock does not."""
    assert Pause(at(100, 1000), 300).left(at(101, 30_000)) == 0


def test_a_wall_clock_that_is_set_back_does_not_hold_the_watch_up() -> None:
    assert Pause(at(100, 50_000), 15).left(at(110, 1_000)) == 5


def test_only_states_that_differ_are_changes() -> None:
    dkim = replace(RECORD, purpose=Purpose.DKIM, name="x._domainkey.acme.example")
    before, after = plan(MISSING, dkim), plan(RECORD, dkim)
    assert [(c.record.name, c.before) for c in changes(before, after)] == [
        ("acme.example", RecordState.MISSING)
    ]
    assert changes(after, after) == ()


def test_answers_that_only_grow_older_bring_nothing_new() -> None:
    def aged(ttl: int) -> RecordPlan:
        told = (ServerAnswer("ns1", ("x",), "", ttl),)
        return plan(replace(MISSING, published=told, visible=told, retry_after_s=ttl))

    watch, _ = Watch().take(aged(300))
    watch, outcome = watch.take(aged(299))
    assert outcome is Outcome.UNCHANGED
    assert looks_alike(aged(300), aged(299))
    assert not looks_alike(aged(300), aged(30))
    assert not looks_alike(aged(300), None)
