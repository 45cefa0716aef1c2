"""Qt's own style with a little more room around what is in a control."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleOption, QWidget


class Roomy(QProxyStyle):
    """Qt's own style is as tight as it was on small screens.

    A style and not a style sheet of the application: that one would be matched against every
    widget there is, which costs the window 9 MiB and a third of the time to show a page.
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
