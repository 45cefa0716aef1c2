"""``test``: a real conversation with one server, stage by stage."""

import ipaddress

from wizard.cli.call import Call, CannotDoError, read_secret
from wizard.cli.diagnosis_document import DiagnosisDocument, diagnosis_document, diagnosis_lines
from wizard.cli.probe_document import test_document
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.certificate_lines import certificate_lines
from wizard.diagnosis.circumstances import circumstances
from wizard.diagnosis.diagnose import diagnose_report
from wizard.model import (
    AuthMethod,
    EmailAddress,
    Invalid,
    PlainLogin,
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
from wizard.probe.report import ProbeReport, StageResult
from wizard.probe.sasl import TOKEN_METHODS
from wizard.signin.token import TokenLogin, explain_refusal
from wizard.texts import Message


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
    diagnosis = _diagnosis(call, report, secret)
    call.emit(test_document(report, diagnosis))
    _show(call, report, diagnosis)
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
    allowed = PlainLogin.ALLOWED if options.allow_plain_login else PlainLogin.REFUSED
    if options.allow_plain_login and security is Security.NONE:
        call.tell(call.texts("cli.test.plain_login", host=host))
    trusted = options.trust_certificate or ""
    if trusted:
        call.tell(call.texts("cli.test.trusted", host=host))
    return ServerSettings(protocol, host, port, security, username, auth, trusted, allowed)


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
    if not text:
        raise CannotDoError(call.texts("cli.test.empty_secret"), 2)
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


def _diagnosis(call: Call, report: ProbeReport, secret: Secret | None) -> DiagnosisDocument | None:
    if report.failure is None:
        return None
    # What a provider's servers and pages are is needed only now.
    around = circumstances(call.options.provider, call.catalog(), report.settings.protocol)
    document = diagnosis_document(diagnose_report(report, around), call.texts)
    note = _token_note(call, report, secret)
    if note is not None:
        document.explanation += f" {call.render(note)}"
    return document


def _token_note(call: Call, report: ProbeReport, secret: Secret | None) -> Message | None:
    """What a refused token tells of itself, where it is known whose service it is from."""
    settings = report.settings
    refused = report.failure is not None and report.failure.stage is Stage.AUTH
    if secret is None or not refused or settings.auth not in TOKEN_METHODS:
        return None
    catalog = call.catalog()
    provider = catalog.providers.get(call.options.provider or "") or next(
        (
            one
            for one in catalog.providers.values()
            if one.oauth
            and any(preset.host == settings.host for preset in one.presets(settings.protocol))
        ),
        None,
    )
    service = catalog.oauth.get(provider.oauth) if provider is not None else None
    if service is None:
        return None
    # What was granted with a token that cannot be read nobody said here.
    granted = service.scopes.for_protocol(settings.protocol)
    return explain_refusal(TokenLogin(secret, service, granted, ""), settings, report.finished)


def _show_stage(call: Call, stage: StageResult) -> None:
    mark = "✓" if stage.ok else "✗"
    line = f"  {mark} {call.texts(f'stage.{stage.stage}')}  {stage.ms} ms  {stage.detail}".rstrip()
    if call.as_json:
        if call.verbose:
            call.tell(line)
    else:
        call.say(line)


def _show(call: Call, report: ProbeReport, diagnosis: DiagnosisDocument | None) -> None:
    if call.verbose:
        for line in report.transcript:
            call.tell(line)
    for sender in report.senders:
        mark = "✓" if sender.accepted else "✗"
        reply = " ".join(sender.reply.split())
        call.say(f"  {mark} {sender.sender}: {reply}")
    if diagnosis is not None:
        for line in diagnosis_lines(diagnosis, call.texts):
            call.say(line)
    if report.tls is not None and report.tls.fault is not None:
        # What there is to compare with the server's administrator.
        call.say()
        for name, value in certificate_lines(report.tls, call.texts):
            call.say(f"  {name}: {value}")
