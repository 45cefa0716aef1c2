"""The front door: a text, or a probe's report, becomes a cause, its meaning and remedies."""

from dataclasses import dataclass, replace
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import Circumstances
from wizard.diagnosis.deadlines import Change, changes_for
from wizard.diagnosis.judge import Verdict, judge
from wizard.diagnosis.recognise import recognise
from wizard.diagnosis.remedies import Page, RemedyRow, remedies_for
from wizard.diagnosis.remedies_oauth import remedies_of_error
from wizard.diagnosis.reply import MAX_TEXT_BYTES, Reply
from wizard.diagnosis.rule import DiagnosisProtocol, Family, family_of
from wizard.diagnosis.ways import explanation_of, kept_back, rows_for, ways_out
from wizard.model import ServerSettings, Stage, Who
from wizard.probe.report import Failure, ProbeReport
from wizard.probe.sasl import TOKEN_METHODS
from wizard.server_form import FormChange
from wizard.texts import Message, message

__all__ = [
    "MAX_TEXT_BYTES",
    "Circumstances",
    "Diagnosis",
    "DiagnosisProtocol",
    "FormChange",
    "Remedy",
    "diagnose",
    "diagnose_failure",
    "diagnose_report",
]


# What servers say of a login that they do not take, whatever it was made with.
_WRONG_LOGIN: Final = (
    Cause.WRONG_CREDENTIALS,
    Cause.APP_PASSWORD_REQUIRED,
    Cause.BASIC_AUTH_RETIRED,
)
# Stages in which it is not the mail server's protocol that is spoken.
_OTHER_SPEAKERS: Final = {
    Stage.TLS: DiagnosisProtocol.TLS,
    Stage.TOKEN: DiagnosisProtocol.OAUTH,
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do, by whom, where; ``change``: a button can do it."""

    message: Message
    who: Who
    url: str | None = None
    change: FormChange | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a failure means. ``others``: what it could also be, likeliest first.

    ``changes``: what changes, or has changed, by date.
    """

    cause: Cause
    others: tuple[Cause, ...]
    title: Message
    explanation: Message
    remedies: tuple[Remedy, ...]
    quoted: str
    protocol: DiagnosisProtocol
    changes: tuple[Change, ...] = ()


def diagnose(
    text: str | bytes,
    *,
    protocol: DiagnosisProtocol | None = None,
    stage: Stage | None = None,
    circumstances: Circumstances | None = None,
) -> Diagnosis:
    """Explain any text. Without a protocol the text tells it.

    A provider nobody knows is no error: it is context that does not help.
    """
    around = circumstances or Circumstances()
    reply = Reply.read(text)
    spoken = protocol or recognise(reply)
    verdict = judge(reply, spoken, stage, around.provider)
    family = family_of(around.provider, reply.flat)
    remedies = _remedies(verdict.cause, reply, spoken, family, around)
    return _diagnosis(verdict, remedies, protocol=spoken, family=family, around=around)


def diagnose_cause(
    cause: Cause,
    words: str,
    *,
    protocol: DiagnosisProtocol,
    circumstances: Circumstances | None = None,
) -> Diagnosis:
    """Explain what is known already; the words are only shown."""
    around = circumstances or Circumstances()
    reply = Reply.read(words)
    family = family_of(around.provider, reply.flat)
    remedies = _remedies(cause, reply, protocol, family, around)
    verdict = Verdict(cause, (), reply.quote(0, len(reply.flat)))
    return _diagnosis(verdict, remedies, protocol=protocol, family=family, around=around)


def diagnose_failure(
    failure: Failure,
    settings: ServerSettings,
    circumstances: Circumstances | None = None,
    report: ProbeReport | None = None,
) -> Diagnosis:
    """Explain where a probe ended; what the probe knows by itself needs no words."""
    around = circumstances or Circumstances()
    reply = Reply.read(failure.words)
    family = family_of(around.provider, reply.flat)
    spoken = DiagnosisProtocol(settings.protocol.value)
    if failure.cause is not None:
        # What kept the password back are no words of the server's.
        quoted = "" if kept_back(failure, settings) else reply.quote(0, len(reply.flat))
        verdict = Verdict(failure.cause, (), quoted)
    else:
        asked = _OTHER_SPEAKERS.get(failure.stage, spoken)
        verdict = judge(reply, asked, failure.stage, around.provider)
        if settings.auth in TOKEN_METHODS and verdict.cause in _WRONG_LOGIN:
            # There was no password: the same words mean the token.
            verdict = replace(verdict, cause=Cause.OAUTH_TOKEN_REJECTED)
    remedies = [
        Remedy(way.message, way.who, way.url or _page(way.row, around), way.change)
        for way in ways_out(rows_for(verdict.cause, family, report), settings, around, report)
    ]
    said = explanation_of(verdict.cause, settings, report)
    return _diagnosis(verdict, remedies, protocol=spoken, family=family, around=around, said=said)


def diagnose_report(report: ProbeReport, circumstances: Circumstances | None = None) -> Diagnosis:
    """Explain a probe that failed, with what was tried and seen beside it."""
    if report.failure is None:
        raise ValueError("a probe that went well needs no diagnosis")
    return diagnose_failure(report.failure, report.settings, circumstances, report)


def _diagnosis(
    verdict: Verdict,
    remedies: list[Remedy],
    *,
    protocol: DiagnosisProtocol,
    family: Family,
    around: Circumstances,
    said: tuple[Message | None, Message | None] = (None, None),
) -> Diagnosis:
    title, explanation = said
    return Diagnosis(
        cause=verdict.cause,
        others=verdict.others,
        title=title or message(f"cause.{verdict.cause}.title"),
        explanation=explanation or message(f"cause.{verdict.cause}.why"),
        remedies=tuple(remedies),
        quoted=verdict.quoted,
        protocol=protocol,
        changes=changes_for(verdict.cause, family, protocol, around.today),
    )


def _remedies(
    cause: Cause,
    reply: Reply,
    protocol: DiagnosisProtocol,
    family: Family,
    around: Circumstances,
) -> list[Remedy]:
    """Those of the very error first, where a sign-in service names one, then the cause's."""
    rows = list(remedies_for(cause, family))
    if protocol is DiagnosisProtocol.OAUTH:
        # An AADSTS number is Microsoft's, whoever the provider is said to be.
        named = remedies_of_error(reply, Family.MICROSOFT if reply.aadsts else family)
        rows = [*named, *(row for row in rows if row.id not in {one.id for one in named})]
    return [Remedy(message(f"remedy.{row.id}"), row.who, _page(row, around)) for row in rows]


def _page(row: RemedyRow, around: Circumstances) -> str | None:
    match row.url:
        case Page.APP_PASSWORD:
            return around.app_password or None
        case Page.CONSOLE:
            return around.console or None
        case address:
            return address
