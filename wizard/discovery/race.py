"""A ranked race: everybody runs at once, the best success wins as soon as nothing better can come.

Who runs, and what for, does not belong in here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

Announce = Callable[[T], None]

# So long may a better place still answer when a worse one has.
PATIENCE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Entrant(Generic[T]):
    """One who runs.

    ``best`` is the best rank that its result could have; the smaller is the better. ``run`` may
    announce a result before it ends, for others to be judged by. ``grace`` is how many seconds it
    may go on after somebody better has won: what it says then still matters to people.
    """

    best: int
    run: Callable[[Announce[T]], Awaitable[T]]
    grace: float = 0.0


async def race(
    entrants: Sequence[Entrant[T]], rank_of: Callable[[T], int | None], *, seconds: float
) -> tuple[T | None, ...]:
    """Run all at once; gives back each one's last word, None for who had none.

    ``rank_of`` gives a result's rank, None when it is no success. Losers are cancelled, and so is
    everybody after ``seconds``. An exception of a runner cancels the others and is raised.
    """
    return await _Race(entrants, rank_of, seconds).run()


async def in_order(
    runs: Sequence[Coroutine[Any, Any, T]], good: Callable[[T], bool], *, patience: float
) -> tuple[T | None, ...]:
    """Run all at once, for the first good one in order; None for who had not ended by then.

    Who stands before the first that is good so far is waited for ``patience`` seconds more.
    """
    loop = asyncio.get_running_loop()
    tasks = [loop.create_task(run) for run in runs]
    until: float | None = None
    try:
        while True:
            first = next(
                (n for n, task in enumerate(tasks) if task.done() and good(task.result())), None
            )
            waiting = {task for task in tasks[:first] if not task.done()}
            if first is not None and until is None:
                until = loop.time() + patience
            if not waiting or (until is not None and loop.time() >= until):
                return tuple(task.result() if task.done() else None for task in tasks)
            left = None if until is None else until - loop.time()
            await asyncio.wait(waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Race(Generic[T]):
    def __init__(
        self, entrants: Sequence[Entrant[T]], rank_of: Callable[[T], int | None], seconds: float
    ) -> None:
        self._entrants = entrants
        self._rank_of = rank_of
        self._results: list[T | None] = [None] * len(entrants)
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + seconds
        self._best: int | None = None
        self._won_at = 0.0
        self._news = asyncio.Event()

    async def run(self) -> tuple[T | None, ...]:
        tasks = {
            self._loop.create_task(self._one(index, entrant)): entrant
            for index, entrant in enumerate(self._entrants)
        }
        try:
            running = set(tasks)
            while running:
                now = self._loop.time()
                for task in [one for one in running if self._until(tasks[one]) <= now]:
                    task.cancel()
                    running.discard(task)
                if running:
                    await self._wait(min(self._until(tasks[one]) for one in running))
                for task in [one for one in running if one.done()]:
                    running.discard(task)
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return tuple(self._results)

    async def _one(self, index: int, entrant: Entrant[T]) -> None:
        try:
            self._take(index, await entrant.run(lambda result: self._take(index, result)))
        finally:
            self._news.set()

    def _take(self, index: int, result: T) -> None:
        self._results[index] = result
        ranks = [self._rank_of(one) for one in self._results if one is not None]
        best = min((rank for rank in ranks if rank is not None), default=None)
        if best is not None and (self._best is None or best < self._best):
            self._won_at = self._loop.time()
        self._best = best
        self._news.set()

    def _until(self, entrant: Entrant[T]) -> float:
        """When this one has to stop, as things are: nobody else's success can be a reason for who
        may still bring something better, or is the winner itself."""
        if self._best is None or entrant.best <= self._best:
            return self._end
        return min(self._end, self._won_at + entrant.grace)

    async def _wait(self, until: float) -> None:
        """Until there is news, or until then."""
        try:
            async with asyncio.timeout_at(until):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()
