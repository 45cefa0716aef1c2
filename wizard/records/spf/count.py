"""What a record costs and whether it works: look-ups, voids, loops, dead ends. Pure.

Counting is for the worst case, a sender that matches nothing early (RFC 7208 section 4.6.4).
"""

from dataclasses import dataclass, field
from typing import Final

from wizard.records.spf.parse import LOOKUP_KINDS, SpfRecord, Term, TermKind
from wizard.records.spf.snapshot import Snapshot
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import Absent, Found, NoAnswer

MAX_LOOKUPS: Final = 10
MAX_VOIDS: Final = 2
MAX_MX_HOSTS: Final = 10
# Nested repeated includes can grow without bound; long before this the verdict is certain.
MAX_NODES: Final = 1_000


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A term, what it costs with all that it leads to, and what is wrong there."""

    term: str
    name: str
    lookups: int
    void: bool
    problem: SpfWarning | None
    children: tuple["TreeNode", ...] = ()


@dataclass(slots=True)
class Cost:
    """The sum over a record's tree. ``known`` is False when a part of it did not answer."""

    lookups: int = 0
    voids: int = 0
    dead_names: int = 0
    known: bool = True
    found: set[SpfWarning] = field(default_factory=set)
    nodes: list[TreeNode] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)

    @property
    def permerror(self) -> bool:
        """Would a receiver give up with "permerror"?"""
        over = self.lookups > MAX_LOOKUPS or self.voids > MAX_VOIDS
        return over or bool(
            self.found
            & {
                SpfWarning.INCLUDE_LOOP,
                SpfWarning.INCLUDE_NO_SPF,
                SpfWarning.INCLUDE_BROKEN,
                SpfWarning.TOO_MANY_MX,
            }
        )


def cost_of(record: SpfRecord, snapshot: Snapshot) -> Cost:
    """Count a record as if it stood at the snapshot's domain."""
    cost = Cost()
    _Counter(snapshot, cost).count(record, snapshot.domain, (snapshot.domain,), passing=True)
    if cost.lookups > MAX_LOOKUPS:
        cost.found.add(SpfWarning.TOO_MANY_LOOKUPS)
    if cost.voids > MAX_VOIDS:
        cost.found.add(SpfWarning.TOO_MANY_VOIDS)
    elif cost.voids > cost.dead_names:
        cost.found.add(SpfWarning.VOID_LOOKUP)
    return cost


class _Counter:
    """One walk over the tree."""

    def __init__(self, snapshot: Snapshot, cost: Cost) -> None:
        self._snapshot = snapshot
        self._cost = cost
        self._left = MAX_NODES

    def count(
        self, record: SpfRecord, own: str, path: tuple[str, ...], *, passing: bool
    ) -> list[TreeNode]:
        """Count the terms that can be reached; ``passing``: a match here is a pass at the top."""
        terms = [term for term in record.effective if term.kind in LOOKUP_KINDS]
        if record.redirect is not None and record.first_all is None:
            terms.append(record.redirect)
        nodes = [self._term(term, own, path, passing=passing) for term in terms]
        if len(path) == 1:
            self._cost.nodes = nodes
        return nodes

    def _term(self, term: Term, own: str, path: tuple[str, ...], *, passing: bool) -> TreeNode:
        before = self._cost.lookups
        self._cost.lookups += 1
        self._left -= 1
        name = term.name(own)
        if term.has_macro or self._left < 0:
            follows = term.kind in (TermKind.INCLUDE, TermKind.REDIRECT)
            problem = SpfWarning.MACRO_UNCOUNTABLE if follows and term.has_macro else None
            if problem:
                self._cost.found.add(problem)
            return TreeNode(term.text, name, 1, void=False, problem=problem)
        children: list[TreeNode] = []
        match term.kind:
            case TermKind.INCLUDE | TermKind.REDIRECT:
                passes = passing and term.qualifier in ("", "+")
                problem, void, children = self._follow(name, path, passing=passes)
            case TermKind.MX:
                problem, void = self._mx(name)
            case TermKind.A:
                problem, void = self._void(self._snapshot.hosts.get(name))
            case TermKind.EXISTS:
                problem, void = self._void(self._snapshot.hosts.get(f"a {name}"))
            case _:
                problem, void = None, False
        if problem is not None:
            self._cost.found.add(problem)
        if void:
            self._cost.voids += 1
            self._cost.dead_names += problem is SpfWarning.INCLUDE_NO_SPF
        lookups = self._cost.lookups - before
        return TreeNode(term.text, name, lookups, void, problem, tuple(children))

    def _follow(
        self, name: str, path: tuple[str, ...], *, passing: bool
    ) -> tuple[SpfWarning | None, bool, list[TreeNode]]:
        """An include or redirect: the record behind it, its own tree included."""
        if name in path:
            return SpfWarning.INCLUDE_LOOP, False, []
        if passing:
            self._cost.reached.add(name)
        answer = self._snapshot.txt.get(name)
        if answer is None or isinstance(answer, NoAnswer):
            self._cost.known = False
            return SpfWarning.DNS_TEMPERROR, False, []
        records = self._snapshot.records(name)
        if not records:
            return SpfWarning.INCLUDE_NO_SPF, isinstance(answer, Absent), []
        if len(records) > 1 or not records[0].sound:
            return SpfWarning.INCLUDE_BROKEN, False, []
        record = records[0]
        if record.first_all is not None and record.first_all.qualifier in ("", "+"):
            self._cost.found.add(SpfWarning.INCLUDE_PASS_ALL)
        return None, False, self.count(record, name, (*path, name), passing=passing)

    def _mx(self, name: str) -> tuple[SpfWarning | None, bool]:
        answer = self._snapshot.mx.get(name)
        if isinstance(answer, Found) and len(answer.values) > MAX_MX_HOSTS:
            return SpfWarning.TOO_MANY_MX, False
        return self._void(answer)

    def _void(self, answer: object) -> tuple[SpfWarning | None, bool]:
        if isinstance(answer, Absent):
            return None, True
        if isinstance(answer, Found):
            return None, False
        self._cost.known = False
        return SpfWarning.DNS_TEMPERROR, False
