"""The ways out of a probe's failure: its remedies, fitted to the settings and to what was seen.

A remedy that changes the form carries that change; one that the form follows already falls away.
"""

from dataclasses import dataclass

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import Circumstances, provider_name_in
from wizard.diagnosis.remedies import CERTIFICATES, RemedyRow, remedies_for
from wizard.diagnosis.rule import Family
from wizard.model import (
    PlainLogin,
    Protocol,
    Security,
    ServerSettings,
    Stage,
    Who,
    port_for_security,
    security_for_port,
)
from wizard.probe.report import Alternative, CertificateFault, Failure, ProbeReport
from wizard.server_form import FormChange
from wizard.texts import Message, message

# What a way that was tried and works makes needless.
_GUESSES = frozenset({"use_tls_port", "use_starttls", "switch_tls_on", "other_port"})
_NOT_THE_PORT = frozenset({"open_firewall", "other_port"})


@dataclass(frozen=True, slots=True)
class Way:
    """A remedy fitted to one failure."""

    row: RemedyRow
    message: Message
    who: Who
    url: str | None = None
    change: FormChange | None = None


def rows_for(cause: Cause, family: Family, report: ProbeReport | None) -> tuple[RemedyRow, ...]:
    """The remedies: of the certificate's fault where there is one, else of the cause."""
    fault = _fault(report)
    return remedies_for(cause, family) if fault is None else CERTIFICATES[fault]


def explanation_of(
    cause: Cause, settings: ServerSettings, report: ProbeReport | None
) -> tuple[Message | None, Message | None]:
    """Title and explanation where more is known than the cause; None where it is not."""
    fault = _fault(report)
    if fault is not None:
        return message(f"certificate.{fault}.title"), message(f"certificate.{fault}.why")
    tried = report.alternatives if report is not None else ()
    stuck = report is not None and report.failure is not None
    if not tried or not stuck or cause is not Cause.PORT_BLOCKED_OR_TIMEOUT:
        return None, None
    if report is not None and report.failure and report.failure.stage is not Stage.CONNECT:
        return None, None
    if any(one.alive for one in tried):
        port = str(settings.port)
        return message("blocked.title", port=port), message("blocked.why", port=port)
    host = settings.host
    return message("dead.title", host=host), message("dead.why", ports=_ports(settings, tried))


def ways_out(
    rows: tuple[RemedyRow, ...],
    settings: ServerSettings,
    around: Circumstances,
    report: ProbeReport | None,
) -> list[Way]:
    """What works comes first, then what the cause's rows say, then what has to be warned of."""
    tried = report.alternatives if report is not None else ()
    works = [one for one in tried if one.works][:2]
    ways = [_tried_way(one) for one in works]
    dead = bool(tried) and not any(one.alive for one in tried)
    for row in rows:
        needless = (works and row.id in _GUESSES) or (dead and row.id in _NOT_THE_PORT)
        if not needless:
            ways += _fitted(row, settings, around, report)
    return [*ways, *_unencrypted(settings, around, report)]


def _fault(report: ProbeReport | None) -> CertificateFault | None:
    failed = report is not None and report.failure is not None
    return report.tls.fault if failed and report is not None and report.tls is not None else None


def _ports(settings: ServerSettings, tried: tuple[Alternative, ...]) -> str:
    return ", ".join(map(str, dict.fromkeys([settings.port, *(one.port for one in tried)])))


def _tried_way(one: Alternative) -> Way:
    said = message(
        "remedy.use_way",
        port=str(one.port),
        security=message(f"form.security_choice.{one.security}"),
    )
    row = RemedyRow("use_way")
    return Way(row, said, row.who, change=FormChange(port=one.port, security=one.security))


def _fitted(
    row: RemedyRow, settings: ServerSettings, around: Circumstances, report: ProbeReport | None
) -> list[Way]:
    said = message(f"remedy.{row.id}")
    match row.id:
        case "use_certificate_name":
            return [_certificate_name(row, around, report)]
        case "trust_certificate":
            return _trusting(row, settings, around, report)
    change = _change(row.id, settings)
    same = change is not None and (change.port, change.security) == (
        settings.port,
        settings.security,
    )
    # What the form says already is no remedy.
    return [] if same else [Way(row, said, row.who, None, change)]


def _change(remedy: str, settings: ServerSettings) -> FormChange | None:
    """The change of the form that carries a remedy out, for these settings."""
    protocol = settings.protocol
    own_port = security_for_port(protocol, settings.port) is None
    match remedy:
        case "use_starttls" | "use_encryption":
            security = Security.STARTTLS
        case "switch_tls_on":
            security = Security.TLS
        case "use_tls_port":
            security, own_port = Security.TLS, False
        case "use_submission_port":
            if protocol is not Protocol.SMTP:
                return None
            security, own_port = Security.STARTTLS, False
        case "other_port":
            other = settings.security is not Security.TLS
            security, own_port = Security.TLS if other else Security.STARTTLS, False
        case _:
            return None
    port = settings.port if own_port else port_for_security(protocol, security)
    return FormChange(port, security)


def _certificate_name(row: RemedyRow, around: Circumstances, report: ProbeReport | None) -> Way:
    """As a button only for a name that is known to be a provider's."""
    names = report.tls.names if report is not None and report.tls is not None else ()
    name = provider_name_in(names, around.known_hosts)
    if name is None:
        return Way(row, message(f"remedy.{row.id}"), row.who)
    said = message("remedy.use_provider_name", name=name)
    return Way(row, said, row.who, change=FormChange(host=name))


def _trusting(
    row: RemedyRow, settings: ServerSettings, around: Circumstances, report: ProbeReport | None
) -> list[Way]:
    """For a server of one's own; a provider's certificate is never to be trusted by hand."""
    fingerprint = report.tls.fingerprint if report is not None and report.tls is not None else ""
    if not fingerprint or not _is_own(settings, around):
        return []
    said = message(f"remedy.{row.id}")
    return [Way(row, said, row.who, change=FormChange(fingerprint=fingerprint))]


def _unencrypted(
    settings: ServerSettings, around: Circumstances, report: ProbeReport | None
) -> list[Way]:
    """Where only our own caution kept the password back: the user may decide otherwise."""
    failure = report.failure if report is not None else None
    offered = report.capabilities if report is not None else ()
    encrypts = "STARTTLS" in offered or "STLS" in offered
    if encrypts or not kept_back(failure, settings) or not _is_own(settings, around):
        return []
    row = RemedyRow("allow_plain_login")
    said = message("remedy.allow_plain_login")
    return [Way(row, said, row.who, change=FormChange(plain_login=PlainLogin.ALLOWED))]


def kept_back(failure: Failure | None, settings: ServerSettings) -> bool:
    """Did we end it ourselves, before a password went over a connection that is not encrypted?"""
    return (
        failure is not None
        and (failure.stage, failure.cause) == (Stage.AUTH, Cause.ENCRYPTION_REQUIRED)
        and settings.security is Security.NONE
        and settings.plain_login is PlainLogin.REFUSED
    )


def _is_own(settings: ServerSettings, around: Circumstances) -> bool:
    return around.self_hosted and settings.host not in around.known_hosts
