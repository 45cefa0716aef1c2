"""The way out where no record can be offered: what to do, by whom, in words to follow. Pure.

A text that a person has to look at first is a *proposal*: it is never the record to publish, and
addresses are never written out in the place of an include (services change theirs).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from wizard.model import Who
from wizard.records.spf.budget import budget, costs, walk
from wizard.records.spf.count import MAX_LOOKUPS, cost_of
from wizard.records.spf.edit import SpfAction, SpfEdit
from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.octets import as_read
from wizard.records.spf.parse import parse_spf, problem_message
from wizard.records.spf.proposal import as_meant, merge_records, repaired, unglued, without_sign
from wizard.records.spf.report import TreeNode, WayOut
from wizard.records.spf.snapshot import MAX_MX_HOSTS, Snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.resolver import Found, NoAnswer, Silence
from wizard.texts import Message, message

MAX_STEPS: Final = 20


def ways_out(edit: SpfEdit, snapshot: Snapshot, wanted: Sequence[str]) -> tuple[WayOut, ...]:
    """One way out for each thing that keeps a record from being offered, in order."""
    if edit.action is not SpfAction.FIX_FIRST:
        return ()
    only_silence = not set(edit.warnings) & BLOCKING
    case = _Case(edit, snapshot, wanted)
    ways = [
        _WAYS[code](case)
        for code in edit.warnings
        if code in BLOCKING or (only_silence and code in _WAYS)
    ]
    return tuple(replace(way, steps=way.steps[:MAX_STEPS]) for way in ways)


@dataclass(frozen=True, slots=True)
class _Case:
    """What the ways out are found from."""

    edit: SpfEdit
    snapshot: Snapshot
    wanted: Sequence[str]


def _several(case: _Case) -> WayOut:
    """Two records or more: which stays, which goes, and what the one could say."""
    code = SpfWarning.MULTIPLE_RECORDS
    keep, *others = case.edit.found
    merged = merge_records(case.edit.found, case.wanted)
    steps = [message(f"spf.way.{code}.why", domain=case.edit.domain, n=len(case.edit.found))]
    if merged is None:
        steps.append(message(f"spf.way.{code}.unreadable"))
    else:
        steps.append(message(f"spf.way.{code}.keep", text=as_read(keep)))
    steps += [message(f"spf.way.{code}.delete", text=as_read(text)) for text in others]
    if merged is None:
        return WayOut(code, tuple(steps), Who.DNS_ADMIN)
    if len(merged.ends) > 1:
        steps.append(
            message(f"spf.way.{code}.ends", ends=", ".join(merged.ends), end=merged.ends[0])
        )
    if merged.redirects:
        steps.append(message(f"spf.way.{code}.redirect", terms=", ".join(merged.redirects)))
    cost = cost_of(parse_spf(merged.text), case.snapshot)
    if cost.lookups > MAX_LOOKUPS:
        steps.append(message(f"spf.way.{code}.too_many", n=cost.lookups))
        steps.append(costs(cost.nodes))
    return WayOut(code, tuple(steps), Who.DNS_ADMIN, merged.text)


def _glued(case: _Case, code: SpfWarning) -> WayOut | None:
    """The record's strings lack a space between them, which explains what is wrong."""
    own = case.snapshot.txt.get(case.edit.domain)
    for txt in own.values if isinstance(own, Found) else ():
        proposal = unglued(txt.strings) if txt.text in case.edit.found else None
        if proposal is not None:
            steps = (message("spf.way.glued", n=len(txt.strings)),)
            return WayOut(code, steps, Who.DNS_ADMIN, proposal)
    return None


def _syntax(case: _Case) -> WayOut:
    code = SpfWarning.SYNTAX_ERROR
    if (glued := _glued(case, code)) is not None:
        return glued
    steps = []
    for problem in case.edit.problems:
        term = as_read(case.edit.found[0][problem.start : problem.end])
        if problem.write:
            steps.append(message(f"spf.way.{code}.write", term=term, write=problem.write))
        else:
            steps.append(message(f"spf.way.{code}.decide", term=term))
    return WayOut(
        code, tuple(steps), Who.DNS_ADMIN, repaired(case.edit.found[0], case.edit.problems)
    )


def _loop(case: _Case) -> WayOut:
    code = SpfWarning.INCLUDE_LOOP
    way = " → ".join(case.edit.loop)
    steps = [message(f"spf.way.{code}.path", path=way)]
    closes = case.edit.loop[-2] if len(case.edit.loop) > 1 else case.edit.domain
    if closes == case.edit.domain:
        steps.append(message(f"spf.way.{code}.own", domain=case.edit.domain))
        return WayOut(code, tuple(steps), Who.DNS_ADMIN)
    # Somebody else's record closes the circle; our own first term on the way can be taken out.
    first = _first_term(case.edit.tree, case.edit.loop)
    steps.append(message(f"spf.way.{code}.other", name=closes, term=first))
    return WayOut(code, tuple(steps), Who.PROVIDER)


def _first_term(tree: tuple[TreeNode, ...], loop: tuple[str, ...]) -> str:
    for node in tree:
        names = {node.name, *(below.name for _, below in walk(node.children))}
        if names & set(loop) and any(
            below.problem is SpfWarning.INCLUDE_LOOP for _, below in walk((node,))
        ):
            return node.term
    return tree[0].term if tree else ""


def _dead_end(case: _Case, code: SpfWarning) -> WayOut:
    """An include that leads nowhere, or to a record in error: ours to remove, or theirs."""
    if (glued := _glued(case, code)) is not None:
        return glued
    steps, who = [], Who.PROVIDER
    for above, node in walk(case.edit.tree):
        if node.problem is not code:
            continue
        if above:
            owner = above[-1].name
            steps.append(
                message(f"spf.way.{code}.theirs", term=node.term, owner=owner, ours=above[0].term)
            )
        else:
            who = Who.DNS_ADMIN
            steps.append(message(f"spf.way.{code}.ours", term=node.term, name=node.name))
        if node.claimable:
            steps.append(message("spf.way.claimable", name=node.name))
        if code is SpfWarning.INCLUDE_BROKEN:
            steps += _reasons(node.name, case.snapshot)
    return WayOut(code, tuple(dict.fromkeys(steps)), who)


def _reasons(name: str, snapshot: Snapshot) -> list[Message]:
    """What is wrong with somebody's record, to be told to that somebody."""
    records = snapshot.records(name)
    if len(records) > 1:
        return [message("spf.way.include_broken.several", name=name, n=len(records))]
    return [
        message("spf.way.include_broken.error", name=name, problem=problem_message(problem))
        for record in records
        for problem in record.problems[:2]
    ]


def _voids(case: _Case) -> WayOut:
    code = SpfWarning.TOO_MANY_VOIDS
    steps, who = [], Who.PROVIDER
    for above, node in walk(case.edit.tree):
        if node.void and above:
            owner = above[-1].name
            steps.append(message(f"spf.way.{code}.theirs", term=node.term, owner=owner))
        elif node.void:
            who = Who.DNS_ADMIN
            steps.append(message(f"spf.way.{code}.ours", term=node.term, name=node.name))
    return WayOut(code, tuple(dict.fromkeys(steps)), who)


def _exchangers(case: _Case) -> WayOut:
    code = SpfWarning.TOO_MANY_MX
    steps, who = [], Who.PROVIDER
    for above, node in walk(case.edit.tree):
        if node.problem is code:
            answer = case.snapshot.mx.get(node.name)
            hosts = len(answer.values) if isinstance(answer, Found) else MAX_MX_HOSTS + 1
            key = "theirs" if above else "ours"
            who = who if above else Who.DNS_ADMIN
            owner = above[-1].name if above else case.edit.domain
            steps.append(message(f"spf.way.{code}.{key}", term=node.term, n=hosts, owner=owner))
    return WayOut(code, tuple(dict.fromkeys(steps)), who)


def _unusable(case: _Case) -> WayOut:
    code = SpfWarning.WANTED_UNUSABLE
    steps = []
    for name in case.wanted:
        records = case.snapshot.records(name)
        if isinstance(case.snapshot.txt.get(name), Found) and len(records) > 1:
            steps.append(message(f"spf.way.{code}.several", name=name))
        elif records and not records[0].sound:
            steps.append(message(f"spf.way.{code}.wrong", name=name))
        elif not records:
            steps.append(message(f"spf.way.{code}.none", name=name))
    return WayOut(code, (*steps, message(f"spf.way.{code}.wait")), Who.PROVIDER)


def _qualified(case: _Case) -> WayOut:
    """The include is there with another sign: the sign goes, the term stays where it is."""
    code = SpfWarning.WANTED_QUALIFIED
    text, signed = without_sign(parse_spf(case.edit.found[0]), case.wanted)
    steps = [message(f"spf.way.{code}.sign", term=one.text, write=one.text[1:]) for one in signed]
    return WayOut(code, tuple(steps), Who.DNS_ADMIN, text)


def _near_miss(case: _Case) -> WayOut:
    code = SpfWarning.NEAR_MISS
    own = case.snapshot.txt.get(case.edit.domain)
    texts = [txt.text for txt in own.values] if isinstance(own, Found) else []
    meant = [text for text in texts if is_near_miss(text)]
    steps = [message(f"spf.way.{code}.found", text=as_read(text)) for text in meant]
    proposal = as_meant(meant[0]) if len(meant) == 1 else None
    steps.append(message(f"spf.way.{code}.{'write' if proposal else 'decide'}"))
    return WayOut(code, tuple(steps), Who.DNS_ADMIN, proposal)


def _lookups(case: _Case) -> WayOut:
    steps = budget(case.edit.tree, case.edit.domain)
    return WayOut(SpfWarning.TOO_MANY_LOOKUPS, steps, Who.DNS_ADMIN)


def _alias(case: _Case) -> WayOut:
    code, target = SpfWarning.CNAME, case.snapshot.alias or ""
    steps = tuple(
        message(f"spf.way.{code}.{key}", domain=case.edit.domain, target=target)
        for key in ("own", "other")
    )
    return WayOut(code, steps, Who.DNS_ADMIN)


def _unregistered(case: _Case) -> WayOut:
    code = SpfWarning.NXDOMAIN
    return WayOut(code, (message(f"spf.way.{code}.check", domain=case.edit.domain),), Who.YOU)


def _silence(case: _Case) -> WayOut:
    """Nobody told: why, as far as that is known, and that this says nothing about the record."""
    code, domain = SpfWarning.DNS_TEMPERROR, case.edit.domain
    own = case.snapshot.txt.get(domain)
    reason = own.reason if isinstance(own, NoAnswer) else Silence.TIMEOUT
    steps = [
        message(f"spf.way.{code}.reason", reason=message(f"resolver.{reason}")),
        message(f"spf.way.{code}.again", domain=domain),
    ]
    here = reason in (Silence.NETWORK, Silence.NO_RESOLVER)
    if not here:
        steps.append(message(f"spf.way.{code}.stays"))
    return WayOut(code, tuple(steps), Who.YOU if here else Who.DNS_ADMIN)


_WAYS: Final[dict[SpfWarning, Callable[[_Case], WayOut]]] = {
    SpfWarning.MULTIPLE_RECORDS: _several,
    SpfWarning.SYNTAX_ERROR: _syntax,
    SpfWarning.INCLUDE_LOOP: _loop,
    SpfWarning.INCLUDE_NO_SPF: lambda case: _dead_end(case, SpfWarning.INCLUDE_NO_SPF),
    SpfWarning.INCLUDE_BROKEN: lambda case: _dead_end(case, SpfWarning.INCLUDE_BROKEN),
    SpfWarning.TOO_MANY_LOOKUPS: _lookups,
    SpfWarning.TOO_MANY_VOIDS: _voids,
    SpfWarning.TOO_MANY_MX: _exchangers,
    SpfWarning.WANTED_UNUSABLE: _unusable,
    SpfWarning.WANTED_QUALIFIED: _qualified,
    SpfWarning.CNAME: _alias,
    SpfWarning.NXDOMAIN: _unregistered,
    SpfWarning.NEAR_MISS: _near_miss,
    SpfWarning.DNS_TEMPERROR: _silence,
}
