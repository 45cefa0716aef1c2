"""The message that is sent as a proof, and what is read from it when it comes back. No sockets."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from email.utils import format_datetime, parseaddr
from typing import Final

from wizard.model import EmailAddress
from wizard.probe.harmless import harmless
from wizard.proof.report import Fate, HeaderFate
from wizard.texts import Texts

TOKEN_HEADER: Final = "X-openAPPone-Mail-Wizard"
MAX_HEADER_BYTES: Final = 48 << 10
MAX_VALUE: Final = 300
MAX_TRACE: Final = 60
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")
# The headers that name the recipient: how the platform finds the alias that was written to.
RECIPIENT_HEADERS: Final = ("To", "Delivered-To", "X-Original-To")
_TRACE: Final = ("received", "authentication-results")


def new_token() -> str:
    """128 random bits: nobody else's message has them."""
    return secrets.token_hex(16)


def write_letter(
    sender: EmailAddress, recipient: EmailAddress, token: str, sent: datetime, texts: Texts
) -> bytes:
    """The whole message with CRLF line ends (RFC 5322), as DATA wants it before dot-stuffing."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address("openAPPone Mail Wizard", sender.local, sender.domain)
    letter["To"] = Address("", recipient.local, recipient.domain)
    letter["Subject"] = texts("proof.letter.subject", token=token[:8])
    letter["Date"] = format_datetime(sent)
    letter["Message-ID"] = f"<{token}@{sender.domain}>"
    letter[TOKEN_HEADER] = token
    # RFC 3834: no out-of-office reply to a test.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(texts("proof.letter.body", token=token))
    return letter.as_bytes()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A header that a server on the way put on top: its name in lower case, its value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ReturnedLetter:
    """The headers of a message of ours that came back; ``trace`` is topmost first."""

    token: str
    sender: str
    return_path: str
    recipients: tuple[tuple[str, str], ...]
    trace: tuple[TraceLine, ...]


def read_headers(content: bytes) -> ReturnedLetter | None:
    """Read a message's headers; None when it is none of ours. Any bytes are taken."""
    headers = BytesHeaderParser(policy=compat32).parsebytes(content[:MAX_HEADER_BYTES])
    token = _plain(headers.get(TOKEN_HEADER, "")).lower()
    if not _TOKEN.fullmatch(token):
        return None
    pairs = [(name, _plain(value)) for name, value in headers.items()]
    recipients = [
        (name, _address(value))
        for name in RECIPIENT_HEADERS
        for given, value in pairs
        if given.lower() == name.lower()
    ]
    trace = [TraceLine(name.lower(), value) for name, value in pairs if name.lower() in _TRACE]
    return ReturnedLetter(
        token=token,
        sender=_address(_plain(headers.get("From", ""))),
        return_path=_address(_plain(headers.get("Return-Path", ""))),
        recipients=tuple(recipients[:MAX_TRACE]),
        trace=tuple(trace[:MAX_TRACE]),
    )


def fates(letter: ReturnedLetter, recipient: str) -> tuple[HeaderFate, ...]:
    """What became of each header that names the recipient, in the order they are looked at."""
    return tuple(_fate(name, letter, recipient) for name in RECIPIENT_HEADERS)


def _fate(name: str, letter: ReturnedLetter, recipient: str) -> HeaderFate:
    values = [value for given, value in letter.recipients if given == name]
    if not values:
        return HeaderFate(name, Fate.ABSENT)
    # Forwarding adds one above the other; any of them will do for the platform.
    same = any(value.lower() == recipient.lower() for value in values)
    shown = recipient if same else values[0]
    return HeaderFate(name, Fate.KEPT if same else Fate.CHANGED, shown)


def _plain(value: object) -> str:
    """A header's value on one line; broken octets become visible."""
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return " ".join(text.split())


def _address(value: str) -> str:
    address = parseaddr(value)[1] or value.strip(" <>")
    return harmless(address, MAX_VALUE)
