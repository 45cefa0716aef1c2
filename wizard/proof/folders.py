"""The folders of a mailbox in which a letter may lie: inbox, junk, all mail. No sockets.

By their special use (RFC 6154), else by the names that servers and programs give them.
"""

import re
from dataclasses import dataclass
from typing import Final

from wizard.proof.report import Place

MAX_FOLDERS: Final = 6
_LINE: Final = re.compile(
    rb'^\* X?LIST \(([^)]*)\) (?:NIL|"(\\?.)"|(\S)) (.*)$', re.IGNORECASE | re.DOTALL
)
_LITERAL: Final = re.compile(rb"^\{\d{1,6}\}\r\n(.*)$", re.DOTALL)
_USES: Final = {b"\\junk": Place.JUNK, b"\\spam": Place.JUNK, b"\\all": Place.ALL}
_JUNK_NAMES: Final = frozenset(
    (
        *("junk", "spam", "junk e-mail", "junk-e-mail", "junk email", "junk mail", "bulk"),
        *("bulk mail", "spamverdacht", "spam-verdacht", "werbung", "unerwünscht", "quarantine"),
        *("courrier indésirable", "indésirables", "correo no deseado", "posta indesiderata"),
    )
)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its name as the server wants it, as people read it, and what it is for."""

    wire: bytes
    name: str
    place: Place


INBOX: Final = Folder(b"INBOX", "INBOX", Place.INBOX)


def folders_of(lines: tuple[bytes, ...]) -> tuple[Folder, ...]:
    """The folders to look into, inbox first, out of the answers to LIST. Any bytes are taken."""
    marked: list[Folder] = []
    named: list[Folder] = []
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        uses = found[1].lower().split()
        if b"\\noselect" in uses or b"\\nonexistent" in uses:
            continue
        wire = _unquoted(found[4])
        name = decode_name(wire)
        separator = (found[2] or found[3] or b"").decode("latin-1")[-1:]
        leaf = name.rsplit(separator, 1)[-1] if separator else name
        place = next((_USES[use] for use in uses if use in _USES), None)
        if place is not None:
            marked.append(Folder(wire, name, place))
        elif leaf.casefold() in _JUNK_NAMES and name.upper() != "INBOX":
            named.append(Folder(wire, name, Place.JUNK))
    if any(folder.place is Place.JUNK for folder in marked):
        named = []
    order = [Place.JUNK, Place.ALL]
    rest = sorted((*marked, *named), key=lambda folder: order.index(folder.place))
    return (INBOX, *rest[: MAX_FOLDERS - 1])


def quoted(wire: bytes) -> bytes:
    """A folder's name as an astring; servers give no name that would need a literal here."""
    clean = bytes(octet for octet in wire if octet >= 0x20 and octet != 0x7F)
    return b'"' + clean.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def decode_name(wire: bytes) -> str:
    """Modified UTF-7 (RFC 3501 section 5.1.3) as text; what is none stays as it is."""
    text = wire.decode("utf-8", "replace")

    def decode(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        try:
            return f"+{found[1].replace(',', '/')}-".encode("ascii").decode("utf-7")
        except UnicodeError:
            return found[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", decode, text)


def _unquoted(given: bytes) -> bytes:
    literal = _LITERAL.match(given)
    if literal:
        return literal[1]
    if len(given) >= 2 and given.startswith(b'"') and given.endswith(b'"'):
        return re.sub(rb"\\(.)", rb"\1", given[1:-1])
    return given
