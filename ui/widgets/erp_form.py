"""One form of the platform: its fields in its order, each value ready to be copied.

Which values they are, and how they stand, is decided in :mod:`wizard.erp`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.copying import Value
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.rows import add_row, grid_of_rows, line
from ui.widgets.secret_copy import CLEAR_AFTER_S, SecretCopy
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.erp.forms import ErpField, ErpForm
from wizard.erp.standing import FormStanding, Standing
from wizard.flow import Step, StepState
from wizard.texts import Message

if TYPE_CHECKING:
    from ui.page import Page

_STATES = {
    Standing.UNTESTED: StepState.OPEN,
    Standing.STALE: StepState.STALE,
    Standing.FAILED: StepState.FAILED,
    Standing.TESTED: StepState.DONE,
}


class ErpFormBox(QFrame):
    """A frame for one form; ``page`` gives words and reaches the secret."""

    def __init__(self, form: ErpForm, standing: FormStanding, page: Page) -> None:
        super().__init__()
        self._form = form
        self._standing = standing
        self._page = page
        self._prefix = f"platform-{form.id}"
        self.setObjectName(self._prefix)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(GRID)
        column.addLayout(self._head())
        if form.hint is not None:
            column.addWidget(Muted(page.say(form.hint)))
        grid = grid_of_rows()
        for field in form.fields:
            self._add(grid, field)
        column.addLayout(grid)

    def _head(self) -> QBoxLayout:
        head = line()
        head.addWidget(Subheading(self._page.say(self._form.title)), 1)
        standing = self._standing.standing
        if standing is not Standing.NOT_TESTABLE:
            badge = StateLabel(_STATES[standing], self._word())
            badge.setObjectName(f"{self._prefix}-state")
            head.addWidget(badge)
        return head

    def _word(self) -> str:
        when = self._standing.when
        if self._standing.standing is Standing.TESTED and when is not None:
            return self._page.text("platform_page.tested", time=f"{when.astimezone():%H:%M}")
        return self._page.text(f"platform_page.{self._standing.standing}")

    def _add(self, grid: QGridLayout, field: ErpField) -> None:
        label = self._page.say(field.label)
        unproven = self._standing.unproven(field.id)
        add_row(grid, label, self._cell(field, label), Muted(self._word()) if unproven else None)
        if field.note is not None:
            add_row(grid, "", Muted(self._page.say(field.note)))

    def _cell(self, field: ErpField, label: str) -> QWidget:
        name = self._page.text(
            "platform_page.value_name", label=label, form=self._page.say(self._form.title)
        )
        prefix = f"{self._prefix}-{field.id}"
        if field.secret:
            return self._secret(prefix, name)
        match field.value:
            case Message():
                # A choice or a tick, not a text: there is nothing to paste.
                chosen = Body(self._page.say(field.value))
                chosen.setObjectName(prefix)
                return chosen
            case "":
                return Muted(self._page.text("platform_page.unset"))
            case value:
                return Value(value, name, prefix)

    def _secret(self, prefix: str, name: str) -> QWidget:
        """The password's place: said, never shown."""
        page = self._page
        match self._standing.standing:
            case Standing.TESTED:
                what = "secret"
            case Standing.NOT_TESTABLE:
                what = "secret_client"
            case _:
                what = "secret_untested"
        said = Body(page.text(f"platform_page.{what}"))
        said.setObjectName(prefix)
        client = self._standing.standing is Standing.NOT_TESTABLE
        caption = page.text(f"platform_page.{'secret_client_copy' if client else 'secret_copy'}")
        button = QPushButton(caption)
        button.setObjectName(f"{prefix}-copy")
        button.setAccessibleName(f"{caption}: {name}")
        result = Muted("")
        result.setObjectName(f"{prefix}-result")
        result.hide()

        def tell(text: str) -> None:
            result.setText(text)
            result.show()

        step = Step.SENDING if self._standing.purpose in ("sending", "client") else Step.RECEIVING
        secret = SecretCopy(page, self._standing.purpose or "")
        secret.copied.connect(
            lambda: tell(page.text("platform_page.secret_copied", n=CLEAR_AFTER_S))
        )
        secret.missing.connect(
            lambda: tell(page.text("platform_page.secret_missing", step=page.text(f"step.{step}")))
        )
        button.clicked.connect(secret.copy)
        cell = QWidget()
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        beside = line()
        beside.addWidget(said, 1)
        beside.addWidget(button)
        column.addLayout(beside)
        column.addWidget(result)
        return cell
