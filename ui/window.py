"""The shell: steps at the left, a page at the right, Back and Next below. Decides nothing.

What comes next, and what keeps it from coming, is :mod:`wizard.flow`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSettings, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.pages import page_class
from ui.widgets.icons import icon
from ui.widgets.labels import Muted
from ui.widgets.notice import Notice
from ui.widgets.rail import Rail
from ui.widgets.spacing import GRID
from ui.words import speak
from wizard.steps import Severity, Step, StepState, next_step, previous_step
from wizard.texts import LANGUAGES

if TYPE_CHECKING:
    from ui.page import Page
    from ui.session import Session
    from wizard.setup import Setup
    from wizard.store.setups import NotSaved, SavedSetup

SMALLEST = (900, 640)
RAIL_WIDTH = 26 * GRID
# Longer lines are hard to read.
WIDEST_PAGE = 120 * GRID
# Redrawing every step on every key stroke would be felt; a blink later is soon enough.
REDRAW_MS = 60


class MainWindow(QMainWindow):
    """One window, one set-up."""

    def __init__(self, session: Session, *, remember: bool = True, at_once: bool = True) -> None:
        """``remember`` False: size is neither read nor kept (tour, tests).

        ``at_once`` False: the shell can be painted before the first page and all that it needs is
        imported; :meth:`begin` shows it then.
        """
        super().__init__()
        self.session = session
        self.current = Step.COMPANY
        self._remember = remember
        self._pages: dict[Step, Page] = {}
        self._areas: dict[Step, QScrollArea] = {}
        self._saved_text = ""
        self._setup_id = ""
        speak(session.texts)
        self.setMinimumSize(*SMALLEST)
        self._redraw = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._redraw.timeout.connect(self._show_states)
        self._build()
        self._translate()
        session.setup_changed.connect(self._on_setup)
        session.catalog_ready.connect(self._on_catalog)
        session.language_changed.connect(self._on_language)
        session.saved.connect(self._on_saved)
        session.save_failed.connect(self._on_save_failed)
        session.practice_changed.connect(self._on_practice)
        self._restore_size()
        if at_once:
            self.begin()

    # -- what the tour, tests and pages may use --

    def begin(self) -> None:
        """Show the first page, if no page is shown yet."""
        if not self._pages:
            self.setWindowIcon(icon("app"))
            self._language.setMenu(self._build_languages())
            self.go(Step.COMPANY)

    def page(self, step: Step) -> Page:
        """The page of a step, built on first use."""
        if step not in self._pages:
            page = page_class(step)(self.session)
            page.setAccessibleName(self.session.texts(f"step.{step}"))
            page.setMaximumWidth(WIDEST_PAGE)
            go_to = getattr(page, "go_to", None)
            if go_to is not None:
                go_to.connect(self.go)
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QScrollArea.Shape.NoFrame)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(page)
            self._stack.addWidget(area)
            self._pages[step] = page
            self._areas[step] = area
            page.refresh(self.session.setup)
        return self._pages[step]

    def go(self, step: Step) -> None:
        """Show a step; leaving a page ends its work."""
        if self.current in self._pages:
            self._pages[self.current].leave()
        page = self.page(step)
        self.current = step
        self._stack.setCurrentWidget(self._areas[step])
        # Where Tab begins, and what a screen reader announces; a page may choose better.
        page.setFocus()
        self._blocker.hide()
        page.refresh(self.session.setup)
        self._show_states()
        page.enter()

    def next(self) -> None:
        """Go on, unless the page holds an entry that cannot be used."""
        from wizard.flow import blocker_of  # noqa: PLC0415 - not before the first paint

        problem = blocker_of(self.current, self.session.setup)
        if problem is not None:
            self._blocker.set_text(self.session.texts.render(problem))
            self._blocker.show()
            return
        following = next_step(self.current)
        if following is not None:
            self.go(following)

    def back(self) -> None:
        earlier = previous_step(self.current)
        if earlier is not None:
            self.go(earlier)

    # -- building --

    def _build(self) -> None:
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._build_side())
        row.addWidget(self._build_main(), 1)
        self.setCentralWidget(whole)

    def _build_side(self) -> QWidget:
        side = QWidget()
        self._side = side
        side.setAutoFillBackground(True)
        side.setBackgroundRole(side.backgroundRole().AlternateBase)
        column = QVBoxLayout(side)
        column.setContentsMargins(GRID, GRID * 2, GRID, GRID)
        self._rail = Rail()
        self._rail.chosen.connect(self.go)
        column.addWidget(self._rail, 1)
        self._company = QLabel()
        self._company.setObjectName("window-company")
        self._company.setWordWrap(True)
        self._saved = Muted()
        self._saved.setObjectName("window-saved")
        # Margins of a layout: a text that can be selected passes over its own.
        below = QVBoxLayout()
        below.setContentsMargins(GRID, 0, GRID, GRID)
        below.setSpacing(GRID // 2)
        below.addWidget(self._company)
        below.addWidget(self._saved)
        column.addLayout(below)
        self._explain = QToolButton()
        self._explain.setObjectName("window-explain")
        self._explain.setAutoRaise(True)
        self._explain.clicked.connect(self._show_explain)
        column.addWidget(self._explain)
        foot = QHBoxLayout()
        self._help = QToolButton()
        self._help.setObjectName("window-help")
        self._help.setAutoRaise(True)
        self._help.clicked.connect(self._show_help)
        self._language = QToolButton()
        self._language.setObjectName("window-language")
        self._language.setAutoRaise(True)
        self._language.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        foot.addWidget(self._help)
        foot.addWidget(self._language)
        foot.addStretch(1)
        column.addLayout(foot)
        return side

    def _build_languages(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        for code in LANGUAGES:
            action = QAction(self.session.texts(f"language.{code}"), menu, checkable=True)
            action.setObjectName(f"window-language-{code}")
            action.setChecked(code == self.session.texts.language)
            action.triggered.connect(lambda _=False, code=code: self.session.set_language(code))
            group.addAction(action)
            menu.addAction(action)
        return menu

    def _build_main(self) -> QWidget:
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._end_practice = QPushButton()
        self._end_practice.setObjectName("window-end-practice")
        self._end_practice.setAutoDefault(False)
        self._end_practice.clicked.connect(self.session.end_practice)
        self._practice = Notice(Severity.HINT, "", button=self._end_practice)
        self._top = QWidget()
        top = QVBoxLayout(self._top)
        top.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, 0)
        top.addWidget(self._practice)
        self._top.hide()
        column.addWidget(self._top)
        self._stack = QStackedWidget()
        column.addWidget(self._stack, 1)
        edge = QFrame()
        edge.setFrameShape(QFrame.Shape.HLine)
        edge.setFrameShadow(QFrame.Shadow.Plain)
        edge.setForegroundRole(QPalette.ColorRole.Midlight)
        column.addWidget(edge)
        foot = QHBoxLayout()
        foot.setContentsMargins(GRID * 3, GRID * 3 // 2, GRID * 3, GRID * 3 // 2)
        foot.setSpacing(GRID)
        self._blocker = Notice(Severity.WARNING, "")
        self._blocker.hide()
        foot.addWidget(self._blocker, 1)
        foot.addStretch(0)
        self._back = QPushButton()
        self._back.setObjectName("window-back")
        self._back.clicked.connect(self.back)
        self._next = QPushButton()
        self._next.setObjectName("window-next")
        self._next.setDefault(True)
        self._next.clicked.connect(self.next)
        foot.addWidget(self._back)
        foot.addWidget(self._next)
        column.addLayout(foot)
        return main

    def _translate(self) -> None:
        texts = self.session.texts
        self._back.setText(texts("window.back"))
        self._next.setText(texts("window.next"))
        self._help.setText(texts("window.help"))
        self._explain.setText(texts("window.explain"))
        self._explain.setShortcut("Ctrl+E")  # every letter is taken on some page
        self._explain.setToolTip(self._explain.shortcut().toString())
        self._language.setText(texts("window.language"))
        self._end_practice.setText(texts("window.end_practice"))
        self._practice.set_text(texts("window.practice"))
        self._rail.translate()
        self._side.setFixedWidth(max(RAIL_WIDTH, self._rail.wanted_width() + 2 * GRID))

    # -- what happens --

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = QApplication.focusWidget()
            # What can be chosen, as the cards can, is chosen by Space; Enter goes on.
            if isinstance(focused, (QPushButton, QToolButton)) and not focused.autoExclusive():
                focused.click()
            else:
                self.next()
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._remember:
            QSettings().setValue("window/size", self.size())
        self.session.close()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.session.save_now()

    def _on_setup(self, setup: Setup) -> None:
        page = self._pages.get(self.current)
        if page is not None:
            page.refresh(setup)
        if setup.id != self._setup_id:
            self._setup_id, self._saved_text = setup.id, ""
        self._blocker.hide()
        self._redraw.start()

    def _on_catalog(self) -> None:
        catalog = self.session.catalog
        if catalog is not None and catalog.problems:
            self._blocker.set_text("\n".join(map(self.session.texts.render, catalog.problems)))
            self._blocker.show()
        for page in self._pages.values():
            page.refresh(self.session.setup)
        self._show_states()

    def _on_language(self) -> None:
        speak(self.session.texts)
        self._translate()
        current = self.current
        for step in list(self._pages):
            page = self._pages.pop(step)
            page.leave()
            area = self._areas.pop(step)
            self._stack.removeWidget(area)
            area.deleteLater()
        self.go(current)

    def _on_saved(self, saved: SavedSetup) -> None:
        self._saved_text = f"{saved.saved.astimezone():%H:%M}"
        self._show_company()

    def _on_save_failed(self, result: NotSaved) -> None:
        self._blocker.set_text(self.session.texts.render(result.message))
        self._blocker.show()

    def _on_practice(self) -> None:
        practising = self.session.practice is not None
        self._top.setVisible(practising)
        if not practising:
            self.go(Step.COMPANY)

    def _show_states(self) -> None:
        from wizard.flow import state_of  # noqa: PLC0415 - not before the first paint

        setup, catalog = self.session.setup, self.session.catalog
        states = (
            {step: state_of(step, setup, catalog) for step in Step}
            if catalog is not None
            else dict.fromkeys(Step, StepState.OPEN)
        )
        self._rail.show_states(states, self.current)
        self._back.setEnabled(previous_step(self.current) is not None)
        self._next.setEnabled(next_step(self.current) is not None)
        self._show_company()

    def _show_company(self) -> None:
        from wizard.model import to_unicode  # noqa: PLC0415 - not before the first paint

        domain = self.session.setup.domain if self._pages else None
        shown = to_unicode(domain) if domain else ""
        # It may wrap behind dots and hyphens, and is read aloud as it is.
        self._company.setText(shown.replace(".", ".\u200b").replace("-", "-\u200b"))
        self._company.setAccessibleName(shown)
        texts = self.session.texts
        title = texts("window.title")
        self.setWindowTitle(f"{shown} – {title}" if shown else title)
        kept = self._saved_text and self.session.practice is None
        self._saved.setText(texts("window.saved", time=self._saved_text) if kept else "")

    def _show_explain(self) -> None:
        from ui.widgets.explain import ExplainDialog  # noqa: PLC0415 - not before the first paint

        dialog = ExplainDialog(self.session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _show_help(self) -> None:
        from ui.widgets.help import HelpDialog  # noqa: PLC0415 - not before the first paint

        HelpDialog(self.current, self).open()

    def _restore_size(self) -> None:
        size = QSettings().value("window/size") if self._remember else None
        if size is not None and hasattr(size, "isValid") and size.isValid():
            self.resize(size)
        else:
            self.resize(1100, 760)
