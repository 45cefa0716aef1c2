"""Which records a set-up needs for its route, and how each of them stands now."""

from dataclasses import dataclass
from enum import StrEnum

from wizard.model import Route
from wizard.records.spf.report import SpfReport
from wizard.texts import Message


class Purpose(StrEnum):
    """What a record is for."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    MX = "mx"


class RecordNeed(StrEnum):
    """What a record means for this route."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    HARMLESS = "harmless"
    USELESS = "useless"


class RecordState(StrEnum):
    """How a record stands; ``UNKNOWN`` when nobody answered."""

    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"
    CONFLICT = "conflict"
    PROPAGATING = "propagating"
    UNKNOWN = "unknown"


class RecordAction(StrEnum):
    """What has to be done at the DNS host."""

    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"
    NONE = "none"


class Slip(StrEnum):
    """How a record got to a wrong place, or what went wrong with its value on the way."""

    DOUBLED_DOMAIN = "doubled_domain"
    APEX = "apex"
    NO_UNDERSCORE = "no_underscore"
    NO_SELECTOR = "no_selector"
    AT_SIGN = "at_sign"
    TXT_INSTEAD_OF_CNAME = "txt_instead_of_cname"
    QUOTES = "quotes"
    SPACES = "spaces"
    TRAILING_DOT = "trailing_dot"


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """What a plan was made for; platform and provider are ids of the catalogue.

    ``reports`` is where the admin wants DMARC reports to go, empty for nowhere; ``server`` the host
    that the set-up sends through, empty for none.
    """

    domain: str
    platform: str
    provider: str | None
    route: Route
    reports: str = ""
    server: str = ""


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What one server says: the values, or None when it did not answer.

    ``silence`` says why it did not (``wizard.answers.Silence``), ``ttl`` in seconds how long its
    answer is remembered. ``place`` is the address where a server's addresses say different things.
    """

    server: str
    values: tuple[str, ...] | None
    silence: str = ""
    ttl: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A record that was meant to be this one: where it stands, and what went wrong."""

    name: str
    type: str
    value: str
    slip: Slip


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """One record: what it should be, what it is, and what to do about the difference.

    ``value`` None: no value can be offered until something else is repaired (``problems`` say
    what; ``notes`` say what is worth knowing). ``ttl`` in seconds. ``retry_after_s``: so long may
    resolvers still give the old answer. ``spf``: what is known about an SPF record beyond its text.
    """

    purpose: Purpose
    type: str
    name: str
    value: str | None
    strings: tuple[str, ...]
    ttl: int
    need: RecordNeed
    why: Message
    state: RecordState
    action: RecordAction
    old_value: str | None
    problems: tuple[Message, ...]
    published: tuple[ServerAnswer, ...]
    visible: tuple[ServerAnswer, ...]
    retry_after_s: int | None = None
    notes: tuple[Message, ...] = ()
    found_elsewhere: tuple[Misplaced, ...] = ()
    spf: SpfReport | None = None


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """All records for one subject. ``dns_host`` is an id of the catalogue, None when unknown.

    ``zone`` is the apex that the DNS host's console knows: the domain itself or a parent of it.
    ``published_spf`` is the one SPF record that was found, for undo. ``problems`` are those of the
    zone as a whole: servers that are silent or do not serve it.
    """

    subject: PlanSubject
    zone: str
    nameservers: tuple[str, ...]
    dns_host: str | None
    records: tuple[PlannedRecord, ...]
    published_spf: str | None
    elapsed_ms: int
    problems: tuple[Message, ...] = ()
