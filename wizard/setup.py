"""The set-up: one frozen record of all that was entered, found and tested for one company.

How it changes is ``updates``; which step comes next is ``flow``.
"""

import os
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from wizard.discovery.report import Detection
from wizard.model import EmailAddress, Invalid, Protocol, Route, parse_address, parse_domain
from wizard.proof.report import ProofLetter
from wizard.records.plan import RecordPlan
from wizard.server_form import ServerForm, ServerTest
from wizard.signin.client import Signin


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


class ReceivingWay(StrEnum):
    """How mail gets into the platform: it reads mailboxes, or mail is brought to its own server.

    ``FORWARD``: each address is forwarded to an address of the platform's. ``SUBDOMAIN``: a domain
    below the company's has the platform's server as MX.
    """

    READ = "read"
    FORWARD = "forward"
    SUBDOMAIN = "subdomain"


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
    way: ReceivingWay = ReceivingWay.READ


@dataclass(frozen=True, slots=True)
class Records:
    """Step 5. ``old_spf``: what ``old_spf_domain`` published before the first change, for undo.

    ``dmarc_reports`` is the address for reports that the suggested DMARC record names.
    """

    plan: RecordPlan | None = None
    old_spf: str | None = None
    old_spf_domain: str = ""
    session: str = ""
    dmarc_reports: str = ""


@dataclass(frozen=True, slots=True)
class PlatformForms:
    """Step 6. ``entered``: the user says that the values stand in the platform's forms.

    ``address`` is where the platform itself is reached, as typed.
    """

    entered: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class ProofSubject:
    """What a proof was made with: both servers' forms and the mailbox's id."""

    outgoing: ServerForm
    incoming: ServerForm
    mailbox: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Step 7. ``subjects``: what the letters were sent with, one for each mailbox."""

    letters: tuple[ProofLetter, ...] = ()
    subjects: tuple[ProofSubject, ...] = ()


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
    signin: Signin = field(default_factory=Signin)

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


def new_setup(now: datetime) -> Setup:
    """An empty set-up; ``now`` is an aware time."""
    return Setup(id=os.urandom(16).hex(), created=now)


# Every step asks for the domain, a long table of mailboxes once for each row.
@lru_cache(maxsize=64)
def parse_company(entry: str) -> EmailAddress | str | Invalid:
    """The company's entry: an address if there is an @, else a domain."""
    at = entry.strip().find("@")
    return parse_address(entry) if at > 0 else parse_domain(entry)


def mailbox_form(receiving: Receiving, entry: MailboxEntry, domain: str) -> ServerForm:
    """The form a mailbox is tested with: the shared server, and its own login where it has one."""
    if receiving.login is LoginMode.SHARED:
        return receiving.form
    return replace(
        receiving.form,
        username=entry.username.strip() or f"{entry.local.strip()}@{domain}",
        secret_revision=entry.secret_revision,
    )


def purpose_form(setup: Setup, purpose: str) -> ServerForm:
    """The form whose login a purpose of the vault is for: sending, receiving, one mailbox."""
    if purpose == "sending":
        return setup.sending.form
    mailbox = purpose.removeprefix("mailbox:")
    for entry in setup.receiving.mailboxes:
        if entry.id == mailbox:
            return mailbox_form(setup.receiving, entry, setup.domain or "")
    return setup.receiving.form


def proof_subject(setup: Setup, mailbox: str) -> ProofSubject | None:
    """What a proof for a mailbox would be made with now; None when the mailbox is gone."""
    for entry in setup.receiving.mailboxes:
        if entry.id == mailbox and setup.domain is not None:
            incoming = mailbox_form(setup.receiving, entry, setup.domain)
            return ProofSubject(setup.sending.form, incoming, mailbox)
    return None
