"""What a probe found out: frozen values, without sockets and without secrets."""

from dataclasses import dataclass
from datetime import datetime

from wizard.diagnosis.cause import Cause
from wizard.model import ServerSettings, Stage


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage that is over. ``detail`` is made harmless for display; ``ms`` is wall time."""

    stage: Stage
    ok: bool
    ms: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """The TLS session and the server's certificate.

    ``names`` are the DNS names and IP addresses of the certificate; dates are UTC;
    ``fingerprint`` is SHA-256 in hexadecimal. ``trusted`` is the verdict of the trust store
    including the host name.
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
class ProbeReport:
    """A whole conversation with one server. ``settings`` are the very ones that were tested."""

    settings: ServerSettings
    stages: tuple[StageResult, ...]
    tls: TlsInfo | None
    capabilities: tuple[str, ...]
    senders: tuple[SenderResult, ...]
    failure: Failure | None
    transcript: tuple[str, ...]
    elapsed_ms: int
    finished: datetime

    @property
    def ok(self) -> bool:
        return self.failure is None
