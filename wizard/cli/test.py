"""``test``: a real conversation with one server, stage by stage."""

import ipaddress

import msgspec

from wizard.cli.call import Call, CannotDoError, read_secret
from wizard.cli.diagnosis_document import DiagnosisDocument, diagnosis_document, diagnosis_lines
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.diagnose import diagnose_failure
from wizard.model import (
    AuthMethod,
    EmailAddress,
    Invalid,
    Protocol,
    Secret,
    Security,
    ServerSettings,
    Stage,
    parse_address,
    parse_host,
    parse_port,
    parse_username,
    port_for_security,
)
from wizard.probe.driver import probe
from wizard.probe.report import ProbeReport, StageResult, TlsInfo


class StageDocument(msgspec.Struct):
    """One stage that is over."""

    stage: str
    ok: bool
    ms: int
    detail: str


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


class SenderDocument(msgspec.Struct):
    """Whether one sender was accepted."""

    sender: str
    accepted: bool
    reply: str


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


async def run(call: Call) -> int:
    """Status 0 when every stage passed, 1 when one failed, 3 without any name server."""
    settings = _settings(call)
    senders = [_address(call, text) for text in call.options.sender]
    recipient = _address(call, call.options.recipient) if call.options.recipient else None
    secret = _secret(call, settings)
    if not call.as_json:
        call.say(f"{settings.protocol} {settings.host}:{settings.port} {settings.security}")
    report = await probe(
        settings,
        secret,
        call.network,
        senders=senders,
        recipient=recipient,
        on_stage=lambda stage: _show_stage(call, stage),
    )
    document = _document(call, report)
    call.emit(document)
    _show(call, report, document)
    if report.ok:
        return 0
    return 3 if _nobody_to_ask(report) else 1


def _settings(call: Call) -> ServerSettings:
    options = call.options
    protocol, security = Protocol(options.protocol), Security(options.security)
    host_text, port_text = _split(options.server)
    port = parse_port(port_text) if port_text else port_for_security(protocol, security)
    host = parse_host(host_text)
    auth = AuthMethod(options.auth) if options.auth else None
    needs_user = auth is not AuthMethod.NONE and (
        options.user is not None or options.password_stdin or options.token_stdin
    )
    username = parse_username(options.user or "") if needs_user else ""
    for value in (host, port, username):
        if isinstance(value, Invalid):
            raise CannotDoError(call.render(value.message), 2)
    if not needs_user:
        auth = AuthMethod.NONE
    elif not (options.password_stdin or options.token_stdin):
        raise CannotDoError(call.texts("cli.test.no_secret"), 2)
    elif auth is None and options.token_stdin:
        auth = AuthMethod.XOAUTH2
    assert isinstance(host, str)  # noqa: S101 - the loop above has seen to it
    assert isinstance(port, int)  # noqa: S101
    assert isinstance(username, str)  # noqa: S101
    return ServerSettings(protocol, host, port, security, username, auth)


def _split(server: str) -> tuple[str, str]:
    """Host and port; an IPv6 address without brackets has no port."""
    try:
        ipaddress.ip_address(server)
    except ValueError:
        host, colon, port = server.rpartition(":")
        return (host, port) if colon else (server, "")
    return server, ""


def _address(call: Call, text: str) -> EmailAddress:
    parsed = parse_address(text)
    if isinstance(parsed, Invalid):
        raise CannotDoError(call.render(parsed.message), 2)
    return parsed


def _secret(call: Call, settings: ServerSettings) -> Secret | None:
    if settings.auth is AuthMethod.NONE:
        return None
    text = read_secret()
    if text != text.strip():
        call.tell(call.texts("cli.test.space"))
    return Secret(text)


def _nobody_to_ask(report: ProbeReport) -> bool:
    failure = report.failure
    return (
        failure is not None
        and failure.stage is Stage.RESOLVE
        and failure.cause is Cause.DNS_UNAVAILABLE
    )


def _document(call: Call, report: ProbeReport) -> TestDocument:
    settings = report.settings
    diagnosis = None
    if report.failure is not None:
        found = diagnose_failure(report.failure, settings, call.options.provider)
        diagnosis = diagnosis_document(found, call.texts)
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
    )


def _show_stage(call: Call, stage: StageResult) -> None:
    mark = "✓" if stage.ok else "✗"
    line = f"  {mark} {call.texts(f'stage.{stage.stage}')}  {stage.ms} ms  {stage.detail}".rstrip()
    if call.as_json:
        if call.verbose:
            call.tell(line)
    else:
        call.say(line)


def _show(call: Call, report: ProbeReport, document: TestDocument) -> None:
    if call.verbose:
        for line in report.transcript:
            call.tell(line)
    for sender in report.senders:
        mark = "✓" if sender.accepted else "✗"
        call.say(f"  {mark} {sender.sender}: {sender.reply}")
    if document.diagnosis is not None:
        for line in diagnosis_lines(document.diagnosis, call.texts):
            call.say(line)
