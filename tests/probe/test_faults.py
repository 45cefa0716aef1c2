"""Everything a broken, slow or hostile server can do: where the test ends, why, and how soon.

No password may cross a connection that is not protected, and nothing a server says may be shown
as it is. What real servers do is in ``test_real_servers``.
"""

import asyncio
import base64
import datetime as dt
import re
import ssl
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from servers.authority import Authority, ServerCertificate
from servers.needs import free_ports
from servers.scripted import (
    Act,
    Drip,
    Flood,
    Handshake,
    Peer,
    ScriptedServer,
    Step,
    scripted,
    server_context,
    steps,
)
from wizard.diagnosis.cause import Cause
from wizard.model import (
    AuthMethod,
    EmailAddress,
    PlainLogin,
    Protocol,
    Secret,
    Security,
    ServerSettings,
    Stage,
)
from wizard.network import Network
from wizard.probe.driver import STAGES_IN_ALL, probe
from wizard.probe.report import ProbeReport
from wizard.resolver import Answer, Resolver

USER = "anna@firma.test"
PASSWORD = 'Geheim-"4711\\ß'
SHORT, LONG = 0.4, 4.0

SMTP, IMAP, POP3 = Protocol.SMTP, Protocol.IMAP, Protocol.POP3
READ, SILENCE, RESET = Act.READ, Act.SILENCE, Act.RESET


class Certificate(Enum):
    """What the server shows of itself."""

    VALID = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    WRONG_HOST = auto()
    SELF_SIGNED = auto()
    UNREADABLE = auto()
    UNKNOWN_AUTHORITY = auto()
    INCOMPLETE_CHAIN = auto()
    WEAK_KEY = auto()


class Begins(Enum):
    """A step of the table: TLS begins, with the certificate of the row."""

    TLS = auto()


class Ends(Enum):
    """Whether a row ends by what the server does, or by our own clock."""

    AT_ONCE = auto()
    BY_TIME = auto()


Wanted = Step | Begins


@dataclass(frozen=True)
class Fault:
    """A row: what the server does, and which stage and cause the test has to end with."""

    name: str
    protocol: Protocol
    security: Security
    script: tuple[Wanted, ...]
    stage: Stage | None
    cause: Cause | None = None
    ends: Ends = Ends.AT_ONCE
    certificate: Certificate = Certificate.VALID
    method: AuthMethod | None = None
    says: str = ""


GREETING: dict[Protocol, bytes] = {
    SMTP: b"220 mail.test ESMTP\r\n",
    IMAP: b"* OK mail.test ready\r\n",
    POP3: b"+OK mail.test ready\r\n",
}
CAPABILITIES: dict[Protocol, bytes] = {
    SMTP: b"250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
    IMAP: b"* CAPABILITY IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN\r\n<tag> OK done\r\n",
    POP3: b"+OK\r\nSTLS\r\nSASL PLAIN\r\nUSER\r\n.\r\n",
}
NO_TLS: dict[Protocol, bytes] = {
    SMTP: b"250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n",
    IMAP: b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n<tag> OK done\r\n",
    POP3: b"+OK\r\nSASL PLAIN\r\nUSER\r\n.\r\n",
}
UNKNOWN_ONLY: dict[Protocol, bytes] = {
    SMTP: b"250-mail.test\r\n250 AUTH GSSAPI NTLM\r\n",
    IMAP: b"* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI AUTH=NTLM\r\n<tag> OK done\r\n",
    POP3: b"+OK\r\nSASL GSSAPI NTLM\r\n.\r\n",
}
GO_AHEAD: dict[Protocol, bytes] = {
    SMTP: b"220 go ahead\r\n",
    IMAP: b"<tag> OK go ahead\r\n",
    POP3: b"+OK go ahead\r\n",
}
NOT_NOW: dict[Protocol, bytes] = {
    SMTP: b"454 4.7.0 TLS not available\r\n",
    IMAP: b"<tag> NO TLS not available\r\n",
    POP3: b"-ERR TLS not available\r\n",
}
HALF: dict[Protocol, bytes] = {SMTP: b"220 ma", IMAP: b"* O", POP3: b"+O"}
# The client's login up to the server's verdict; POP3 has the response after a challenge.
LOGIN: dict[Protocol, tuple[Wanted, ...]] = {
    SMTP: (READ,),
    IMAP: (READ,),
    POP3: (READ, b"+ \r\n", READ),
}
WELCOME: dict[Protocol, bytes] = {
    SMTP: b"235 2.7.0 welcome\r\n",
    IMAP: b"<tag> OK welcome\r\n",
    POP3: b"+OK welcome\r\n",
}
REFUSED: dict[Protocol, bytes] = {
    SMTP: b"535 5.7.8 %s\r\n",
    IMAP: b"<tag> NO [AUTHENTICATIONFAILED] %s\r\n",
    POP3: b"-ERR [AUTH] %s\r\n",
}
LAST_STAGE = {SMTP: Stage.MAIL_FROM, IMAP: Stage.SELECT, POP3: Stage.STAT}
# SMTP asks for the recipient after the sender.
LAST_ANSWER: dict[Protocol, tuple[Wanted, ...]] = {
    SMTP: (b"250 2.1.0 ok\r\n", READ, b"250 2.1.5 ok\r\n"),
    IMAP: (b"* 3 EXISTS\r\n<tag> OK [READ-ONLY] done\r\n",),
    POP3: (b"+OK 3 300\r\n",),
}


def to_capabilities(protocol: Protocol) -> tuple[Wanted, ...]:
    return (GREETING[protocol], READ)


def to_starttls(protocol: Protocol) -> tuple[Wanted, ...]:
    return (*to_capabilities(protocol), CAPABILITIES[protocol], READ)


def to_login(protocol: Protocol, capabilities: bytes | None = None) -> tuple[Wanted, ...]:
    """The way to the login inside TLS from the start."""
    return (GREETING[protocol], READ, capabilities or CAPABILITIES[protocol])


def to_the_last(protocol: Protocol) -> tuple[Wanted, ...]:
    """The way to the command after the login, that command read."""
    return (*to_login(protocol), *LOGIN[protocol], WELCOME[protocol], READ)


def table() -> Iterator[Fault]:
    for protocol in Protocol:
        yield from at_every_stage(protocol)
        yield from greetings(protocol)
        yield from around_starttls(protocol)
        yield from certificates(protocol)
        yield from around_the_login(protocol)
    yield from smtp_only()
    yield from imap_only()
    yield from pop3_only()


def at_every_stage(protocol: Protocol) -> Iterator[Fault]:
    """Silence, half a line, hang-up and reset, wherever the client waits."""
    ways: list[tuple[Security, tuple[Wanted, ...], Stage]] = [
        (Security.STARTTLS, (), Stage.GREETING),
        (Security.STARTTLS, to_capabilities(protocol), Stage.CAPABILITY),
        (Security.STARTTLS, to_starttls(protocol), Stage.STARTTLS),
        (Security.TLS, (), Stage.GREETING),
        (Security.TLS, to_capabilities(protocol), Stage.CAPABILITY),
        (Security.TLS, (*to_login(protocol), READ), Stage.AUTH),
        (Security.TLS, to_the_last(protocol), LAST_STAGE[protocol]),
        # The capabilities inside TLS are asked in the stage that TLS is.
        (
            Security.STARTTLS,
            (*to_starttls(protocol), GO_AHEAD[protocol], Begins.TLS, READ),
            Stage.TLS,
        ),
    ]
    late, dropped = Cause.PORT_BLOCKED_OR_TIMEOUT, Cause.CONNECTION_DROPPED
    for security, way, stage in ways:
        where = f"{stage.value}-{security.value}"
        half = (*way, HALF[protocol], SILENCE)
        yield Fault(
            f"silence-{where}", protocol, security, (*way, SILENCE), stage, late, Ends.BY_TIME
        )
        yield Fault(f"half-{where}", protocol, security, half, stage, late, Ends.BY_TIME)
        yield Fault(f"hang-up-{where}", protocol, security, way, stage, dropped)
        cut = (*way, HALF[protocol])
        yield Fault(f"half-and-hang-up-{where}", protocol, security, cut, stage, dropped)
        if way:
            yield Fault(f"reset-{where}", protocol, security, (*way, RESET), stage, dropped)
    hello = to_starttls(protocol)
    go = GO_AHEAD[protocol]
    yield Fault(
        "silent-handshake",
        protocol,
        Security.STARTTLS,
        (*hello, go, SILENCE),
        Stage.TLS,
        late,
        Ends.BY_TIME,
    )
    yield Fault(
        "hang-up-handshake", protocol, Security.STARTTLS, (*hello, go, RESET), Stage.TLS, dropped
    )


def greetings(protocol: Protocol) -> Iterator[Fault]:
    """The first line is none of this protocol's, or none at all."""
    wrong: dict[str, tuple[Wanted, ...]] = {
        "garbage": (b'!"$%&/()=?\r\n', SILENCE),
        "empty-lines": (b"\r\n\r\n\r\n", SILENCE),
        "http": (b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",),
        "ssh": (b"SSH-2.0-OpenSSH_9.6\r\n", SILENCE),
        "nul": (b"\0\0\0\0\r\n", SILENCE),
        "bad-utf-8": (b"\xff\xfe\xc3\x28 \x80\r\n", SILENCE),
        "escapes": (b"\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xc2\x9b\r\n", SILENCE),
        "one-endless-line": (Flood(b"x" * 4096),),
        "one-endless-line-after-a-good-start": (GREETING[protocol][:-2], Flood(b"x" * 4096)),
        "a-line-of-1-MiB": (b"x" * (1 << 20) + b"\r\n", SILENCE),
        "nul-without-end": (Flood(b"\0" * 4096),),
        "binary": (bytes(range(256)) * 8, SILENCE),
    }
    for other in Protocol:
        if other is not protocol:
            wrong[other.value] = (GREETING[other], SILENCE)
    for name, script in wrong.items():
        yield Fault(
            f"greeting-{name}",
            protocol,
            Security.STARTTLS,
            script,
            Stage.GREETING,
            Cause.PROTOCOL_ERROR,
        )
    slow = (Drip(GREETING[protocol][:-2] * 9, SHORT / 8),)
    late = Cause.PORT_BLOCKED_OR_TIMEOUT
    yield Fault(
        "octet-by-octet", protocol, Security.STARTTLS, slow, Stage.GREETING, late, Ends.BY_TIME
    )
    plain = (GREETING[protocol], SILENCE)
    yield Fault(
        "tls-on-plain-port", protocol, Security.TLS, plain, Stage.TLS, Cause.TLS_ON_PLAINTEXT_PORT
    )


def around_starttls(protocol: Protocol) -> Iterator[Fault]:
    """Who strips, refuses or forges STARTTLS gets no password."""
    hello, go = to_starttls(protocol), GO_AHEAD[protocol]
    forged = Cause.MIDDLEBOX_INTERFERENCE

    def row(name: str, script: tuple[Wanted, ...], stage: Stage, cause: Cause | None) -> Fault:
        return Fault(name, protocol, Security.STARTTLS, script, stage, cause)

    stripped = (*to_capabilities(protocol), NO_TLS[protocol], SILENCE)
    yield row("starttls-stripped", stripped, Stage.STARTTLS, Cause.STARTTLS_NOT_OFFERED)
    yield row("starttls-refused", (*hello, NOT_NOW[protocol], SILENCE), Stage.STARTTLS, None)
    yield row(
        "starttls-garbage",
        (*hello, b"\x16\x03\x01\r\n", SILENCE),
        Stage.STARTTLS,
        Cause.PROTOCOL_ERROR,
    )
    plain = (*hello, go, Act.SOME, CAPABILITIES[protocol], SILENCE)
    yield row("starttls-then-plain-text", plain, Stage.TLS, forged)
    injected = (*hello, go + CAPABILITIES[protocol], SILENCE)
    yield row("injected-answers", injected, Stage.TLS, forged)
    partly = (*hello, go + b"x", Begins.TLS, READ)
    yield row("one-injected-octet", partly, Stage.TLS, forged)
    welcome = (*hello, go + CAPABILITIES[protocol] + WELCOME[protocol], Begins.TLS, READ)
    yield row("injected-welcome", welcome, Stage.TLS, forged)
    nothing = (*to_capabilities(protocol), NO_TLS[protocol], SILENCE)
    yield Fault(
        "no-tls-at-all", protocol, Security.NONE, nothing, Stage.AUTH, Cause.ENCRYPTION_REQUIRED
    )


def certificates(protocol: Protocol) -> Iterator[Fault]:
    causes = {
        Certificate.EXPIRED: Cause.CERT_EXPIRED,
        Certificate.NOT_YET_VALID: Cause.CERT_EXPIRED,
        Certificate.WRONG_HOST: Cause.CERT_HOSTNAME_MISMATCH,
        Certificate.SELF_SIGNED: Cause.CERT_UNTRUSTED,
        Certificate.UNREADABLE: Cause.CERT_UNTRUSTED,
        Certificate.UNKNOWN_AUTHORITY: Cause.CERT_UNTRUSTED,
        Certificate.INCOMPLETE_CHAIN: Cause.CERT_UNTRUSTED,
        Certificate.WEAK_KEY: Cause.TLS_VERSION_MISMATCH,
    }
    begin = (
        *to_starttls(protocol),
        GO_AHEAD[protocol],
        Begins.TLS,
        READ,
        CAPABILITIES[protocol],
        READ,
    )
    for certificate, cause in causes.items():
        name = certificate.name.lower()
        yield Fault(
            f"{name}-tls",
            protocol,
            Security.TLS,
            (*to_login(protocol), READ),
            Stage.TLS,
            cause,
            certificate=certificate,
        )
        yield Fault(
            f"{name}-starttls",
            protocol,
            Security.STARTTLS,
            begin,
            Stage.TLS,
            cause,
            certificate=certificate,
        )


def around_the_login(protocol: Protocol) -> Iterator[Fault]:
    login = (*to_login(protocol), *LOGIN[protocol])
    plain = base64.b64encode(b"\0" + USER.encode() + b"\0" + PASSWORD.encode())

    def row(name: str, script: tuple[Wanted, ...], cause: Cause | None, says: str = "") -> Fault:
        return Fault(name, protocol, Security.TLS, script, Stage.AUTH, cause, says=says)

    unknown = (*to_login(protocol, UNKNOWN_ONLY[protocol]), SILENCE)
    if protocol is SMTP:
        yield row("unknown-mechanisms-only", unknown, Cause.AUTH_MECHANISM_UNSUPPORTED)
    if protocol is IMAP:
        yield row("unknown-mechanisms-only", unknown, Cause.ENCRYPTION_REQUIRED)
    yield replace(
        row("wanted-mechanism-missing", to_login(protocol), Cause.AUTH_MECHANISM_UNSUPPORTED),
        method=AuthMethod.XOAUTH2,
    )
    yield row(
        "refused", (*login, REFUSED[protocol] % b"no such user", SILENCE), None, "no such user"
    )
    echoes = {
        "clear": PASSWORD.encode(),
        "base64": base64.b64encode(PASSWORD.encode()),
        "plain": plain,
        "unpadded": plain.rstrip(b"="),
        "quoted": PASSWORD.replace("\\", "\\\\").replace('"', '\\"').encode(),
        "inside-base64": base64.b64encode(b"x " + PASSWORD.encode() + b" is wrong"),
        "at-the-limit": b"x" * 1950 + (PASSWORD.encode() + b" ") * 9,
    }
    for name, echo in echoes.items():
        yield row(f"echo-{name}", (*login, REFUSED[protocol] % echo, SILENCE), None)
    yield row("verdict-garbage", (*login, b"what?\r\n", SILENCE), Cause.PROTOCOL_ERROR)
    yield row("verdict-one-endless-line", (*login, Flood(b"x" * 4096)), Cause.PROTOCOL_ERROR)
    yield row(
        "verdict-escapes",
        (*login, REFUSED[protocol] % b"\x1b[31m\x00\xff\xe2\x80\xae", SILENCE),
        None,
    )
    challenge = b"334 eA==\r\n" if protocol is SMTP else b"+ eA==\r\n"
    endless = (*login, *((challenge, READ) * 20), SILENCE)
    yield row("too-many-challenges", endless, Cause.PROTOCOL_ERROR)
    yield Fault(
        "success-then-hang-up",
        protocol,
        Security.TLS,
        (*to_the_last(protocol), *LAST_ANSWER[protocol]),
        None,
    )
    yield Fault(
        "success-then-reset",
        protocol,
        Security.TLS,
        (*to_the_last(protocol), *LAST_ANSWER[protocol], RESET),
        None,
    )


def smtp_only() -> Iterator[Fault]:
    def row(name: str, *script: Wanted, stage: Stage, cause: Cause | None = None) -> Fault:
        return Fault(name, SMTP, Security.TLS, script, stage, cause)

    hello = to_capabilities(SMTP)
    bad = Cause.PROTOCOL_ERROR
    yield row("greeting-554", b"554 5.7.1 go away\r\n", SILENCE, stage=Stage.GREETING)
    yield row("greeting-421", b"421 4.3.2 too busy\r\n", stage=Stage.GREETING)
    yield row(
        "greeting-endless-lines", Flood(b"220-more\r\n" * 100), stage=Stage.GREETING, cause=bad
    )
    yield row(
        "ehlo-endless-lines", *hello, Flood(b"250-X\r\n" * 100), stage=Stage.CAPABILITY, cause=bad
    )
    yield row("ehlo-refused", *hello, b"550 5.7.1 no\r\n", SILENCE, stage=Stage.CAPABILITY)
    yield row(
        "ehlo-code-out-of-range", *hello, b"999 x\r\n", SILENCE, stage=Stage.CAPABILITY, cause=bad
    )
    yield row(
        "ehlo-no-code",
        *hello,
        b"250-x\r\nAUTH PLAIN\r\n",
        SILENCE,
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    yield row(
        "ehlo-arabic-digits",
        *hello,
        "٢٥٠ x\r\n".encode(),
        SILENCE,
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    without_auth = (*hello, b"250-mail.test\r\n250 SIZE\r\n", SILENCE)
    unsupported = Cause.AUTH_MECHANISM_UNSUPPORTED
    yield row("no-auth-offered", *without_auth, stage=Stage.AUTH, cause=unsupported)
    old = (*hello, b"500 what\r\n", READ, b"250 mail.test\r\n", SILENCE)
    yield row("helo-only", *old, stage=Stage.AUTH, cause=unsupported)
    yield row(
        "ehlo-and-helo-refused", *hello, b"502 no\r\n", READ, b"502 no\r\n", stage=Stage.CAPABILITY
    )
    last = to_the_last(SMTP)
    yield row("sender-refused", *last, b"553 5.7.1 not yours\r\n", SILENCE, stage=Stage.MAIL_FROM)
    sent = (*last, b"250 ok\r\n", READ)
    yield replace(
        row("recipient-refused", *sent, b"550 5.1.1 nobody\r\n", SILENCE, stage=Stage.RCPT),
        says="nobody",
    )
    yield row("recipient-garbage", *sent, b"okay\r\n", SILENCE, stage=Stage.RCPT, cause=bad)
    yield row("421-after-login", *last, b"421 4.4.2 bye\r\n", stage=Stage.MAIL_FROM)


def imap_only() -> Iterator[Fault]:
    def row(
        name: str,
        *script: Wanted,
        stage: Stage,
        cause: Cause | None = None,
        security: Security = Security.TLS,
        ends: Ends = Ends.AT_ONCE,
    ) -> Fault:
        return Fault(name, IMAP, security, script, stage, cause, ends)

    hello = to_capabilities(IMAP)
    bad = Cause.PROTOCOL_ERROR
    preauth = b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n"
    yield row(
        "preauth-before-starttls",
        preauth,
        SILENCE,
        stage=Stage.GREETING,
        cause=Cause.MIDDLEBOX_INTERFERENCE,
        security=Security.STARTTLS,
    )
    yield row("greeting-bye", b"* BYE too many connections\r\n", stage=Stage.GREETING)
    disabled = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n<tag> OK done\r\n"
    yield row(
        "logindisabled",
        *hello,
        disabled,
        SILENCE,
        stage=Stage.AUTH,
        cause=Cause.ENCRYPTION_REQUIRED,
    )
    yield row("capability-refused", *hello, b"<tag> BAD what\r\n", SILENCE, stage=Stage.CAPABILITY)
    yield row(
        "capability-wrong-tag",
        *hello,
        b"zz OK done\r\n",
        SILENCE,
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    yield row(
        "capability-strange-status",
        *hello,
        b"<tag> MAYBE\r\n",
        SILENCE,
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    yield row(
        "continuation-unasked", *hello, b"+ go\r\n", SILENCE, stage=Stage.CAPABILITY, cause=bad
    )
    yield row(
        "untagged-flood", *hello, Flood(b"* 1 EXISTS\r\n" * 100), stage=Stage.CAPABILITY, cause=bad
    )
    yield row(
        "literal-bomb",
        *hello,
        b"* X {999999999}\r\n",
        Flood(b"x" * 4096),
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    yield row(
        "literal-in-greeting",
        b"* OK {70000}\r\n",
        Flood(b"x" * 4096),
        stage=Stage.GREETING,
        cause=bad,
    )
    huge = b"* X {%s}\r\n" % (b"9" * 5000)
    yield row("literal-of-5000-digits", *hello, huge, SILENCE, stage=Stage.CAPABILITY, cause=bad)
    yield row(
        "literal-chain",
        *hello,
        b"* X {0}\r\n",
        Flood(b"{0}\r\n" * 500),
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    yield row(
        "literal-that-never-comes",
        *hello,
        b"* X {5000}\r\nabc",
        SILENCE,
        stage=Stage.CAPABILITY,
        cause=Cause.PORT_BLOCKED_OR_TIMEOUT,
        ends=Ends.BY_TIME,
    )
    last = to_the_last(IMAP)
    yield row("bye-after-login", *last, b"* BYE disconnected\r\n", stage=Stage.SELECT)
    yield row(
        "examine-refused", *last, b"<tag> NO no such mailbox\r\n", SILENCE, stage=Stage.SELECT
    )
    yield row("examine-flood", *last, Flood(b"* 1 EXISTS\r\n" * 100), stage=Stage.SELECT, cause=bad)
    bye = (*to_login(IMAP), READ, b"* BYE not today\r\n")
    yield row("bye-instead-of-verdict", *bye, stage=Stage.AUTH)
    in_use = (*to_login(IMAP), READ, b"<tag> NO [INUSE] mailbox in use\r\n", SILENCE)
    yield row("in-use", *in_use, stage=Stage.AUTH)


def pop3_only() -> Iterator[Fault]:
    def row(name: str, *script: Wanted, stage: Stage, cause: Cause | None = None) -> Fault:
        return Fault(name, POP3, Security.TLS, script, stage, cause)

    hello = to_capabilities(POP3)
    bad = Cause.PROTOCOL_ERROR
    yield row("greeting-err", b"-ERR [SYS/TEMP] busy\r\n", stage=Stage.GREETING)
    yield row(
        "capa-without-end",
        *hello,
        b"+OK\r\n",
        Flood(b"X\r\n" * 100),
        stage=Stage.CAPABILITY,
        cause=bad,
    )
    user = (*hello, b"-ERR unknown\r\n", READ)
    yield row("user-refused", *user, b"-ERR no such user\r\n", SILENCE, stage=Stage.AUTH)
    passed = (*user, b"+OK\r\n", READ)
    yield row("login-delay", *passed, b"-ERR [LOGIN-DELAY] wait\r\n", SILENCE, stage=Stage.AUTH)
    yield row("in-use", *passed, b"-ERR [IN-USE] locked\r\n", SILENCE, stage=Stage.AUTH)
    echo = b"-ERR " + PASSWORD.encode() + b"?\r\n"
    yield row("echo-of-pass", *passed, echo, SILENCE, stage=Stage.AUTH)
    yield row("stat-refused", *to_the_last(POP3), b"-ERR no\r\n", SILENCE, stage=Stage.STAT)


TABLE = list(table())


@pytest.fixture(scope="module")
def network(authority: Authority) -> Network:
    return Network(ca_files=(authority.ca_file,), stage_timeout=LONG)


@pytest.fixture(scope="module")
def network_in_haste(network: Network) -> Network:
    """The same with little patience, for rows that end by time."""
    return replace(network, stage_timeout=SHORT)


@pytest.fixture(scope="module")
def contexts(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> dict[Certificate, ssl.SSLContext]:
    """The server's side of TLS for each certificate."""
    hosts = ("localhost", "127.0.0.1")
    other = Authority(tmp_path_factory.mktemp("other"), "Nobody Knows Us")
    shown = {
        Certificate.VALID: authority.issue(*hosts),
        Certificate.EXPIRED: authority.issue(*hosts, days=(-9, -1)),
        Certificate.NOT_YET_VALID: authority.issue(*hosts, days=(1, 9)),
        Certificate.WRONG_HOST: authority.issue("mail.other.test"),
        Certificate.SELF_SIGNED: self_signed(tmp_path_factory.mktemp("own"), *hosts),
        Certificate.UNKNOWN_AUTHORITY: other.issue(*hosts),
        Certificate.INCOMPLETE_CHAIN: other.issue(
            *hosts, issuer_at="http://authority.example/between.crt"
        ),
        Certificate.WEAK_KEY: authority.issue(*hosts, weak=True),
        Certificate.UNREADABLE: of_a_version_that_is_none(authority.issue(*hosts)),
    }
    return {kind: server_context(certificate) for kind, certificate in shown.items()}


def played(fault: Fault, context: ssl.SSLContext) -> tuple[Step, ...]:
    """The row's script with the row's certificate."""
    return tuple(Handshake(context) if step is Begins.TLS else step for step in fault.script)


def secrets() -> set[bytes]:
    """The password and what it looks like on the wire, but for the parts that base64 shifts."""
    clear = PASSWORD.encode()
    plain = b"\0" + USER.encode() + b"\0" + clear
    return {clear, base64.b64encode(clear).rstrip(b"="), base64.b64encode(plain).rstrip(b"=")}


def shown(report: ProbeReport) -> str:
    """Everything of a report that a person may see or copy."""
    words = report.failure.words if report.failure else ""
    details = [stage.detail for stage in report.stages]
    replies = [sender.reply for sender in report.senders]
    return "\n".join([words, *details, *replies, *report.capabilities, *report.transcript])


def assert_harmless(report: ProbeReport) -> None:
    text = shown(report)
    wild = {hex(ord(one)) for one in text if one != "\n" and unicodedata.category(one)[0] == "C"}
    assert not wild
    assert "\n" not in "".join(report.transcript)
    # Neither whole nor cut off at the limit.
    assert PASSWORD[:6] not in text
    for word in re.findall(r"[A-Za-z0-9+/]{8,}", text):
        for start in range(4):
            part = word[start : start + (len(word) - start) // 4 * 4]
            assert PASSWORD[:6].encode() not in base64.b64decode(part)


def assert_nothing_leaked(server: ScriptedServer) -> None:
    for secret in secrets():
        assert secret not in server.clear


@pytest.mark.parametrize("fault", TABLE, ids=lambda fault: f"{fault.protocol.value}-{fault.name}")
async def test_every_fault_ends_in_its_stage_and_cause(
    fault: Fault,
    network: Network,
    network_in_haste: Network,
    contexts: dict[Certificate, ssl.SSLContext],
) -> None:
    context = contexts[fault.certificate]
    patience = network_in_haste if fault.ends is Ends.BY_TIME else network
    from_the_start = fault.security is Security.TLS and fault.name != "tls-on-plain-port"
    async with scripted(
        steps(*played(fault, context)), tls=context if from_the_start else None
    ) as server:
        settings = ServerSettings(
            fault.protocol, "localhost", server.port, fault.security, USER, fault.method
        )
        began = time.monotonic()
        report = await probe(
            settings,
            Secret(PASSWORD),
            patience,
            senders=[EmailAddress("anna", "firma.test")] if fault.protocol is SMTP else (),
            recipient=EmailAddress("catchall", "firma.test"),
        )
        took = time.monotonic() - began
    ended = (report.failure.stage, report.failure.cause) if report.failure else (None, None)
    assert ended == (fault.stage, fault.cause), report.transcript[-5:]
    if report.failure is not None:
        assert (report.stages[-1].stage, report.stages[-1].ok) == (fault.stage, False)
        assert report.failure.words
        assert fault.says in report.failure.words
    bound = LONG if fault.ends is Ends.AT_ONCE else SHORT * STAGES_IN_ALL + 1
    assert took < bound
    assert_nothing_leaked(server)
    if fault.certificate is not Certificate.VALID:
        assert report.tls is not None
        assert not report.tls.trusted
        assert report.tls.fault is not None
        assert report.tls.fault.name == fault.certificate.name
        assert len(report.tls.chain) == (0 if fault.certificate is Certificate.UNREADABLE else 1)
        assert not server.protected or PASSWORD.encode() not in server.protected
    assert_harmless(report)


def test_the_table_is_as_large_as_it_should_be() -> None:
    assert len(TABLE) >= 150
    names = [(fault.protocol, fault.name) for fault in TABLE]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_a_port_that_nobody_listens_on(network: Network, protocol: Protocol) -> None:
    settings = ServerSettings(protocol, "localhost", free_ports(1)[0], Security.TLS, USER)
    report = await probe(settings, Secret(PASSWORD), network)
    assert report.failure is not None
    assert report.stages[-1].stage is Stage.CONNECT
    assert report.failure.cause is Cause.CONNECTION_REFUSED


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_plain_text_to_a_port_that_waits_for_tls(
    network_in_haste: Network, protocol: Protocol, contexts: dict[Certificate, ssl.SSLContext]
) -> None:
    # Told by trying: on a port of no standard the silence alone says nothing.
    async with scripted(steps(SILENCE), tls=contexts[Certificate.VALID]) as server:
        settings = ServerSettings(protocol, "localhost", server.port, Security.STARTTLS, USER)
        report = await probe(settings, Secret(PASSWORD), network_in_haste)
    assert report.failure is not None
    assert report.stages[-1].stage is Stage.GREETING
    assert report.failure.cause is Cause.PLAINTEXT_ON_TLS_PORT
    assert_nothing_leaked(server)
    assert not server.protected


HELLO_OF_TLS_1_0 = b"\x02\0\0\x26\x03\x01" + bytes(32) + b"\0\0\x2f\0"


@pytest.mark.parametrize(
    "record",
    [
        b"\x15\x03\x01\0\x02\x02\x46",
        b"\x15\x03\x01\0\x02\x02\x28",
        b"\x15\x03\x03\0\x02\x02\x47",
        b"\x16\x03\x01\0" + bytes([len(HELLO_OF_TLS_1_0)]) + HELLO_OF_TLS_1_0,
    ],
    ids=["protocol-version", "handshake-failure", "insufficient-security", "hello-of-tls-1.0"],
)
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_server_that_knows_only_the_tls_of_old(
    network: Network, security: Security, record: bytes
) -> None:
    # The alerts of RFC 8446 section 6.2 as octets: asyncio's own server sends none.
    way = (GREETING[SMTP], READ, CAPABILITIES[SMTP], READ, GO_AHEAD[SMTP])
    script = (*(way if security is Security.STARTTLS else ()), Act.SOME, record, SILENCE)
    async with scripted(steps(*script)) as server:
        settings = ServerSettings(SMTP, "localhost", server.port, security, USER)
        report = await probe(settings, Secret(PASSWORD), network)
    assert report.failure is not None
    assert report.stages[-1].stage is Stage.TLS
    assert report.failure.cause is Cause.TLS_VERSION_MISMATCH, report.failure
    assert_nothing_leaked(server)


async def test_tls_without_data_is_bounded_too(authority: Authority, network: Network) -> None:
    flooding = server_context(authority.issue("localhost"))
    flooding.num_tickets = 50_000
    async with scripted(steps(SILENCE), tls=flooding) as server:
        settings = ServerSettings(SMTP, "localhost", server.port, Security.TLS, USER)
        report = await probe(settings, Secret(PASSWORD), network)
    assert report.failure is not None
    assert report.stages[-1].stage is Stage.GREETING
    assert report.failure.cause is Cause.PROTOCOL_ERROR


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_the_record_would_show_a_password_in_the_clear(
    network: Network, protocol: Protocol
) -> None:
    """What the table relies on: once the user allows it, the record has it."""
    # Only SMTP sends the response at once, the others after a challenge.
    last: tuple[Step, ...] = () if protocol is SMTP else (b"+ \r\n", READ)
    hello = (GREETING[protocol], READ, NO_TLS[protocol], READ)
    async with scripted(steps(*hello, *last)) as server:
        settings = ServerSettings(
            protocol, "localhost", server.port, Security.NONE, USER, plain_login=PlainLogin.ALLOWED
        )
        report = await probe(settings, Secret(PASSWORD), network)
    assert any(secret in server.clear for secret in secrets())
    assert_harmless(report)


async def test_the_whole_is_bounded_where_every_stage_is_nearly_late(
    network: Network, contexts: dict[Certificate, ssl.SSLContext]
) -> None:
    """A server that always answers just in time, and then shows a certificate that is wrong."""
    wait = SHORT * 2 * 0.9

    class SlowResolver(Resolver):
        async def addresses(self, host: str) -> Answer[str]:
            await asyncio.sleep(wait)
            return await super().addresses(host)

    patience = replace(network, resolver=SlowResolver(), stage_timeout=SHORT * 2)

    async def slow(peer: Peer) -> None:
        for answer in (GREETING[SMTP], CAPABILITIES[SMTP], GO_AHEAD[SMTP]):
            if answer is not GREETING[SMTP]:
                await peer.line()
            await asyncio.sleep(wait)
            await peer.say(answer)
        await peer.start_tls(contexts[Certificate.EXPIRED])

    async with scripted(slow) as server:
        settings = ServerSettings(SMTP, "localhost", server.port, Security.STARTTLS, USER)
        began = time.monotonic()
        report = await probe(settings, Secret(PASSWORD), patience)
        took = time.monotonic() - began
    assert report.failure is not None
    assert report.failure.stage is Stage.TLS
    assert report.failure.cause is Cause.CERT_EXPIRED
    assert took < patience.stage_timeout * (STAGES_IN_ALL + 0.2)


async def test_cancelling_closes_the_connection_at_once(network: Network) -> None:
    here, gone = asyncio.Event(), asyncio.Event()

    async def wait(peer: Peer) -> None:
        here.set()
        await peer.silence()
        gone.set()

    async with scripted(wait) as server:
        settings = ServerSettings(IMAP, "localhost", server.port, Security.STARTTLS, USER)
        task = asyncio.create_task(probe(settings, Secret(PASSWORD), network))
        await here.wait()
        task.cancel()
        async with asyncio.timeout(LONG / 2):
            await gone.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


def of_a_version_that_is_none(issued: ServerCertificate) -> ServerCertificate:
    """The same with version 10, which OpenSSL presents all the same."""
    encoded = ssl.PEM_cert_to_DER_cert(issued.certificate.read_text())
    version_3, version_10 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"
    assert version_3 in encoded
    damaged = encoded.replace(version_3, version_10, 1)
    issued.certificate.write_text(ssl.DER_cert_to_PEM_cert(damaged))
    return issued


def self_signed(folder: Path, *hosts: str) -> ServerCertificate:
    """A certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(hosts[0])]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = ServerCertificate(folder / "own.pem", folder / "own.key")
    paths.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    paths.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return paths
