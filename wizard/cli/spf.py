"""``spf``: the SPF record of a domain as it is, and as it should be."""

import time

import msgspec

from wizard.cli.call import Call, CannotDoError
from wizard.model import Invalid, parse_domain
from wizard.records.spf.count import TreeNode
from wizard.records.spf.edit import SpfAction, SpfEdit, edit_spf
from wizard.records.spf.snapshot import take_snapshot
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import NoAnswer, Silence

DEFAULT_PLATFORM = "openappone-online"


class WarningDocument(msgspec.Struct):
    """One thing that is wrong or noteworthy."""

    code: str
    text: str


class TreeDocument(msgspec.Struct):
    """A term, what it costs with all below it, and what it led to."""

    term: str
    name: str
    lookups: int
    void: bool
    problem: str | None
    children: tuple["TreeDocument", ...]


class SpfDocument(msgspec.Struct):
    """The contract of ``spf --json``."""

    domain: str
    found: tuple[str, ...]
    action: str
    record: str | None
    strings: tuple[str, ...]
    permerror: bool
    permerror_after: bool
    lookups_before: int | None
    lookups_after: int | None
    void_before: int | None
    void_after: int | None
    warnings: tuple[WarningDocument, ...]
    problems: tuple[str, ...]
    tree: TreeDocument
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when nothing is to be done, 1 when something is, 3 without any name server."""
    started = time.monotonic()
    domain = _name(call, call.options.domain)
    wanted = [_name(call, name) for name in call.options.include or _default_includes(call)]
    snapshot = await take_snapshot(domain, wanted, call.network.resolver)
    edit = edit_spf(snapshot, wanted)
    document = _document(call, edit, round((time.monotonic() - started) * 1000))
    call.emit(document)
    _show(call, document)
    own = snapshot.txt.get(domain)
    if isinstance(own, NoAnswer) and own.reason in (Silence.NO_RESOLVER, Silence.NETWORK):
        return 3
    return 0 if edit.action is SpfAction.NONE and not edit.permerror else 1


def _name(call: Call, text: str) -> str:
    parsed = parse_domain(text)
    if isinstance(parsed, Invalid):
        raise CannotDoError(call.render(parsed.message), 2)
    return parsed


def _default_includes(call: Call) -> list[str]:
    platform = call.catalog().platforms[DEFAULT_PLATFORM]
    return [platform.spf_include]


def _document(call: Call, edit: SpfEdit, elapsed_ms: int) -> SpfDocument:
    return SpfDocument(
        domain=edit.domain,
        found=edit.found,
        action=edit.action,
        record=edit.record,
        strings=edit.strings,
        permerror=edit.permerror,
        permerror_after=edit.permerror_after,
        lookups_before=edit.lookups_before,
        lookups_after=edit.lookups_after,
        void_before=edit.voids_before,
        void_after=edit.voids_after,
        warnings=tuple(
            WarningDocument(code, call.texts(f"spf.warning.{code}")) for code in edit.warnings
        ),
        problems=tuple(call.render(problem.message) for problem in edit.problems),
        tree=TreeDocument(
            term="",
            name=edit.domain,
            lookups=sum(node.lookups for node in edit.tree),
            void=False,
            problem=None,
            children=tuple(map(_tree, edit.tree)),
        ),
        elapsed_ms=elapsed_ms,
    )


def _tree(node: TreeNode) -> TreeDocument:
    return TreeDocument(
        term=node.term,
        name=node.name,
        lookups=node.lookups,
        void=node.void,
        problem=node.problem,
        children=tuple(map(_tree, node.children)),
    )


def _show(call: Call, document: SpfDocument) -> None:
    texts = call.texts
    for found in document.found or (texts("cli.spf.none"),):
        call.say(texts("cli.spf.now", record=found))
    for problem in document.problems:
        call.say(f"  ✗ {problem}")
    for warning in document.warnings:
        blocking = warning.code == SpfWarning.SYNTAX_ERROR or document.action == "fix_first"
        call.say(f"  {'✗' if blocking else '!'} {warning.text}")
    if document.record:
        call.say(texts("cli.spf.then", record=document.record))
    call.say(texts(f"cli.spf.action.{document.action}"))
    if document.lookups_after is not None:
        call.say(texts("cli.spf.lookups", count=str(document.lookups_after)))
    _show_tree(call, document.tree.children, 1)


def _show_tree(call: Call, nodes: tuple[TreeDocument, ...], depth: int) -> None:
    for node in nodes:
        problem = f"  ({call.texts(f'spf.warning.{node.problem}')})" if node.problem else ""
        call.say(f"{'  ' * depth}{node.lookups}  {node.term}{problem}")
        _show_tree(call, node.children, depth + 1)
