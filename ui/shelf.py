"""The saved set-ups: listed and deleted in the background, whatever page is in front.

A damaged file is set aside when it is first read; that it was is remembered for this run, so that
it is said even if somebody looked away at that moment.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from ui.background import Work
    from ui.session import Session
    from wizard.setup import Setup
    from wizard.store.setups import Damaged, SavedSetup

    Listing = tuple[tuple[SavedSetup, ...], tuple[Damaged, ...]]

KEYRING_SECONDS = 20.0


class Shelf(QObject):
    """Where the set-ups of this computer stand. ``listed`` carries the saved and the damaged."""

    listed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._damaged: tuple[Damaged, ...] = ()

    def look(self) -> None:
        """Read all of them; ``listed`` follows."""
        session = self._session

        async def load(_: object) -> Listing:
            import asyncio  # noqa: PLC0415

            return await asyncio.to_thread(lambda: session.store().load_all())

        self._start(load)

    def delete(self, setup: Setup, purposes: tuple[str, ...]) -> None:
        """Remove a set-up and its secrets for these purposes; ``listed`` follows."""
        session = self._session

        async def delete(_: object) -> Listing:
            import asyncio  # noqa: PLC0415

            await asyncio.to_thread(lambda: session.store().delete(setup.id))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(KEYRING_SECONDS):
                    vault = await asyncio.to_thread(session.open_vault)
                    for purpose in purposes:
                        await asyncio.to_thread(vault.forget, setup.id, purpose)
            return await asyncio.to_thread(lambda: session.store().load_all())

        self._start(delete)

    def _start(self, work: Work) -> None:
        job = self._session.background.job(work)
        job.succeeded.connect(self._tell)
        job.start()

    def _tell(self, listing: Listing) -> None:
        saved, damaged = listing
        self._damaged = tuple(dict.fromkeys((*self._damaged, *damaged)))
        self.listed.emit((saved, self._damaged))
