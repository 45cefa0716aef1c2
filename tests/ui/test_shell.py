"""The shell: every step in reach of mouse and keyboard, nothing slow before the first paint."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QColor, QEnterEvent, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.page import Page
from ui.pages import PAGES, page_class
from ui.preflight import QT_PACKAGES, crashes, explain_import, missing_packages
from ui.session import Session
from ui.start import main
from ui.widgets.help import HelpDialog
from ui.widgets.labels import Body
from ui.widgets.notice import Notice
from ui.widgets.rail import Rail
from ui.window import MainWindow
from wizard.flow import Step
from wizard.texts import LANGUAGES, Texts
from wizard.updates import choose_provider, enter_company

ROOT = Path(__file__).parent.parent.parent
SLOW = [
    "dns",
    "msgspec",
    "keyring",
    "httpx",
    "cryptography",
    "truststore",
    "asyncio",
    "idna",
    "aiosmtpd",
    "pymap",
    "ssl",
    "email",
]


def rail_of(window: MainWindow) -> Rail:
    rail = window.findChild(Rail)
    assert rail is not None
    return rail


def field(window: MainWindow, name: str) -> QLineEdit:
    found = window.findChild(QLineEdit, name)
    assert found is not None, name
    return found


def button(window: QWidget, name: str) -> QAbstractButton:
    found = window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def notices(window: MainWindow) -> list[str]:
    return [one.text() for one in window.findChildren(Notice) if one.isVisible()]


def filled(window: MainWindow) -> None:
    window.session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    window.session.apply(lambda setup: choose_provider(setup, "google-workspace"))


# -- the table of pages --


@pytest.mark.parametrize("step", Step)
def test_every_step_has_its_page(step: Step) -> None:
    found = page_class(step)
    assert issubclass(found, Page)
    assert found.step is step
    assert set(PAGES) == set(Step)


def test_nothing_slow_is_imported_before_the_first_paint() -> None:
    code = f"""
import sys
from ui.app import make_application, make_window
from PySide6.QtCore import QEvent, QObject, QTimer
application = make_application()
window = make_window(keep=False)
loaded = None
class Look(QObject):
    def eventFilter(self, watched, event):
        global loaded
        if loaded is None and event.type() == QEvent.Type.Paint:
            loaded = {{name.partition(".")[0] for name in sys.modules}} & set({SLOW!r})
            pages = {{name for name in sys.modules if name.startswith("ui.pages.")}}
            print(sorted(loaded), sorted(pages))
        return False
look = Look()
window.installEventFilter(look)
window.session.catalog_ready.connect(application.quit)
window.show()
application.exec()
window.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )
    # Not even the first page: the shell is painted before it.
    assert done.stdout.strip() == "[] []", done.stderr


# -- going about --


def test_any_step_can_be_visited_by_a_click(qtbot: QtBot, window: MainWindow) -> None:
    rail = rail_of(window)
    for row, step in enumerate(Step):
        middle = rail.visualItemRect(rail.item(row)).center()
        qtbot.mouseClick(rail.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        assert window.current is step


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_any_step_can_be_visited_by_keyboard(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    rail = rail_of(window)
    rail.setFocus()
    for _ in range(3):
        qtbot.keyClick(rail, Qt.Key.Key_Down)
    assert window.current is Step.COMPANY
    qtbot.keyClick(rail, key)
    assert window.current is Step.RECEIVING


def test_the_rail_says_every_state_in_words(window: MainWindow) -> None:
    rail = rail_of(window)
    texts = window.session.texts
    said = [rail.item(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(rail.count())]
    for step, words in zip(Step, said, strict=True):
        assert words.startswith(texts(f"step.{step}"))
    assert texts("step_state.open") in said[1]
    assert said[0] == texts(
        "window.step_current", step=texts("step.company"), state=texts("step_state.open")
    )


def test_next_stops_at_an_entry_that_cannot_be_used(qtbot: QtBot, window: MainWindow) -> None:
    entry = field(window, "company-entry")
    qtbot.keyClicks(entry, "acme")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert window.current is Step.COMPANY
    assert any("acme" in said for said in notices(window))
    qtbot.keyClicks(entry, ".example")
    assert not notices(window)
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert window.current is Step.SERVICE


def test_the_whole_way_by_keyboard_alone(qtbot: QtBot, window: MainWindow) -> None:
    """Type, Enter to go on; on every page Tab reaches every control that can be used."""
    assert QApplication.focusWidget() is field(window, "company-entry")
    qtbot.keyClicks(QApplication.focusWidget(), "info@acme.example")
    for step in list(Step)[1:]:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
        assert window.current is step
        focused = QApplication.focusWidget()
        assert focused is not None
        assert window.page(step).isAncestorOf(focused) or focused is window.page(step)
        assert tab_round(window) >= usable(window), step
        window.page(step).setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_B, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.current is Step.PROOF)


def usable(window: MainWindow) -> set[str]:
    """The names of what can be pressed or typed into on the present page."""
    page = window.page(window.current)
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    return {
        one.objectName()
        for one in page.findChildren(QWidget)
        if isinstance(one, kinds)
        and one.isVisible()
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not is_unchosen(one)
        and not one.objectName().startswith("qt_")
    }


def is_unchosen(widget: QWidget) -> bool:
    """One of a group of which Tab reaches the chosen one, and the arrow keys the others."""
    grouped = isinstance(widget, QAbstractButton) and (
        widget.autoExclusive() or (widget.group() is not None and widget.group().exclusive())
    )
    return grouped and isinstance(widget, QAbstractButton) and not widget.isChecked()


def tab_round(window: MainWindow) -> set[str]:
    """The names of everything that Tab comes by in one round."""
    start = QApplication.focusWidget()
    names: set[str] = set()
    for _ in range(300):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        names.add(focused.objectName())
        if focused is start:
            break
    return names


def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, window: MainWindow) -> None:
    filled(window)
    window.go(Step.SUMMARY)
    copy = button(window, "summary-copy")
    QApplication.clipboard().clear()
    copy.setFocus()
    qtbot.keyClick(copy, Qt.Key.Key_Return)
    assert window.current is Step.SUMMARY
    assert "acme.example" in QApplication.clipboard().text()


def test_escape_loses_nothing(qtbot: QtBot, window: MainWindow) -> None:
    entry = field(window, "company-entry")
    qtbot.keyClicks(entry, "info@acme.example")
    qtbot.keyClick(entry, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.session.setup.company.entry == "info@acme.example"
    assert entry.text() == "info@acme.example"


# -- help, language, look --


def test_help_says_what_every_step_does(qtbot: QtBot, window: MainWindow) -> None:
    button(window, "window-help").click()
    dialog = window.findChild(HelpDialog)
    assert dialog is not None
    assert dialog.isVisible()
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {window.session.texts(f"help.{step}") for step in Step} <= words
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.isVisible()


def test_another_language_keeps_the_step_and_what_was_typed(window: MainWindow) -> None:
    filled(window)
    window.go(Step.SERVICE)
    before = window.session.setup
    window.session.set_language("de")
    german = Texts.load("de")
    assert window.current is Step.SERVICE
    assert window.session.setup == before
    words = {label.text() for label in window.page(Step.SERVICE).findChildren(QLabel)}
    assert german("service_page.title") in words
    assert button(window, "window-next").text() == german("window.next")
    assert rail_of(window).item(4).text() == german("step.records")


def test_light_and_dark_follow_while_running(window: MainWindow) -> None:
    filled(window)
    window.go(Step.SERVICE)
    card = button(window, "service-card-google")
    light_sheet = card.styleSheet()
    light_icon = rail_of(window).item(3).icon().pixmap(20).toImage()
    before = QApplication.palette()
    dark = QPalette(QColor("#202124"))
    try:
        QApplication.setPalette(dark)
        QApplication.processEvents()
        assert card.styleSheet() != light_sheet
        assert rail_of(window).item(3).icon().pixmap(20).toImage() != light_icon
    finally:
        QApplication.setPalette(before)


def test_the_size_is_remembered(qtbot: QtBot, background: Background) -> None:
    def opened() -> MainWindow:
        window = MainWindow(Session(background, Texts.load("en"), keep=False), remember=True)
        qtbot.addWidget(window)
        return window

    first = opened()
    first.resize(1010, 707)
    first.close()
    again = opened()
    assert (again.width(), again.height()) == (1010, 707)


def test_the_title_names_the_company_and_nothing_else(window: MainWindow) -> None:
    filled(window)
    window.go(Step.SENDING)
    assert window.windowTitle() == f"acme.example – {window.session.texts('window.title')}"


# -- all pages, all languages --


def visible_names(page: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    return [
        one
        for one in page.findChildren(QWidget)
        if isinstance(one, kinds) and one.isVisible() and not one.objectName().startswith("qt_")
    ]


def nothing_of_qt(widget: QWidget) -> bool:
    """Is it ours, and not a part that Qt makes inside of a control?"""
    parent = widget.parentWidget()
    return not isinstance(parent, (QLineEdit, QComboBox))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_every_control_has_a_name_for_people_and_programs(
    window: MainWindow, step: Step, language: str
) -> None:
    window.session.set_language(language)
    filled(window)
    window.go(step)
    for widget in filter(nothing_of_qt, visible_names(window.page(step))):
        assert widget.objectName().startswith(f"{step}-"), (widget, widget.objectName())
        spoken = QAccessible.queryAccessibleInterface(widget)
        name = spoken.text(QAccessible.Text.Name) if spoken else widget.accessibleName()
        assert name, widget.objectName()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_mnemonics_are_unique_on_every_page(window: MainWindow, step: Step, language: str) -> None:
    window.session.set_language(language)
    filled(window)
    window.go(step)
    taken: dict[str, str] = {}
    for widget in window.findChildren(QWidget):
        labelled = isinstance(widget, QLabel) and widget.buddy() is not None
        shown = widget.isVisible() or widget.objectName() == "window-end-practice"
        if not (isinstance(widget, QAbstractButton) or labelled) or not shown:
            continue
        assert isinstance(widget, (QAbstractButton, QLabel))
        found = re.search(r"&([^&])", widget.text().replace("&&", ""))
        if found:
            letter = found[1].lower()
            assert letter not in taken, (letter, widget.text(), taken[letter])
            taken[letter] = widget.text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_nothing_is_cut_at_the_smallest_size(window: MainWindow, step: Step, language: str) -> None:
    window.session.set_language(language)
    filled(window)
    window.resize(window.minimumSize())
    window.go(step)
    area = next(
        one for one in window.findChildren(QScrollArea) if one.widget() is window.page(step)
    )
    assert area.viewport().width() >= window.page(step).minimumSizeHint().width()
    corner = window.mapFromGlobal(button(window, "window-next").mapToGlobal(QPoint(0, 0)))
    assert window.rect().contains(corner)


# -- before the window --


def test_says_which_package_a_missing_library_is_in() -> None:
    known = QT_PACKAGES | {"libnothing-of-this-name.so.7": "libnothing7"}
    assert missing_packages(known) == ["libnothing7"]
    said = explain_import("libEGL.so.1: cannot open shared object file: No such file or directory")
    assert said.endswith("Type: apt-get install libegl1")
    assert "apt-get" not in explain_import("No module named 'PySide6'")


def test_knows_the_pair_that_crashes() -> None:
    assert crashes((3, 11), "6.12.0")
    assert not crashes((3, 12), "6.12.0")
    assert not crashes((3, 11), "6.11.3")


def test_the_reference_count_of_true_survives_signals(window: MainWindow) -> None:
    before = sys.getrefcount(True)
    for _ in range(100):
        window.session.practice_changed.emit()
    assert sys.getrefcount(True) >= before - 5


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland only")
@pytest.mark.parametrize("display", [None, ":7913"])
def test_without_a_display_one_line_says_so(display: str | None) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    if display is not None:
        environment["DISPLAY"] = display
    done = subprocess.run(
        [sys.executable, "-m", "ui.start"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "display" in done.stderr or "apt-get install" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--lang", "fr"], ["--theme", "blue"], ["--lang=de", "nonsense"]]
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_push_button_for_next_is_the_default(window: MainWindow) -> None:
    following = button(window, "window-next")
    assert isinstance(following, QPushButton)
    assert following.isDefault()


def test_running_text_can_be_selected_by_mouse_and_stays_where_it_is(qtbot: QtBot) -> None:
    text = Body("Der Server kennt keine Anmeldung mit diesen Werten. " * 4)
    text.resize(300, text.heightForWidth(300))
    qtbot.addWidget(text)
    text.show()
    before = text.heightForWidth(300), text.sizeHint()
    QApplication.sendEvent(text, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    assert (text.heightForWidth(300), text.sizeHint()) == before
    QTest.mousePress(text, Qt.MouseButton.LeftButton, pos=QPoint(1, 5))
    QTest.mouseMove(text, QPoint(60, 5))
    QTest.mouseRelease(text, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert text.hasSelectedText()
