"""All records of a plan, grouped by need: what is needed first, the rest folded away.

How one record looks is :mod:`ui.widgets.record_row`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.captioned import CaptionedCopyButton
from ui.widgets.copying import Value
from ui.widgets.labels import Body, LinkLabel, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.record_export import RecordExport
from ui.widgets.record_row import RecordRow, ShownRecord
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from wizard.model import to_unicode
from wizard.readiness import Severity
from wizard.records.export import to_enter
from wizard.records.plan import PlannedRecord, Purpose, RecordNeed, RecordPlan
from wizard.texts import message

if TYPE_CHECKING:
    from wizard.catalog import DnsHost
    from wizard.texts import Texts

_NEEDED = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
_FOLDED = (RecordNeed.HARMLESS, RecordNeed.USELESS)


class RecordList(QWidget):
    """The records, where to enter them, and the way back."""

    def __init__(
        self,
        plan: RecordPlan,
        host: DnsHost | None,
        old_spf: str | None,
        texts: Texts,
        parent: QWidget | None = None,
    ) -> None:
        """``old_spf`` is the record that was published before the first change."""
        super().__init__(parent)
        self._texts = texts
        self._rows: list[RecordRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        for number, problem in enumerate(plan.problems, 1):
            notice = Notice(Severity.WARNING, texts.render(problem))
            notice.setObjectName(f"records-zone-problem-{number}")
            self._column.addWidget(notice)
        self._add_host(plan, host)
        shown = shown_records(plan, host)
        for need in _NEEDED:
            self._add_group(self._column, need, shown)
        if text := as_lines(shown, to_enter(plan)):
            self._column.addLayout(self._copy_all(text))
            self._column.addWidget(RecordExport(plan, host, texts))
        self._add_folded(shown)
        self._add_undo(plan.published_spf, old_spf)

    def row_of(self, purpose: Purpose) -> RecordRow | None:
        """The first row of a purpose."""
        return next((row for row in self._rows if row.shown.record.purpose is purpose), None)

    def _add_host(self, plan: RecordPlan, host: DnsHost | None) -> None:
        domain = to_unicode(plan.subject.domain)
        if host is None:
            if plan.nameservers:
                servers = ", ".join(plan.nameservers)
                said = self._texts("records_page.host_unknown", domain=domain, servers=servers)
                self._column.addWidget(Body(said))
            return
        beside = line()
        said = self._texts("records_page.at_host", domain=domain, host=host.name)
        beside.addWidget(Body(said), 1)
        if host.console:
            link = LinkLabel(self._texts("records_page.console", host=host.name), host.console)
            link.setObjectName("records-console")
            beside.addWidget(link)
        self._column.addLayout(beside)
        if host.path:
            self._column.addWidget(Muted(self._texts("records_page.path", path=host.path)))
        if not is_certain(host):
            self._column.addWidget(Muted(self._texts("records_page.form_uncertain")))
        from wizard.records.host_form import general_traps  # noqa: PLC0415

        for note in general_traps(host):
            said = self._texts.render(message(f"dns_note.{note}"))
            self._column.addWidget(Muted(said))

    def _add_group(
        self, column: QVBoxLayout, need: RecordNeed, records: tuple[ShownRecord, ...]
    ) -> None:
        group = [shown for shown in records if shown.record.need is need]
        if not group:
            return
        column.addSpacing(GRID)
        column.addWidget(Subheading(self._texts(f"records_page.group.{need}")))
        for shown in group:
            row = RecordRow(shown, self._texts)
            self._rows.append(row)
            column.addWidget(row)

    def _copy_all(self, text: str) -> QBoxLayout:
        caption = self._texts("records_page.copy_all")
        copy = CaptionedCopyButton(lambda: text, caption)
        copy.setObjectName("records-copy-all")
        row = line()
        row.addWidget(copy)
        row.addStretch(1)
        return row

    def _add_folded(self, records: tuple[ShownRecord, ...]) -> None:
        count = sum(shown.record.need in _FOLDED for shown in records)
        if not count:
            return
        rest = QWidget()
        column = QVBoxLayout(rest)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for need in _FOLDED:
            self._add_group(column, need, records)
        rest.hide()
        fold = QPushButton(self._texts("records_page.fold", n=count))
        fold.setObjectName("records-fold")
        fold.setCheckable(True)

        def turn(*, shown: bool) -> None:
            key = "records_page.unfold" if shown else "records_page.fold"
            fold.setText(self._texts(key, n=count))
            rest.setVisible(shown)

        fold.toggled.connect(lambda shown: turn(shown=shown))
        row = line()
        row.addWidget(fold)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(rest)

    def _add_undo(self, published: str | None, old_spf: str | None) -> None:
        if old_spf is None or old_spf == published:
            return
        self._column.addSpacing(GRID)
        self._column.addWidget(Subheading(self._texts("records_page.undo_title")))
        self._column.addWidget(Body(self._texts("records_page.undo")))
        name = self._texts("records_page.undo_name")
        self._column.addWidget(Value(old_spf, name, "records-undo"))


def shown_records(plan: RecordPlan, host: DnsHost | None) -> tuple[ShownRecord, ...]:
    """The plan's records with cells in the form of the DNS host, keys unique on the page."""
    # Brings the catalogue's module along, which is not for the first paint.
    from wizard.records.host_form import (  # noqa: PLC0415
        host_field,
        time_to_live,
        traps,
        value_field,
    )

    shown: list[ShownRecord] = []
    for record in plan.records:
        same = sum(one.record.purpose is record.purpose for one in shown)
        key = f"{record.purpose}-{same + 1}" if same else str(record.purpose)
        name = host_field(record.name, plan.zone, host)
        value = record.value and value_field(record.type, record.value, host)
        ttl = time_to_live(record.ttl, host)
        shown.append(ShownRecord(key, record, name, value, ttl, traps(record, host)))
    return tuple(shown)


def is_certain(host: DnsHost) -> bool:
    """Do sources tell how the host's form wants names and values?"""
    return not {"host_field", "apex", "appends_domain"} & set(host.uncertain)


def as_lines(records: tuple[ShownRecord, ...], wanted: tuple[PlannedRecord, ...]) -> str:
    """The wanted records, a line each: type, name and value with tabs between."""
    return "".join(
        f"{shown.record.type}\t{shown.name}\t{shown.value}\n"
        for shown in records
        if shown.record in wanted
    )
