"""The records for somebody else or for another program: letter, zone file, sheet, ticket.

What is in them is made in ``wizard.records``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.captioned import CaptionedCopyButton
from ui.widgets.folding import Folding
from ui.widgets.labels import Muted
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from wizard.records.export import as_csv, as_markdown, as_zone
from wizard.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from wizard.catalog import DnsHost
    from wizard.records.plan import RecordPlan

_FORMS: Final[dict[str, Callable[[RecordPlan], str]]] = {
    "zone": as_zone,
    "csv": as_csv,
    "markdown": as_markdown,
}


class RecordExport(QWidget):
    """A letter in each language, and the records in each form, to copy."""

    def __init__(self, plan: RecordPlan, host: DnsHost | None, texts: Texts) -> None:
        super().__init__()
        self._plan, self._host, self._texts = plan, host, texts
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        folding = Folding(texts("records_page.hand_over"), "records-hand-over")
        folding.show_content(self._content())
        column.addWidget(folding)

    def _content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(3 * GRID, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Muted(self._texts("records_page.hand_over_hint")))
        letters = line()
        # That of the window first.
        for code in sorted(LANGUAGES, key=lambda code: code != self._texts.language):
            letters.addWidget(self._letter(code))
        letters.addStretch(1)
        column.addLayout(letters)
        forms = line()
        for name, form in _FORMS.items():
            forms.addWidget(self._copy(name, partial(form, self._plan)))
        forms.addStretch(1)
        column.addLayout(forms)
        return content

    def _letter(self, language: str) -> QWidget:
        from wizard.records.handover import hand_over  # noqa: PLC0415 - brings the catalogue along

        return self._copy(
            f"letter_{language}",
            lambda: hand_over(self._plan, self._host, Texts.load(language)),
        )

    def _copy(self, name: str, value: Callable[[], str]) -> CaptionedCopyButton:
        button = CaptionedCopyButton(value, self._texts(f"records_page.export.{name}"))
        button.setObjectName(f"records-export-{name.replace('_', '-')}")
        return button
