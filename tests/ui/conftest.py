"""What every test of the window needs."""

import asyncio
import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from servers.zones import TableServer, serve
from ui.background import Background
from ui.session import Session
from ui.window import MainWindow
from ui.words import speak
from wizard.catalog import Catalog
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver
from wizard.texts import Texts

Served = tuple[TableServer, int]


@pytest.fixture(autouse=True)
def collected_on_the_windows_thread() -> Iterator[None]:
    """Free what a test leaves in cycles here: Qt objects may not end on the background thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or changes what the person at this computer has stored."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def background() -> Iterator[Background]:
    background = Background()
    yield background
    background.stop()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.load()


@pytest.fixture
def dns_table() -> Iterator[Served]:
    """A name server whose table a test fills."""
    # A loop of its own: closing the window stops the window's.
    background = Background()
    stack = contextlib.AsyncExitStack()

    async def begin() -> object:
        return await stack.enter_async_context(serve({}))

    yield cast("Served", background.submit(begin()).result(10))

    async def end() -> object:
        await stack.aclose()
        await asyncio.sleep(0)  # the transport closes with the loop's next turn
        return None

    background.submit(end()).result(10)
    background.stop()


@pytest.fixture
def offline(dns_table: Served) -> Network:
    """A network of nothing but the test's own name server."""
    return Network(resolver=Resolver([Nameserver("127.0.0.1", dns_table[1])], timeout=1.0))


@pytest.fixture
def window(
    qtbot: QtBot, background: Background, catalog: Catalog, offline: Network
) -> Iterator[MainWindow]:
    """The whole window with the facts, an empty set-up and no network; nothing is stored."""
    session = Session(background, Texts.load("en"), keep=False)
    session.catalog = catalog
    session.use_network(offline)
    window = MainWindow(session, remember=False)
    window.resize(900, 640)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    speak(Texts.load("en"))
