"""A diagnosis as ``diagnose`` and ``test`` print it."""

import msgspec

from wizard.diagnosis.diagnose import Diagnosis, FormChange
from wizard.model import PlainLogin
from wizard.texts import Texts


class RemedyDocument(msgspec.Struct):
    """One thing to do. ``option``: what carries it out when ``test`` is called again."""

    text: str
    url: str | None
    who: str
    option: str | None


class ChangeDocument(msgspec.Struct):
    """What changes, or has changed, on a day (``YYYY-MM-DD``)."""

    date: str
    text: str
    url: str


class DiagnosisDocument(msgspec.Struct):
    """The contract of ``diagnose --json``."""

    cause: str
    others: tuple[str, ...]
    title: str
    explanation: str
    remedies: tuple[RemedyDocument, ...]
    quoted: str
    protocol: str
    changes: tuple[ChangeDocument, ...]


def diagnosis_document(diagnosis: Diagnosis, texts: Texts) -> DiagnosisDocument:
    """Give a diagnosis the words of a language."""
    return DiagnosisDocument(
        cause=diagnosis.cause,
        others=tuple(diagnosis.others),
        title=texts.render(diagnosis.title),
        explanation=texts.render(diagnosis.explanation),
        remedies=tuple(
            RemedyDocument(texts.render(one.message), one.url, one.who, _option(one.change))
            for one in diagnosis.remedies
        ),
        quoted=diagnosis.quoted,
        protocol=diagnosis.protocol,
        changes=tuple(
            ChangeDocument(one.day.isoformat(), texts.render(one.message), one.url)
            for one in diagnosis.changes
        ),
    )


def _option(change: FormChange | None) -> str | None:
    if change is None:
        return None
    if change.fingerprint:
        return f"--trust-certificate {change.fingerprint}"
    if change.plain_login is PlainLogin.ALLOWED:
        return "--allow-plain-login"
    server = f"{change.host or 'HOST'}:{change.port}" if change.port else change.host
    security = f"--security {change.security}" if change.security else None
    return " ".join(part for part in (server, security) if part) or None


def diagnosis_lines(document: DiagnosisDocument, texts: Texts) -> list[str]:
    """The same for people."""
    lines = ["", document.title, document.explanation]
    for number, remedy in enumerate(document.remedies, 1):
        link = f"  {remedy.url}" if remedy.url else ""
        lines.append(f"  {number}. {remedy.text} ({texts(f'who.{remedy.who}')}){link}")
        if remedy.option:
            lines.append(f"     {remedy.option}")
    if document.others:
        titles = [texts(f"cause.{cause}.title") for cause in document.others]
        lines.append(texts("diagnosis.others", causes="; ".join(titles)))
    lines += [f"{change.text}  {change.url}" for change in document.changes]
    if document.quoted:
        lines += ["", texts("cli.diagnose.quoted", words=document.quoted)]
    return lines
