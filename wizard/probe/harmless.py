"""Foreign text made safe to show: nothing in it can move the cursor, the order or the eye."""

import base64
import re
import unicodedata
from typing import Final

MAX_SHOWN: Final = 2_000
MASK: Final = "********"
CUT: Final = " …"
# Control, format (bidi among them), surrogate, private use, line and paragraph separators.
MIN_MASKED: Final = 3
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/]{4,}")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def harmless(text: bytes | str, limit: int = MAX_SHOWN) -> str:
    """Make octets or text displayable: hidden characters become visible, length is bounded.

    Line ends stay, so that a reply of several lines keeps its shape.
    """
    if isinstance(text, bytes):
        text = text[: limit * 4].decode("utf-8", "backslashreplace")
    if text.isprintable() and len(text) <= limit:
        return text
    shown = "".join(map(_visible, text[: limit + 1].replace("\r\n", "\n")))
    return shown if len(shown) <= limit else shown[:limit] + CUT


def _visible(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    if unicodedata.category(character) not in _HIDDEN:
        return " "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"\\u{{{code:x}}}"


class Mask:
    """Hides secrets wherever a server echoes them: clear, made harmless, cut off, in base64."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        long_enough = [one for one in secrets if len(one) >= MIN_MASKED]
        self._octets = tuple({one.encode() for one in long_enough})
        # Longest first: a part of an encoding must not leave the rest of it standing.
        shown = {*long_enough, *map(harmless, long_enough)}
        self._hidden = sorted(shown, key=len, reverse=True)
        self._traces = tuple({trace for octets in self._octets for trace in _traces(octets)})

    def __call__(self, text: str) -> str:
        for hidden in self._hidden:
            text = text.replace(hidden, MASK)
        if text.endswith(CUT):
            text = self._without_beginning_of_secret(text.removesuffix(CUT)) + CUT
        if any(trace in text for trace in self._traces):
            text = _ENCODED.sub(self._mask_encoded, text)
        return text

    def _without_beginning_of_secret(self, text: str) -> str:
        """A secret that was echoed across the limit has left its beginning at the end."""
        for hidden in self._hidden:
            for length in range(len(hidden) - 1, MIN_MASKED - 1, -1):
                if text.endswith(hidden[:length]):
                    return text[:-length] + MASK
        return text

    def _mask_encoded(self, found: re.Match[str]) -> str:
        word = found[0]
        # The word may begin with something that only looks like base64.
        for start in range(4):
            whole = word[start : start + (len(word) - start) // 4 * 4]
            rest = word[start + len(whole) :]
            padded = whole + rest + "=" * (4 - len(rest)) if len(rest) > 1 else whole
            decoded = base64.b64decode(padded)
            if any(octets in decoded for octets in self._octets):
                return MASK
        return word


def _traces(octets: bytes) -> list[str]:
    """What octets leave in base64 wherever they begin in it: the characters they alone decide."""
    found = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + octets).decode()
        found.append(encoded[-(-before * 8 // 6) : (before + len(octets)) * 8 // 6])
    return found
