"""Our own icons (``resources/icons``), drawn in the colours of the palette."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from wizard.texts import read_resource

SIZE = 20
SMALLEST_SIZE = 18


class Tone(StrEnum):
    """What a colour says; the words beside it say the same."""

    PLAIN = "plain"
    QUIET = "quiet"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    ACCENT = "accent"


# Light and dark ground; contrast of at least 4.5 on the usual window colours.
_COLOURS = {
    Tone.GOOD: ("#1a7f37", "#56d364"),
    Tone.WARN: ("#9a6700", "#e3b341"),
    Tone.BAD: ("#c62828", "#ff8078"),
}


def text_size() -> int:
    """The size of an icon beside text: it grows with the text, in pixels."""
    return max(SMALLEST_SIZE, QFontMetrics(QApplication.font()).height())


def follow_palette(redraw: Callable[[], None]) -> None:
    """Redraw whenever the system turns to light or dark; ends with the method's own object.

    A widget is not told by an event: one with a style sheet of its own does not get any.
    """
    application = QApplication.instance()
    if isinstance(application, QApplication):
        application.paletteChanged.connect(redraw)


def is_dark() -> bool:
    """Is the window's ground dark?"""
    return QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def colour(tone: Tone) -> QColor:
    """The colour of a tone on the present ground."""
    palette = QApplication.palette()
    match tone:
        case Tone.PLAIN:
            return palette.color(QPalette.ColorRole.WindowText)
        case Tone.QUIET:
            text = palette.color(QPalette.ColorRole.WindowText)
            return mixed(text, palette.color(QPalette.ColorRole.Window), 0.55)
        case Tone.ACCENT:
            return palette.color(QPalette.ColorRole.Accent)
        case _:
            return QColor(_COLOURS[tone][is_dark()])


def mixed(front: QColor, ground: QColor, share: float) -> QColor:
    """A colour between two: ``share`` of the front, the rest of the ground."""

    def between(one: int, other: int) -> int:
        return round(one * share + other * (1 - share))

    return QColor(
        between(front.red(), ground.red()),
        between(front.green(), ground.green()),
        between(front.blue(), ground.blue()),
    )


def tint(tone: Tone, opacity: float) -> str:
    """A tone as a thin veil over whatever is below it, for a style sheet."""
    hue = colour(tone)
    return f"rgba({hue.red()}, {hue.green()}, {hue.blue()}, {round(opacity * 255)})"


def pixmap(name: str, tone: Tone = Tone.PLAIN, size: int = SIZE) -> QPixmap:
    """An icon as a picture, sharp on dense screens."""
    return _draw(name, colour(tone).name(), size)


def blank() -> QIcon:
    """Room for an icon that comes later."""
    picture = QPixmap(SIZE, SIZE)
    picture.fill(Qt.GlobalColor.transparent)
    return QIcon(picture)


def icon(name: str, tone: Tone = Tone.PLAIN) -> QIcon:
    picture = pixmap(name, tone, SIZE * 2)
    drawn = QIcon(picture)
    # Some styles tint the icon of a selected row until it cannot be seen.
    drawn.addPixmap(picture, QIcon.Mode.Selected)
    return drawn


@lru_cache(maxsize=256)
def _draw(name: str, hue: str, size: int) -> QPixmap:
    source = read_resource(f"icons/{name}.svg")
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415 - not before the first paint

    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", hue).encode()))
    dense = 2
    picture = QPixmap(QSize(size * dense, size * dense))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    picture.setDevicePixelRatio(dense)
    return picture
