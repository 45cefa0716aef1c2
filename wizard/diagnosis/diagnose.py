"""The front door: a text, or a probe's failure, becomes a cause, its meaning and remedies."""

from dataclasses import dataclass

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.judge import Verdict, judge
from wizard.diagnosis.remedies import RemedyRow, remedies_for
from wizard.diagnosis.reply import MAX_TEXT_BYTES, Reply
from wizard.diagnosis.rule import DiagnosisProtocol, Family, family_of
from wizard.model import (
    Protocol,
    Security,
    ServerSettings,
    Stage,
    Who,
    port_for_security,
)
from wizard.probe.report import Failure
from wizard.server_form import FormChange
from wizard.texts import Message, message

__all__ = [
    "MAX_TEXT_BYTES",
    "Diagnosis",
    "DiagnosisProtocol",
    "FormChange",
    "Remedy",
    "diagnose",
    "diagnose_failure",
]


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do, by whom, where; ``change``: a button can do it."""

    message: Message
    who: Who
    url: str | None = None
    change: FormChange | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a failure means. ``others``: what it could also be, likeliest first."""

    cause: Cause
    others: tuple[Cause, ...]
    title: Message
    explanation: Message
    remedies: tuple[Remedy, ...]
    quoted: str


def diagnose(
    text: str | bytes,
    *,
    protocol: DiagnosisProtocol,
    stage: Stage | None = None,
    provider: str | None = None,
) -> Diagnosis:
    """Explain any text. A provider nobody knows is no error: it is context that does not help."""
    reply = Reply.read(text)
    verdict = judge(reply, protocol, stage, provider)
    return _explain(verdict, family_of(provider, reply.flat), None)


def diagnose_failure(failure: Failure, settings: ServerSettings, provider: str | None) -> Diagnosis:
    """Explain where a probe ended; what the probe knows by itself needs no words."""
    reply = Reply.read(failure.words)
    family = family_of(provider, reply.flat)
    if failure.cause is not None:
        verdict = Verdict(failure.cause, (), reply.quote(0, len(reply.flat)))
    else:
        protocol = DiagnosisProtocol(settings.protocol.value)
        if failure.stage is Stage.TLS:
            protocol = DiagnosisProtocol.TLS
        verdict = judge(reply, protocol, failure.stage, provider)
    return _explain(verdict, family, settings)


def _explain(verdict: Verdict, family: Family, settings: ServerSettings | None) -> Diagnosis:
    remedies: list[Remedy] = []
    for row in remedies_for(verdict.cause, family):
        remedies += _remedy(row, settings)
    return Diagnosis(
        cause=verdict.cause,
        others=verdict.others,
        title=message(f"cause.{verdict.cause}.title"),
        explanation=message(f"cause.{verdict.cause}.why"),
        remedies=tuple(remedies),
        quoted=verdict.quoted,
    )


def _remedy(row: RemedyRow, settings: ServerSettings | None) -> list[Remedy]:
    said = message(f"remedy.{row.id}")
    if settings is None:
        return [Remedy(said, row.who, row.url)]
    change = _change(row.id, settings)
    same = change is not None and (change.port, change.security) == (
        settings.port,
        settings.security,
    )
    # What the form says already is no remedy.
    return [] if same else [Remedy(said, row.who, row.url, change)]


def _change(remedy: str, settings: ServerSettings) -> FormChange | None:
    """The change of the form that carries a remedy out, for these settings."""
    protocol = settings.protocol
    match remedy:
        case "use_tls_port" | "switch_tls_on":
            security = Security.TLS
        case "use_starttls" | "use_encryption":
            security = Security.STARTTLS
        case "use_submission_port":
            if protocol is not Protocol.SMTP:
                return None
            security = Security.STARTTLS
        case "other_port":
            security = Security.TLS if settings.security is not Security.TLS else Security.STARTTLS
        case _:
            return None
    return FormChange(port_for_security(protocol, security), security)
