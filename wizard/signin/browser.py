"""Opens an address in the system's own browser (RFC 8252 section 6), never in a window of ours."""

import asyncio
import contextlib
import os
import sys
from typing import Final

OPEN_SECONDS: Final = 10.0


async def open_browser(url: str) -> bool:
    """Has a browser taken the address? One that takes long to start counts as opened."""
    if not url.startswith("https://"):
        return False
    if sys.platform.startswith("linux") and not _has_display():
        # A text browser in the terminal behind the window would help nobody.
        return False
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(OPEN_SECONDS):
            return await asyncio.to_thread(_open, url)
    return True


def _open(url: str) -> bool:
    import webbrowser  # noqa: PLC0415 - not before it is needed

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError):
        return False


def _has_display() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
