"""What is looked at when a test fails, never with a secret: the certificate, other ways there.

Many mailboxes at one server share their looks: the server is asked once, not fifty times.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from wizard.model import ServerSettings, Stage
from wizard.network import Network
from wizard.probe.alternatives import try_alternatives
from wizard.probe.report import Alternative, CertificateFault, TlsInfo
from wizard.probe.run import Run, Trust, without_login

T = TypeVar("T")


class SecondLooks:
    """The looks of one test, or of many at once. ``async with`` ends what still runs."""

    def __init__(self) -> None:
        self._tasks: dict[object, asyncio.Task[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def begin_alternatives(
        self, settings: ServerSettings, stage: Stage, network: Network, seconds: float
    ) -> None:
        """Begin to try other ways, so that the answer is there when it is asked for."""
        self._alternatives(settings, stage, network, seconds)

    async def alternatives(
        self, settings: ServerSettings, stage: Stage, network: Network, seconds: float
    ) -> tuple[Alternative, ...]:
        """Other ways to the same host; waits ``seconds`` at most."""
        look = self._alternatives(settings, stage, network, seconds)
        return await _within(seconds, look) or ()

    async def certificate(
        self, settings: ServerSettings, fault: CertificateFault, network: Network, seconds: float
    ) -> TlsInfo | None:
        """The certificate that was not accepted; None when it does not show again in time."""
        where = without_login(settings)
        look = _look(where, fault, network, seconds)
        return await _within(seconds, self._once(("certificate", where, fault), look))

    def _alternatives(
        self, settings: ServerSettings, stage: Stage, network: Network, seconds: float
    ) -> asyncio.Task[tuple[Alternative, ...]]:
        where = without_login(settings)
        key = ("alternatives", where, stage)
        return self._once(key, try_alternatives(where, stage, network, seconds))

    def _once(self, key: object, look: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        if key in self._tasks:
            look.close()
        else:
            self._tasks[key] = asyncio.create_task(look)
        return self._tasks[key]


async def _within(seconds: float, look: asyncio.Task[T]) -> T | None:
    """A look that others may be waiting for too goes on when one of them gives up."""
    try:
        async with asyncio.timeout(max(seconds, 0)):
            return await asyncio.shield(look)
    except TimeoutError:
        return look.result() if look.done() and not look.cancelled() else None


async def _look(
    settings: ServerSettings, fault: CertificateFault, network: Network, seconds: float
) -> TlsInfo | None:
    """A connection of its own that verifies nothing and says nothing."""
    looking = Run(settings, None, network, Trust.ANYBODY)
    looking.fault = fault
    try:
        async with asyncio.timeout(max(seconds, 0)):
            return await looking.look()
    except TimeoutError:
        return None
