"""Where a record's ten look-ups go: what each branch costs, what brings nothing. Pure.

Addresses are never suggested in the place of an include: services change theirs, and mail then
fails without a sound.
"""

from collections.abc import Iterator
from typing import Final

from wizard.records.spf.parse import TermKind
from wizard.records.spf.report import TreeNode
from wizard.texts import Message, message

MAX_BRANCHES: Final = 8


def budget(tree: tuple[TreeNode, ...], domain: str) -> tuple[Message, ...]:
    """What costs what, what is dead or doubled and could go, and what to do when nothing can."""
    total = sum(node.lookups for node in tree)
    return (
        message("spf.way.too_many_lookups.total", n=total, domain=domain),
        costs(tree),
        *_could_go(tree),
        message("spf.way.too_many_lookups.rest", domain=domain),
    )


def costs(tree: tuple[TreeNode, ...]) -> Message:
    """The dearest branches of a record with their costs, in one sentence."""
    dear = sorted(tree, key=lambda node: -node.lookups)[:MAX_BRANCHES]
    named = ", ".join(f"{node.term} ({node.lookups})" for node in dear)
    return message("spf.way.too_many_lookups.costs", named=named)


def _could_go(tree: tuple[TreeNode, ...]) -> list[Message]:
    """Own terms that bring nothing: dead ones, those paid for twice, and ``ptr``."""
    said: list[Message] = []
    for index, node in enumerate(tree):
        if node.void:
            said.append(message("spf.way.too_many_lookups.dead", term=node.term, name=node.name))
            if node.claimable:
                said.append(message("spf.way.claimable", name=node.name))
        for other in tree[:index] + tree[index + 1 :]:
            below = {one.name for _, one in walk(other.children) if _passes(one)}
            if _passes(node) and _passes(other) and node.name in below:
                said.append(
                    message("spf.way.too_many_lookups.covered", term=node.term, by=other.term)
                )
                break
        if any(_same(node, other) for other in tree[:index]):
            said.append(message("spf.way.too_many_lookups.doubled", term=node.term))
        if node.term.lstrip("+-~?").lower().split(":")[0] == TermKind.PTR:
            said.append(message("spf.way.too_many_lookups.ptr", term=node.term))
    return said


def _passes(node: TreeNode) -> bool:
    return node.term.lower().removeprefix("+").startswith("include:")


def _same(one: TreeNode, other: TreeNode) -> bool:
    return one.term.lower().removeprefix("+") == other.term.lower().removeprefix("+")


def walk(
    nodes: tuple[TreeNode, ...], above: tuple[TreeNode, ...] = ()
) -> Iterator[tuple[tuple[TreeNode, ...], TreeNode]]:
    """Every node with those above it, from the top."""
    for node in nodes:
        yield above, node
        yield from walk(node.children, (*above, node))
