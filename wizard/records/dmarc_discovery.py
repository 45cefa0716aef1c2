"""Which DMARC record holds for a domain: the DNS tree walk (RFC 9989 section 4.10). Pure.

It says which names to ask for, and reads the answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wizard.answers import Answer, Found, NoAnswer, Txt
from wizard.records.dmarc import DmarcRecord, Psd, is_dmarc, parse_dmarc

MAX_QUERIES: Final = 8


@dataclass(frozen=True, slots=True)
class DmarcFinding:
    """The record that holds for a domain, and whose it is.

    ``record`` None: there is none, or, with ``sure`` False, nobody told. ``several`` are the
    records at the domain's own name when there is more than one: receivers then use none of them.
    """

    record: DmarcRecord | None
    source: str
    organizational: str
    several: tuple[str, ...]
    sure: bool


def walk(domain: str) -> tuple[str, ...]:
    """The domains whose records are asked for, in order: at most eight queries."""
    labels = domain.split(".")
    rest = labels[1:] if len(labels) <= MAX_QUERIES else labels[-(MAX_QUERIES - 1) :]
    return (domain, *(".".join(rest[index:]) for index in range(len(rest))))


def record_name(domain: str) -> str:
    """Where a domain's DMARC record stands."""
    return f"_dmarc.{domain}"


def discover(domain: str, answers: Mapping[str, Answer[Txt]]) -> DmarcFinding:
    """Read the answers for the names of :func:`walk`, by domain."""
    found: list[tuple[str, DmarcRecord]] = []
    sure = True
    for place in walk(domain):
        answer = answers.get(place)
        if answer is None or isinstance(answer, NoAnswer):
            # Silence of a top-level domain tells nothing about the company's own record.
            sure = sure and place != domain and "." not in place
        record = _only(answer)
        if record is not None:
            found.append((place, record))
            if record.psd is not Psd.UNSAID:
                break
    own = _texts(answers.get(domain))
    organizational = _organizational(domain, found)
    source, record = _applied(domain, organizational, found)
    return DmarcFinding(
        record=record,
        source=source,
        organizational=organizational,
        several=own if len(own) > 1 else (),
        sure=sure or (record is not None and source == domain),
    )


def _texts(answer: Answer[Txt] | None) -> tuple[str, ...]:
    values = answer.values if isinstance(answer, Found) else ()
    return tuple(txt.text for txt in values if is_dmarc(txt.text))


def _only(answer: Answer[Txt] | None) -> DmarcRecord | None:
    """The one record at a name; several are all discarded (section 4.10, step 2)."""
    texts = _texts(answer)
    return parse_dmarc(texts[0]) if len(texts) == 1 else None


def _organizational(domain: str, found: list[tuple[str, DmarcRecord]]) -> str:
    """Section 4.10.2: from the longest name to the shortest."""
    for place, record in found:
        if record.psd is Psd.NO:
            return place
        if record.psd is Psd.YES and place != domain:
            below = domain.removesuffix(f".{place}").rsplit(".", 1)[-1]
            return f"{below}.{place}"
    return found[-1][0] if found else domain


def _applied(
    domain: str, organizational: str, found: list[tuple[str, DmarcRecord]]
) -> tuple[str, DmarcRecord | None]:
    """Section 4.10.1: the domain's own record, its organizational domain's, the public suffix's."""
    by_place = dict(found)
    for place in (domain, organizational):
        if place in by_place:
            return place, by_place[place]
    suffix = next(((p, r) for p, r in found if r.psd is Psd.YES), None)
    return suffix or (domain, None)
