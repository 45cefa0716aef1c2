"""The edit: what should be published so that the wanted includes are there. Pure.

Nothing that stands in a record is lost, moved or weakened, ``all`` above all; there is never a
second record; and where a person has to decide first, nothing is offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.records.spf.count import Cost, cost_of
from wizard.records.spf.parse import (
    VERSION,
    Problem,
    SpfRecord,
    TermKind,
    is_spf,
    parse_spf,
)
from wizard.records.spf.remarks import MAX_STRING, about_the_name, about_the_record, about_the_size
from wizard.records.spf.report import TreeNode
from wizard.records.spf.snapshot import Snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.resolver import Absent, Found, NoAnswer

NEAR_LIMIT: Final = (9, 10)
_UNCOUNTABLE: Final = frozenset({SpfWarning.INCLUDE_LOOP, SpfWarning.INCLUDE_BROKEN})


class SpfAction(StrEnum):
    """What has to be done about the record."""

    CREATE = "create"
    UPDATE = "update"
    NONE = "none"
    FIX_FIRST = "fix_first"


@dataclass(frozen=True, slots=True)
class SpfEdit:
    """The record as it is and as it should be.

    ``record`` is None unless something is to be published; ``strings`` are its character-strings.
    Counts are None where they cannot be known. ``added`` are the terms that are new in it;
    ``tree`` and ``loop`` are those of the record after the action.
    """

    domain: str
    found: tuple[str, ...]
    action: SpfAction
    record: str | None
    strings: tuple[str, ...]
    added: tuple[str, ...]
    permerror: bool
    permerror_after: bool
    lookups_before: int | None
    lookups_after: int | None
    voids_before: int | None
    voids_after: int | None
    warnings: tuple[SpfWarning, ...]
    problems: tuple[Problem, ...]
    tree: tuple[TreeNode, ...]
    loop: tuple[str, ...] = ()


def edit_spf(snapshot: Snapshot, wanted: Sequence[str], default_all: str = "~all") -> SpfEdit:
    """Decide what to publish. ``wanted`` are A-labels in lower case, in the order to add them."""
    own = snapshot.txt.get(snapshot.domain)
    texts = [txt.text for txt in own.values] if isinstance(own, Found) else []
    # DNS has no order among records: the fullest first, so that every look says the same.
    published = sorted(filter(is_spf, texts), key=lambda text: (-len(text.split()), text))
    warnings = about_the_name(snapshot, texts)
    if own is None or isinstance(own, NoAnswer):
        return _stop(snapshot, published, warnings | {SpfWarning.DNS_TEMPERROR})
    if snapshot.alias is not None:
        found = (warnings - {SpfWarning.NO_MX}) | {SpfWarning.CNAME}
        return _stop(snapshot, published, found, permerror=_fails(snapshot, published))
    if isinstance(own, Absent) and not own.name_exists and not snapshot.parent_exists:
        return _stop(snapshot, published, {SpfWarning.NXDOMAIN})
    if len(published) > 1:
        return _stop(snapshot, published, warnings | {SpfWarning.MULTIPLE_RECORDS}, permerror=True)
    if not published and SpfWarning.NEAR_MISS in warnings:
        return _stop(snapshot, published, warnings)
    record = parse_spf(published[0]) if published else None
    if record is not None and not record.sound:
        found = warnings | {SpfWarning.SYNTAX_ERROR}
        if not record.text.isascii():
            found |= {SpfWarning.NON_ASCII}
        return _stop(snapshot, published, found, permerror=True, problems=record.problems)
    return _edit_sound(snapshot, record, texts, wanted, default_all=default_all, warnings=warnings)


def _edit_sound(
    snapshot: Snapshot,
    record: SpfRecord | None,
    texts: list[str],
    wanted: Sequence[str],
    *,
    default_all: str,
    warnings: set[SpfWarning],
) -> SpfEdit:
    before = cost_of(record, snapshot) if record else Cost()
    missing, qualified = _missing(record, wanted)
    covered = [name for name in missing if name in before.reached]
    if covered:
        warnings = warnings | {SpfWarning.COVERED_INDIRECTLY}
        missing = [name for name in missing if name not in before.reached]
    if qualified:
        warnings = warnings | {SpfWarning.WANTED_QUALIFIED}
        missing = []
    added = tuple(f"include:{name}" for name in missing)
    after_text = _insert(record, added, default_all)
    after = cost_of(parse_spf(after_text), snapshot) if added else before

    warnings = warnings | (about_the_record(record) if record else set())
    unusable = [name for name in missing if not _usable(name, snapshot)]
    silent = [name for name in missing if _silent(name, snapshot)]
    if unusable:
        warnings = warnings | {SpfWarning.WANTED_UNUSABLE}
    # What an unusable name would do to the record is said already, and more exactly.
    warnings |= before.found if unusable else before.found | after.found
    if silent:
        warnings |= {SpfWarning.DNS_TEMPERROR}

    counted = after.known and not unusable and not warnings & _UNCOUNTABLE
    lookups_after = after.lookups if counted else None
    if lookups_after in NEAR_LIMIT:
        warnings |= {SpfWarning.NEAR_LIMIT}
    offered = bool(added) and not warnings & BLOCKING
    warnings |= about_the_size(snapshot, record, texts, after_text if offered else None)
    if warnings & BLOCKING:
        action = SpfAction.FIX_FIRST
    elif not added:
        action = SpfAction.NONE
    else:
        action = SpfAction.UPDATE if record else SpfAction.CREATE
    offer = after_text if offered else None
    countable_before = before.known and not before.found & _UNCOUNTABLE
    return SpfEdit(
        domain=snapshot.domain,
        found=(record.text,) if record else (),
        action=action,
        record=offer,
        strings=split_strings(offer) if offer else (),
        added=added if offer else (),
        permerror=record is not None and before.permerror,
        permerror_after=after.permerror,
        lookups_before=before.lookups if countable_before else None,
        lookups_after=lookups_after,
        voids_before=before.voids if countable_before else None,
        voids_after=after.voids if counted else None,
        warnings=_in_order(warnings),
        problems=(),
        tree=after.nodes,
        loop=after.loop,
    )


def split_strings(text: str) -> tuple[str, ...]:
    """Character-strings of at most 255 octets; where they are cut does not matter."""
    return tuple(text[start : start + MAX_STRING] for start in range(0, len(text), MAX_STRING))


def _stop(
    snapshot: Snapshot,
    published: list[str],
    warnings: set[SpfWarning],
    *,
    permerror: bool = False,
    problems: tuple[Problem, ...] = (),
) -> SpfEdit:
    """Nothing can be offered, and nothing counted."""
    return SpfEdit(
        domain=snapshot.domain,
        found=tuple(published),
        action=SpfAction.FIX_FIRST,
        record=None,
        strings=(),
        added=(),
        permerror=permerror,
        permerror_after=permerror,
        lookups_before=None,
        lookups_after=None,
        voids_before=None,
        voids_after=None,
        warnings=_in_order(warnings),
        problems=problems,
        tree=(),
    )


def _fails(snapshot: Snapshot, published: list[str]) -> bool:
    """Would a receiver give up on what is published?"""
    records = [parse_spf(text) for text in published]
    if len(records) == 1 and records[0].sound:
        return cost_of(records[0], snapshot).permerror
    return bool(records)


def _missing(record: SpfRecord | None, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """The wanted names that are not included, and those that are with another sign."""
    passing: set[str] = set()
    other: set[str] = set()
    for term in record.effective if record else ():
        if term.kind is TermKind.INCLUDE:
            (passing if term.qualifier in ("", "+") else other).add(term.name(""))
    missing = [name for name in dict.fromkeys(wanted) if name not in passing]
    return missing, [name for name in missing if name in other]


def _insert(record: SpfRecord | None, added: Sequence[str], default_all: str) -> str:
    """The new terms directly before ``all``, else ``redirect=``, else behind the mechanisms."""
    if record is None:
        return " ".join([VERSION, *added, default_all])
    terms = [term.text for term in record.terms]
    place = _place(record)
    return " ".join([VERSION, *terms[:place], *added, *terms[place:]])


def _place(record: SpfRecord) -> int:
    if record.first_all is not None:
        return record.terms.index(record.first_all)
    if record.redirect is not None:
        return record.terms.index(record.redirect)
    mechanisms = [index for index, term in enumerate(record.terms) if term.is_mechanism]
    return mechanisms[-1] + 1 if mechanisms else 0


def _usable(name: str, snapshot: Snapshot) -> bool:
    """Does a wanted name have exactly one sound SPF record? Silence does not count against it."""
    if _silent(name, snapshot):
        return True
    records = snapshot.records(name)
    return len(records) == 1 and records[0].sound


def _silent(name: str, snapshot: Snapshot) -> bool:
    answer = snapshot.txt.get(name)
    return answer is None or isinstance(answer, NoAnswer)


def _in_order(warnings: set[SpfWarning]) -> tuple[SpfWarning, ...]:
    order = list(SpfWarning)
    return tuple(sorted(warnings, key=order.index))
