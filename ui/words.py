"""The words of the present language, for widgets that no page hands them to."""

from __future__ import annotations

from wizard.texts import FALLBACK, Texts


class _Present:
    texts: Texts | None = None


def words() -> Texts:
    """The present language's texts."""
    if _Present.texts is None:
        _Present.texts = Texts.load(FALLBACK)
    return _Present.texts


def speak(texts: Texts) -> None:
    """Make this the present language."""
    _Present.texts = texts
