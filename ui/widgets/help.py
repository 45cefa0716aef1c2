"""What each step does, in a small window of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.labels import Body, Subheading
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.steps import Step


class HelpDialog(QDialog):
    """All steps in their order, the present one in view. To be shown by ``open()``."""

    def __init__(self, current: Step, parent: QWidget) -> None:
        super().__init__(parent)
        texts = words()
        self.setObjectName("window-help-box")
        self.setWindowTitle(texts("window.help_title"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(texts("window.help_title"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID, GRID, GRID * 2, GRID)
        column.setSpacing(GRID // 2)
        for step in Step:
            title = Subheading(texts(f"step.{step}"))
            column.addWidget(title)
            column.addWidget(Body(texts(f"help.{step}")))
            column.addSpacing(GRID * 3 // 2)
            if step is current:
                self._present = title
        column.addStretch(1)
        self._area.setWidget(content)
        buttons = QDialogButtonBox()
        close = buttons.addButton(
            texts("window.help_close"), QDialogButtonBox.ButtonRole.RejectRole
        )
        close.setObjectName("window-help-close")
        close.setDefault(True)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        whole.addWidget(self._area, 1)
        whole.addWidget(buttons)
        self.resize(GRID * 70, GRID * 60)
        # Where it stands is known only when it has been laid out.
        QTimer.singleShot(0, self, self._show_present)

    def _show_present(self) -> None:
        self._area.verticalScrollBar().setValue(self._present.y() - GRID)
