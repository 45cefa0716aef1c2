"""A server's form as typed, and what a test of it found.

A result carries what it was made for: when that differs from the present entry, or was made in an
earlier session, it is stale. Which forms a set-up has does not belong in here.
"""

import os
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from wizard.model import (
    AuthMethod,
    Invalid,
    Protocol,
    Security,
    ServerSettings,
    parse_host,
    parse_port,
    parse_username,
    port_for_security,
    security_for_port,
)
from wizard.probe.report import ProbeReport
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
