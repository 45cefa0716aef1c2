"""One DNS record: how it stands, why it is wanted, and its cells as the DNS host wants them.

What the record should be, and the form of each DNS host, do not belong in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.copying import CopyButton, Value
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.record_answers import RecordAnswers
from ui.widgets.rows import add_row, grid_of_rows
from ui.widgets.spacing import GRID
from ui.widgets.spf_details import SpfDetails
from ui.widgets.spf_difference import MarkedSpf, new_terms, old_terms
from ui.widgets.state import StateLabel
from wizard.readiness import Severity
from wizard.records.misplaced import elsewhere_message
from wizard.records.plan import (
    PlannedRecord,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordState,
)
from wizard.records.spf.octets import decoded
from wizard.records.watch import minutes

if TYPE_CHECKING:
    from wizard.texts import Message, Texts


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """A record with its cells in the form of the DNS host.

    ``key`` is unique on the page and makes the object names; ``ttl`` in seconds; ``traps`` are the
    notes on the host's form that concern it.
    """

    key: str
    record: PlannedRecord
    name: str
    value: str | None
    ttl: int
    traps: tuple[str, ...] = ()


class RecordRow(QFrame):
    """A frame for one record. Frozen like the record: another state is another row."""

    def __init__(self, shown: ShownRecord, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = shown
        self._texts = texts
        self._prefix = f"records-{shown.key}"
        self._purpose = texts(f"records_page.purpose.{shown.record.purpose}")
        self.setObjectName(self._prefix)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addLayout(self._head())
        column.addWidget(Body(texts.render(shown.record.why)))
        for number, problem in enumerate(self._problems(), 1):
            notice = Notice(Severity.WARNING, texts.render(problem))
            notice.setObjectName(f"{self._prefix}-problem-{number}")
            column.addWidget(notice)
        for number, found in enumerate(shown.record.found_elsewhere, 1):
            said = texts.render(elsewhere_message(found, shown.record, shown.name))
            notice = Notice(Severity.WARNING, said)
            notice.setObjectName(f"{self._prefix}-elsewhere-{number}")
            column.addWidget(notice)
        if (todo := self._todo()) is not None:
            column.addWidget(todo)
        column.addLayout(self._cells())
        for said in self._remarks():
            column.addWidget(Muted(said))
        if shown.record.spf is not None:
            column.addWidget(SpfDetails(shown.record.spf, self._prefix, texts))
        column.addWidget(RecordAnswers(shown.record, self._prefix, texts))

    def add_below(self, widget: QWidget) -> None:
        """Put something that belongs to this record at its end."""
        layout = self.layout()
        if layout is not None:
            layout.addWidget(widget)

    def _head(self) -> QHBoxLayout:
        state = self._texts(f"records_page.state.{self._word()}")
        title = Subheading(self._purpose)
        badge = StateLabel(self._word(), state)
        badge.setObjectName(f"{self._prefix}-state")
        badge.setAccessibleName(
            self._texts("records_page.state_of", purpose=self._purpose, state=state)
        )
        head = QHBoxLayout()
        head.setSpacing(2 * GRID)
        head.addWidget(title)
        head.addWidget(badge)
        head.addStretch(1)
        return head

    def _problems(self) -> tuple[Message, ...]:
        """What is wrong, unless the ways out of it begin with the very same."""
        record = self.shown.record
        silent = record.state is RecordState.UNKNOWN
        told = silent and record.spf is not None and record.spf.ways
        return () if told else record.problems

    def _word(self) -> str:
        """The state; a record that is not needed is not missed."""
        record = self.shown.record
        needed = record.need in (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
        return record.state if needed or record.state is not RecordState.MISSING else "absent"

    def _todo(self) -> QWidget | None:
        """The one sentence that says what to do with this record."""
        record = self.shown.record
        if record.action is RecordAction.NONE:
            return None
        if self.shown.value is None and record.action is not RecordAction.DELETE:
            return Body(self._texts("records_page.no_value"))
        edits_spf = record.purpose is Purpose.SPF and record.action is RecordAction.REPLACE
        key = "replace_spf" if edits_spf else f"action.{record.action}"
        said = Subheading(self._texts(f"records_page.{key}"))
        said.setObjectName(f"{self._prefix}-todo")
        return said

    def _cells(self) -> QGridLayout:
        shown, record = self.shown, self.shown.record
        grid = grid_of_rows()
        kind = f"{record.type} · {self._texts('records_page.ttl', n=shown.ttl)}"
        self._add(grid, "type", Body(kind))
        if shown.name:
            self._add(grid, "host", self._cell("host", shown.name, f"{self._prefix}-name"))
        else:
            self._add(grid, "host", Body(f"({self._texts('records_page.leave_empty')})"))
        old = decoded(record.old_value or "")
        if old and shown.value and record.action is RecordAction.REPLACE:
            if record.purpose is Purpose.SPF and record.value:
                self._add_spf(grid, old, record.value)
                return grid
            self._add(grid, "old", self._cell("old", old, f"{self._prefix}-old"))
            self._add(grid, "new", self._cell("new", shown.value, self._prefix))
        elif shown.value and record.action is not RecordAction.DELETE:
            self._add(grid, "value", self._cell("value", shown.value, self._prefix))
            if shown.value == record.value:
                self._add_strings(grid)
        elif old:
            self._add(grid, "found", self._cell("found", old, f"{self._prefix}-old"))
        return grid

    def _add_spf(self, grid: QGridLayout, old: str, new: str) -> None:
        """Both values whole, what changes marked; each can be copied, the old one for undo."""
        texts, prefix = self._texts, self._prefix
        before = MarkedSpf(old_terms(old, new), f"{prefix}-old", texts("records_page.old"), texts)
        after = MarkedSpf(new_terms(old, new), prefix, texts("records_page.new"), texts)
        before.add_copy(self._copy(old, "old", f"{prefix}-old"))
        after.add_copy(self._copy(self.shown.value or new, "new", prefix))
        self._add(grid, "old", before)
        self._add(grid, "new", after)
        self._add_strings(grid)

    def _copy(self, value: str, label: str, name: str) -> CopyButton:
        button = CopyButton(lambda: value, self._name_of(label))
        button.setObjectName(f"{name}-copy")
        return button

    def _add_strings(self, grid: QGridLayout) -> None:
        """The value as the form wants it, where that is not the value itself: cut and quoted."""
        shown, record = self.shown, self.shown.record
        typed = shown.value if shown.value != record.value else None
        if len(record.strings) > 1 and typed is None:
            typed = " ".join(f'"{string}"' for string in record.strings)
        if typed is not None and record.type == "TXT":
            self._add(grid, "strings", self._cell("strings", typed, f"{self._prefix}-strings"))

    def _add(self, grid: QGridLayout, label: str, cell: QWidget) -> None:
        add_row(grid, self._texts(f"records_page.{label}"), cell)

    def _cell(self, label: str, value: str, prefix: str) -> Value:
        return Value(value, self._name_of(label), prefix)

    def _name_of(self, label: str) -> str:
        cell = self._texts(f"records_page.{label}")
        return self._texts("records_page.cell", purpose=self._purpose, cell=cell)

    def _remarks(self) -> list[str]:
        record = self.shown.record
        remarks = []
        if record.action is not RecordAction.NONE and self.shown.name != record.name:
            remarks.append(self._texts("records_page.full_name", name=record.name))
        remarks += [self._texts(f"dns_note.{trap}") for trap in self.shown.traps]
        if record.state is RecordState.PROPAGATING and record.retry_after_s is not None:
            left = minutes(record.retry_after_s)
            remarks.append(self._texts("records_page.remembered", n=left))
        return remarks + [self._texts.render(note) for note in record.notes]
