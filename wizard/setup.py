"""The set-up: one frozen record of all that was entered, found and tested for one company.

Every change is a function from record to record, so that a slow result never overwrites what was
typed meanwhile. A result carries what it was made for: when that differs from the present entry,
or was made in an earlier session, it is stale. Which step comes next does not belong in here.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from wizard.discovery.report import Detection
from wizard.model import (
    AuthMethod,
    EmailAddress,
    Invalid,
    Protocol,
    Route,
    Security,
    ServerSettings,
    parse_address,
    parse_domain,
    parse_host,
    parse_port,
    parse_username,
    port_for_security,
    security_for_port,
)
from wizard.probe.report import ProbeReport
from wizard.proof.report import ProofReport
from wizard.records.plan import RecordPlan
from wizard.texts import Message

# Results of this run of the program only: an older one may not be shown as working (promise 1).
SESSION: Final = os.urandom(16).hex()


class FormField(StrEnum):
    """The fields of a server's form."""

    HOST = "host"
    PORT = "port"
    USERNAME = "username"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A field that cannot be used as it is."""

    field: FormField
    message: Message


@dataclass(frozen=True, slots=True)
class ServerForm:
    """A server's form as typed, also what cannot be used yet.

    ``secret_revision`` counts the changes of the secret, which itself is in the vault: a new
    password makes a result stale like any other change.
    """

    host: str = ""
    port: str = ""
    security: Security = Security.TLS
    username: str = ""
    auth: AuthMethod | None = None
    secret_revision: int = 0

    def with_port(self, protocol: Protocol, port: str) -> "ServerForm":
        """Type a port; a standard port brings its security along (465: TLS, 587: STARTTLS)."""
        number = parse_port(port)
        implied = None if isinstance(number, Invalid) else security_for_port(protocol, number)
        return replace(self, port=port, security=implied or self.security)

    def with_security(self, protocol: Protocol, security: Security) -> "ServerForm":
        """Choose a security; a standard port follows it, a port of one's own stays."""
        number = parse_port(self.port)
        own = isinstance(number, int) and security_for_port(protocol, number) is None
        port = self.port if own else str(port_for_security(protocol, security))
        return replace(self, port=port, security=security)

    def parse(self, protocol: Protocol) -> ServerSettings | tuple[FieldProblem, ...]:
        """The settings to test, or every field that has to be changed first."""
        host, port = parse_host(self.host), parse_port(self.port)
        username: str | Invalid = ""
        if self.auth is not AuthMethod.NONE:
            username = parse_username(self.username)
        if isinstance(host, str) and isinstance(port, int) and isinstance(username, str):
            return ServerSettings(protocol, host, port, self.security, username, self.auth)
        entries = (
            (FormField.HOST, host),
            (FormField.PORT, port),
            (FormField.USERNAME, username),
        )
        return tuple(
            FieldProblem(name, value.message)
            for name, value in entries
            if isinstance(value, Invalid)
        )

    def same_entry(self, other: "ServerForm") -> bool:
        """Equal but for the secret."""
        return replace(self, secret_revision=0) == replace(other, secret_revision=0)


@dataclass(frozen=True, slots=True)
class ServerTest:
    """A probe's report and what it was made for."""

    form: ServerForm
    senders: tuple[str, ...]
    report: ProbeReport
    session: str = SESSION


@dataclass(frozen=True, slots=True)
class Company:
    """Step 1. ``entry`` is the address or domain as typed; ``platform`` an id of the catalogue."""

    entry: str = ""
    platform: str = "openappone-online"


@dataclass(frozen=True, slots=True)
class MailService:
    """Step 2. ``provider`` is an id of the catalogue, None for *other*.

    ``picked`` tells that the user chose: a later finding then does not change it. ``ticked`` are
    the ids of the preparations that are done at the provider.
    """

    provider: str | None = None
    picked: bool = False
    detection: Detection | None = None
    ticked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sending:
    """Step 3. ``filled`` is what the preset wrote into the form: still equal means untouched."""

    route: Route = Route.PROVIDER
    form: ServerForm = field(default_factory=ServerForm)
    filled: ServerForm | None = None
    test: ServerTest | None = None


class Purpose(StrEnum):
    """What the platform reads a mailbox for; ``OWN`` is one the user added."""

    CATCHALL = "catchall"
    BOUNCE = "bounce"
    SALES = "sales"
    SUPPORT = "support"
    PROJECTS = "projects"
    JOBS = "jobs"
    OWN = "own"


class LoginMode(StrEnum):
    """One login that reads all addresses, or one login for each mailbox."""

    SHARED = "shared"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """One row of step 4: an address that the platform reads.

    ``local`` is the part before the @; ``username`` its own login, empty means the address.
    """

    id: str
    local: str
    purpose: Purpose
    wanted: bool = True
    username: str = ""
    secret_revision: int = 0
    test: ServerTest | None = None


def _usual_mailboxes() -> tuple[MailboxEntry, ...]:
    always = (Purpose.CATCHALL, Purpose.BOUNCE)
    return tuple(
        MailboxEntry(
            id=purpose.value, local=purpose.value, purpose=purpose, wanted=purpose in always
        )
        for purpose in Purpose
        if purpose is not Purpose.OWN
    )


@dataclass(frozen=True, slots=True)
class Receiving:
    """Step 4. ``form`` holds the server, and the login when it is shared."""

    protocol: Protocol = Protocol.IMAP
    login: LoginMode = LoginMode.EACH
    form: ServerForm = field(default_factory=ServerForm)
    filled: ServerForm | None = None
    mailboxes: tuple[MailboxEntry, ...] = field(default_factory=_usual_mailboxes)


@dataclass(frozen=True, slots=True)
class Records:
    """Step 5. ``old_spf``: what ``old_spf_domain`` published before the first change, for undo."""

    plan: RecordPlan | None = None
    old_spf: str | None = None
    old_spf_domain: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class PlatformForms:
    """Step 6. ``entered``: the user says that the values stand in the platform's forms."""

    entered: bool = False


@dataclass(frozen=True, slots=True)
class ProofSubject:
    """What a proof was made with: both servers' forms and the mailbox's id."""

    outgoing: ServerForm
    incoming: ServerForm
    mailbox: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Step 7."""

    report: ProofReport | None = None
    subject: ProofSubject | None = None
    session: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """One company's work in progress. Holds no secret."""

    id: str
    created: datetime
    company: Company = field(default_factory=Company)
    service: MailService = field(default_factory=MailService)
    sending: Sending = field(default_factory=Sending)
    receiving: Receiving = field(default_factory=Receiving)
    records: Records = field(default_factory=Records)
    platform: PlatformForms = field(default_factory=PlatformForms)
    proof: Proof = field(default_factory=Proof)

    @property
    def address(self) -> EmailAddress | None:
        """The company's address, where an address and not only a domain was entered."""
        parsed = parse_company(self.company.entry)
        return parsed if isinstance(parsed, EmailAddress) else None

    @property
    def domain(self) -> str | None:
        """The company's mail domain as A-labels; None while the entry cannot be used."""
        match parse_company(self.company.entry):
            case EmailAddress(domain=domain):
                return domain
            case str() as domain:
                return domain
            case Invalid():
                return None


Update = Callable[[Setup], Setup]


def new_setup(now: datetime) -> Setup:
    """An empty set-up; ``now`` is an aware time."""
    return Setup(id=os.urandom(16).hex(), created=now)


def parse_company(entry: str) -> EmailAddress | str | Invalid:
    """The company's entry: an address if there is an @, else a domain."""
    at = entry.strip().find("@")
    return parse_address(entry) if at > 0 else parse_domain(entry)


def enter_company(setup: Setup, entry: str) -> Setup:
    """Type the address or domain. Nothing that hangs on the old one is thrown away: it is stale."""
    return replace(setup, company=replace(setup.company, entry=entry))


def choose_platform(setup: Setup, platform: str) -> Setup:
    return replace(setup, company=replace(setup.company, platform=platform))


def choose_provider(setup: Setup, provider: str | None) -> Setup:
    """The user picks a provider; None is *other*."""
    return replace(setup, service=replace(setup.service, provider=provider, picked=True))


def take_detection(setup: Setup, detection: Detection) -> Setup:
    """Keep a finding, unless the company has changed since; a choice of the user stays."""
    if detection.domain != setup.domain:
        return setup
    service = replace(setup.service, detection=detection)
    if not service.picked:
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
        form = replace(form, auth=None)
    return replace(setup, sending=replace(setup.sending, route=route, form=form))


def edit_sending(setup: Setup, change: Callable[[ServerForm], ServerForm]) -> Setup:
    return replace(setup, sending=replace(setup.sending, form=change(setup.sending.form)))


def edit_receiving(setup: Setup, change: Callable[[ServerForm], ServerForm]) -> Setup:
    return replace(setup, receiving=replace(setup.receiving, form=change(setup.receiving.form)))


def choose_login(setup: Setup, login: LoginMode) -> Setup:
    return replace(setup, receiving=replace(setup.receiving, login=login))


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
    entry = MailboxEntry(id=os.urandom(16).hex(), local=local, purpose=Purpose.OWN)
    mailboxes = (*setup.receiving.mailboxes, entry)
    return replace(setup, receiving=replace(setup.receiving, mailboxes=mailboxes))


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


def proof_subject(setup: Setup, mailbox: str) -> ProofSubject | None:
    """What a proof for a mailbox would be made with now; None when the mailbox is gone."""
    for entry in setup.receiving.mailboxes:
        if entry.id == mailbox and setup.domain is not None:
            incoming = mailbox_form(setup.receiving, entry, setup.domain)
            return ProofSubject(setup.sending.form, incoming, mailbox)
    return None


def take_proof(setup: Setup, report: ProofReport, subject: ProofSubject | None) -> Setup:
    return replace(setup, proof=Proof(report, subject, SESSION))


def mark_entered(setup: Setup, *, entered: bool) -> Setup:
    return replace(setup, platform=PlatformForms(entered))


def mailbox_form(receiving: Receiving, entry: MailboxEntry, domain: str) -> ServerForm:
    """The form a mailbox is tested with: the shared server, and its own login where it has one."""
    if receiving.login is LoginMode.SHARED:
        return receiving.form
    return replace(
        receiving.form,
        username=entry.username.strip() or f"{entry.local.strip()}@{domain}",
        secret_revision=entry.secret_revision,
    )


class Freshness(StrEnum):
    """Whether a result may be shown as true."""

    NONE = "none"
    STALE = "stale"
    FRESH = "fresh"


def freshness(
    test: ServerTest | None, form: ServerForm, senders: tuple[str, ...] = ()
) -> Freshness:
    """Fresh only when tested with these very entries, in this session (promise 1)."""
    if test is None:
        return Freshness.NONE
    same = test.form == form and test.senders == senders and test.session == SESSION
    return Freshness.FRESH if same else Freshness.STALE
