"""A choice between a few things that deserve a picture of their own: cards side by side."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.widgets.icons import Tone, colour, follow_palette, pixmap, tint
from ui.widgets.labels import Muted
from ui.widgets.spacing import GRID


class Card(QPushButton):
    """One choice: a name and a line below it. The chosen one has a mark, not only a colour."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plain_title = title
        self.setObjectName("card")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAutoDefault(False)
        self.setMinimumHeight(GRID * 7)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._title = QLabel(title)
        self._title.setWordWrap(True)
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._below = Muted()
        self._mark = QLabel(self)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 3 // 2, GRID * 4, GRID * 3 // 2)
        column.setSpacing(GRID // 2)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._below)
        column.addStretch(1)
        for label in (self._title, self._below, self._mark):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.toggled.connect(self._mark.setVisible)
        self._mark.hide()
        self.say("")
        self._draw()
        follow_palette(self._draw)

    def say(self, below: str) -> None:
        """The line under the name."""
        self._below.setText(below)
        self._below.setVisible(bool(below))
        self.setAccessibleName(f"{self._plain_title}, {below}" if below else self._plain_title)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        width = max(self.width(), GRID * 14)
        return QSize(GRID * 14, max(GRID * 9, self._column.totalHeightForWidth(width)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Return goes on to the next step everywhere; Space chooses.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        edge = GRID * 3 // 2
        left = edge if self.isRightToLeft() else self.width() - edge - self._mark.width()
        self._mark.move(left, (self.height() - self._mark.height()) // 2)

    def _draw(self) -> None:
        palette = QApplication.palette()
        accent = colour(Tone.ACCENT).name()
        ring = colour(Tone.PLAIN).name()
        edge = palette.color(QPalette.ColorRole.Mid).name()
        base = palette.color(QPalette.ColorRole.Base).name()
        self._mark.setPixmap(pixmap("check", Tone.ACCENT))
        self._mark.adjustSize()
        sheet = (
            f"QPushButton {{ background: {base}; border: 1px solid {edge};"
            f" border-radius: {GRID}px; margin: 1px; }}"
            f"QPushButton:hover {{ border: 1px solid {accent}; }}"
            f"QPushButton:checked {{ background: {tint(Tone.ACCENT, 0.08)};"
            f" border: 2px solid {accent}; margin: 0; }}"
            f"QPushButton:focus {{ border: 2px solid {ring}; margin: 0; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
