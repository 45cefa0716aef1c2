"""Which records a set-up needs for its route, and how each of them stands now."""

from dataclasses import dataclass
from enum import StrEnum

from wizard.model import Route
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


@dataclass(frozen=True, slots=True)
class PlanSubject:
    """What a plan was made for; platform and provider are ids of the catalogue."""

    domain: str
    platform: str
    provider: str | None
    route: Route


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What one server says: the values, or None when it did not answer."""

    server: str
    values: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """One record: what it should be, what it is, and what to do about the difference.

    ``value`` None: no value can be offered until something else is repaired (``problems`` say
    what). ``ttl`` in seconds.
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


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """All records for one subject. ``dns_host`` is an id of the catalogue, None when unknown.

    ``zone`` is the apex that the DNS host's console knows: the domain itself or a parent of it.
    ``published_spf`` is the one SPF record that was found, for undo.
    """

    subject: PlanSubject
    zone: str
    nameservers: tuple[str, ...]
    dns_host: str | None
    records: tuple[PlannedRecord, ...]
    published_spf: str | None
    elapsed_ms: int
