"""Every change of a set-up: a function from record to record, grouped by step.

So a slow result never overwrites what was typed meanwhile.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from wizard.discovery.report import Detection
from wizard.model import AuthMethod, Protocol, Route, port_for_security
from wizard.proof.report import ProofLetter
from wizard.records.plan import RecordPlan
from wizard.server_form import SESSION, ServerForm, ServerTest
from wizard.setup import (
    LoginMode,
    MailboxEntry,
    Proof,
    Purpose,
    ReceivingWay,
    Setup,
    proof_subject,
)
from wizard.signin.client import AdminConsent, OAuthClient, SignedIn
from wizard.steps import Step

Update = Callable[[Setup], Setup]


def enter_company(setup: Setup, entry: str) -> Setup:
    """Type the address or domain. Nothing that hangs on the old one is thrown away: it is stale."""
    return replace(setup, company=replace(setup.company, entry=entry))


def choose_platform(setup: Setup, platform: str) -> Setup:
    return replace(setup, company=replace(setup.company, platform=platform))


def choose_provider(setup: Setup, provider: str | None) -> Setup:
    """The user picks a provider; None is *other*."""
    return replace(setup, service=replace(setup.service, provider=provider, picked=True))


def take_detection(setup: Setup, detection: Detection) -> Setup:
    """Keep a finding, unless the company has changed since; a choice of the user stays.

    While a search still runs, that it has found no service yet says nothing about the one known.
    """
    if detection.domain != setup.domain:
        return setup
    service = replace(setup.service, detection=detection)
    if not service.picked and (detection.finished or detection.provider):
        service = replace(service, provider=detection.provider)
    return replace(setup, service=service)


def tick_preparation(setup: Setup, preparation: str, *, done: bool) -> Setup:
    ticked = tuple(known for known in setup.service.ticked if known != preparation)
    ticked = (*ticked, preparation) if done else ticked
    return replace(setup, service=replace(setup.service, ticked=ticked))


def choose_route(setup: Setup, route: Route) -> Setup:
    """Who sends. A relay knows the platform by its address, so it has no login."""
    form = setup.sending.form
    if route is Route.RELAY:
        form = replace(form, auth=AuthMethod.NONE)
    elif form.auth is AuthMethod.NONE:
        filled = setup.sending.filled
        usual = filled.auth if filled is not None else None
        form = replace(form, auth=None if usual is AuthMethod.NONE else usual)
    return replace(setup, sending=replace(setup.sending, route=route, form=form))


def edit_sending(setup: Setup, change: Callable[[ServerForm], ServerForm]) -> Setup:
    return replace(setup, sending=replace(setup.sending, form=change(setup.sending.form)))


def edit_receiving(setup: Setup, change: Callable[[ServerForm], ServerForm]) -> Setup:
    return replace(setup, receiving=replace(setup.receiving, form=change(setup.receiving.form)))


def choose_login(setup: Setup, login: LoginMode) -> Setup:
    """The platform reads mailboxes, with one login for all or one for each."""
    receiving = replace(setup.receiving, login=login, way=ReceivingWay.READ)
    return replace(setup, receiving=receiving)


def choose_way(setup: Setup, way: ReceivingWay) -> Setup:
    return replace(setup, receiving=replace(setup.receiving, way=way))


def choose_protocol(setup: Setup, protocol: Protocol) -> Setup:
    """IMAP or POP3; a standard port follows."""
    receiving = setup.receiving
    if protocol is receiving.protocol:
        return setup
    port = str(port_for_security(protocol, receiving.form.security))
    form = replace(receiving.form, port=port)
    return replace(setup, receiving=replace(receiving, protocol=protocol, form=form))


def edit_mailbox(
    setup: Setup, mailbox_id: str, change: Callable[[MailboxEntry], MailboxEntry]
) -> Setup:
    """Change one row; an id that is gone meanwhile changes nothing."""
    mailboxes = tuple(
        change(entry) if entry.id == mailbox_id else entry for entry in setup.receiving.mailboxes
    )
    return replace(setup, receiving=replace(setup.receiving, mailboxes=mailboxes))


def add_mailbox(setup: Setup, local: str) -> Setup:
    """Add an alias of one's own."""
    return add_mailboxes(setup, [new_mailbox(local)])


def duplicate_mailbox(setup: Setup, mailbox_id: str) -> Setup:
    """Add an alias like this one, right behind it, under the next free name."""
    mailboxes: list[MailboxEntry] = []
    taken = {entry.local.strip().lower() for entry in setup.receiving.mailboxes}
    for entry in setup.receiving.mailboxes:
        mailboxes.append(entry)
        if entry.id == mailbox_id:
            stem = entry.local.strip().rstrip("0123456789") or entry.local.strip()
            numbers = (f"{stem}{number}" for number in range(2, len(taken) + 3))
            local = next(name for name in numbers if name.lower() not in taken)
            mailboxes.append(
                replace(new_mailbox(local), username=entry.username, wanted=entry.wanted)
            )
    return replace(setup, receiving=replace(setup.receiving, mailboxes=tuple(mailboxes)))


def new_mailbox(local: str, username: str = "") -> MailboxEntry:
    """A row for an alias of one's own."""
    return MailboxEntry(
        id=os.urandom(16).hex(), local=local, purpose=Purpose.OWN, username=username
    )


def add_mailboxes(setup: Setup, entries: Sequence[MailboxEntry]) -> Setup:
    """Add rows; one whose address is there already is ticked and takes over the login name."""
    added = {entry.local.strip().lower(): entry for entry in entries}
    mailboxes: list[MailboxEntry] = []
    for known in setup.receiving.mailboxes:
        same = added.pop(known.local.strip().lower(), None)
        if same is not None:
            username = same.username or known.username
            known = replace(known, wanted=True, username=username)  # noqa: PLW2901
        mailboxes.append(known)
    together = (*mailboxes, *added.values())
    return replace(setup, receiving=replace(setup.receiving, mailboxes=together))


def remove_mailbox(setup: Setup, mailbox_id: str) -> Setup:
    mailboxes = tuple(entry for entry in setup.receiving.mailboxes if entry.id != mailbox_id)
    return replace(setup, receiving=replace(setup.receiving, mailboxes=mailboxes))


def take_sending_test(setup: Setup, test: ServerTest) -> Setup:
    return replace(setup, sending=replace(setup.sending, test=test))


def take_mailbox_test(setup: Setup, mailbox_id: str, test: ServerTest) -> Setup:
    return edit_mailbox(setup, mailbox_id, lambda entry: replace(entry, test=test))


def take_plan(setup: Setup, plan: RecordPlan) -> Setup:
    """Keep a looked-up plan; the first SPF record ever seen is kept for undo."""
    records = replace(setup.records, plan=plan, session=SESSION)
    domain = plan.subject.domain
    if records.old_spf is None or records.old_spf_domain != domain:
        records = replace(records, old_spf=plan.published_spf, old_spf_domain=domain)
    return replace(setup, records=records)


def begin_proof(setup: Setup, letters: tuple[ProofLetter, ...]) -> Setup:
    """Take new letters in hand, in place of all earlier ones."""
    mailboxes = dict.fromkeys(letter.mailbox for letter in letters)
    subjects = (proof_subject(setup, mailbox) for mailbox in mailboxes)
    stamped = tuple(replace(letter, session=SESSION) for letter in letters)
    return replace(setup, proof=Proof(stamped, tuple(one for one in subjects if one)))


def take_letter(setup: Setup, letter: ProofLetter) -> Setup:
    """Keep how a letter stands now; one that was replaced meanwhile changes nothing."""
    stamped = replace(letter, session=SESSION)
    letters = tuple(
        stamped if known.token == letter.token else known for known in setup.proof.letters
    )
    return replace(setup, proof=replace(setup.proof, letters=letters))


def mark_removed(setup: Setup, tokens: frozenset[str]) -> Setup:
    """These letters were taken out of their mailboxes again; what they prove stays proven."""
    letters = tuple(
        replace(letter, removed=True) if letter.token in tokens else letter
        for letter in setup.proof.letters
    )
    return replace(setup, proof=replace(setup.proof, letters=letters))


def choose_dmarc_reports(setup: Setup, address: str) -> Setup:
    """Where the suggested DMARC record has reports sent to; empty for nowhere."""
    return replace(setup, records=replace(setup.records, dmarc_reports=address))


def mark_entered(setup: Setup, *, entered: bool) -> Setup:
    return replace(setup, platform=replace(setup.platform, entered=entered))


def enter_erp_address(setup: Setup, address: str) -> Setup:
    """Type where the platform is reached: its redirect addresses follow from it."""
    return replace(setup, platform=replace(setup.platform, address=address))


def edit_client(setup: Setup, change: Callable[[OAuthClient], OAuthClient]) -> Setup:
    """Change what was entered about the OAuth client; sign-ins with another id count no more."""
    return replace(setup, signin=replace(setup.signin, client=change(setup.signin.client)))


def take_sign_in(setup: Setup, person: SignedIn) -> Setup:
    """Somebody signed in: what was tested with another token is stale."""
    others = tuple(one for one in setup.signin.people if one.purpose != person.purpose)
    signin = replace(setup.signin, people=(*others, person), admin_consent=AdminConsent.UNKNOWN)
    setup = _count_token(replace(setup, signin=signin))

    def name(form: ServerForm) -> ServerForm:
        # The mailbox is usually the person's own; what was typed is another one, and stays.
        return form if form.username.strip() else replace(form, username=person.person)

    if person.purpose == "sending":
        return edit_sending(setup, name)
    return edit_receiving(setup, name) if person.purpose == "receiving" else setup


def drop_sign_in(setup: Setup, purpose: str) -> Setup:
    """Somebody signed out, or the sign-in is worth nothing any more."""
    people = tuple(one for one in setup.signin.people if one.purpose != purpose)
    if people == setup.signin.people:
        return setup
    return _count_token(replace(setup, signin=replace(setup.signin, people=people)))


def await_admin_consent(setup: Setup, consent: AdminConsent) -> Setup:
    """Whether the organisation's administrator was asked to agree."""
    return replace(setup, signin=replace(setup.signin, admin_consent=consent))


def log_in_by(setup: Setup, step: Step, auth: AuthMethod | None) -> Setup:
    """Choose how to log in at a step's server: a password (None), or a token."""
    if step is Step.SENDING:
        return edit_sending(setup, lambda form: replace(form, auth=auth))
    return edit_receiving(setup, lambda form: replace(form, auth=auth))


def _count_token(setup: Setup) -> Setup:
    def count(form: ServerForm) -> ServerForm:
        return replace(form, token_revision=form.token_revision + 1)

    return edit_receiving(edit_sending(setup, count), count)
