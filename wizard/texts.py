"""Texts for people: a message is a key with values; a language is one file that gives it words.

What decides never makes sentences. It returns a :class:`Message`; the window and the command
line render it in the language of the person in front of them. The files are
``resources/languages/<code>.json``: nested objects of texts with ``{named}`` fields, and
``{"one": …, "other": …}`` where a count ``n`` changes the wording.
"""

import json
import os
import pkgutil
from dataclasses import dataclass
from typing import Final, Self

LANGUAGES: Final = ("en", "de")
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be said to a person: a key of the language file and the values it names."""

    key: str
    values: tuple[tuple[str, "str | int | Message"], ...] = ()


def message(key: str, **values: "str | int | Message") -> Message:
    """Build a :class:`Message`; values may be messages themselves and are rendered first."""
    return Message(key, tuple(values.items()))


def duration(milliseconds: int) -> Message:
    """How long something took, in a unit that says something; rounded down.

    Nought is what a clock of whole seconds says of anything shorter than one.
    """
    if milliseconds <= 0:
        return message("duration.none")
    if milliseconds < 1000:
        return message("duration.milliseconds", ms=milliseconds)
    seconds, rest = divmod(milliseconds, 1000)
    if seconds < 100:
        return message("duration.seconds", seconds=seconds, tenths=rest // 100)
    minutes, seconds = divmod(seconds, 60)
    return message("duration.minutes", minutes=minutes, seconds=seconds)


class Texts:
    """The words of one language."""

    def __init__(self, language: str, entries: dict[str, str]) -> None:
        self.language = language
        self._entries = entries

    @classmethod
    def load(cls, language: str) -> Self:
        """Read the language file; an unknown language gives English."""
        code = language if language in LANGUAGES else FALLBACK
        return cls(code, flatten(json.loads(read_resource(f"languages/{code}.json"))))

    def __call__(self, key: str, **values: "str | int | Message") -> str:
        return self.render(message(key, **values))

    def render(self, said: Message) -> str:
        """Give a message its words. A key without words shows itself: tests find it, users may."""
        values = {
            name: self.render(value) if isinstance(value, Message) else value
            for name, value in said.values
        }
        entry = self._entries.get(said.key)
        if entry is None and "n" in values:
            entry = self._entries.get(f"{said.key}.{'one' if values['n'] == 1 else 'other'}")
        return said.key if entry is None else entry.format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self._entries or f"{key}.other" in self._entries

    def raw(self, key: str) -> str:
        """The words of a key with their fields unfilled. Raises ``KeyError``."""
        return self._entries[key]

    def keys(self) -> frozenset[str]:
        """All keys of this language, plural forms apart."""
        return frozenset(self._entries)


def read_resource(name: str) -> str:
    """A text of ``resources`` by its path there; raises ``OSError`` when there is none.

    Through the package's loader like ``importlib.resources``, but without the 10 ms that importing
    that costs before the first paint.
    """
    content = pkgutil.get_data("resources", name)
    if content is None:
        raise FileNotFoundError(name)
    return content.decode("utf-8")


def flatten(tree: dict[str, object], prefix: str = "") -> dict[str, str]:
    """Turn nested objects into dotted keys: ``{"a": {"b": "x"}}`` to ``{"a.b": "x"}``."""
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            flat[f"{prefix}{key}"] = value
        else:
            raise TypeError(f"{prefix}{key}: a text or a group of texts is needed")
    return flat


def system_language() -> str:
    """The language of the system out of :data:`LANGUAGES`, English if it is none of them."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            code = value[:2].lower()
            return code if code in LANGUAGES else FALLBACK
    return FALLBACK
