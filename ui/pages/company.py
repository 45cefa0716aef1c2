"""Step 1: the company's address or domain, the platform, saved set-ups, the practice company."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.widgets.labels import Body, Heading, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.flow import Step, StepState
from wizard.model import Invalid, to_unicode
from wizard.readiness import Severity
from wizard.setup import choose_platform, enter_company, parse_company

if TYPE_CHECKING:
    from ui.background import Progress
    from ui.session import Session
    from wizard.catalog import Catalog, Platform
    from wizard.practice.company import PracticeCompany
    from wizard.setup import Setup
    from wizard.store.setups import Damaged, SavedSetup

    Loaded = tuple[tuple[SavedSetup, ...], tuple[Damaged, ...]]

# Nobody is told of a mistake while still typing.
PAUSE_MS = 900
MAX_SHOWN = 8
OWN_LABELS = "openappone"


class CompanyPage(Page):
    """Where a set-up begins, or goes on."""

    step = Step.COMPANY

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        column.setSpacing(GRID * 2)
        column.addWidget(Heading(self.text("company_page.title")))
        column.addLayout(self._build_entry())
        column.addSpacing(GRID)
        column.addWidget(Subheading(self.text("company_page.platform")))
        self._platforms = QGridLayout()
        self._platforms.setVerticalSpacing(GRID)
        self._platforms.setHorizontalSpacing(GRID * 3)
        self._platform_group = QButtonGroup(self)
        column.addLayout(self._platforms)
        column.addSpacing(GRID)
        self._saved_title = Subheading(self.text("company_page.saved"))
        column.addWidget(self._saved_title)
        self._saved = QVBoxLayout()
        self._saved.setSpacing(GRID)
        column.addLayout(self._saved)
        column.addSpacing(GRID)
        column.addLayout(self._build_practice())
        column.addStretch(1)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._judge)
        self._saved_title.hide()

    def refresh(self, setup: Setup) -> None:
        if self._entry.text() != setup.company.entry:
            with QSignalBlocker(self._entry):
                self._entry.setText(setup.company.entry)
            self._judge()
        self._show_platforms(setup)

    def enter(self) -> None:
        self._entry.setFocus()
        if self.session.setup.company.entry:
            self._judge()
        self._load_saved()

    # -- building --

    def _build_entry(self) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(GRID)
        label = QLabel(self.text("company_page.entry"))
        self._entry = QLineEdit()
        self._entry.setObjectName("company-entry")
        self._entry.setPlaceholderText("info@acme.example")
        self._entry.setMaxLength(400)
        label.setBuddy(self._entry)
        self._entry.textEdited.connect(self._typed)
        self._entry.editingFinished.connect(self._judge)
        self._said = StateLabel(StepState.OPEN, "")
        self._said.setObjectName("company-said")
        self._said.hide()
        box.addWidget(label)
        box.addWidget(self._entry)
        box.addWidget(self._said)
        box.addWidget(Muted(self.text("company_page.entry_hint")))
        return box

    def _build_practice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(GRID * 2)
        self._practice = QPushButton(self.text("company_page.practice"))
        self._practice.setObjectName("company-practice")
        self._practice.setAutoDefault(False)
        self._practice.clicked.connect(self._begin_practice)
        row.addWidget(self._practice)
        row.addWidget(Muted(self.text("company_page.practice_hint")), 1)
        return row

    # -- entry --

    def _typed(self, text: str) -> None:
        self._said.hide()
        self._pause.start()
        self.update_setup(lambda setup: enter_company(setup, text))

    def _judge(self) -> None:
        """Say how the entry was understood, or what to change about it."""
        self._pause.stop()
        entry = self._entry.text()
        if not entry.strip():
            self._said.hide()
            return
        parsed = parse_company(entry)
        if isinstance(parsed, Invalid):
            self._said.show_state(StepState.ATTENTION, self.say(parsed.message))
        else:
            domain = self.session.setup.domain or ""
            readable = to_unicode(domain)
            shown = domain if readable == domain else f"{readable} ({domain})"
            self._said.show_state(
                StepState.DONE, self.text("company_page.understood", domain=shown)
            )
        self._said.show()

    # -- platform --

    def _show_platforms(self, setup: Setup) -> None:
        catalog = self.session.catalog
        if catalog is None:
            return
        if not self._platform_group.buttons():
            for index, platform in enumerate(_own_first(catalog)):
                button = QRadioButton(platform.name)
                button.setObjectName(f"company-platform-{platform.id}")
                button.clicked.connect(partial(self._choose_platform, platform.id))
                self._platform_group.addButton(button)
                self._platforms.addWidget(button, index % 2, index // 2)
            self._platforms.setColumnStretch(2, 1)
        for choice in self._platform_group.buttons():
            name = choice.objectName().removeprefix("company-platform-")
            if name == setup.company.platform and not choice.isChecked():
                choice.setChecked(True)

    def _choose_platform(self, platform: str) -> None:
        self.update_setup(lambda setup: choose_platform(setup, platform))

    # -- saved set-ups --

    def _load_saved(self) -> None:
        if self.session.practice is not None or not self.session.keeps:
            return
        store = self.session.store

        async def load(_: Progress) -> Loaded:
            import asyncio  # noqa: PLC0415

            return await asyncio.to_thread(lambda: store().load_all())

        self.run(load, succeeded=self._show_saved)

    def _show_saved(self, loaded: Loaded) -> None:
        while (item := self._saved.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        saved, damaged = loaded
        others = [one for one in saved if one.setup.id != self.session.setup.id]
        self._saved_title.setVisible(bool(others or damaged))
        for bad in damaged:
            self._saved.addWidget(Notice(Severity.WARNING, self.say(bad.message)))
        for index, one in enumerate(others[:MAX_SHOWN]):
            self._saved.addWidget(self._saved_row(index, one))

    def _saved_row(self, index: int, saved: SavedSetup) -> QWidget:
        domain = to_unicode(saved.setup.domain or saved.setup.company.entry)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(Body(domain), 1)
        line.addWidget(Muted(f"{saved.saved.astimezone():%Y-%m-%d %H:%M}"))
        open_ = QPushButton(self.text("company_page.open"))
        open_.setObjectName(f"company-open-{index}")
        open_.setAccessibleName(self.text("company_page.open_name", domain=domain))
        open_.setAutoDefault(False)
        open_.clicked.connect(partial(self._open, saved))
        delete = QPushButton(self.text("company_page.delete"))
        delete.setObjectName(f"company-delete-{index}")
        delete.setAccessibleName(self.text("company_page.delete_name", domain=domain))
        delete.setAutoDefault(False)
        delete.clicked.connect(partial(self._ask_delete, saved, domain))
        line.addWidget(open_)
        line.addWidget(delete)
        return row

    def _open(self, saved: SavedSetup) -> None:
        self.session.open(saved.setup)
        self._load_saved()

    def _ask_delete(self, saved: SavedSetup, domain: str) -> None:
        box = QMessageBox(self)
        box.setObjectName("company-delete-box")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.text("company_page.delete_question", domain=domain))
        box.setInformativeText(self.text("company_page.delete_detail"))
        yes = box.addButton(
            self.text("company_page.delete_yes"), QMessageBox.ButtonRole.DestructiveRole
        )
        yes.setObjectName("company-delete-yes")
        keep = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(keep)
        yes.clicked.connect(partial(self._delete, saved.setup))
        box.open()

    def _delete(self, setup: Setup) -> None:
        session = self.session

        async def delete(_: Progress) -> Loaded:
            import asyncio  # noqa: PLC0415

            await session.forget(setup)
            return await asyncio.to_thread(lambda: session.store().load_all())

        self.run(delete, succeeded=self._show_saved)

    # -- practice company --

    def _begin_practice(self) -> None:
        self._practice.setEnabled(False)

        async def start(_: Progress) -> PracticeCompany:
            from wizard.practice.company import PracticeCompany  # noqa: PLC0415

            return await PracticeCompany.start()

        self.run(
            start,
            succeeded=self._practice_began,
            failed=self._practice_failed,
            finished=lambda: self._practice.setEnabled(True),
        )

    def _practice_began(self, company: PracticeCompany) -> None:
        self.session.begin_practice(company)
        self._saved_title.hide()
        self._show_saved(((), ()))

    def _practice_failed(self, problem: object) -> None:
        said = self.text("company_page.practice_failed", reason=str(problem))
        self._said.show_state(StepState.FAILED, said)
        self._said.show()


def _own_first(catalog: Catalog) -> list[Platform]:
    """openAPPone before its relatives, hosted before self-hosted."""
    return sorted(catalog.platforms.values(), key=lambda one: (one.labels != OWN_LABELS, one.id))
