"""The vocabulary: the values that every room of the house speaks of, parsed once at the border.

Parsers return the value or :class:`Invalid`, which says what to change. A value that exists is
right: no CR or LF in a user name, host names are lower-case A-labels, ports are in range.
What the values are used for does not belong in here.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.texts import Message, message


class Protocol(StrEnum):
    """How a mail server is spoken to."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"


class Security(StrEnum):
    """When TLS begins: at once (RFC 8314), after a command, or never."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class AuthMethod(StrEnum):
    """How to log in; the values are SASL names in lower case, ``none`` is a relay without login."""

    PLAIN = "plain"
    LOGIN = "login"
    CRAM_MD5 = "cram-md5"
    XOAUTH2 = "xoauth2"
    OAUTHBEARER = "oauthbearer"
    NONE = "none"


class PlainLogin(StrEnum):
    """Whether a secret may cross a connection that is not encrypted and verified."""

    REFUSED = "refused"
    ALLOWED = "allowed"


class Route(StrEnum):
    """Who hands the mail to the world."""

    PLATFORM = "platform"
    PROVIDER = "provider"
    RELAY = "relay"
    BOTH = "both"


class Stage(StrEnum):
    """The stages of a conversation with a server, as the command line names them."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    CAPABILITY = "capability"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL_FROM = "mail_from"
    RCPT = "rcpt"
    DATA = "data"
    SELECT = "select"
    STAT = "stat"
    FETCH = "fetch"
    TOKEN = "token"


class Who(StrEnum):
    """Who has to act; the values are those of the command line."""

    YOU = "you"
    MAIL_ADMIN = "mail administrator"
    DNS_ADMIN = "dns administrator"
    PROVIDER = "provider"


# The registered port and the security it implies (RFC 8314, RFC 6409, RFC 9051, RFC 1939).
STANDARD_PORTS: Final[dict[Protocol, dict[int, Security]]] = {
    Protocol.SMTP: {
        465: Security.TLS,
        587: Security.STARTTLS,
        2525: Security.STARTTLS,
        25: Security.STARTTLS,
    },
    Protocol.IMAP: {993: Security.TLS, 143: Security.STARTTLS},
    Protocol.POP3: {995: Security.TLS, 110: Security.STARTTLS},
}


def security_for_port(protocol: Protocol, port: int) -> Security | None:
    """The security that a standard port implies; None for any other port."""
    return STANDARD_PORTS[protocol].get(port)


def port_for_security(protocol: Protocol, security: Security) -> int:
    """The usual port for a security; without TLS that of STARTTLS, where plain text starts too."""
    wanted = Security.STARTTLS if security is Security.NONE else security
    return next(port for port, given in STANDARD_PORTS[protocol].items() if given is wanted)


@dataclass(frozen=True, slots=True)
class Invalid:
    """An entry that cannot be used, and what to change about it."""

    message: Message


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A mail address: local part as written (RFC 5321: case matters), domain as A-labels."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


class Secret:
    """A password or token. Not a ``str``, so that it cannot slip into a file, a log or JSON."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The clear text, for the one place that sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # noqa: PLC0415 - 4 ms, not before the first paint

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret(********)"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything needed to reach a server and log in, but the secret.

    ``auth`` None means: the best method that both sides know. ``fingerprint`` (SHA-256 in lower
    case hexadecimal) is the one certificate that the user trusts here though no authority vouches
    for it; ``plain_login``: whether the user lets the password go unencrypted to this server.
    """

    protocol: Protocol
    host: str
    port: int
    security: Security
    username: str = ""
    auth: AuthMethod | None = None
    fingerprint: str = ""
    plain_login: PlainLogin = PlainLogin.REFUSED


# What editors, chats and spreadsheets leave around a pasted value.
_INVISIBLE: Final = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202c\u2066\u2069")
)
# Halves of characters are refused too: a shell hands over octets that are no text as such, and
# nothing could be sent of them.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_DOT_ATOM: Final = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f\ud800-\udfff]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\\x00-\x1f\x7f\ud800-\udfff]|\\[\x20-\x7e])*"')
_ANGLE: Final = re.compile(r"<([^<>]*)>\s*$")
MAX_LOCAL_OCTETS: Final = 64  # RFC 5321 section 4.5.3.1.1
MAX_DOMAIN_OCTETS: Final = 253


def parse_fingerprint(text: str) -> str | Invalid:
    """A SHA-256 fingerprint as lower-case hexadecimal, out of one with colons and spaces."""
    digits = re.sub(r"[\s:]", "", clean(text)).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        return Invalid(message("input.fingerprint", text=text[:200]))
    return digits


def clean(text: str) -> str:
    """Drop invisible characters and the space around a typed or pasted value."""
    return text.translate(_INVISIBLE).strip()


def parse_domain(text: str) -> str | Invalid:
    """A mail domain as lower-case A-labels (RFC 5890), from what a person typed or pasted.

    Accepts capitals, umlauts, a final dot, ``http://`` with a path and a leading ``@``.
    """
    name = clean(text).removeprefix("@")
    name = re.sub(r"^[a-z]+://", "", name, flags=re.IGNORECASE).split("/", 1)[0]
    if not name:
        return Invalid(message("input.domain.empty"))
    parsed = _a_labels(name)
    if isinstance(parsed, Invalid):
        return parsed
    if "." not in parsed or parsed.rsplit(".", 1)[1].isdigit():
        return Invalid(message("input.domain.incomplete", text=name))
    return parsed


def parse_host(text: str) -> str | Invalid:
    """A server's name as lower-case A-labels, or an IP address in its usual form."""
    name = clean(text)
    if not name:
        return Invalid(message("input.host.empty"))
    import ipaddress  # noqa: PLC0415 - not before the first paint

    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        pass
    if "://" in name or "/" in name:
        return Invalid(message("input.host.url", text=name))
    if re.search(r":\d*$", name):
        return Invalid(message("input.host.port", text=name))
    if "@" in name:
        return Invalid(message("input.host.address", text=name))
    return _a_labels(name)


def parse_port(text: str) -> int | Invalid:
    """A TCP port, 1 to 65535."""
    digits = clean(text)
    if not digits:
        return Invalid(message("input.port.empty"))
    if digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) <= 65535:
        return int(digits)
    return Invalid(message("input.port.range", text=digits))


def parse_username(text: str) -> str | Invalid:
    """A login name: anything without control characters; the space around it is not part of it."""
    name = clean(text)
    if not name:
        return Invalid(message("input.username.empty"))
    if _CONTROL.search(name):
        return Invalid(message("input.username.control"))
    return name


def parse_address(text: str) -> EmailAddress | Invalid:
    """A mail address out of what a person typed or pasted.

    Accepts ``Name <a@b>``, ``mailto:a@b``, quoted local parts (RFC 5321 section 4.1.2), umlaut
    domains, and space or a final comma around it.
    """
    given = clean(text).rstrip(",;")
    if "\n" in given or "\r" in given:
        return Invalid(message("input.address.lines"))
    if found := _ANGLE.search(given):
        given = clean(found[1])
    given = re.sub(r"^mailto:", "", given, flags=re.IGNORECASE).split("?", 1)[0]
    if not given:
        return Invalid(message("input.address.empty"))
    local, at, domain_text = given.rpartition("@")
    if not at or not local:
        return Invalid(message("input.address.no_at", text=given))
    dotted = _DOT_ATOM.fullmatch(local) and not re.search(r"^\.|\.\.|\.$", local)
    if not (dotted or _QUOTED.fullmatch(local)) or len(local.encode()) > MAX_LOCAL_OCTETS:
        return Invalid(message("input.address.local", text=local))
    domain = parse_domain(domain_text)
    return domain if isinstance(domain, Invalid) else EmailAddress(local, domain)


def to_unicode(domain: str) -> str:
    """A domain as people read it: U-labels where they decode, else unchanged."""
    import idna  # noqa: PLC0415 - not before the first paint

    try:
        return idna.decode(domain)
    except idna.IDNAError:
        return domain


def readable(address: str) -> str:
    """An address as people read it: the domain in U-labels."""
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{to_unicode(domain)}"


def _a_labels(name: str) -> str | Invalid:
    ascii_name = name.rstrip(".").lower() if name.endswith(".") else name.lower()
    if not ascii_name.isascii():
        import idna  # noqa: PLC0415 - not before the first paint

        try:
            ascii_name = idna.encode(ascii_name, uts46=True).decode("ascii")
        except idna.IDNAError:
            return Invalid(message("input.domain.characters", text=name))
    labels = ascii_name.split(".")
    if any(not label for label in labels):
        return Invalid(message("input.domain.dots", text=name))
    if len(ascii_name) > MAX_DOMAIN_OCTETS or not all(_LABEL.fullmatch(label) for label in labels):
        return Invalid(message("input.domain.characters", text=name))
    return ascii_name
