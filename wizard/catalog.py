"""The facts about platforms, providers, sign-in services and DNS hosts, read from ``resources/``.

One TOML file each, validated, with its sources and the date they were read. Names of things are
data, every sentence for people is in the language files (keys: see the classes). What follows from
a fact for a set-up is decided elsewhere.
"""

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec
import platformdirs

from wizard.model import AuthMethod, Protocol, Security
from wizard.signin.service import OAuthService
from wizard.texts import Message, message

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


class UsernameForm(StrEnum):
    """What a provider wants as login name."""

    ADDRESS = "address"
    LOCAL_PART = "local_part"
    OTHER = "other"


class PasswordLogin(StrEnum):
    """Whether the account's password still logs in: yes, only an app password, until a date, no."""

    WORKS = "works"
    APP_PASSWORD = "app_password"
    ENDING = "ending"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class PasswordLogins:
    """The same for each protocol."""

    smtp: PasswordLogin = PasswordLogin.WORKS
    imap: PasswordLogin = PasswordLogin.WORKS
    pop3: PasswordLogin = PasswordLogin.WORKS


@dataclass(frozen=True, slots=True)
class Preparation:
    """Something to be switched on at the provider first; said by the text ``preparation.<id>``."""

    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class DkimRecord:
    """A selector record the provider wants: the name below the domain, and the CNAME target.

    ``target`` may hold ``<domain>``; it is empty where the provider makes it for each domain, and
    ``type`` then says what it makes.
    """

    name: str
    target: str = ""
    type: str = "TXT"


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail service.

    ``aliases`` are other names people look for. ``signs`` are patterns of the names that
    ``autodiscover`` or a DKIM selector of a domain leads to when its mailboxes are here.
    ``uncertain`` names the keys for which no source could be found; what stands there is common
    knowledge and has to be tested.
    """

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
    username: UsernameForm = UsernameForm.ADDRESS
    passwords: PasswordLogins = field(default_factory=PasswordLogins)
    spf_include: str = ""
    dkim: tuple[DkimRecord, ...] = ()
    oauth: str = ""
    app_password: str = ""
    console: str = ""
    preparations: tuple[Preparation, ...] = ()
    aliases: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()

    def password_login(self, protocol: Protocol) -> PasswordLogin:
        """Whether the account's password still logs in."""
        match protocol:
            case Protocol.SMTP:
                return self.passwords.smtp
            case Protocol.IMAP:
                return self.passwords.imap
            case Protocol.POP3:
                return self.passwords.pop3

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
    """Who shows the form for DNS records.

    ``path`` is the way through its menus in its own words; ``notes`` are ids of the texts
    ``dns_note.<id>``.
    """

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
    path: str = ""
    notes: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()


MAX_FACT_BYTES: Final = 64 << 10
MAX_OWN_FILES: Final = 500


@dataclass(frozen=True)
class Catalog:
    """All facts, by id."""

    providers: dict[str, Provider]
    platforms: dict[str, Platform]
    dns_hosts: dict[str, DnsHost]
    oauth: dict[str, OAuthService] = field(default_factory=dict)
    problems: tuple[Message, ...] = ()

    @classmethod
    def load(cls, own: Path | None = None) -> Self:
        """Read and validate every file. Raises :class:`FactsError` naming file and key.

        ``own`` is the folder of the user's own facts, by default that of this program's
        configuration. They win over ours; one that is wrong is left out and named in ``problems``.
        """
        root = resources.files("resources")
        mine = own if own is not None else own_facts()
        problems: list[Message] = []
        return cls(
            providers=_read_all(root / "providers", Provider)
            | _read_own(mine / "providers", Provider, problems),
            platforms=_read_all(root / "platforms", Platform)
            | _read_own(mine / "platforms", Platform, problems),
            dns_hosts=_read_all(root / "dns_hosts", DnsHost)
            | _read_own(mine / "dns_hosts", DnsHost, problems),
            oauth=_read_all(root / "oauth", OAuthService)
            | _read_own(mine / "oauth", OAuthService, problems),
            problems=tuple(problems),
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

    def search(self, text: str) -> tuple[Provider, ...]:
        """Providers whose name, other name or domain holds the text; those it begins come first,
        then services for companies, then the shortest name.

        Filter gateways are none that mail is read from, so they are left out.
        """
        wanted = _folded(text)
        hits: list[tuple[bool, bool, int, str, Provider]] = []
        for provider in self.providers.values():
            names = [_folded(one) for one in (provider.name, *provider.aliases, *provider.domains)]
            found = [name for name in names if wanted in name]
            if found and provider.kind is not ProviderKind.GATEWAY:
                begins = any(name.startswith(wanted) for name in found)
                private = provider.kind is ProviderKind.CONSUMER
                shortest = min(map(len, found)) if wanted else 0
                hits.append((not begins, private, shortest, _folded(provider.name), provider))
        return tuple(hit[-1] for hit in sorted(hits, key=lambda hit: hit[:-1]))

    @cached_property
    def _by_domain(self) -> dict[str, Provider]:
        return {domain: p for p in self.providers.values() for domain in p.domains}


def find_platform(platform_id: str, own: Path | None = None) -> Platform | None:
    """One platform alone, for who needs no other fact: the user's own file wins over ours."""
    problems: list[Message] = []
    mine = _read_own((own if own is not None else own_facts()) / "platforms", Platform, problems)
    if platform_id in mine:
        return mine[platform_id]
    file = resources.files("resources") / "platforms" / f"{platform_id}.toml"
    if not file.is_file():
        return None
    return parse_fact(file.name, platform_id, file.read_bytes(), Platform)


def matches(name: str, pattern: str) -> bool:
    """Does a host name match a pattern of the facts, on label borders?

    ``*.`` at its start is one label or more, ``.*`` at its end a top-level domain (``.de``,
    ``.co.uk``); anywhere else ``*`` and ``?`` stay within their label.
    """
    return bool(_pattern(pattern).fullmatch(name.lower().rstrip(".")))


@lru_cache(maxsize=2_000)
def _pattern(glob: str) -> re.Pattern[str]:
    head, tail = "", ""
    if glob.startswith("*."):
        head, glob = r"(?:[^.]+\.)+", glob[2:]
    if glob.endswith(".*"):
        tail, glob = r"\.[a-z]{2,6}(?:\.[a-z]{2,3})?", glob[:-2]
    body = re.escape(glob).replace(r"\*", "[^.]*").replace(r"\?", "[^.]")
    return re.compile(head + body + tail)


def _folded(text: str) -> str:
    """Without case and accents, as people search."""
    apart = unicodedata.normalize("NFKD", text.casefold().strip())
    return "".join(one for one in apart if not unicodedata.combining(one))


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


def own_facts() -> Path:
    """Where the user's own platforms, providers and DNS hosts are looked for."""
    return Path(platformdirs.user_config_dir("openappone-mail-wizard", appauthor=False))


def _read_own(folder: Path, kind: type[T], problems: list[Message]) -> dict[str, T]:
    facts: dict[str, T] = {}
    try:
        paths = sorted(folder.glob("*.toml"))[:MAX_OWN_FILES]
    except OSError:
        return facts
    for path in paths:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FACT_BYTES + 1)
            facts[path.stem] = parse_fact(path.name, path.stem, content, kind)
        except (OSError, FactsError) as problem:
            problems.append(message("catalog.own_file", reason=str(problem)))
    return facts


def parse_fact(name: str, fact_id: str, content: bytes, kind: type[T]) -> T:
    """Parse one file; the id is the file's name. Raises :class:`FactsError`."""
    try:
        if len(content) > MAX_FACT_BYTES:
            raise FactsError(f"{name}: larger than {MAX_FACT_BYTES} octets")
        table = tomllib.loads(content.decode("utf-8"))
        return msgspec.convert({**table, "id": fact_id}, kind, strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise FactsError(f"{name}: {problem}") from problem
