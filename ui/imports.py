"""Gives back Python's own import statement, which PySide6 replaces."""

from __future__ import annotations

import builtins


def import_ordinarily() -> None:
    """Load PySide6 and undo its hook for ``from __feature__ import …``, which nothing here uses.

    The hook reads the source of every module that is imported after PySide6 to look for that
    line, and keeps it: a third of the time to our first paint, and 9 MiB. To be called before
    any of our own modules that need Qt. A PySide6 without the hook is left as it is.
    """
    import PySide6.QtCore  # noqa: F401, PLC0415 - the hook comes with it

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
