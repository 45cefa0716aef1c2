"""The ranked race, in virtual time: who wins, when, and that nobody runs on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.virtual_time import run_virtually
from wizard.discovery.race import Announce, Entrant, in_order, race


@dataclass(frozen=True)
class Result:
    name: str
    rank: int | None


class Runner:
    """Takes so long, ends so, and remembers whether it came to its end."""

    def __init__(
        self, name: str, seconds: float, rank: int | None, best: int, announced: float | None = None
    ) -> None:
        self.name, self.seconds, self.rank, self.best = name, seconds, rank, best
        self.announced = announced
        self.ended = self.cancelled = False

    async def run(self, announce: Announce[Result]) -> Result:
        try:
            if self.announced is not None:
                await asyncio.sleep(self.announced)
                announce(Result(self.name, self.rank))
                await asyncio.sleep(self.seconds - self.announced)
            else:
                await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        self.ended = True
        return Result(self.name, self.rank)


def play(
    runners: Sequence[Runner], *, seconds: float = 10.0, grace: dict[str, float] | None = None
) -> tuple[list[str], float]:
    """The names of those who had a word, best first, and how long it took."""
    entrants = [Entrant(one.best, one.run, (grace or {}).get(one.name, 0.0)) for one in runners]
    results, took = run_virtually(race(entrants, lambda result: result.rank, seconds=seconds))
    found = [one for one in results if one is not None and one.rank is not None]
    return [one.name for one in sorted(found, key=lambda one: one.rank or 0)], took


def test_the_best_success_wins_as_soon_as_nothing_better_can_come() -> None:
    better = Runner("better", 2.0, None, best=0)
    good = Runner("good", 1.0, 1, best=1)
    worse = Runner("worse", 9.0, 2, best=2)
    assert play([better, good, worse]) == (["good"], pytest.approx(2.0))
    assert worse.cancelled
    assert not better.cancelled


def test_a_better_one_that_comes_later_wins() -> None:
    assert play([Runner("better", 2.0, 0, best=0), Runner("good", 1.0, 1, best=1)]) == (
        ["better", "good"],
        pytest.approx(2.0),
    )


def test_nobody_waits_for_those_who_cannot_win() -> None:
    first, slow = Runner("first", 0.5, 0, best=0), Runner("slow", 9.0, 1, best=1)
    assert play([first, slow]) == (["first"], pytest.approx(0.5))
    assert slow.cancelled


def test_a_result_below_its_runners_best_does_not_win_against_a_better_one() -> None:
    # An MX nobody knows: its runner might have decided all, and did not.
    mx, autoconfig = Runner("mx", 0.1, 5, best=0), Runner("autoconfig", 1.0, 2, best=2)
    assert play([mx, autoconfig]) == (["autoconfig", "mx"], pytest.approx(1.0))


def test_nobody_finds_anything() -> None:
    runners = [Runner("a", 1.0, None, best=0), Runner("b", 3.0, None, best=1)]
    assert play(runners) == ([], pytest.approx(3.0))


def test_the_whole_is_bounded() -> None:
    runners = [Runner("a", 99.0, 0, best=0), Runner("b", 1.0, 1, best=1)]
    assert play(runners, seconds=4.0) == (["b"], pytest.approx(4.0))
    assert runners[0].cancelled


def test_an_announced_success_ends_the_others_but_not_its_own_runner() -> None:
    decided = Runner("decided", 3.0, 0, best=0, announced=0.2)
    loser = Runner("loser", 1.0, 1, best=1)
    assert play([decided, loser]) == (["decided"], pytest.approx(3.0))
    assert loser.cancelled
    assert decided.ended


def test_grace_counts_from_the_moment_of_winning() -> None:
    winner = Runner("winner", 1.0, 0, best=0)
    within, beyond = Runner("within", 2.5, 1, best=1), Runner("beyond", 3.5, 2, best=2)
    grace = {"within": 2.0, "beyond": 2.0}
    assert play([winner, within, beyond], grace=grace) == (
        ["winner", "within"],
        pytest.approx(3.0),
    )
    assert beyond.cancelled


def test_an_error_of_one_cancels_the_others_and_is_raised() -> None:
    async def fail(_: Announce[Result]) -> Result:
        await asyncio.sleep(1)
        raise ZeroDivisionError

    other = Runner("other", 5.0, 0, best=0)
    entrants = [Entrant(1, fail), Entrant(0, other.run)]
    with pytest.raises(ZeroDivisionError):
        run_virtually(race(entrants, lambda result: result.rank, seconds=9))
    assert other.cancelled


def test_who_cancels_the_race_cancels_everybody() -> None:
    runner = Runner("a", 5.0, 0, best=0)

    async def cancelled() -> None:
        running = race([Entrant(0, runner.run)], lambda result: result.rank, seconds=9)
        task = asyncio.create_task(running)
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    _, took = run_virtually(cancelled())
    assert runner.cancelled
    assert took == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("runs", "results", "took"),
    [
        # Seconds and whether it is good, in order.
        ([(1, True), (9, True)], ["0", None], 1),
        ([(2, True), (1, True)], ["0", "1"], 2),
        ([(2, False), (1, True)], ["0", "1"], 2),
        ([(9, True), (1, True)], [None, "1"], 2),
        ([(9, True), (5, False), (1, True)], [None, None, "2"], 2),
        ([(1, False), (2, False)], ["0", "1"], 2),
        ([(3, False), (1, False), (2, True)], ["0", "1", "2"], 3),
        ([], [], 0),
    ],
)
def test_the_first_good_one_in_order(
    runs: list[tuple[float, bool]], results: list[str | None], took: float
) -> None:
    async def run(name: str, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return name

    async def play_in_order() -> tuple[str | None, ...]:
        coroutines = [run(str(place), seconds) for place, (seconds, _) in enumerate(runs)]
        return await in_order(coroutines, lambda name: runs[int(name)][1], patience=1.0)

    found, seconds = run_virtually(play_in_order())
    assert list(found) == results
    assert seconds == pytest.approx(took)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 20).filter(lambda late: abs(late - 10) > 0.01),
            st.one_of(st.none(), st.integers(0, 5)),
            st.integers(0, 5),
        ),
        max_size=8,
    )
)
def test_the_winner_is_the_best_that_could_be_had_in_time(
    given: list[tuple[float, int | None, int]],
) -> None:
    # A result is never better than its runner could be.
    runners = [
        Runner(str(index), seconds, None if rank is None else max(rank, best), best)
        for index, (seconds, rank, best) in enumerate(given)
    ]
    names, took = play(runners, seconds=10.0)
    in_time = [one.rank for one in runners if one.rank is not None and one.seconds < 10]
    assert bool(names) == bool(in_time)
    if names:
        assert runners[int(names[0])].rank == min(in_time)
    assert took <= 10.0001
