"""An event loop whose clock jumps: what waits for seconds waits for none.

Only for code without sockets; everything that sleeps or has a deadline keeps its order.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_virtually(work: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run it to its end; gives back its result and how long it would have taken, in seconds."""
    loop = VirtualTimeLoop()
    try:
        result = loop.run_until_complete(work)
        assert not asyncio.all_tasks(loop)
        return result, loop.time()
    finally:
        loop.close()
