"""Something that folds open when it is wanted."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from ui.widgets.labels import Muted
from ui.widgets.spacing import GRID


class Folding(QWidget):
    """A line with an arrow; what is below it shows when it is pressed."""

    def __init__(self, title: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID // 2)
        self.button = QToolButton()
        self.button.setObjectName(object_name)
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.toggled.connect(self._fold)
        self._column.addWidget(self.button)
        self._content = QWidget()
        self._column.addWidget(self._content)
        self._fold()

    def show_content(self, content: QWidget) -> None:
        """Put something else below the line."""
        self._column.replaceWidget(self._content, content)
        self._content.deleteLater()
        self._content = content
        self._fold()

    def show_lines(self, lines: list[str]) -> None:
        """Put sentences below the line; without any, nothing is to be folded open."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(GRID * 3, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for line in lines:
            column.addWidget(Muted(line))
        self.setVisible(bool(lines))
        self.show_content(content)

    def _fold(self) -> None:
        opened = self.button.isChecked()
        arrow = Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow
        self.button.setArrowType(arrow)
        self._content.setVisible(opened)
