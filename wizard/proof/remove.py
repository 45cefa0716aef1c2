"""Takes the letters of a proof out of the mailboxes again, many logins at once.

What makes sure that it is them is in :mod:`wizard.proof.removal`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from wizard.model import Protocol
from wizard.network import Network
from wizard.probe.driver import converse
from wizard.proof.job import Account, Bounds
from wizard.proof.removal import remove_by_imap, remove_by_pop3
from wizard.proof.report import ProofLetter


async def remove_letters(
    letters: Sequence[ProofLetter], accounts: Mapping[str, Account], network: Network
) -> frozenset[str]:
    """Remove them; ``accounts`` by mailbox id. Returns the tokens of those that are gone.

    A letter whose mailbox is not among them any more stays.
    """
    removed: set[str] = set()
    turn = asyncio.Semaphore(Bounds().readers)
    by_account: dict[Account, list[ProofLetter]] = {}
    for letter in letters:
        account = accounts.get(where_it_lies(letter))
        if account is not None:
            by_account.setdefault(account, []).append(letter)

    async def remove(account: Account, ours: Sequence[ProofLetter]) -> None:
        tokens = frozenset(letter.token for letter in ours)
        since = min((one.sent for one in ours if one.sent), default=datetime.now(UTC))
        if account.settings.protocol is Protocol.POP3:
            errand = partial(remove_by_pop3, tokens, removed)
        else:
            errand = partial(remove_by_imap, tokens, since, removed)
        async with turn:
            await converse(account.settings, account.secret, network, errand=errand)

    async with asyncio.TaskGroup() as group:
        for one, ours in by_account.items():
            group.create_task(remove(one, ours))
    return frozenset(removed)


def where_it_lies(letter: ProofLetter) -> str:
    """The mailbox (its id) in which a letter was seen; a catch-all may have taken it."""
    return (letter.arrival and letter.arrival.elsewhere) or letter.mailbox
