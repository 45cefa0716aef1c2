"""Values to be copied: a button that answers "Copied", and a value that is shown whole."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontDatabase,
    QGuiApplication,
    QResizeEvent,
    QTextOption,
)
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QSizePolicy, QWidget

from ui.widgets.icons import follow_palette, icon
from ui.widgets.spacing import GRID
from ui.words import words

ANSWER_MS = 2_000


class CopyButton(QPushButton):
    """Puts a text on the clipboard and says so for two seconds."""

    def __init__(
        self,
        value: Callable[[], str],
        name: str,
        parent: QWidget | None = None,
        *,
        caption: str = "",
    ) -> None:
        """``name`` is what the button copies, for screen readers; ``caption`` if not *Copy*."""
        self._caption = caption or words()("copy.copy")
        super().__init__(icon("copy"), self._caption, parent)
        self._value = value
        self._name = name
        self.setAccessibleName(name)
        self.setAutoDefault(False)
        self._timer = QTimer(self, singleShot=True, interval=ANSWER_MS)
        self._timer.timeout.connect(self._restore)
        self.clicked.connect(self._copy)
        follow_palette(self._draw)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._value())
        said = words()("copy.copied")
        self.setText(said)
        self.setAccessibleName(f"{self._name}: {said}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        self._timer.start()

    def _restore(self) -> None:
        self.setText(self._caption)
        self.setAccessibleName(self._name)

    def _draw(self) -> None:
        self.setIcon(icon("copy"))


class FixedText(QPlainTextEdit):
    """A text in fixed width that wraps anywhere, as high as it needs to be, to read and select."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(self.font().pointSizeF())
        self.setFont(fixed)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # Hosts and records are read from left to right in every language.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # The document's height is counted in lines here.
        lines = max(1, round(self.document().size().height()))
        margins = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        height = lines * self.fontMetrics().lineSpacing() + margins
        if height != self.height():
            self.setFixedHeight(height)


class Value(QWidget):
    """A value, wrapped and never cut, with its copy button."""

    def __init__(
        self, value: str, name: str, object_name: str, parent: QWidget | None = None
    ) -> None:
        """``name`` says what it is; a long value is not read aloud unasked."""
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        self.field = FixedText(value)
        self.field.setAccessibleName(name)
        self.field.setObjectName(f"{object_name}-value")
        row.addWidget(self.field, 1)
        self.button = CopyButton(lambda: value, name)
        self.button.setObjectName(f"{object_name}-copy")
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)


def breakable(value: str) -> str:
    """A long name that may wrap behind its dots, colons and slashes (zero-width spaces).

    For labels whose text cannot be selected: nobody may copy these invisible characters.
    """
    if max(map(len, value.split(" ")), default=0) < 40:
        return value
    for mark in ".:/=":
        value = value.replace(mark, f"{mark}\u200b")
    return value
