"""The warnings of one step, as banners that stand as long as they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.readiness import cautions

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.flow import Step
    from wizard.readiness import Caution
    from wizard.setup import Setup


class CautionList(QWidget):
    """Takes no room when there is nothing to warn of."""

    def __init__(self, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{step}-cautions")
        self._step = step
        self._shown: dict[Caution, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.hide()

    def show_setup(self, setup: Setup, catalog: Catalog) -> None:
        """Bring the banners in line; those that still hold stay as they are."""
        found = [one for one in cautions(setup, catalog) if one.step is self._step]
        if found == list(self._shown):
            return
        for caution in [one for one in self._shown if one not in found]:
            notice = self._shown.pop(caution)
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
        kept, self._shown = self._shown, {}
        for place, caution in enumerate(found):
            notice = kept.get(caution) or self._notice(caution)
            self._shown[caution] = notice
            self._column.insertWidget(place, notice)
        self.setVisible(bool(found))
        if self.isVisible():
            for caution in found:
                if caution not in kept:
                    announce(self._shown[caution])

    def _notice(self, caution: Caution) -> Notice:
        link = (words()("service_page.open_page"), caution.url) if caution.url else None
        return Notice(caution.severity, words().render(caution.message), link=link)
