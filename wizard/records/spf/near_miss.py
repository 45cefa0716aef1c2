"""Texts that are meant as SPF but are none, so that receivers ignore them. Pure."""

import re
from typing import Final

from wizard.records.spf.octets import decoded
from wizard.records.spf.parse import VERSION, is_spf, parse_spf

# Without its version a longer text is nobody's record.
MAX_FORGOTTEN: Final = 1_000
_NEAR_MISS: Final = re.compile(r"v ?[=:-] ?spf|spf1(?![a-z0-9.])", re.IGNORECASE)
_AROUND: Final = " \t\r\n\"'`\xa0\ufeff\u200b\u201c\u201d\u201e\u2018\u2019"
# A whole line of a zone file, pasted as the value.
_ZONE_LINE: Final = re.compile(r"^(?:\S+\s+)?(?:\d+\s+)?(?:IN\s+)?TXT\s+(?=[\"']?v=spf1)", re.I)


def is_near_miss(text: str) -> bool:
    """Is it meant as SPF but none? Sender ID (``spf2.0/…``) is something else."""
    if is_spf(text):
        return False
    bare = bare_text(text)
    if _NEAR_MISS.match(bare):
        return True
    if len(bare) > MAX_FORGOTTEN:
        return False
    # The version was forgotten, but nothing else.
    forgotten = parse_spf(f"{VERSION} {bare}")
    return forgotten.sound and forgotten.first_all is not None and bool(forgotten.effective)


def bare_text(text: str) -> str:
    """A text without what a form or a zone file put around it."""
    bare = decoded(text).removeprefix("\xef\xbb\xbf").replace("\t", " ").strip(_AROUND)
    return _ZONE_LINE.sub("", bare).strip(_AROUND)
