"""A probe's report as ``test`` prints it."""

import msgspec

from wizard.cli.diagnosis_document import DiagnosisDocument
from wizard.probe.report import ProbeReport, TlsInfo


class StageDocument(msgspec.Struct):
    """One stage that is over."""

    stage: str
    ok: bool
    ms: int
    detail: str


class CertificateDocument(msgspec.Struct):
    """One certificate of the chain that the server sent, its own first."""

    subject: str
    issuer: str
    not_before: str
    not_after: str
    fingerprint: str
    key: str


class TlsDocument(msgspec.Struct):
    """The TLS session."""

    version: str
    cipher: str
    subject: str
    names: tuple[str, ...]
    issuer: str
    not_before: str | None
    not_after: str | None
    fingerprint: str
    trusted: bool
    trusted_by_hand: bool
    key: str
    fault: str | None
    chain: tuple[CertificateDocument, ...]


class SenderDocument(msgspec.Struct):
    """Whether one sender was accepted."""

    sender: str
    accepted: bool
    reply: str


class AlternativeDocument(msgspec.Struct):
    """Another way to the same host, tried without a login after a failure."""

    port: int
    security: str
    works: bool
    stage: str | None
    cause: str | None


class TestDocument(msgspec.Struct):
    """The contract of ``test --json``."""

    ok: bool
    protocol: str
    host: str
    port: int
    security: str
    stages: tuple[StageDocument, ...]
    tls: TlsDocument | None
    capabilities: tuple[str, ...]
    senders: tuple[SenderDocument, ...]
    diagnosis: DiagnosisDocument | None
    transcript: tuple[str, ...]
    elapsed_ms: int
    alternatives: tuple[AlternativeDocument, ...]


def test_document(report: ProbeReport, diagnosis: DiagnosisDocument | None) -> TestDocument:
    """A report as the contract has it."""
    settings = report.settings
    return TestDocument(
        ok=report.ok,
        protocol=settings.protocol,
        host=settings.host,
        port=settings.port,
        security=settings.security,
        stages=tuple(StageDocument(s.stage, s.ok, s.ms, s.detail) for s in report.stages),
        tls=_tls(report.tls) if report.tls else None,
        capabilities=report.capabilities,
        senders=tuple(SenderDocument(s.sender, s.accepted, s.reply) for s in report.senders),
        diagnosis=diagnosis,
        transcript=report.transcript,
        elapsed_ms=report.elapsed_ms,
        alternatives=tuple(
            AlternativeDocument(one.port, one.security, one.works, one.stage, one.cause)
            for one in report.alternatives
        ),
    )


def _tls(tls: TlsInfo) -> TlsDocument:
    return TlsDocument(
        version=tls.version,
        cipher=tls.cipher,
        subject=tls.subject,
        names=tls.names,
        issuer=tls.issuer,
        not_before=tls.not_before.isoformat() if tls.not_before else None,
        not_after=tls.not_after.isoformat() if tls.not_after else None,
        fingerprint=tls.fingerprint,
        trusted=tls.trusted,
        trusted_by_hand=tls.by_hand,
        key=tls.key,
        fault=tls.fault,
        chain=tuple(
            CertificateDocument(
                subject=one.subject,
                issuer=one.issuer,
                not_before=one.not_before.isoformat(),
                not_after=one.not_after.isoformat(),
                fingerprint=one.fingerprint,
                key=one.key,
            )
            for one in tls.chain
        ),
    )
