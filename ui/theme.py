"""Light and dark. On a desktop the system's own style and colours hold and are followed.

Only where nothing is given (no display: the tour, pictures) are colours set here.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

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


def give_room() -> None:
    """Let controls breathe where no desktop says how large they are."""
    application = QApplication.instance()
    if isinstance(application, QApplication) and application.style().name() == "fusion":
        from ui.roomy import Roomy  # noqa: PLC0415 - 14 ms, not before the first paint

        application.setStyle(Roomy("fusion"))


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
