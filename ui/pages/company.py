"""Step 1: the company's address or domain, the platform, saved set-ups, the practice company."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.widgets.labels import Heading, Muted, Subheading
from ui.widgets.saved_setups import SavedSetups
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.flow import Step, StepState
from wizard.model import Invalid, to_unicode
from wizard.setup import new_setup, parse_company
from wizard.texts import Message
from wizard.updates import choose_platform, enter_company

if TYPE_CHECKING:
    from ui.background import Progress
    from ui.session import Session
    from ui.shelf import Listing
    from wizard.practice.apart import PracticeApart
    from wizard.setup import Setup

# Nobody is told of a mistake while still typing.
PAUSE_MS = 900


class CompanyPage(Page):
    """Where a set-up begins, or goes on."""

    step = Step.COMPANY

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(GRID * 2)
        column.addLayout(self._build_head())
        column.addLayout(self._build_entry())
        column.addSpacing(GRID)
        column.addWidget(Subheading(self.text("company_page.platform")))
        column.addWidget(self._build_platforms())
        column.addSpacing(GRID)
        self._saved = SavedSetups(session.texts)
        self._saved.open_wanted.connect(self._open)
        self._saved.delete_wanted.connect(session.delete)
        column.addWidget(self._saved)
        column.addWidget(self._build_practice())
        column.addStretch(1)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._judge)
        self._reload = False
        session.saved.connect(self._was_saved)
        session.shelf.listed.connect(self._show_saved)

    def refresh(self, setup: Setup) -> None:
        if self._entry.text() != setup.company.entry:
            with QSignalBlocker(self._entry):
                self._entry.setText(setup.company.entry)
            self._judge()
        practising = self.session.practice is not None
        self._new.setVisible(bool(setup.company.entry.strip()) and not practising)
        self._practice_box.setVisible(not practising)
        if practising:
            self._saved.hide()
        self._show_platforms(setup)

    def enter(self) -> None:
        self._entry.setFocus()
        self._judge()
        self._load_saved()

    # -- building --

    def _build_head(self) -> QHBoxLayout:
        self._new = QPushButton(self.text("company_page.new"))
        self._new.setObjectName("company-new")
        self._new.setToolTip(self.text("company_page.new_hint"))
        self._new.setAutoDefault(False)
        self._new.clicked.connect(self._begin_new)
        self._new.hide()
        head = QHBoxLayout()
        head.setSpacing(GRID * 2)
        head.addWidget(Heading(self.text("company_page.title")), 1)
        head.addWidget(self._new, 0, Qt.AlignmentFlag.AlignTop)
        return head

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

    def _build_platforms(self) -> QWidget:
        self._platform_group = QButtonGroup(self)
        box = QWidget()
        # Two rows are kept free for the catalogue, so that nothing jumps when it comes.
        box.setMinimumHeight(2 * QRadioButton("x").sizeHint().height() + GRID)
        self._platforms = QGridLayout(box)
        self._platforms.setContentsMargins(0, 0, 0, 0)
        self._platforms.setVerticalSpacing(GRID)
        self._platforms.setHorizontalSpacing(GRID * 3)
        return box

    def _build_practice(self) -> QWidget:
        self._practice_box = QWidget()
        column = QVBoxLayout(self._practice_box)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Subheading(self.text("company_page.practice_title")))
        column.addWidget(Muted(self.text("company_page.practice_hint")))
        self._practice = QPushButton(self.text("company_page.practice"))
        self._practice.setObjectName("company-practice")
        self._practice.setAutoDefault(False)
        self._practice.clicked.connect(self._begin_practice)
        self._practice_said = StateLabel(StepState.OPEN, "")
        self._practice_said.setObjectName("company-practice-said")
        self._practice_said.hide()
        row = QHBoxLayout()
        row.setSpacing(GRID * 2)
        row.addWidget(self._practice, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._practice_said, 1)
        row.addStretch(0)
        column.addLayout(row)
        return self._practice_box

    # -- entry --

    def _typed(self, text: str) -> None:
        if isinstance(parse_company(text), Invalid):
            self._said.hide()
            self._pause.start()
        else:
            self._judge()
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
            domain = parsed if isinstance(parsed, str) else parsed.domain
            readable = to_unicode(domain)
            shown = domain if readable == domain else f"{readable} ({domain})"
            self._said.show_state(
                StepState.DONE, self.text("company_page.understood", domain=shown)
            )
        self._said.show()

    def _begin_new(self) -> None:
        self.session.open(new_setup(datetime.now(UTC)))
        self._reload_when_saved()
        self._entry.setFocus()

    # -- platform --

    def _show_platforms(self, setup: Setup) -> None:
        catalog = self.session.catalog
        if catalog is None:
            return
        if not self._platform_group.buttons():
            self._add_platforms(setup)
        for choice in self._platform_group.buttons():
            name = choice.objectName().removeprefix("company-platform-")
            if name == setup.company.platform and not choice.isChecked():
                choice.setChecked(True)

    def _add_platforms(self, setup: Setup) -> None:
        """A column for each product, its kinds of hosting below each other."""
        catalog = self.session.catalog
        platforms = () if catalog is None else tuple(catalog.platforms.values())
        own = next((one.labels for one in platforms if one.id == setup.company.platform), "")
        columns = sorted({one.labels for one in platforms}, key=lambda labels: labels != own)
        rows = dict.fromkeys(columns, 0)
        for platform in platforms:
            button = QRadioButton(platform.name)
            button.setObjectName(f"company-platform-{platform.id}")
            button.clicked.connect(partial(self._choose_platform, platform.id))
            self._platform_group.addButton(button)
            column = columns.index(platform.labels)
            self._platforms.addWidget(button, rows[platform.labels], column)
            rows[platform.labels] += 1
        self._platforms.setColumnStretch(len(columns), 1)

    def _choose_platform(self, platform: str) -> None:
        self.update_setup(lambda setup: choose_platform(setup, platform))

    # -- saved set-ups --

    def _load_saved(self) -> None:
        self._reload = False
        if self.session.keeps:
            self.session.shelf.look()

    def _show_saved(self, listing: Listing) -> None:
        if not self.session.keeps:
            return
        saved, damaged = listing
        present = self.session.setup.id
        others = tuple(one for one in saved if one.setup.id != present)
        self._saved.show_saved(others, damaged)

    def _reload_when_saved(self) -> None:
        """The set-up that was put away is in the list as soon as it is written."""
        self._load_saved()
        self._reload = True

    def _was_saved(self, _: object) -> None:
        if self._reload:
            self._load_saved()

    def _open(self, setup: Setup) -> None:
        self.session.open(setup)
        self._reload_when_saved()
        self._entry.setFocus()

    # -- practice company --

    def _begin_practice(self) -> None:
        self._practice.setEnabled(False)
        self._practice_said.show_state("running", self.text("company_page.practice_starting"))
        self._practice_said.show()

        language = self.session.texts.language

        async def start(_: Progress) -> PracticeApart | Message:
            from wizard.practice.apart import PracticeApart  # noqa: PLC0415
            from wizard.practice.listen import PracticeError  # noqa: PLC0415

            try:
                return await PracticeApart.start(language)
            except PracticeError as problem:
                return problem.message

        self.run(start, succeeded=self._practice_began, finished=self._practice_over)

    def _practice_over(self) -> None:
        self._practice.setEnabled(True)

    def _practice_began(self, result: PracticeApart | Message) -> None:
        if isinstance(result, Message):
            self._practice_said.show_state(StepState.FAILED, self.say(result))
            return
        self._practice_said.hide()
        self.session.begin_practice(result)
        self._entry.setFocus()
