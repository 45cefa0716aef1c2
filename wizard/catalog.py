"""The facts about platforms, providers and DNS hosts, read from ``resources/`` and validated.

One TOML file each, with its sources and the date they were read. Names of things are data, every
sentence for people is in the language files (keys: see the classes). What follows from a fact for
a set-up is decided elsewhere.
"""

import datetime as dt
import fnmatch
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final, Self, TypeVar

import msgspec

from wizard.model import AuthMethod, Protocol, Security

T = TypeVar("T")


class FactsError(Exception):
    """A file of facts is wrong; the text names the file and the key."""


class ProviderKind(StrEnum):
    """What a provider does for a domain."""

    MAILBOX = "mailbox"
    CONSUMER = "consumer"
    GATEWAY = "gateway"


class ServerRole(StrEnum):
    """What a preset server is for: a mailbox's own login, or a relay for a whole company."""

    SUBMISSION = "submission"
    RELAY = "relay"


@dataclass(frozen=True, slots=True)
class ServerPreset:
    """One server of a provider, best first in its list.

    ``host`` may hold a placeholder (``<domain>``, ``<mx-host>``, ``<server>`` …) that has to be
    filled in. ``certain`` is False where no source could be named.
    """

    host: str
    port: int
    security: Security
    auth: tuple[AuthMethod, ...] = (AuthMethod.PLAIN, AuthMethod.LOGIN)
    role: ServerRole = ServerRole.SUBMISSION
    region: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Preparation:
    """Something to be switched on at the provider first; said by the text ``preparation.<id>``."""

    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DkimRecord:
    """A selector record the provider wants: the name below the domain, and the CNAME target."""

    name: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail service. ``notes`` are ids of the texts ``provider.<provider id>.<note id>``."""

    id: str
    name: str
    kind: ProviderKind
    checked: dt.date
    sources: tuple[str, ...]
    domains: tuple[str, ...] = ()
    mx_patterns: tuple[str, ...] = ()
    smtp: tuple[ServerPreset, ...] = ()
    imap: tuple[ServerPreset, ...] = ()
    pop3: tuple[ServerPreset, ...] = ()
    username: str = "address"
    spf_include: str = ""
    dkim: tuple[DkimRecord, ...] = ()
    oauth: str = ""
    app_password: str = ""
    console: str = ""
    preparations: tuple[Preparation, ...] = ()
    notes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()

    def presets(self, protocol: Protocol) -> tuple[ServerPreset, ...]:
        """The servers for a protocol, best first."""
        return {Protocol.SMTP: self.smtp, Protocol.IMAP: self.imap, Protocol.POP3: self.pop3}[
            protocol
        ]


class Hosting(StrEnum):
    """Who runs the platform."""

    ONLINE = "online"
    SELF_HOSTED = "self_hosted"


@dataclass(frozen=True, slots=True)
class Platform:
    """The product that sends and receives through this mail.

    ``dkim_selector`` and ``dkim_target``: CNAME ``<selector>._domainkey.<domain>`` → target; empty
    where the platform does not sign. ``labels`` names the set of form labels
    (texts ``erp.<labels>.…``).
    """

    id: str
    name: str
    hosting: Hosting
    checked: dt.date
    sources: tuple[str, ...]
    labels: str
    spf_include: str = ""
    dkim_selector: str = ""
    dkim_target: str = ""
    blocked_ports: tuple[int, ...] = ()
    uncertain: tuple[str, ...] = ()


class HostField(StrEnum):
    """What a DNS console wants as the name of a record."""

    RELATIVE = "relative"
    FQDN = "fqdn"
    EITHER = "either"


class TxtQuotes(StrEnum):
    """Quotation marks around a TXT value in the form."""

    NONE = "none"
    AUTO = "auto"
    REQUIRED = "required"
    OPTIONAL = "optional"


class TrailingDot(StrEnum):
    """A final dot behind a CNAME target in the form."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class DnsHost:
    """Who shows the form for DNS records. ``notes``: texts ``dns_host.<host id>.<note id>``."""

    id: str
    name: str
    ns_patterns: tuple[str, ...]
    checked: dt.date
    sources: tuple[str, ...]
    host_field: HostField = HostField.EITHER
    apex: str = "@"
    appends_domain: bool = True
    txt_quotes: TxtQuotes = TxtQuotes.NONE
    cname_dot: TrailingDot = TrailingDot.NO
    ttl: int | None = None
    console: str = ""
    notes: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()


MAX_FACT_BYTES: Final = 64 << 10


@dataclass(frozen=True)
class Catalog:
    """All facts, by id."""

    providers: dict[str, Provider]
    platforms: dict[str, Platform]
    dns_hosts: dict[str, DnsHost]

    @classmethod
    def load(cls) -> Self:
        """Read and validate every file. Raises :class:`FactsError` naming file and key."""
        root = resources.files("resources")
        return cls(
            providers=_read_all(root / "providers", Provider),
            platforms=_read_all(root / "platforms", Platform),
            dns_hosts=_read_all(root / "dns_hosts", DnsHost),
        )

    def provider_for_mx(self, host: str) -> Provider | None:
        """The provider whose pattern matches a mail exchanger, on label borders."""
        return _match(host, ((p, p.mx_patterns) for p in self.providers.values()))

    def provider_for_domain(self, domain: str) -> Provider | None:
        """The provider to whom the addresses of a domain itself belong (gmail.com, gmx.de …)."""
        return self._by_domain.get(domain.lower())

    def dns_host_for(self, nameserver: str) -> DnsHost | None:
        """The DNS host to whom a name server belongs."""
        return _match(nameserver, ((h, h.ns_patterns) for h in self.dns_hosts.values()))

    @cached_property
    def _by_domain(self) -> dict[str, Provider]:
        return {domain: p for p in self.providers.values() for domain in p.domains}


def matches(name: str, pattern: str) -> bool:
    """Does a host name match a glob? ``*.`` at its start stands for whole labels only."""
    return fnmatch.fnmatchcase(name.lower().rstrip("."), pattern)


def _match(name: str, candidates: Iterable[tuple[T, tuple[str, ...]]]) -> T | None:
    """The candidate with the longest matching pattern: the more exact one knows better."""
    hits = [
        (len(pattern), index, candidate)
        for index, (candidate, patterns) in enumerate(candidates)
        for pattern in patterns
        if matches(name, pattern)
    ]
    return max(hits, key=lambda hit: (hit[0], -hit[1]))[2] if hits else None


def _read_all(folder: Traversable, kind: type[T]) -> dict[str, T]:
    facts: dict[str, T] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            fact_id = file.name.removesuffix(".toml")
            facts[fact_id] = parse_fact(file.name, fact_id, file.read_bytes(), kind)
    return facts


def parse_fact(name: str, fact_id: str, content: bytes, kind: type[T]) -> T:
    """Parse one file; the id is the file's name. Raises :class:`FactsError`."""
    try:
        table = tomllib.loads(content[:MAX_FACT_BYTES].decode("utf-8"))
        return msgspec.convert({**table, "id": fact_id}, kind, strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise FactsError(f"{name}: {problem}") from problem
