"""Many mailboxes at one server at once, as far as the server allows it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.diagnose import diagnose_failure
from wizard.model import Stage
from wizard.probe.report import ProbeReport

# Towards one host. Limits of providers are counted for each account (Google 15, Microsoft 20,
# Dovecot 10); for one address Postfix takes 50 connections, and so do we at most.
AT_ONCE: Final = 50
# A server that says it is too much is asked again, so gently.
AT_ONCE_AFTER_THAT: Final = 4

_EARLY: Final = frozenset({Stage.CONNECT, Stage.TLS, Stage.GREETING})
_CLOSED: Final = frozenset({Cause.CONNECTION_DROPPED, Cause.CONNECTION_REFUSED})

T = TypeVar("T")
R = TypeVar("R")


async def all_at_once(
    those: Sequence[T],
    test: Callable[[T], Awaitable[R]],
    report_of: Callable[[R], ProbeReport],
    on_result: Callable[[T, R], None],
) -> None:
    """Test all, :data:`AT_ONCE` at a time; ``on_result`` hears of each as it ends.

    Those that were turned away because they were too many are tested again after the others,
    :data:`AT_ONCE_AFTER_THAT` at a time.
    """
    turned_away: list[tuple[T, R]] = []
    reached = False

    async def first(one: T) -> None:
        nonlocal reached
        result = await test(one)
        report = report_of(result)
        reached = reached or _reached(report)
        if may_be_too_many(report):
            turned_away.append((one, result))
        else:
            on_result(one, result)

    await _in_turns(those, first, AT_ONCE)

    async def again(one: tuple[T, R]) -> None:
        on_result(one[0], await test(one[0]))

    if reached:
        await _in_turns(turned_away, again, AT_ONCE_AFTER_THAT)
        return
    # Nobody came further: it is not for the number.
    for one, result in turned_away:
        on_result(one, result)


def may_be_too_many(report: ProbeReport) -> bool:
    """Was a test turned away in a way that a smaller number might not have been?"""
    failure = report.failure
    if failure is None:
        return False
    if failure.stage in _EARLY and failure.cause in _CLOSED:
        return True
    cause = diagnose_failure(failure, report.settings).cause
    return cause is Cause.RATE_LIMITED and failure.stage is not Stage.SELECT


def _reached(report: ProbeReport) -> bool:
    return any(one.stage is Stage.AUTH and one.ok for one in report.stages)


async def _in_turns(those: Sequence[T], work: Callable[[T], Awaitable[None]], limit: int) -> None:
    turn = asyncio.Semaphore(limit)

    async def one(it: T) -> None:
        async with turn:
            await work(it)

    async with asyncio.TaskGroup() as group:
        for it in those:
            group.create_task(one(it))
