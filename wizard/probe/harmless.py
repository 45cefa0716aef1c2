"""Foreign text made safe to show: nothing in it can move the cursor, the order or the eye."""

import unicodedata
from typing import Final

MAX_SHOWN: Final = 2_000
MASK: Final = "********"
# Control, format (bidi among them), surrogate, private use, line and paragraph separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def harmless(text: bytes | str, limit: int = MAX_SHOWN) -> str:
    """Make octets or text displayable: hidden characters become visible, length is bounded.

    Line ends stay, so that a reply of several lines keeps its shape.
    """
    if isinstance(text, bytes):
        text = text[: limit * 4].decode("utf-8", "backslashreplace")
    shown = "".join(map(_visible, text[: limit + 1].replace("\r\n", "\n")))
    return shown if len(shown) <= limit else shown[:limit] + " …"


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
    """Hides secrets, and what they look like on the wire, wherever a server echoes them."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        # Longest first: a part of an encoding must not leave the rest of it standing.
        self._hidden = sorted({one for one in secrets if len(one) >= 3}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for hidden in self._hidden:
            text = text.replace(hidden, MASK)
        return text
