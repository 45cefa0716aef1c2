"""``spf``: the SPF record of a domain as it is, and as it should be."""

import time

import msgspec

from wizard.catalog import find_platform
from wizard.cli.call import Call, CannotDoError
from wizard.model import Invalid, parse_domain, parse_host
from wizard.records.spf.edit import SpfAction, SpfEdit, edit_spf
from wizard.records.spf.effect import report_on
from wizard.records.spf.octets import as_read
from wizard.records.spf.parse import Problem, problem_message
from wizard.records.spf.report import Effect, SpfReport, SpfResult, TreeNode, Verdict, WayOut
from wizard.records.spf.snapshot import take_snapshot
from wizard.records.spf.warning import BLOCKING
from wizard.records.spf.words import counts_message, effect_message, node_remarks, voids_message
from wizard.resolver import NoAnswer

# Without a record, or without an answer, every server fares alike.
_NOTHING_TO_SAY = (SpfResult.NONE, SpfResult.TEMPERROR)
DEFAULT_PLATFORM = "openappone-online"


class WarningDocument(msgspec.Struct):
    """One thing that is wrong or noteworthy."""

    code: str
    text: str


class ProblemDocument(msgspec.Struct):
    """An error: characters ``start`` (from 0) up to ``end``, and how it was probably meant."""

    start: int
    end: int
    term: str
    text: str
    write: str | None


class TreeDocument(msgspec.Struct):
    """A term, what it costs with all below it, and what it led to."""

    term: str
    name: str
    lookups: int
    void: bool
    problem: str | None
    claimable: bool
    repeated: bool
    children: tuple["TreeDocument", ...]


class EffectDocument(msgspec.Struct):
    """What receivers make of a message from one address; ``after`` null: nothing is offered."""

    server: str
    name: str
    address: str
    before: str
    before_terms: tuple[str, ...]
    after: str | None
    after_terms: tuple[str, ...]
    text: str


class WayDocument(msgspec.Struct):
    """What to do first, by whom; ``proposal`` is to be looked at, never the record."""

    about: str
    who: str
    steps: tuple[str, ...]
    proposal: str | None


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
    problems: tuple[ProblemDocument, ...]
    tree: TreeDocument
    effect: tuple[EffectDocument, ...]
    ways_out: tuple[WayDocument, ...]
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when nothing is to be done, 1 when something is, 3 when nobody told anything."""
    domain = _name(call, call.options.domain)
    wanted = [_name(call, name) for name in call.options.include or _default_includes()]
    server = parse_host(call.options.server) if call.options.server else ""
    if isinstance(server, Invalid):
        raise CannotDoError(call.render(server.message), 2)
    resolver = call.network.resolver
    started = time.monotonic()
    snapshot = await take_snapshot(domain, wanted, resolver)
    edit = edit_spf(snapshot, wanted)
    report = await report_on(snapshot, edit, wanted, resolver, server=server)
    document = _document(call, edit, report, round((time.monotonic() - started) * 1000))
    call.emit(document)
    silent = isinstance(snapshot.txt[domain], NoAnswer)
    _show(call, document, report, edit.problems, silent=silent)
    if silent and not snapshot.heard_anything:
        return 3
    return 0 if edit.action is SpfAction.NONE and not edit.permerror else 1


def _name(call: Call, text: str) -> str:
    parsed = parse_domain(text)
    if isinstance(parsed, Invalid):
        raise CannotDoError(call.render(parsed.message), 2)
    return parsed


def _default_includes() -> list[str]:
    platform = find_platform(DEFAULT_PLATFORM)
    return [platform.spf_include] if platform and platform.spf_include else []


def _document(call: Call, edit: SpfEdit, report: SpfReport, elapsed_ms: int) -> SpfDocument:
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
        problems=tuple(_problem(call, problem, edit.found[0]) for problem in edit.problems),
        tree=TreeDocument(
            term="",
            name=edit.domain,
            lookups=sum(node.lookups for node in edit.tree),
            void=False,
            problem=None,
            claimable=False,
            repeated=False,
            children=tuple(map(_tree, edit.tree)),
        ),
        effect=tuple(_effect(call, effect) for effect in report.effects),
        ways_out=tuple(_way(call, way) for way in report.ways),
        elapsed_ms=elapsed_ms,
    )


def _problem(call: Call, problem: Problem, record: str) -> ProblemDocument:
    return ProblemDocument(
        start=problem.start,
        end=problem.end,
        term=as_read(record[problem.start : problem.end]),
        text=call.render(problem.message),
        write=problem.write,
    )


def _tree(node: TreeNode) -> TreeDocument:
    return TreeDocument(
        term=node.term,
        name=node.name,
        lookups=node.lookups,
        void=node.void,
        problem=node.problem,
        claimable=node.claimable,
        repeated=node.repeated,
        children=tuple(map(_tree, node.children)),
    )


def _effect(call: Call, effect: Effect) -> EffectDocument:
    after: Verdict | None = effect.after
    return EffectDocument(
        server=effect.whose,
        name=effect.name,
        address=effect.address,
        before=effect.before.result,
        before_terms=effect.before.path,
        after=after.result if after else None,
        after_terms=after.path if after else (),
        text=call.render(effect_message(effect)),
    )


def _way(call: Call, way: WayOut) -> WayDocument:
    steps = tuple(map(call.render, way.steps))
    return WayDocument(about=way.about, who=way.who, steps=steps, proposal=way.proposal)


# -- for people --


def _show(
    call: Call,
    document: SpfDocument,
    report: SpfReport,
    problems: tuple[Problem, ...],
    *,
    silent: bool,
) -> None:
    texts = call.texts
    if silent:
        call.say(texts("cli.spf.silent"))
    else:
        for found in map(as_read, document.found or (texts("cli.spf.none"),)):
            call.say(texts("cli.spf.now", record=found))
    for problem in problems:
        call.say(f"  ✗ {call.render(problem_message(problem))}")
    for warning in document.warnings:
        call.say(f"  {'✗' if warning.code in BLOCKING else '!'} {warning.text}")
    if document.record:
        call.say(texts("cli.spf.then", record=document.record))
        if len(document.strings) > 1:
            call.say("      " + " ".join(f'"{string}"' for string in document.strings))
    call.say(texts(f"cli.spf.action.{document.action}"))
    for way in document.ways_out:
        _show_way(call, way)
    if report.tree:
        call.say()
        call.say(call.render(counts_message(report)))
        call.say(call.render(voids_message(report)))
        _show_tree(call, report.tree, 1)
    if any(
        effect.before.result not in _NOTHING_TO_SAY or effect.after for effect in report.effects
    ):
        call.say("\n" + texts("spf.effect.title"))
        for said in document.effect:
            call.say(f"  {said.text}")


def _show_way(call: Call, way: WayDocument) -> None:
    call.say("\n" + call.texts("cli.spf.way", who=call.texts(f"who.{way.who}")))
    for number, step in enumerate(way.steps, 1):
        call.say(f"  {number}. {step}")
    if way.proposal:
        call.say(f"  {call.texts('spf.way.proposal')}")
        call.say(f"  ? {way.proposal}")


def _show_tree(call: Call, nodes: tuple[TreeNode, ...], depth: int) -> None:
    for node in nodes:
        remarks = "; ".join(map(call.render, node_remarks(node)))
        call.say(f"{'  ' * depth}{node.lookups:>2}  {node.term}{f'  ({remarks})' * bool(remarks)}")
        _show_tree(call, node.children, depth + 1)
