"""What somebody meets who opens the window for the first time: nothing cut, everything named.

Over all pages, dialogs and both languages, at the smallest size, at the usual and at twice the
size of text, and for the companies whose pages differ most.
"""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.background import Background
from ui.session import Session
from ui.widgets.copying import FixedText
from ui.window import MainWindow
from ui.words import speak
from wizard.catalog import Catalog
from wizard.flow import Step
from wizard.network import Network
from wizard.texts import LANGUAGES, Texts
from wizard.updates import choose_platform, choose_provider, enter_company

COMPANIES: Final = {
    "empty": None,
    "google": ("google-workspace", "openappone-online"),
    "microsoft": ("microsoft-365", "openappone-self-hosted"),
    "ionos": ("ionos", "openappone-online"),
}
NAMED: Final = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QPlainTextEdit,
    QAbstractSpinBox,
    QAbstractItemView,
)
MACHINES: Final = ("-host", "-port")
OBJECT_NAME: Final = re.compile(r"[a-z]+(-[a-z0-9@._+]+)+")


@pytest.fixture(params=[1, 2], ids=["usual", "twice"])
def text_size(request: pytest.FixtureRequest) -> Iterator[int]:
    """The text of the whole program in the usual size, and in twice that."""
    before = QApplication.font()
    font = QApplication.font()
    font.setPointSizeF(font.pointSizeF() * request.param)
    QApplication.setFont(font)
    yield request.param
    QApplication.setFont(before)


@pytest.fixture(params=COMPANIES)
def company(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=LANGUAGES)
def opened(
    request: pytest.FixtureRequest,
    qtbot: QtBot,
    background: Background,
    catalog: Catalog,
    offline: Network,
    text_size: int,
    company: str,
) -> Iterator[MainWindow]:
    """The window in its smallest size, made after the size of the text was set."""
    session = Session(background, Texts.load(request.param), keep=False)
    session.catalog = catalog
    session.use_network(offline)
    chosen = COMPANIES[company]
    if chosen is not None:
        provider, platform = chosen
        session.apply(lambda setup: enter_company(setup, "info@müller-söhne.example"))
        session.apply(lambda setup: choose_provider(setup, provider))
        session.apply(lambda setup: choose_platform(setup, platform))
    window = MainWindow(session, remember=False)
    window.resize(900, 640)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    speak(Texts.load("en"))


def ours(root: QWidget, kinds: tuple[type[QWidget], ...]) -> list[QWidget]:
    """The visible widgets of these kinds that are not parts Qt makes inside of a control."""
    inside = (QLineEdit, QComboBox, QAbstractItemView, QAbstractSpinBox)
    return [
        one
        for one in root.findChildren(QWidget)
        if isinstance(one, kinds)
        and one.isVisible()
        and not isinstance(one, QHeaderView)
        and not isinstance(one.parentWidget(), inside)
        and not one.objectName().startswith("qt_")
    ]


def settle() -> None:
    """Let layouts and what is measured after them come to rest."""
    for _ in range(5):
        QApplication.processEvents()


def cut(root: QWidget) -> list[str]:
    """What has less room than its text needs."""
    found = []
    for label in root.findChildren(QLabel):
        if not label.isVisible() or not label.text():
            continue
        if label.wordWrap():
            fits = label.heightForWidth(label.width()) <= label.height()
            fits = fits and label.minimumSizeHint().width() <= label.width()
        else:
            fits = label.sizeHint().width() <= label.width()
        if not fits:
            found.append(label.text())
    for box in root.findChildren(QComboBox):
        text = box.fontMetrics().horizontalAdvance(box.currentText())
        if box.isVisible() and text > box.width():
            found.append(box.currentText())
    for button in root.findChildren(QAbstractButton):
        text = button.fontMetrics().horizontalAdvance(button.text().replace("&", ""))
        if button.isVisible() and button.text() and text > button.width():
            found.append(button.text())
    for table in root.findChildren(QTableView):
        if not table.isVisible():
            continue
        found += [
            f"{table.objectName()}: column {column}"
            for column in range(table.model().columnCount())
            if not table.isColumnHidden(column)
            and table.sizeHintForColumn(column) > table.columnWidth(column)
        ]
    for area in root.findChildren(QScrollArea):
        content = area.widget()
        if area.isVisible() and content.width() > area.viewport().width():
            found.append(f"{content.objectName()}: wider than the window")
    return found


def unnamed(root: QWidget) -> list[str]:
    """Controls that a screen reader or a program cannot tell apart."""
    found, seen = [], set()
    for control in ours(root, NAMED):
        name = control.objectName()
        spoken = QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name)
        if not OBJECT_NAME.fullmatch(name) or not spoken or name in seen:
            found.append(f"{type(control).__name__} {name!r} {spoken!r}")
        seen.add(name)
    return found


def shared_mnemonics(root: QWidget) -> list[tuple[str, str]]:
    """Two controls that answer to the same letter."""
    taken: dict[str, str] = {}
    found = []
    for widget in root.findChildren(QWidget):
        labelled = isinstance(widget, QLabel) and widget.buddy() is not None
        if not widget.isVisible() or not (labelled or isinstance(widget, QAbstractButton)):
            continue
        assert isinstance(widget, (QLabel, QAbstractButton))
        letter = re.search(r"&([^&])", widget.text().replace("&&", ""))
        if letter is None:
            continue
        before = taken.setdefault(letter[1].lower(), widget.text())
        if before != widget.text():
            found.append((before, widget.text()))
    return found


def backwards(root: QWidget) -> list[str]:
    """Values for machines that would be read from the right."""
    fields = [one for one in ours(root, (QLineEdit,)) if one.objectName().endswith(MACHINES)]
    return [
        one.objectName()
        for one in (*ours(root, (FixedText,)), *fields)
        if one.layoutDirection() is not Qt.LayoutDirection.LeftToRight
    ]


def unfold(page: QWidget) -> None:
    """Open everything on a page that can be folded open."""
    for button in page.findChildren(QAbstractButton):
        name = button.objectName()
        if button.isVisible() and not button.isChecked() and name.endswith("fold"):
            button.click()
    settle()


def visit(qtbot: QtBot, window: MainWindow, step: Step) -> None:
    """Go to a step and wait for what it shows by itself."""
    window.go(step)
    setup = window.session.setup
    if step is Step.RECORDS and setup.domain is not None:
        qtbot.waitUntil(lambda: window.session.setup.records.plan is not None, timeout=20_000)
    settle()


def test_nothing_is_cut_and_everything_is_named(qtbot: QtBot, opened: MainWindow) -> None:
    for step in Step:
        visit(qtbot, opened, step)
        for _ in range(2):
            assert not cut(opened), step
            assert not unnamed(opened), step
            assert not shared_mnemonics(opened), step
            unfold(opened.page(step))


@pytest.mark.parametrize("company", ["microsoft"], indirect=True)
@pytest.mark.parametrize(
    ("step", "button"),
    [
        (Step.COMPANY, "window-help"),
        (Step.COMPANY, "window-explain"),
        (Step.SENDING, "sending-client"),
    ],
)
def test_dialogs_are_whole_and_leave_by_escape(
    qtbot: QtBot, opened: MainWindow, step: Step, button: str
) -> None:
    opened.go(step)
    settle()
    pressed = opened.findChild(QAbstractButton, button)
    assert pressed is not None
    pressed.setFocus()
    qtbot.keyClick(pressed, Qt.Key.Key_Space)
    dialog = next(one for one in opened.findChildren(QDialog) if one.isVisible())
    settle()
    assert not cut(dialog)
    assert not unnamed(dialog)
    assert not shared_mnemonics(dialog)
    before = opened.session.setup
    reached = set()
    for _ in range(60):
        focused = dialog.focusWidget()
        assert focused is not None
        reached.add(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    wanted = {
        one
        for one in ours(dialog, NAMED)
        if one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    assert {one.objectName() for one in wanted} <= {one.objectName() for one in reached}
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert opened.session.setup == before


@pytest.mark.parametrize("company", ["google"], indirect=True)
def test_what_machines_read_stays_left_to_right(qtbot: QtBot, opened: MainWindow) -> None:
    before = QApplication.layoutDirection()
    try:
        QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        for step in Step:
            visit(qtbot, opened, step)
            assert not backwards(opened), step
    finally:
        QApplication.setLayoutDirection(before)
