"""Text in the few kinds the window has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QEnterEvent, QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

from ui.widgets.icons import follow_palette


class Body(QLabel):
    """Running text: wraps, can be selected by mouse, takes no focus from the keyboard."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def enterEvent(self, event: QEnterEvent) -> None:
        # Text that can be selected has a document of its own, 30 kB each: there are hundreds, and
        # the mouse comes to few.
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        super().enterEvent(event)


class Heading(Body):
    """The question a page asks: 1.4 times the body."""

    factor = 1.4

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * self.factor)
        font.setWeight(QFont.Weight.DemiBold)
        self.setFont(font)


class Subheading(Heading):
    """The name of a part of a page."""

    factor = 1.1


class Muted(Body):
    """What is said beside something, a little quieter than the rest."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._quieten()
        follow_palette(self._quieten)

    def _quieten(self) -> None:
        # Placeholder colours of many styles are too faint to read: seven tenths are enough.
        application = QApplication.palette()
        text = application.windowText().color()
        text.setAlphaF(0.7)
        palette = QPalette(application)
        palette.setColor(QPalette.ColorRole.WindowText, text)
        self.setPalette(palette)


class LinkLabel(QLabel):
    """A link that opens in the browser, by mouse and by keyboard."""

    def __init__(self, text: str, url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.RichText)
        import html  # noqa: PLC0415 - not before the first paint

        self.setText(f'<a href="{html.escape(url, quote=True)}">{html.escape(text)}</a> ↗')
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setOpenExternalLinks(True)
        self.setAccessibleName(text)
        self.setToolTip(url)
        self.setWordWrap(True)
