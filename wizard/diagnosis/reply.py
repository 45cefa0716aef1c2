"""A foreign text brought into a form that rules can search: unwrapped and bounded.

Texts come as servers send them, as Python, Java or PHP print them, and inside the frames that
Odoo and others put around them. Nothing is judged here.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from wizard.probe.harmless import harmless

MAX_TEXT_BYTES: Final = 1 << 20
# A message of more than this has its meaning at one of its ends.
MAX_SEARCHED: Final = 32 << 10
MAX_QUOTED: Final = 400

_BYTES_REPR: Final = re.compile(r"""\bb(['"])""")
_ESCAPED_END: Final = re.compile(r"\\r\\n|\\n|\\r|\\t")
# The code that every further line of a reply repeats.
_CONTINUED: Final = re.compile(r"\n\W{0,3}[2-5]\d\d[- ](?!\*)(?:[245]\.\d{1,3}\.\d{1,3} )?")
_AADSTS: Final = re.compile(r"AADSTS(\d{4,8})", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """The text as rules see it: repr marks and escapes removed, line ends kept."""

    text: str

    @classmethod
    def read(cls, given: str | bytes) -> "Reply":
        """Take any text or octets; what is over the bounds is cut from the middle."""
        if isinstance(given, bytes):
            given = given[:MAX_TEXT_BYTES].decode("utf-8", "backslashreplace")
        if len(given) > MAX_SEARCHED:
            half = MAX_SEARCHED // 2
            given = given[:half] + "\n…\n" + given[-half:]
        text = _ESCAPED_END.sub("\n", given.replace("\r\n", "\n"))
        text = _BYTES_REPR.sub(r"\1", text)
        return cls(text.replace("\u2019", "'").replace("\xa0", " ").strip())

    @cached_property
    def flat(self) -> str:
        """All on one line: phrases are often broken over the lines of a reply."""
        return re.sub(r"\s+", " ", _CONTINUED.sub(" ", self.text))

    @cached_property
    def folded(self) -> str:
        """The same in small letters, character by character: places are those of :attr:`flat`."""
        small = self.flat.lower()
        if len(small) == len(self.flat):
            return small
        return "".join(one.lower() if len(one.lower()) == 1 else one for one in self.flat)

    @cached_property
    def aadsts(self) -> tuple[int, ...]:
        """Microsoft's sign-in error numbers."""
        return tuple(int(number) for number in _AADSTS.findall(self.text))

    def quote(self, start: int, end: int) -> str:
        """The part of the flat text that decided it, with what stands around it, harmless."""
        room = max(0, MAX_QUOTED - (end - start)) // 2
        piece = self.flat[max(0, start - room) : end + room]
        return harmless(piece.strip(), MAX_QUOTED)
