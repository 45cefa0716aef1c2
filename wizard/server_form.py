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
    PlainLogin,
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
from wizard.probe.sasl import TOKEN_METHODS
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
class Exemption:
    """What the user allowed one server after a warning; it holds for this host and port only.

    ``fingerprint``: the certificate that is trusted there (SHA-256, hexadecimal).
    """

    host: str
    port: int
    fingerprint: str = ""
    plain_login: PlainLogin = PlainLogin.REFUSED


@dataclass(frozen=True, slots=True)
class FormChange:
    """A remedy that is a change of the server's form; None leaves a field as it is.

    ``fingerprint`` and ``plain_login`` are exemptions for the server that the form names.
    """

    port: int | None = None
    security: Security | None = None
    host: str | None = None
    fingerprint: str | None = None
    plain_login: PlainLogin | None = None


@dataclass(frozen=True, slots=True)
class ServerForm:
    """A server's form as typed, also what cannot be used yet.

    ``secret_revision`` counts the changes of the secret, which itself is in the vault: a new
    password makes a result stale like any other change. ``token_revision`` does so for sign-ins.
    """

    host: str = ""
    port: str = ""
    security: Security = Security.TLS
    username: str = ""
    auth: AuthMethod | None = None
    secret_revision: int = 0
    token_revision: int = 0
    exemption: Exemption | None = None

    @property
    def exempted(self) -> Exemption | None:
        """The exemption, as long as the form still names the server it was given to."""
        given = self.exemption
        same = given is not None and (given.host, given.port) == (
            parse_host(self.host),
            parse_port(self.port),
        )
        return given if same else None

    def changed(self, change: FormChange) -> "ServerForm":
        """The form with a remedy's change made."""
        form = replace(
            self,
            host=change.host or self.host,
            port=str(change.port) if change.port else self.port,
            security=change.security or self.security,
        )
        if change.fingerprint is None and change.plain_login is None:
            return form
        host, port = parse_host(form.host), parse_port(form.port)
        if isinstance(host, Invalid) or isinstance(port, Invalid):
            return form
        old = form.exempted or Exemption(host, port)
        fingerprint = old.fingerprint if change.fingerprint is None else change.fingerprint
        new = Exemption(host, port, fingerprint, change.plain_login or old.plain_login)
        return replace(form, exemption=None if new == Exemption(host, port) else new)

    @property
    def by_token(self) -> bool:
        """Does it log in with the token of a sign-in instead of a password?"""
        return self.auth in TOKEN_METHODS

    def keeping_login(self, old: "ServerForm") -> "ServerForm":
        """This server with the way to log in that was chosen before, where it has a login."""
        same_kind = (self.auth is AuthMethod.NONE) == (old.auth is AuthMethod.NONE)
        return replace(
            self,
            auth=old.auth if same_kind else self.auth,
            secret_revision=old.secret_revision,
            token_revision=old.token_revision,
        )

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
            allowed = self.exempted or Exemption(host, port)
            return ServerSettings(
                protocol,
                host,
                port,
                self.security,
                username,
                self.auth,
                allowed.fingerprint,
                allowed.plain_login,
            )
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
        """Equal but for how to log in (secret, sign-in, which of both) and what was allowed."""
        return self.without_login() == other.without_login()

    def without_login(self) -> "ServerForm":
        """The server alone, to compare; a relay without login stays one."""
        auth = AuthMethod.NONE if self.auth is AuthMethod.NONE else None
        return replace(self, auth=auth, secret_revision=0, token_revision=0, exemption=None)


@dataclass(frozen=True, slots=True)
class ServerTest:
    """A probe's report and what it was made for.

    ``note``: what the token itself tells about why it was refused.
    """

    form: ServerForm
    senders: tuple[str, ...]
    report: ProbeReport
    session: str = SESSION
    note: Message | None = None


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
