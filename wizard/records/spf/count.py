"""What a record costs and whether it works: look-ups, voids, loops, dead ends. Pure.

Counting is for the worst case, a sender that matches nothing early (RFC 7208 section 4.6.4). Each
name is judged once, however often a record leads to it: nested repeats cost no time.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from wizard.records.spf.parse import SpfRecord, Term, TermKind, counted_terms
from wizard.records.spf.report import TreeNode
from wizard.records.spf.snapshot import MAX_MX_HOSTS, Snapshot
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import Absent, Answer, Found, NoAnswer

MAX_LOOKUPS: Final = 10
MAX_VOIDS: Final = 2
# A hostile tree of repeats grows without bound; nobody needs to see or to count all of it.
MAX_NODES: Final = 400
MAX_COUNT: Final = 1_000_000


@dataclass(slots=True)
class Cost:
    """The sum over a record's tree. ``known`` is False when a part of it did not answer.

    ``dead_names`` are the voids among the includes; ``loop`` is the way round, name by name;
    ``reached`` the names to which passing includes and redirects lead.
    """

    lookups: int = 0
    voids: int = 0
    dead_names: int = 0
    known: bool = True
    found: set[SpfWarning] = field(default_factory=set)
    nodes: tuple[TreeNode, ...] = ()
    loop: tuple[str, ...] = ()
    reached: frozenset[str] = frozenset()

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
    total = _Counter(snapshot, cost).count(record, snapshot.domain, (snapshot.domain,))
    cost.lookups, cost.voids, cost.dead_names = total.lookups, total.voids, total.dead_names
    cost.nodes = _pruned(total.nodes)
    cost.reached = frozenset(_passing(record, snapshot))
    if cost.lookups > MAX_LOOKUPS:
        cost.found.add(SpfWarning.TOO_MANY_LOOKUPS)
    if cost.voids > MAX_VOIDS:
        cost.found.add(SpfWarning.TOO_MANY_VOIDS)
    elif cost.voids > cost.dead_names:
        cost.found.add(SpfWarning.VOID_LOOKUP)
    return cost


@dataclass(frozen=True, slots=True)
class _Sum:
    """What one record costs with all below it."""

    lookups: int
    voids: int
    dead_names: int
    nodes: tuple[TreeNode, ...]


_NOTHING: Final = _Sum(0, 0, 0, ())


class _Counter:
    """One walk over the tree."""

    def __init__(self, snapshot: Snapshot, cost: Cost) -> None:
        self._snapshot = snapshot
        self._cost = cost
        self._known: dict[str, tuple[SpfWarning | None, bool, _Sum]] = {}

    def count(self, record: SpfRecord, own: str, path: tuple[str, ...]) -> _Sum:
        lookups, voids, dead_names = 0, 0, 0
        nodes: list[TreeNode] = []
        for term in counted_terms(record):
            node, below = self._term(term, own, path)
            nodes.append(node)
            dead = node.void and node.problem is SpfWarning.INCLUDE_NO_SPF
            lookups = min(MAX_COUNT, lookups + node.lookups)
            voids = min(MAX_COUNT, voids + node.void + below.voids)
            dead_names = min(MAX_COUNT, dead_names + dead + below.dead_names)
        return _Sum(lookups, voids, dead_names, tuple(nodes))

    def _term(self, term: Term, own: str, path: tuple[str, ...]) -> tuple[TreeNode, _Sum]:
        name = term.name(own)
        follows = term.kind in (TermKind.INCLUDE, TermKind.REDIRECT)
        repeated, below = False, _NOTHING
        if term.depends_on_sender:
            problem, void = SpfWarning.MACRO_UNCOUNTABLE if follows else None, False
        elif follows:
            repeated = name in self._known
            problem, void, below = self._follow(name, path)
        else:
            problem, void = self._hosts(term, name)
        if problem is not None:
            self._cost.found.add(problem)
        node = TreeNode(
            term=term.text,
            name=name,
            lookups=min(MAX_COUNT, 1 + below.lookups),
            void=void,
            problem=problem,
            children=below.nodes,
            claimable=name in self._snapshot.claimable,
            repeated=repeated,
        )
        return node, below

    def _follow(self, name: str, path: tuple[str, ...]) -> tuple[SpfWarning | None, bool, _Sum]:
        """An include or redirect: the record behind it, its own tree included."""
        if name in path:
            self._cost.loop = self._cost.loop or (*path[path.index(name) :], name)
            return SpfWarning.INCLUDE_LOOP, False, _NOTHING
        if name not in self._known:
            self._known[name] = self._judge(name, path)
        return self._known[name]

    def _judge(self, name: str, path: tuple[str, ...]) -> tuple[SpfWarning | None, bool, _Sum]:
        answer = self._snapshot.txt.get(name)
        if answer is None:
            # Not asked: the walk had reached its bound, far beyond what a receiver follows.
            return None, False, _NOTHING
        if isinstance(answer, NoAnswer):
            self._cost.known = False
            return SpfWarning.DNS_TEMPERROR, False, _NOTHING
        records = self._snapshot.records(name)
        if not records:
            return SpfWarning.INCLUDE_NO_SPF, isinstance(answer, Absent), _NOTHING
        if len(records) > 1 or not records[0].sound:
            return SpfWarning.INCLUDE_BROKEN, False, _NOTHING
        record = records[0]
        if record.first_all is not None and record.first_all.qualifier in ("", "+"):
            self._cost.found.add(SpfWarning.INCLUDE_PASS_ALL)
        return None, False, self.count(record, name, (*path, name))

    def _hosts(self, term: Term, name: str) -> tuple[SpfWarning | None, bool]:
        """``a``, ``mx`` and ``exists``; whom ``ptr`` finds depends on the sender."""
        answer: Answer[object] | None
        match term.kind:
            case TermKind.MX:
                answer = self._snapshot.mx.get(name)
                if isinstance(answer, Found) and len(answer.values) > MAX_MX_HOSTS:
                    return SpfWarning.TOO_MANY_MX, False
            case TermKind.A:
                answer = self._snapshot.hosts.get(name)
            case TermKind.EXISTS:
                answer = self._snapshot.hosts.get(f"a {name}")
            case _:
                return None, False
        if isinstance(answer, NoAnswer):
            self._cost.known = False
            return SpfWarning.DNS_TEMPERROR, False
        return None, isinstance(answer, Absent)


def _passing(record: SpfRecord, snapshot: Snapshot) -> set[str]:
    """Names to which a chain of passing includes and redirects leads: a match there passes."""
    reached: set[str] = set()
    ahead = [(record, snapshot.domain)]
    while ahead:
        here, own = ahead.pop()
        for term in counted_terms(here):
            name = term.name(own)
            follows = term.kind in (TermKind.INCLUDE, TermKind.REDIRECT)
            if follows and term.qualifier in ("", "+") and name not in reached:
                reached.add(name)
                records = snapshot.records(name)
                if len(records) == 1:
                    ahead.append((records[0], name))
    return reached


def _pruned(nodes: tuple[TreeNode, ...]) -> tuple[TreeNode, ...]:
    """As many whole levels of the tree as :data:`MAX_NODES` hold; costs stay those of the whole."""
    levels, level = 0, list(nodes[:MAX_NODES])
    left = MAX_NODES - len(level)
    while 0 < sum(len(node.children) for node in level) <= left:
        level = [child for node in level for child in node.children]
        left -= len(level)
        levels += 1
    return tuple(_cut(node, levels) for node in nodes[:MAX_NODES])


def _cut(node: TreeNode, levels: int) -> TreeNode:
    children = tuple(_cut(child, levels - 1) for child in node.children) if levels else ()
    return node if children == node.children else replace(node, children=children)
