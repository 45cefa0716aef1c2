"""What a probe found out: frozen values, without sockets and without secrets."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Security, ServerSettings, Stage

MAX_NAMES: Final = 50
MAX_CHAIN: Final = 8


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage that is over. ``detail`` is made harmless for display; ``ms`` is wall time."""

    stage: Stage
    ok: bool
    ms: int
    detail: str = ""


CERTIFICATE_CAUSES: Final = frozenset(
    {Cause.CERT_EXPIRED, Cause.CERT_HOSTNAME_MISMATCH, Cause.CERT_UNTRUSTED}
)


class CertificateFault(StrEnum):
    """Why a certificate is not accepted, finer than its cause."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    WRONG_HOST = "wrong_host"
    SELF_SIGNED = "self_signed"
    UNKNOWN_AUTHORITY = "unknown_authority"
    INCOMPLETE_CHAIN = "incomplete_chain"
    WEAK_KEY = "weak_key"
    UNREADABLE = "unreadable"
    # Another one than the user trusts for this server.
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """One certificate of the chain that a server sends. Dates are UTC; ``key`` is as *RSA 2048*."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    fingerprint: str
    key: str


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """The TLS session and the server's certificate.

    ``names`` are the DNS names and IP addresses of the certificate; dates are UTC;
    ``fingerprint`` is SHA-256 in hexadecimal. ``trusted`` is the verdict of the trust store
    including the host name; ``by_hand``: accepted only because the user trusts this fingerprint.
    ``chain`` is what the server sent, its own certificate first; it and ``key`` are empty where
    Python cannot tell, and for a certificate that the system trusts.
    """

    version: str
    cipher: str
    subject: str
    names: tuple[str, ...]
    issuer: str
    not_before: datetime | None
    not_after: datetime | None
    fingerprint: str
    trusted: bool
    by_hand: bool = False
    key: str = ""
    fault: CertificateFault | None = None
    chain: tuple[CertificateInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class SenderResult:
    """Whether the server took this sender (MAIL FROM and, with a recipient, RCPT TO)."""

    sender: str
    accepted: bool
    reply: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Where it ended and in whose words.

    ``words`` are the server's own (or the system's), redacted and harmless. ``cause`` is set when
    the probe knows it without reading the words, as with a capability that is not offered.
    """

    stage: Stage
    words: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another port or security of the same host, tried without a login when the wanted one failed.

    ``stage`` is where that ended and ``cause`` why, as far as it is known; None: all is well there.
    """

    port: int
    security: Security
    stage: Stage | None = None
    cause: Cause | None = None

    @property
    def works(self) -> bool:
        return self.stage is None

    @property
    def alive(self) -> bool:
        """Did the host answer at all? A refusal is an answer."""
        reached = self.stage not in (Stage.RESOLVE, Stage.CONNECT)
        return reached or self.cause is Cause.CONNECTION_REFUSED

    @property
    def speaks_tls(self) -> bool:
        """Did a handshake come so far that a certificate was seen?"""
        return self.security is Security.TLS and (
            self.works
            or self.stage in (Stage.GREETING, Stage.CAPABILITY)
            or (self.stage is Stage.TLS and self.cause in CERTIFICATE_CAUSES)
        )


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """A whole conversation with one server. ``settings`` are the very ones that were tested.

    ``alternatives`` were tried when nobody could be talked to, best first.
    """

    settings: ServerSettings
    stages: tuple[StageResult, ...]
    tls: TlsInfo | None
    capabilities: tuple[str, ...]
    senders: tuple[SenderResult, ...]
    failure: Failure | None
    transcript: tuple[str, ...]
    elapsed_ms: int
    finished: datetime
    alternatives: tuple[Alternative, ...] = ()

    @property
    def ok(self) -> bool:
        return self.failure is None
