"""Which letters prove a set-up: one to each mailbox, one from each sender that may send. No I/O."""

from wizard.current import sending_freshness, wanted_mailboxes
from wizard.erp.senders import BOUNCE, DEFAULT_FROM, proof_sender, senders_of
from wizard.model import EmailAddress, Route
from wizard.proof.letter import new_token
from wizard.proof.report import LetterKind, ProofLetter
from wizard.server_form import Freshness
from wizard.setup import MailboxEntry, Purpose, Setup


def permitted_senders(setup: Setup) -> tuple[EmailAddress, ...]:
    """The senders that the server took in a test of what stands there now; untested: the first."""
    senders = senders_of(setup)
    test = setup.sending.test
    if test is None or sending_freshness(setup) is not Freshness.FRESH or not test.report.senders:
        return senders[:1]
    accepted = {one.sender for one in test.report.senders if one.accepted}
    return tuple(sender for sender in senders if str(sender) in accepted)


def plan_letters(setup: Setup) -> tuple[ProofLetter, ...]:
    """The letters, none of them sent yet; none where the platform's own servers send.

    A letter to a mailbox goes out as the platform's do: from the default sender where the server
    takes it, with bounce@ in the envelope where it takes that.
    """
    domain, first = setup.domain, proof_sender(setup)
    if domain is None or first is None or setup.sending.route is Route.PLATFORM:
        return ()
    entries = wanted_mailboxes(setup)
    permitted = permitted_senders(setup)
    bounce = EmailAddress(_local(entries, Purpose.BOUNCE) or BOUNCE, domain)
    usual = EmailAddress(DEFAULT_FROM, domain)
    sender = usual if usual in permitted else next(iter(permitted), first)
    envelope = bounce if bounce in permitted else sender
    letters = {
        f"{entry.local.strip()}@{domain}".lower(): ProofLetter(
            token=new_token(),
            kind=LetterKind.MAILBOX,
            sender=str(sender),
            envelope=str(envelope),
            recipient=f"{entry.local.strip()}@{domain}",
            mailbox=entry.id,
        )
        for entry in reversed(entries)
    }
    to_mailboxes = tuple(reversed(letters.values()))
    home = next((one for one in entries if one.purpose is Purpose.CATCHALL), None)
    home = home or next(iter(entries), None)
    if home is None:
        return ()
    from_senders = (
        ProofLetter(
            token=new_token(),
            kind=LetterKind.SENDER,
            sender=str(one),
            envelope=str(one),
            recipient=f"{home.local.strip()}@{domain}",
            mailbox=home.id,
        )
        for one in permitted
        # The letter to this very mailbox has proven that one.
        if one != sender
    )
    return (*to_mailboxes, *from_senders)


def watched_to_the_end(setup: Setup) -> frozenset[str]:
    """The mailboxes where reports arrive, and what no other takes, if they are read."""
    purposes = (Purpose.BOUNCE, Purpose.CATCHALL)
    return frozenset(one.id for one in wanted_mailboxes(setup) if one.purpose in purposes)


def _local(entries: tuple[MailboxEntry, ...], purpose: Purpose) -> str:
    return next((one.local.strip() for one in entries if one.purpose is purpose), "")
