"""The page contract: what the shell may ask of every page, and what every page gets done for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from wizard.flow import Step
from wizard.texts import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ui.background import Job, Progress
    from ui.session import Session
    from wizard.setup import Setup
    from wizard.updates import Update


T = TypeVar("T")


class Page(QWidget):
    """One step. Built from the set-up alone, so it may be thrown away and built again any time.

    ``refresh`` brings every control in line with the set-up; ``enter`` begins what starts by
    itself; ``leave`` ends it. A page emits updates through :meth:`update_setup`, never whole
    states. Controls have an ``objectName`` of ``<step>-<purpose>``.
    """

    step: ClassVar[Step]

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName(f"page-{self.step}")
        self._jobs: list[Job] = []

    def refresh(self, setup: Setup) -> None:
        """Show this set-up. Must not emit updates, and leaves a field that has the same text."""
        raise NotImplementedError

    def enter(self) -> None:
        """The page is in front."""

    def leave(self) -> None:
        """Another page comes to the front: cancel what runs, and hear no more of it."""
        for job in self._jobs:
            job.mute()
            job.cancel()
        self._jobs.clear()

    def minimumSizeHint(self) -> QSize:
        """No height of its own: wrapped text asks for that of its narrowest width otherwise.

        The scroll area then takes the height for the present width, and nothing below it.
        """
        return QSize(super().minimumSizeHint().width(), 0)

    def text(self, key: str, **values: str | int | Message) -> str:
        return self.session.texts(key, **values)

    def say(self, said: Message) -> str:
        return self.session.texts.render(said)

    def update_setup(self, update: Update) -> None:
        self.session.apply(update)

    def run(
        self,
        work: Callable[[Progress], Coroutine[Any, Any, T]],
        *,
        succeeded: Callable[[T], None],
        progressed: Callable[[object], None] | None = None,
        finished: Callable[[], None] | None = None,
        failed: Callable[[object], None] | None = None,
    ) -> Job:
        """Start background work that ends with the page."""
        job = self.session.background.job(work)
        job.succeeded.connect(succeeded)
        if progressed is not None:
            job.progressed.connect(progressed)
        if failed is not None:
            job.failed.connect(failed)
        if finished is not None:
            job.finished.connect(finished)
        job.finished.connect(lambda: self._jobs.remove(job) if job in self._jobs else None)
        self._jobs.append(job)
        job.start()
        return job
