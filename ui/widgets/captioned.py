"""A copy button that says what it copies."""

from __future__ import annotations

from collections.abc import Callable

from ui.widgets.copying import CopyButton


class CaptionedCopyButton(CopyButton):
    """For what has no value beside it: a whole list, a whole report."""

    def __init__(self, value: Callable[[], str], caption: str) -> None:
        """``caption`` may hold a mnemonic."""
        super().__init__(value, caption.replace("&", ""))
        self._caption = caption
        self.setText(caption)

    def _restore(self) -> None:
        super()._restore()
        self.setText(self._caption)
