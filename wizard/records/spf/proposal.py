"""Texts to look at where no record can be offered: merged, corrected, or as it was meant. Pure.

A proposal shows a person where to get to; it is never the record that the program offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from wizard.records.spf.near_miss import bare_text
from wizard.records.spf.parse import VERSION, Problem, SpfRecord, Term, TermKind, parse_spf

# What may stand behind a version that is written in another way.
_BEHIND: Final = ";:,. \xa0\u200b"
# The usual end first; of the others the one that refuses less mail, "+" last of all.
_ENDS: Final = ("~all", "?all", "-all", "+all", "all")


@dataclass(frozen=True, slots=True)
class Merged:
    """One record out of several.

    ``ends`` are the ways the records end, the one that was taken first; ``redirects`` became
    includes, because a redirect does not count beside an ``all``.
    """

    text: str
    ends: tuple[str, ...]
    redirects: tuple[str, ...]


def merge_records(texts: Sequence[str], wanted: Sequence[str]) -> Merged | None:
    """All mechanisms in order, each once, then the wanted includes; None if one cannot be read."""
    records = [_readable(text) for text in texts]
    if None in records:
        return None
    sound = [record for record in records if record is not None]
    ends = {record.first_all.text.lower() for record in sound if record.first_all}
    redirects = [one.redirect for one in sound if one.redirect and one.first_all is None]
    alone = len(redirects) == 1 and not ends
    terms = [term.text for record in sound for term in record.effective]
    turned = () if alone else tuple(term.text for term in redirects)
    terms += [] if alone else [f"include:{term.target}" for term in redirects]
    terms += [f"include:{name}" for name in wanted]
    chosen = sorted(ends, key=_ENDS.index)
    last = [redirects[0].text] if alone else chosen[:1]
    modifiers = [
        term.text
        for record in sound
        for term in record.terms
        if term.kind in (TermKind.EXP, TermKind.UNKNOWN)
    ]
    kept = _each_once([*terms, *last, *_one_explanation(modifiers)])
    return Merged(" ".join([VERSION, *kept]), tuple(chosen), turned)


def _readable(text: str) -> SpfRecord | None:
    record = parse_spf(text)
    if record.sound:
        return record
    better = repaired(record.text, record.problems)
    return parse_spf(better) if better else None


def _each_once(terms: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for term in terms:
        seen.setdefault(term.lower().removeprefix("+").removesuffix("."), term)
    return list(seen.values())


def _one_explanation(modifiers: list[str]) -> list[str]:
    said = [term for term in modifiers if term.lower().startswith("exp=")]
    return [term for term in modifiers if term not in said[1:]]


def repaired(text: str, problems: Sequence[Problem]) -> str | None:
    """The record with every error written as it was probably meant; None if one cannot be known."""
    place, parts = 0, []
    for problem in problems:
        if problem.write is None:
            return None
        parts += [text[place : problem.start], problem.write]
        place = problem.end
    record = parse_spf("".join([*parts, text[place:]]))
    return record.render() if record.sound else None


def unglued(strings: Sequence[bytes]) -> str | None:
    """The record with a space between its strings; None where that makes no better record.

    Receivers join the strings as they are (RFC 7208 section 3.3): a space that was meant has to
    stand within one of them.
    """
    plain = parse_spf(b"".join(strings).decode("latin-1"))
    spaced = parse_spf(b" ".join(strings).decode("latin-1"))
    better = spaced.sound and len(spaced.terms) > len(plain.terms)
    return spaced.render() if len(strings) > 1 and better else None


def as_meant(text: str) -> str | None:
    """The SPF record that a near miss was meant as; None where it cannot be known."""
    bare = bare_text(text)
    lowered = bare.lower()
    for start in ("v=spf1", "spf1", "v=spf"):
        if lowered.startswith(start):
            bare = bare[len(start) :].lstrip(
                _BEHIND if start != "v=spf" else _BEHIND + "0123456789"
            )
            break
    record = _readable(f"{VERSION} {bare}")
    return record.render() if record and record.terms else None


def without_sign(record: SpfRecord, names: Sequence[str]) -> tuple[str, tuple[Term, ...]]:
    """The record with its includes of these names passing, and the terms that lost their sign."""
    signed = [
        term
        for term in record.effective
        if term.kind is TermKind.INCLUDE
        and term.qualifier in ("-", "~", "?")
        and term.name("") in names
    ]
    terms = [term.text[1:] if term in signed else term.text for term in record.terms]
    return " ".join([VERSION, *terms]), tuple(signed)
