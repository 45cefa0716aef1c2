"""Step 8: what works, what is open and who has to act, to look at, to copy and to save.

What counts as working or open is decided in :mod:`wizard.summary` and :mod:`wizard.flow`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.widgets.captioned import CaptionedCopyButton
from ui.widgets.copying import Value
from ui.widgets.hand_over import HandOver
from ui.widgets.labels import Body, Heading, Muted, Subheading
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.widgets.swapping import swap
from wizard.flow import OpenPoint, Step, StepState, open_points
from wizard.model import to_unicode
from wizard.report.document import Block, as_html, as_markdown
from wizard.report.report import report, title
from wizard.setup import Setup
from wizard.summary import Working, working

if TYPE_CHECKING:
    from ui.session import Session


# The forms of the report, the usual one first.
SUFFIXES = ("pdf", "html", "md")


class SummaryPage(Page):
    """The end of the way, and the list of what is left of it. ``go_to`` names a :class:`Step`."""

    step: ClassVar[Step] = Step.SUMMARY
    go_to = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._old_spf: str | None = None
        self._shown: tuple[tuple[Working, ...], tuple[OpenPoint, ...]] | None = None
        self._heading = Heading("")
        self._standing = Body("")
        self._standing.setObjectName("summary-standing")
        self._body = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        for widget in (self._heading, self._standing, self._body):
            self._column.addWidget(widget)
        self._hand_over = HandOver()
        self._column.addWidget(self._hand_over)
        self._undo = QWidget()
        self._column.addWidget(self._undo)
        self._column.addWidget(Subheading(self.text("summary_page.report")))
        self._column.addLayout(self._actions())
        self._said = Muted("")
        self._said.setObjectName("summary-saved")
        self._said.hide()
        self._column.addWidget(Muted(self.text("summary_page.no_secret")))
        self._column.addWidget(self._said)
        self._column.addStretch(1)

    def refresh(self, setup: Setup) -> None:
        catalog = self.session.catalog
        if setup.domain is None:
            self._heading.setText(self.text("summary_page.title_plain"))
        else:
            domain = to_unicode(setup.domain)
            self._heading.setText(self.text("summary_page.title", domain=domain))
        if catalog is None:
            return
        self._hand_over.show_setup(setup, catalog)
        self._show_undo(setup)
        works, points = working(setup), open_points(setup, catalog)
        if points:
            self._standing.setText(self.text("summary_page.left", n=len(points)))
        else:
            self._standing.setText(self.text("summary_page.all_done"))
        if (works, points) != self._shown:
            self._shown = (works, points)
            self._show(works, points)

    # -- inside --

    def _actions(self) -> QBoxLayout:
        copy = CaptionedCopyButton(self._markdown, self.text("summary_page.copy"))
        copy.setObjectName("summary-copy")
        save = QPushButton(self.text("summary_page.save"))
        save.setObjectName("summary-save")
        save.clicked.connect(self._ask_path)
        row = line()
        row.addWidget(copy)
        row.addWidget(save)
        row.addStretch(1)
        return row

    def _show(self, works: tuple[Working, ...], points: tuple[OpenPoint, ...]) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Subheading(self.text("summary_page.working")))
        if works:
            column.addLayout(self._working(works))
        else:
            column.addWidget(Body(self.text("summary_page.nothing")))
        if points:
            column.addSpacing(2 * GRID)
            column.addWidget(Subheading(self.text("summary_page.open")))
            column.addLayout(self._open(points))
        self._body = swap(self._column, self._body, body)

    def _working(self, works: tuple[Working, ...]) -> QGridLayout:
        grid = _grid()
        for row, one in enumerate(works):
            state = StateLabel(StepState.DONE, self.text(f"step.{one.step}"))
            grid.addWidget(state, row, 0, Qt.AlignmentFlag.AlignTop)
            beside = line()
            beside.addWidget(Body(self.say(one.message)), 1)
            if one.when is not None:
                when = f"{one.when.astimezone():%H:%M}"
                said = Muted(self.text("summary_page.working_when", time=when))
                beside.addWidget(said, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(beside, row, 1)
        return grid

    def _open(self, points: tuple[OpenPoint, ...]) -> QGridLayout:
        grid = _grid()
        for row, point in enumerate(points):
            grid.addWidget(Body(f"{row + 1}."), row, 0, Qt.AlignmentFlag.AlignTop)
            said = QVBoxLayout()
            said.setSpacing(0)
            beside = line()
            said.addWidget(Body(self.say(point.message)))
            who = self.text(f"who.{point.who}")
            said.addWidget(Muted(self.text("summary_page.who", who=who)))
            beside.addLayout(said, 1)
            name = self.text("summary_page.go", step=self.text(f"step.{point.step}"))
            go = QPushButton(name)
            go.setAccessibleName(f"{name}: {self.say(point.message)}")
            go.setObjectName(f"summary-go-{row + 1}")
            go.clicked.connect(lambda _=False, step=point.step: self.go_to.emit(step))
            beside.addWidget(go, 0, Qt.AlignmentFlag.AlignTop)
            grid.addLayout(beside, row, 1)
        return grid

    def _show_undo(self, setup: Setup) -> None:
        """The SPF record as it was, while the change can still be undone with it."""
        old = setup.records.old_spf
        if old == self._old_spf:
            return
        self._old_spf = old
        shown = QWidget()
        if old:
            column = QVBoxLayout(shown)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(GRID)
            name = to_unicode(setup.records.old_spf_domain or setup.domain or "")
            column.addWidget(Subheading(self.text("summary_page.undo")))
            column.addWidget(Body(self.text("summary_page.undo_intro", name=name)))
            column.addWidget(Value(old, self.text("summary_page.undo"), "summary-undo"))
        self._undo = swap(self._column, self._undo, shown)
        self._undo.setVisible(bool(old))

    def _report(self) -> tuple[Block, ...]:
        catalog = self.session.catalog
        if catalog is None:
            return ()
        return report(self.session.setup, catalog, self._hand_over.texts, datetime.now(UTC))

    def _markdown(self) -> str:
        return as_markdown(self._report())

    def _ask_path(self) -> None:
        """Ask where to, without a modal chain; the file is written when a path is picked."""
        dialog = QFileDialog(self, self.text("summary_page.save_title"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setNameFilters(self.text("summary_page.save_filter").split(";;"))
        dialog.setDefaultSuffix(SUFFIXES[0])
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(chosen.rpartition("*.")[2].rstrip(")"))
        )
        domain = self.session.setup.domain or "setup"
        dialog.selectFile(self.text("summary_page.save_name", domain=domain))
        dialog.fileSelected.connect(self._save)
        dialog.open()

    def _save(self, chosen: str) -> None:
        """Write the report in the form that the name's end says; PDF if it says none."""
        path = Path(chosen)
        blocks, texts = self._report(), self._hand_over.texts
        name = title(self.session.setup, texts)

        def write() -> None:
            if path.suffix.lower() == ".md":
                path.write_text(as_markdown(blocks), encoding="utf-8")
                return
            html = as_html(name, blocks, texts.language)
            if path.suffix.lower() in (".html", ".htm"):
                path.write_text(html, encoding="utf-8")
                return
            from ui.printing import as_pdf  # noqa: PLC0415 - only for this

            path.write_bytes(as_pdf(html, name))

        async def work(_: object) -> object:
            import asyncio  # noqa: PLC0415

            try:
                await asyncio.to_thread(write)
            except OSError as problem:
                return problem.strerror or str(problem)
            return None

        self.run(work, succeeded=lambda problem: self._told(path, problem))

    def _told(self, path: Path, problem: object) -> None:
        if isinstance(problem, str):
            self._said.setText(self.text("summary_page.not_saved", reason=problem))
        else:
            self._said.setText(self.text("summary_page.saved", path=str(path)))
        self._said.show()


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * GRID)
    grid.setVerticalSpacing(GRID)
    grid.setColumnStretch(1, 1)
    return grid
