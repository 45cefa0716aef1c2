"""A diagnosis as ``diagnose`` and ``test`` print it."""

import msgspec

from wizard.diagnosis.diagnose import Diagnosis
from wizard.texts import Texts


class RemedyDocument(msgspec.Struct):
    """One thing to do."""

    text: str
    url: str | None
    who: str


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
            RemedyDocument(texts.render(one.message), one.url, one.who)
            for one in diagnosis.remedies
        ),
        quoted=diagnosis.quoted,
        protocol=diagnosis.protocol,
        changes=tuple(
            ChangeDocument(one.day.isoformat(), texts.render(one.message), one.url)
            for one in diagnosis.changes
        ),
    )


def diagnosis_lines(document: DiagnosisDocument, texts: Texts) -> list[str]:
    """The same for people."""
    lines = ["", document.title, document.explanation]
    for number, remedy in enumerate(document.remedies, 1):
        link = f"  {remedy.url}" if remedy.url else ""
        lines.append(f"  {number}. {remedy.text} ({texts(f'who.{remedy.who}')}){link}")
    if document.others:
        titles = [texts(f"cause.{cause}.title") for cause in document.others]
        lines.append(texts("diagnosis.others", causes="; ".join(titles)))
    lines += [f"{change.text}  {change.url}" for change in document.changes]
    if document.quoted:
        lines += ["", texts("cli.diagnose.quoted", words=document.quoted)]
    return lines
