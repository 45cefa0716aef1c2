"""Who has a mailbox in the practice company, and what lies in it.

Sending puts letters in (:mod:`wizard.practice.submission`), IMAP takes them out
(:mod:`wizard.practice.imap`).
"""

import hmac
from datetime import datetime
from enum import Enum, auto
from typing import Final

from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.parsing.message import AppendMessage

from wizard.practice.facts import ADDRESS, DOMAIN, Account

MAX_MESSAGES: Final = 1_000
MAX_MESSAGE_OCTETS: Final = 1 << 20
CATCHALL: Final = f"catchall@{DOMAIN}"


class Delivery(Enum):
    """What became of a letter."""

    DELIVERED = auto()
    MAILBOX_FULL = auto()


class MailStore:
    """The accounts and their mailboxes, in memory."""

    def __init__(self, accounts: tuple[Account, ...]) -> None:
        self._passwords = {account.address: account.password for account in accounts}
        self.mailboxes = {account.address: (MailboxSet(), FilterSet()) for account in accounts}

    def opens(self, address: str, password: bytes) -> bool:
        """Is it the password of this account? Any octets may be asked about."""
        known = self._passwords.get(address.lower())
        return known is not None and hmac.compare_digest(known.encode(), password)

    def may_send_as(self, login: str, sender: str) -> bool:
        """The company's sender policy: ``info@`` for everybody, all others for themselves only.

        The null sender of bounces (RFC 5321 section 4.5.5) belongs to nobody and is allowed.
        """
        owner, wanted = login.lower(), sender.lower()
        if owner == ADDRESS:
            return wanted == "<>" or wanted.endswith(f"@{DOMAIN}")
        return wanted in ("<>", owner)

    async def deliver(self, recipient: str, letter: bytes) -> Delivery:
        """Put a letter into the inbox of an address of the company, or into catchall's."""
        address = recipient.lower()
        mailboxes, _ = self.mailboxes.get(address) or self.mailboxes[CATCHALL]
        inbox = await mailboxes.get_mailbox("INBOX")
        if (await inbox.snapshot()).exists >= MAX_MESSAGES:
            return Delivery.MAILBOX_FULL
        await inbox.append(AppendMessage(letter, datetime.now().astimezone()), recent=True)
        return Delivery.DELIVERED
