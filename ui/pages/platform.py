"""Step 6: the values for the platform's own forms, in its labels and its order.

Which values, and how they stand, is decided in :mod:`wizard.erp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ui.page import Page
from ui.widgets.erp_form import ErpFormBox
from ui.widgets.labels import Body, Heading
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.erp.forms import ErpForm, platform_forms
from wizard.erp.standing import FormStanding, form_standing
from wizard.flow import Step
from wizard.setup import Setup
from wizard.updates import mark_entered

if TYPE_CHECKING:
    from ui.session import Session

_Shown = tuple[tuple[ErpForm, FormStanding], ...]


class PlatformPage(Page):
    """The forms of the platform, filled in, to be copied from."""

    step: ClassVar[Step] = Step.PLATFORM

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._shown: _Shown = ()
        self._heading = Heading("")
        self._intro = Body("")
        self._forms = QWidget()
        self._entered = QCheckBox(self.text("platform_page.entered"))
        self._entered.setObjectName("platform-entered")
        self._entered.toggled.connect(self._mark)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        for widget in (self._heading, self._intro, self._forms, self._entered):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    def refresh(self, setup: Setup) -> None:
        catalog = self.session.catalog
        forms = platform_forms(setup, catalog) if catalog is not None else ()
        platform = catalog.platforms.get(setup.company.platform) if catalog is not None else None
        name = platform.name if platform is not None else self.text(f"step.{self.step}")
        self._heading.setText(self.text("platform_page.title", platform=name))
        if catalog is None:
            self._intro.setText(self.text("platform_page.waiting"))
        elif setup.domain is None:
            self._intro.setText(self.text("platform_page.no_domain"))
        else:
            self._intro.setText(self.text("platform_page.intro", platform=name))
        self._entered.setVisible(bool(forms))
        with QSignalBlocker(self._entered):
            self._entered.setChecked(setup.platform.entered)
        shown = tuple((form, form_standing(setup, form.id)) for form in forms)
        if shown != self._shown:
            self._shown = shown
            self._show()

    def _mark(self, entered: bool) -> None:
        self.update_setup(lambda setup: mark_entered(setup, entered=entered))

    def _show(self) -> None:
        forms = QWidget()
        column = QVBoxLayout(forms)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID)
        for form, standing in self._shown:
            column.addWidget(ErpFormBox(form, standing, self))
        self._forms = swap(self._column, self._forms, forms)
