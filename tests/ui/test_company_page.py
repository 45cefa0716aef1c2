"""The first page: an entry that is understood or explained, saved set-ups, the practice company."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.pages.company import PAUSE_MS
from ui.session import Session
from ui.widgets.notice import Notice
from ui.widgets.saved_setups import MAX_SHOWN
from ui.widgets.state import StateLabel
from ui.window import MainWindow
from ui.words import speak
from wizard.catalog import Catalog
from wizard.flow import Step
from wizard.setup import Setup, new_setup
from wizard.store.setups import SetupStore
from wizard.texts import Texts
from wizard.updates import enter_company

PATIENCE_MS = 15_000
NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)


def entry_of(window: MainWindow) -> QLineEdit:
    entry = window.findChild(QLineEdit, "company-entry")
    assert entry is not None
    return entry


def said(window: MainWindow) -> str:
    """What the page says about the entry; nothing while it says nothing."""
    label = window.findChild(StateLabel, "company-said")
    assert label is not None
    return label.text() if label.isVisible() else ""


def pressable(window: QWidget, name: str) -> QAbstractButton:
    """The control of this name; one that was replaced may still be about to go."""
    found = window.findChildren(QAbstractButton, name)
    assert found, name
    return next((one for one in found if one.isVisible()), found[-1])


def saved(name: str, minutes: int = 0) -> tuple[Setup, datetime]:
    return enter_company(new_setup(NOW), name), NOW + timedelta(minutes=minutes)


@pytest.fixture
def store(tmp_path: Path) -> SetupStore:
    return SetupStore(tmp_path / "setups")


@pytest.fixture
def keeping(
    qtbot: QtBot, background: Background, catalog: Catalog, store: SetupStore
) -> Iterator[MainWindow]:
    """A window that keeps its set-ups in the test's folder; not shown yet."""
    session = Session(background, Texts.load("en"), keep=True)
    session.catalog = catalog
    session.use_store(store)
    window = MainWindow(session, remember=False)
    qtbot.addWidget(window)
    yield window
    speak(Texts.load("en"))


def show(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitExposed(window):
        window.show()
    window.go(Step.COMPANY)


# -- the entry --


def test_nobody_is_told_of_a_mistake_while_typing(qtbot: QtBot, window: MainWindow) -> None:
    entry = entry_of(window)
    for letter in "info@acme":
        qtbot.keyClicks(entry, letter)
        assert said(window) == ""
    qtbot.waitUntil(lambda: "acme" in said(window), timeout=PAUSE_MS * 5)
    qtbot.keyClicks(entry, ".example")
    assert "acme.example" in said(window)


def test_leaving_the_field_says_what_to_change(qtbot: QtBot, window: MainWindow) -> None:
    entry = entry_of(window)
    qtbot.keyClicks(entry, "a..b.example")
    qtbot.keyClick(entry, Qt.Key.Key_Tab)
    assert "a..b.example" in said(window)


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("acme.example", "acme.example"),
        ("Info <info@Acme.Example> ", "acme.example"),
        ("info@müller.example", "xn--mller-kva.example"),
    ],
)
def test_shows_how_the_entry_was_understood(
    qtbot: QtBot, window: MainWindow, typed: str, domain: str
) -> None:
    entry = entry_of(window)
    QApplication.clipboard().setText(typed)
    qtbot.keyClick(entry, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.session.setup.domain == domain
    assert domain in said(window)
    if "ü" in typed:
        assert "müller.example" in said(window)


def test_the_cursor_stays_where_it_is(qtbot: QtBot, window: MainWindow) -> None:
    entry = entry_of(window)
    qtbot.keyClicks(entry, "acme.example")
    entry.setCursorPosition(0)
    qtbot.keyClicks(entry, "info@")
    assert entry.text() == "info@acme.example"
    assert entry.cursorPosition() == 5


def test_every_platform_of_the_facts_can_be_chosen(
    qtbot: QtBot, window: MainWindow, catalog: Catalog
) -> None:
    for platform in catalog.platforms:
        qtbot.mouseClick(
            pressable(window, f"company-platform-{platform}"), Qt.MouseButton.LeftButton
        )
        assert window.session.setup.company.platform == platform


# -- saved set-ups --


def test_a_saved_set_up_is_opened(qtbot: QtBot, keeping: MainWindow, store: SetupStore) -> None:
    acme, when = saved("info@acme.example")
    store.save(acme, when)
    show(qtbot, keeping)
    qtbot.waitUntil(lambda: keeping.findChild(QAbstractButton, "company-open-0") is not None)
    qtbot.mouseClick(pressable(keeping, "company-open-0"), Qt.MouseButton.LeftButton)
    assert keeping.session.setup == acme
    assert entry_of(keeping).text() == "info@acme.example"


def test_deleting_asks_first_and_keeps_on_escape(
    qtbot: QtBot, keeping: MainWindow, store: SetupStore
) -> None:
    acme, when = saved("acme.example")
    store.save(acme, when)
    show(qtbot, keeping)
    qtbot.waitUntil(lambda: keeping.findChild(QAbstractButton, "company-delete-0") is not None)

    def ask() -> QMessageBox:
        pressable(keeping, "company-delete-0").click()
        return next(box for box in keeping.findChildren(QMessageBox) if box.isVisible())

    box = ask()
    assert "acme.example" in box.text()
    with qtbot.waitSignal(box.finished):
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert len(store.load_all()[0]) == 1
    pressable(ask(), "company-delete-yes").click()
    qtbot.waitUntil(lambda: not store.load_all()[0], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not pressable_is_there(keeping, "company-open-0"))


def pressable_is_there(window: MainWindow, name: str) -> bool:
    return any(one.isVisible() for one in window.findChildren(QAbstractButton, name))


def test_a_damaged_file_is_said_and_the_others_are_there(
    qtbot: QtBot, keeping: MainWindow, store: SetupStore
) -> None:
    acme, when = saved("acme.example")
    store.save(acme, when)
    (store.folder / f"{'0' * 32}.json").write_text("{half", encoding="utf-8")
    show(qtbot, keeping)
    qtbot.waitUntil(lambda: pressable_is_there(keeping, "company-open-0"))
    shown = [one.text() for one in keeping.findChildren(Notice) if one.isVisible()]
    assert any("0" * 32 in one for one in shown)


def test_one_of_many_is_found_by_its_name(
    qtbot: QtBot, keeping: MainWindow, store: SetupStore
) -> None:
    for number in range(MAX_SHOWN + 4):
        store.save(*saved(f"customer{number}.example", number))
    show(qtbot, keeping)
    qtbot.waitUntil(lambda: pressable_is_there(keeping, f"company-open-{MAX_SHOWN - 1}"))
    assert not pressable_is_there(keeping, f"company-open-{MAX_SHOWN}")
    find = keeping.findChild(QLineEdit, "company-find")
    assert find is not None
    qtbot.keyClicks(find, "Customer0")
    assert not pressable_is_there(keeping, "company-open-1")
    pressable(keeping, "company-open-0").click()
    assert keeping.session.setup.domain == "customer0.example"


def test_a_new_set_up_keeps_the_old_one(
    qtbot: QtBot, keeping: MainWindow, store: SetupStore
) -> None:
    show(qtbot, keeping)
    assert not pressable(keeping, "company-new").isVisible()
    qtbot.keyClicks(entry_of(keeping), "acme.example")
    first = keeping.session.setup.id
    with qtbot.waitSignal(keeping.session.saved, timeout=PATIENCE_MS):
        pressable(keeping, "company-new").click()
    assert keeping.session.setup.id != first
    assert entry_of(keeping).text() == ""
    qtbot.waitUntil(lambda: pressable_is_there(keeping, "company-open-0"))


# -- practice company --


def test_practising_is_said_on_every_page_and_can_be_ended(
    qtbot: QtBot, window: MainWindow
) -> None:
    with qtbot.waitSignal(window.session.practice_changed, timeout=PATIENCE_MS):
        qtbot.mouseClick(pressable(window, "company-practice"), Qt.MouseButton.LeftButton)
    company = window.session.practice
    assert company is not None
    assert entry_of(window).text() == company.address
    folder = Path(company.facts().ca_file).parent
    assert folder.exists()
    notice = window.session.texts("window.practice")
    for step in Step:
        window.go(step)
        assert notice in [one.text() for one in window.findChildren(Notice) if one.isVisible()]
    qtbot.mouseClick(pressable(window, "window-end-practice"), Qt.MouseButton.LeftButton)
    assert window.session.practice is None
    assert window.current is Step.COMPANY
    assert entry_of(window).text() == ""
    assert notice not in [one.text() for one in window.findChildren(Notice) if one.isVisible()]
    qtbot.waitUntil(lambda: not folder.exists(), timeout=PATIENCE_MS)


def test_closing_the_window_ends_the_practice_company(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.practice_changed, timeout=PATIENCE_MS):
        pressable(window, "company-practice").click()
    company = window.session.practice
    assert company is not None
    folder = Path(company.facts().ca_file).parent
    window.close()
    qtbot.waitUntil(lambda: not folder.exists(), timeout=PATIENCE_MS)
