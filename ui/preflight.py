"""Looks before Qt is started: with something missing Qt aborts the process, or says nonsense.

Its message about the xcb plugin is the same for a missing display, a dead one and for any missing
library (tried out), so the exact reason is found here first. Imports Qt only when all is well.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys

QT_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}
XCB_PACKAGES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
WAYLAND_PACKAGES = {
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
# These draw somewhere else than on a display.
DISPLAYLESS = ("offscreen", "minimal", "vnc")
# The release that loses references to None and True below Python 3.12 and aborts the process.
CRASHING = "6.12.0"


def missing(*, display: bool) -> str | None:
    """What keeps the window from opening, and what to type; None when nothing does.

    ``display`` False: it is to be drawn without a display.
    """
    on_linux = sys.platform.startswith("linux")
    needs_display = on_linux and display and not _displayless()
    if on_linux:
        needed = QT_PACKAGES | (_display_packages() if needs_display else {})
        if packages := missing_packages(needed):
            return f"system libraries are missing. Type: apt-get install {' '.join(packages)}"
    if problem := _cannot_load():
        return problem
    if needs_display and (problem := _no_display()):
        return (
            f"{problem}. Start it on a desktop, "
            "or see it without one: mail-wizard tour --pictures DIR"
        )
    return None


def missing_packages(needed: dict[str, str]) -> list[str]:
    """The Debian packages of the libraries that cannot be loaded."""
    found = []
    for library, package in needed.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            found.append(package)
    return list(dict.fromkeys(found))


def explain_import(problem: str) -> str:
    """Why Qt cannot be imported, with the package to install where one is known."""
    library = re.search(r"lib[\w+-]+\.so[.\d]*", problem)
    known = QT_PACKAGES | XCB_PACKAGES | WAYLAND_PACKAGES
    package = known.get(library[0]) if library else None
    hint = f" Type: apt-get install {package}" if package else ""
    return f"Qt cannot be loaded: {problem}.{hint}"


def crashes(python: tuple[int, int], qt: str) -> bool:
    """Is this the pair of Python and PySide6 that aborts after some hundred signals?"""
    return python < (3, 12) and qt == CRASHING


def _cannot_load() -> str | None:
    try:
        import PySide6  # noqa: PLC0415

        if crashes(sys.version_info[:2], PySide6.__version__):
            return (
                f"PySide6 {CRASHING} crashes on this Python. "
                "Type: python3 -m pip install 'PySide6-Essentials<6.12'"
            )
        import PySide6.QtWidgets  # noqa: PLC0415
    except ImportError as problem:
        return explain_import(str(problem))
    return None


def _displayless() -> bool:
    return os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in DISPLAYLESS


def _display_packages() -> dict[str, str]:
    if os.environ.get("QT_QPA_PLATFORM"):
        return {}  # chosen by hand: then Qt's own words are the right ones
    if os.environ.get("WAYLAND_DISPLAY"):
        return WAYLAND_PACKAGES
    return XCB_PACKAGES if os.environ.get("DISPLAY") else {}


def _no_display() -> str | None:
    """What is wrong with the display; Qt would abort over it."""
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    name = os.environ.get("DISPLAY")
    if not name:
        return "there is no display here"
    return None if _answers() else f"the display {name} does not answer"


def _answers() -> bool:
    """Ask the X server itself: a variable alone does not mean that anybody is there."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the list of libraries has been looked at: leave it to Qt
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)
