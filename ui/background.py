"""The one door to background work: one daemon thread that runs one plain asyncio loop.

A :class:`Job` brings results back to the window's thread: ``progressed`` any number of times, then
exactly one of ``succeeded``, ``failed``, ``cancelled``, then ``finished``. Connect first, then
start. Only frozen values cross. What the work is does not belong in here.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    import asyncio
    import concurrent.futures

log = logging.getLogger(__name__)

Progress = Callable[[object], None]
Work = Callable[[Progress], Coroutine[Any, Any, object]]

# So long may one turn take, so that a flood of progress never holds the window up.
_TURN_SECONDS = 0.004


class Job(QObject):
    """One piece of work. Emits on the window's thread, whatever the receiver is."""

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    finished = Signal()
    _woken = Signal()

    def __init__(self, background: Background, work: Work) -> None:
        # No parent: a page that goes away must not take the Qt side of a running job with it.
        super().__init__()
        self._background = background
        self._work = work
        self._events: deque[tuple[str, object]] = deque()
        self._future: concurrent.futures.Future[object] | None = None
        self._muted = False
        self._over = False
        self._awake = False
        # Queued, so that a callable that is no QObject's method runs on the window's thread too.
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        return self._future is not None and not self._over

    def start(self) -> None:
        """Begin. Signals come later, never from inside this call."""
        self._background.keep(self)
        self._future = self._background.submit(self._work(self._report))
        self._future.add_done_callback(self._done)

    def cancel(self) -> None:
        """Ask the work to end; ``cancelled`` and ``finished`` follow unless it is over already."""
        if self._future is not None:
            self._future.cancel()

    def mute(self) -> None:
        """Emit nothing from now on but ``finished``: nobody looks at the results any more."""
        self._muted = True

    # -- worker thread --

    def _report(self, value: object) -> None:
        self._post("progressed", value)

    def _done(self, future: concurrent.futures.Future[object]) -> None:
        if future.cancelled():
            self._post("cancelled", None)
        elif (problem := future.exception()) is not None:
            log.error("background work failed", exc_info=problem)
            self._post("failed", problem)
        else:
            self._post("succeeded", future.result())

    def _post(self, kind: str, value: object) -> None:
        self._events.append((kind, value))
        # Once is enough for all that lies there: a flood of wake-ups would be felt in the window.
        if self._awake:
            return
        self._awake = True
        try:
            self._woken.emit()
        except RuntimeError:
            return  # the window is gone, and with it the Qt side of this job

    # -- window's thread --

    def _deliver(self) -> None:
        # Before the first look: what is posted from here on wakes again, nothing is left lying.
        self._awake = False
        until = time.monotonic() + _TURN_SECONDS
        while self._events and time.monotonic() < until:
            kind, value = self._events.popleft()
            if kind == "progressed":
                if not self._muted:
                    self.progressed.emit(value)
                continue
            self._finish(kind, value)
            return
        if self._events:
            # By a timer, so that painting and keys have their turn first.
            QTimer.singleShot(0, self._deliver)

    def _finish(self, kind: str, value: object) -> None:
        self._over = True
        self._background.release(self)
        if not self._muted:
            match kind:
                case "succeeded":
                    self.succeeded.emit(value)
                case "failed":
                    self.failed.emit(value)
                case _:
                    self.cancelled.emit()
        self.finished.emit()


class Background:
    """The thread and its loop. Both start with the first job: the first paint waits for none."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._jobs: set[Job] = set()

    def job(self, work: Work) -> Job:
        """A job that is not started yet. ``work`` takes a function that reports progress."""
        return Job(self, work)

    def submit(self, coroutine: Coroutine[Any, Any, object]) -> concurrent.futures.Future[object]:
        """Run a coroutine on the loop's thread."""
        import asyncio  # noqa: PLC0415 - 35 ms, not before the first paint

        return asyncio.run_coroutine_threadsafe(coroutine, self._running_loop())

    def keep(self, job: Job) -> None:
        """Hold a job while it runs, whoever forgets it."""
        self._jobs.add(job)

    def release(self, job: Job) -> None:
        self._jobs.discard(job)

    def stop(self) -> None:
        """Cancel everything. The thread is a daemon: a library that hangs cannot hold the exit."""
        for job in list(self._jobs):
            job.mute()
            job.cancel()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            import asyncio  # noqa: PLC0415

            self._loop = asyncio.new_event_loop()
            threading.Thread(
                target=_run, args=(self._loop,), name="background", daemon=True
            ).start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio  # noqa: PLC0415

    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        pending = asyncio.all_tasks(loop)
        for task in pending:
            # Who is cancelled twice never asks its children how they ended: asyncio complains.
            if not task.cancelling():
                task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    finally:
        loop.close()
