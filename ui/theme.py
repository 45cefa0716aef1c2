"""Light and dark. On a desktop the system's own style and colours hold and are followed.

Only where nothing is given (no display: the tour, pictures) are colours set here.
"""

from __future__ import annotations

from typing import ClassVar, Final

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QProxyStyle, QStyle, QStyleOption, QWidget

_ROLES: Final = {
    QPalette.ColorRole.Window: ("#f6f7f9", "#1e2126"),
    QPalette.ColorRole.WindowText: ("#1b1f24", "#e8eaed"),
    QPalette.ColorRole.Base: ("#ffffff", "#2b313a"),
    QPalette.ColorRole.AlternateBase: ("#f0f2f5", "#2c313a"),
    QPalette.ColorRole.Text: ("#1b1f24", "#e8eaed"),
    QPalette.ColorRole.PlaceholderText: ("#6b7280", "#9aa3af"),
    QPalette.ColorRole.Button: ("#ffffff", "#30353e"),
    QPalette.ColorRole.ButtonText: ("#1b1f24", "#e8eaed"),
    QPalette.ColorRole.ToolTipBase: ("#ffffff", "#30353e"),
    QPalette.ColorRole.ToolTipText: ("#1b1f24", "#e8eaed"),
    QPalette.ColorRole.Highlight: ("#1f6feb", "#2f81f7"),
    QPalette.ColorRole.HighlightedText: ("#ffffff", "#ffffff"),
    QPalette.ColorRole.Accent: ("#1f6feb", "#6cb0ff"),
    QPalette.ColorRole.Link: ("#0b5fd0", "#6cb0ff"),
    QPalette.ColorRole.Light: ("#ffffff", "#3a404b"),
    QPalette.ColorRole.Midlight: ("#e6e9ee", "#343a44"),
    QPalette.ColorRole.Mid: ("#c9ced6", "#454c58"),
    QPalette.ColorRole.Dark: ("#9aa3af", "#15181c"),
    QPalette.ColorRole.Shadow: ("#6b7280", "#0b0d10"),
}


class _Roomy(QProxyStyle):
    """Qt's own style with a little more room: it is as tight as it was on small screens.

    A style and not a style sheet of the application: that one would be matched against every
    widget there is, which costs the window 5 MiB and a third of the time to show a page.
    """

    _MORE: ClassVar[dict[QStyle.ContentsType, QSize]] = {
        QStyle.ContentsType.CT_PushButton: QSize(12, 4),
        QStyle.ContentsType.CT_LineEdit: QSize(6, 4),
        QStyle.ContentsType.CT_ComboBox: QSize(6, 4),
        QStyle.ContentsType.CT_SpinBox: QSize(6, 4),
    }

    def sizeFromContents(
        self,
        kind: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        /,
        widget: QWidget | None = None,
    ) -> QSize:
        needed = self.baseStyle().sizeFromContents(kind, option, size, widget)
        more = self._MORE.get(kind)
        return needed if more is None else needed + more

    def subElementRect(
        self, element: QStyle.SubElement, option: QStyleOption, /, widget: QWidget | None = None
    ) -> QRect:
        place = self.baseStyle().subElementRect(element, option, widget)
        if element is QStyle.SubElement.SE_LineEditContents:
            return place.adjusted(4, 0, -4, 0)
        return place


def give_room() -> None:
    """Let controls breathe where no desktop says how large they are."""
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.style().name() == "fusion":
        application.setStyle(_Roomy("fusion"))


def paint(theme: str) -> None:
    """Use our own colours, ``light`` or ``dark``."""
    dark = theme == "dark"
    palette = QPalette()
    for role, pair in _ROLES.items():
        palette.setColor(role, QColor(pair[dark]))
    faint = QColor(_ROLES[QPalette.ColorRole.PlaceholderText][dark])
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text, faint)
    QApplication.setStyle("Fusion")
    QApplication.setPalette(palette)
