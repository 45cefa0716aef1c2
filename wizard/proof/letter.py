"""The message that is sent as a proof, and what is read from it when it comes back. No sockets."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, default
from email.utils import format_datetime
from typing import Final

from wizard.model import EmailAddress
from wizard.texts import Texts

TOKEN_HEADER: Final = "X-openAPPone-Mail-Wizard"
MAX_HEADER_BYTES: Final = 64 << 10
MAX_RESULTS: Final = 20
_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


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
class ReturnedLetter:
    """The headers of a message that came back; ``authentication``: RFC 8601, topmost first."""

    token: str
    authentication: tuple[str, ...]


def read_headers(content: bytes) -> ReturnedLetter | None:
    """Read a message's headers; None when it is none of ours. Any bytes are taken."""
    headers = BytesHeaderParser(policy=default).parsebytes(content[:MAX_HEADER_BYTES])
    token = str(headers.get(TOKEN_HEADER, "")).strip()
    if not _TOKEN.fullmatch(token):
        return None
    results = headers.get_all("Authentication-Results", [])[:MAX_RESULTS]
    return ReturnedLetter(token, tuple(" ".join(str(one).split()) for one in results))
