"""What the pages share: the set-up in hand, its language, its secrets and the way to the world.

The one place where a set-up changes: pages hand in updates, everybody hears of the result. How
anything looks does not belong in here.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from ui.shelf import KEYRING_SECONDS, Shelf
from wizard.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ui.background import Background, Job, Work
    from ui.signins import Signins
    from wizard.catalog import Catalog
    from wizard.diagnosis.circumstances import Circumstances
    from wizard.model import Protocol, Secret
    from wizard.network import Network
    from wizard.practice.apart import PracticeApart
    from wizard.setup import MailboxEntry, Setup
    from wizard.signin.login import Login
    from wizard.store.setups import SavedSetup, SetupStore
    from wizard.store.vault import Place, Vault
    from wizard.updates import Update

log = logging.getLogger(__name__)

SAVE_DELAY_MS = 800
CLOSE_SECONDS = 2.0

ISPDB_SETTING = "discovery/ispdb"
SENDING = "sending"
RECEIVING = "receiving"
CLIENT = "client"


def mailbox_purpose(mailbox_id: str) -> str:
    """The vault's name for the login of one mailbox."""
    return f"mailbox:{mailbox_id}"


class Session(QObject):
    """One run of the window."""

    setup_changed = Signal(object)
    language_changed = Signal()
    catalog_ready = Signal()
    warmed_up = Signal()
    saved = Signal(object)
    save_failed = Signal(object)
    vault_changed = Signal(object)
    practice_changed = Signal()

    def __init__(self, background: Background, texts: Texts, *, keep: bool = True) -> None:
        """``keep`` False: nothing is written to disk or keyring (tour, tests)."""
        super().__init__()
        self.background = background
        self.texts = texts
        self._setup: Setup | None = None
        self.catalog: Catalog | None = None
        self.practice: PracticeApart | None = None
        self.place: Place | None = None
        self.shelf = Shelf(self)
        self._signins: Signins | None = None
        self._keep = keep
        self._secrets: dict[tuple[str, str], Secret] = {}
        self._network: Network | None = None
        self._asks_ispdb: bool | None = None
        self._vault: Vault | None = None
        self._store: SetupStore | None = None
        self._save_timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._save_timer.timeout.connect(self.save_now)

    # -- state --

    @property
    def setup(self) -> Setup:
        """The set-up in hand. Made when first asked for: its module is not for the first paint."""
        if self._setup is None:
            self._setup = _empty()
        return self._setup

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self._setup = setup

    def apply(self, update: Update) -> None:
        """Change the set-up by a function from record to record."""
        changed = update(self.setup)
        if changed == self.setup:
            return
        self.setup = changed
        self.setup_changed.emit(changed)
        self._save_timer.start()

    def open(self, setup: Setup) -> None:
        """Put another set-up in hand; the present one is saved first."""
        self.save_now()
        self.setup = setup
        self.setup_changed.emit(setup)

    def set_language(self, code: str) -> None:
        self.texts = Texts.load(code)
        self.language_changed.emit()

    # -- the practice company --

    def begin_practice(self, company: PracticeApart) -> None:
        """Reach nothing but the practice company from now on, with an empty set-up for it."""
        self.save_now()
        self.practice = company
        from wizard.updates import enter_company  # noqa: PLC0415

        entered = enter_company(_empty(), company.address)
        self.setup = entered
        self.setup_changed.emit(entered)
        self.practice_changed.emit()

    def end_practice(self) -> None:
        """Back to the real world, with an empty set-up."""
        company, self.practice = self.practice, None
        if company is None:
            return

        async def stop(_: object) -> object:
            await company.stop()
            return None

        self.background.job(stop).start()
        self.setup = _empty()
        self.setup_changed.emit(self.setup)
        self.practice_changed.emit()

    def close(self) -> None:
        """The window is closing: write what is not written yet, stop everything."""
        if self.keeps and self.setup.domain is not None:
            self.store().save(self.setup)
        company, self.practice = self.practice, None
        if company is not None:
            # Its ports and its folder go before the program does; the window is closing anyway.
            with contextlib.suppress(TimeoutError):
                self.background.submit(company.stop()).result(CLOSE_SECONDS)
        self.background.stop()

    # -- secrets --

    def set_secret(self, purpose: str, secret: Secret) -> None:
        """Keep a typed secret: at once in memory, in the keyring as soon as it answers."""
        self.set_secrets({purpose: secret})

    def set_secrets(self, secrets: Mapping[str, Secret]) -> None:
        """Keep several at once, as a pasted list brings them: one change for all."""
        setup_id = self.setup.id
        new = {
            purpose: secret
            for purpose, secret in secrets.items()
            if self._secrets.get((setup_id, purpose)) != secret
        }
        if not new:
            return
        self._secrets |= {(setup_id, purpose): secret for purpose, secret in new.items()}
        self.apply(lambda setup: reduce(_next_revision, new, setup))
        if not self.keeps:
            return

        async def keep(_: object) -> object:
            import asyncio  # noqa: PLC0415

            async with asyncio.timeout(KEYRING_SECONDS):
                vault = await asyncio.to_thread(self.open_vault)
                place = vault.place
                for purpose, secret in new.items():
                    place = await asyncio.to_thread(vault.put, setup_id, purpose, secret)
                return place

        self._start(keep, self._told_place)

    def hold_secret(self, purpose: str, secret: Secret) -> None:
        """Keep a typed secret in memory only, until it is known to be right."""
        if self._secrets.get((self.setup.id, purpose)) != secret:
            self._secrets[self.setup.id, purpose] = secret
            self.apply(lambda setup: _next_revision(setup, purpose))

    def typed_secret(self, purpose: str) -> Secret | None:
        """The secret if it is in memory already; the keyring is not asked."""
        return self._secrets.get((self.setup.id, purpose))

    async def secret(self, purpose: str) -> Login:
        """What to log in with: password or token of a sign-in. For background work."""
        return await self.signins.login(self.setup, purpose)

    async def store_secret(self, setup_id: str, purpose: str, secret: Secret) -> None:
        """Keep a secret that nobody typed: in memory, and in the keyring where it is kept."""
        self._secrets[setup_id, purpose] = secret
        if not self.keeps:
            return
        import asyncio  # noqa: PLC0415

        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                vault = await asyncio.to_thread(self.open_vault)
                await asyncio.to_thread(vault.put, setup_id, purpose, secret)
        except TimeoutError:
            log.info("the keyring did not answer in time")

    async def stored_secret(self, setup_id: str, purpose: str) -> Secret | None:
        """The secret, from memory or from the keyring. For background work."""
        known = self._secrets.get((setup_id, purpose))
        if known is not None or not self.keeps:
            return known
        import asyncio  # noqa: PLC0415

        try:
            async with asyncio.timeout(KEYRING_SECONDS):
                vault = await asyncio.to_thread(self.open_vault)
                return await asyncio.to_thread(vault.get, setup_id, purpose)
        except TimeoutError:
            log.info("the keyring did not answer in time")
            return None

    @property
    def signins(self) -> Signins:
        """Signing in with OAuth. Made when first asked for: not for the first paint."""
        if self._signins is None:
            from ui.signins import Signins  # noqa: PLC0415

            self._signins = Signins(self)
        return self._signins

    # -- the world --

    def network(self) -> Network:
        """The way to the world, made on first use. For background work (imports are slow)."""
        if self.practice is not None:
            practice_network: Network = self.practice.network
            return practice_network
        if self._network is None:
            from wizard.network import Network  # noqa: PLC0415

            self._network = Network()
        return self._network

    def use_network(self, network: Network) -> None:
        """Reach the world another way (command line options, tests)."""
        self._network = network

    @property
    def asks_ispdb(self) -> bool:
        """May Thunderbird's public list be asked? A choice of the person, kept between runs."""
        if self._asks_ispdb is None:
            stored = QSettings().value(ISPDB_SETTING, True, bool) if self._keep else True
            self._asks_ispdb = bool(stored)
        return self._asks_ispdb

    def ask_ispdb(self, *, wanted: bool) -> None:
        self._asks_ispdb = wanted
        if self._keep:
            QSettings().setValue(ISPDB_SETTING, wanted)

    def load_catalog(self) -> None:
        """Read the facts in the background; ``catalog_ready`` follows."""

        async def load(_: object) -> object:
            import asyncio  # noqa: PLC0415

            from wizard.catalog import Catalog  # noqa: PLC0415

            return await asyncio.to_thread(Catalog.load)

        self._start(load, self._take_catalog)

    def circumstances(self, protocol: Protocol) -> Circumstances:
        """What is known beside a server's reply: the provider, its servers and pages."""
        from wizard.diagnosis.circumstances import circumstances  # noqa: PLC0415

        return circumstances(self.setup.service.provider, self.catalog, protocol)

    def store(self) -> SetupStore:
        """The folder of saved set-ups. Its calls touch the disk: use it in background work."""
        if self._store is None:
            from wizard.store.setups import SetupStore  # noqa: PLC0415

            self._store = SetupStore()
        return self._store

    def use_store(self, store: SetupStore) -> None:
        self._store = store

    def save_now(self) -> None:
        """Save in the background; ``saved`` or ``save_failed`` follows."""
        self._save_timer.stop()
        setup = self.setup
        if not self.keeps or setup.domain is None:
            return

        async def save(_: object) -> object:
            import asyncio  # noqa: PLC0415

            return await asyncio.to_thread(self.store().save, setup)

        self._start(save, self._told_saved)

    def delete(self, setup: Setup) -> None:
        """Delete a saved set-up and its secrets in the background; the shelf tells the rest."""
        logins = [SENDING, RECEIVING]
        logins += [mailbox_purpose(entry.id) for entry in setup.receiving.mailboxes]
        from wizard.signin.grants import token_purpose  # noqa: PLC0415

        tokens = [token_purpose(purpose) for purpose in logins]
        self.shelf.delete(setup, (CLIENT, *logins, *tokens))

    @property
    def keeps(self) -> bool:
        """Is anything written to disk and keyring?"""
        return self._keep and self.practice is None

    def open_vault(self) -> Vault:
        """Where secrets are kept. Touches the keyring: use it in background work."""
        if self._vault is None:
            from wizard.store.vault import Vault, system_backend  # noqa: PLC0415

            self._vault = Vault(system_backend())
        return self._vault

    # -- inside --

    def _start(self, work: Work, receive: object) -> Job:
        job = self.background.job(work)
        job.succeeded.connect(receive)
        job.start()
        return job

    def _take_catalog(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.catalog_ready.emit()
        self._start(_warm_up, lambda _: self.warmed_up.emit())

    def _told_place(self, place: Place) -> None:
        self.place = place
        self.vault_changed.emit(place)

    def _told_saved(self, result: SavedSetup | object) -> None:
        from wizard.store.setups import SavedSetup  # noqa: PLC0415

        if isinstance(result, SavedSetup):
            self.saved.emit(result)
        else:
            self.save_failed.emit(result)


async def _warm_up(_: object) -> object:
    """Import what the steps will need: on the window's thread that would stall it by 60 ms."""
    import asyncio  # noqa: PLC0415
    import importlib  # noqa: PLC0415

    for name in (
        "wizard.actions",
        "wizard.diagnosis.diagnose",
        "wizard.discovery.search",
    ):
        await asyncio.to_thread(importlib.import_module, name)
    return None


def _empty() -> Setup:
    from wizard.setup import new_setup  # noqa: PLC0415

    return new_setup(datetime.now(UTC))


def _next_revision(setup: Setup, purpose: str) -> Setup:
    """Count a changed secret, so that results made with the old one are stale."""
    from wizard.updates import edit_client, edit_mailbox  # noqa: PLC0415

    if purpose == CLIENT:
        return edit_client(
            setup, lambda client: replace(client, secret_revision=client.secret_revision + 1)
        )

    if purpose == SENDING:
        form = setup.sending.form
        form = replace(form, secret_revision=form.secret_revision + 1)
        return replace(setup, sending=replace(setup.sending, form=form))
    if purpose == RECEIVING:
        form = setup.receiving.form
        form = replace(form, secret_revision=form.secret_revision + 1)
        return replace(setup, receiving=replace(setup.receiving, form=form))
    return edit_mailbox(setup, purpose.partition(":")[2], _count)


def _count(entry: MailboxEntry) -> MailboxEntry:
    return replace(entry, secret_revision=entry.secret_revision + 1)
