"""What is noteworthy about a name, its record and its size, without stopping anything. Pure."""

from collections import Counter
from typing import Final

from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.parse import SpfRecord, Term, TermKind
from wizard.records.spf.snapshot import Snapshot
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import Absent, Found

MAX_STRING: Final = 255
MAX_ANSWER: Final = 450


def about_the_name(snapshot: Snapshot, texts: list[str]) -> set[SpfWarning]:
    """Mail exchangers, records that are meant as SPF, the obsolete type, wildcards."""
    found: set[SpfWarning] = set()
    mx = snapshot.mx.get(snapshot.domain)
    if isinstance(mx, Absent) or (isinstance(mx, Found) and not any(one.host for one in mx.values)):
        found.add(SpfWarning.NO_MX)
    if any(is_near_miss(text) for text in texts):
        found.add(SpfWarning.NEAR_MISS)
    if snapshot.type99:
        found.add(SpfWarning.SPF_TYPE99)
    if snapshot.wildcard:
        found.add(SpfWarning.WILDCARD)
    return found


def about_the_record(record: SpfRecord) -> set[SpfWarning]:
    """How it ends, what is doubled, obsolete or can never be reached."""
    found: set[SpfWarning] = set()
    end = record.first_all
    match end.qualifier if end else None:
        case "" | "+":
            found.add(SpfWarning.PASS_ALL)
        case "?":
            found.add(SpfWarning.NEUTRAL_ALL)
        case "-" if not record.effective:
            found.add(SpfWarning.NULL_POLICY)
        case None if record.redirect is None:
            found.add(SpfWarning.NO_ALL)
    if any(term.kind is TermKind.PTR for term in record.terms):
        found.add(SpfWarning.PTR_USED)
    if any(count > 1 for count in Counter(map(_normal, record.effective)).values()):
        found.add(SpfWarning.DUPLICATE_TERM)
    if end is not None and any(t.is_mechanism and t.start > end.start for t in record.terms):
        found.add(SpfWarning.AFTER_ALL)
    if end is not None and record.redirect is not None:
        found.add(SpfWarning.REDIRECT_IGNORED)
    if any(term.kind is TermKind.UNKNOWN for term in record.terms):
        found.add(SpfWarning.UNKNOWN_MODIFIER)
    return found


def _normal(term: Term) -> str:
    return term.text.lower().removeprefix("+").removesuffix(".")


def about_the_size(
    snapshot: Snapshot, record: SpfRecord | None, texts: list[str], offer: str | None
) -> set[SpfWarning]:
    """Strings over 255 octets, and answers that may not fit (RFC 7208 section 3.4)."""
    found: set[SpfWarning] = set()
    if offer is not None and len(offer) > MAX_STRING:
        found.add(SpfWarning.SPLIT_STRINGS)
    others = [text for text in texts if record is None or text != record.text]
    present = offer or (record.text if record else "")
    if len(snapshot.domain) + sum(map(len, [*others, present])) > MAX_ANSWER:
        found.add(SpfWarning.OVER_450)
    return found
