"""The plan's DKIM records: the platform's alias, and the provider's own selectors.

How a key or an alias is judged is in ``dkim``.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from wizard.answers import Absent, Answer, Found, NoAnswer, values_of
from wizard.catalog import DkimRecord, Platform, Provider
from wizard.records.dkim import (
    STANDS,
    DkimAnswers,
    DkimFinding,
    DkimState,
    judge_alias,
    judge_selector,
)
from wizard.records.dkim_key import KeyFlaw
from wizard.records.looking import Look
from wizard.records.needs import Needs
from wizard.records.plan import PlannedRecord, Purpose, RecordAction, RecordNeed, RecordState
from wizard.resolver import Resolver
from wizard.texts import Message, message

TTL: Final = 3600
_USEFUL: Final = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
PROBLEMS: Final = frozenset(DkimState) - {
    DkimState.OK,
    DkimState.MISSING,
    DkimState.UNKNOWN,
    DkimState.NOT_SEEN,
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A selector's name, what it means for the route, and who signs with it."""

    name: str
    need: RecordNeed
    why: Message
    owner: str
    type: str = "CNAME"
    notes: tuple[Message, ...] = ()


async def find_platform_dkim(look: Look, platform: Platform, needs: Needs) -> PlannedRecord:
    """The alias by which the platform signs for the domain."""
    name = f"{platform.dkim_selector}._domainkey.{look.domain}"
    why = message(f"record.why.dkim.{needs.platform_dkim}", platform=platform.name)
    hearsay = "dkim_target" in platform.uncertain
    notes = (message("record.note.platform_uncertain", platform=platform.name),) if hearsay else ()
    wanted = _Wanted(name.lower(), needs.platform_dkim, why, platform.name, notes=notes)
    return await _alias(look, wanted, platform.dkim_target.lower())


async def find_provider_dkim(
    look: Look, provider: Provider, needs: Needs
) -> tuple[PlannedRecord, ...]:
    """The provider's selectors: those whose target is known, and those only it can tell.

    Of the latter those that stand are shown; when none does, the first one stands for all.
    """
    need = needs.provider_dkim
    why = message(f"record.why.provider_dkim.{need}", provider=provider.name)
    aliases, unknown = [], []
    for one in provider.dkim:
        wanted = _Wanted(f"{one.name}.{look.domain}".lower(), need, why, provider.name, one.type)
        # A target without a source is not offered: only whether a key stands is looked at.
        if one.target and "dkim" not in provider.uncertain:
            aliases.append(_alias(look, wanted, _target(one, look.domain)))
        else:
            unknown.append(_selector(look, wanted))
    known = await asyncio.gather(*aliases)
    rest = await asyncio.gather(*unknown)
    standing = [one for one in rest if one.state is not RecordState.MISSING]
    return (*known, *(standing or rest[:1]))


def _target(wanted: DkimRecord, domain: str) -> str:
    return wanted.target.replace("<domain>", domain).lower()


async def _alias(look: Look, wanted: _Wanted, target: str) -> PlannedRecord:
    name = wanted.name
    task = look.begin(name, "CNAME")
    answers = await _ask(look, name, target, look.resolver)
    truth = await task
    if truth.corrects and truth.agreed is not None:
        known = look.resolver.knowing({(name, "CNAME"): truth.agreed})
        answers = await _ask(look, name, target, known)
    finding = judge_alias(answers, target, await look.apex())
    state, action = _standing(finding, wanted.need)

    def right(answer: Answer[Any]) -> bool:
        if isinstance(answer, Found) and answer.values == (finding.value,):
            return finding.state in STANDS
        return isinstance(answer, Found) and answer.values == (target,)

    draft = PlannedRecord(
        purpose=Purpose.DKIM,
        type="CNAME",
        name=name,
        value=target,
        strings=(),
        ttl=TTL,
        need=wanted.need,
        why=wanted.why,
        state=state,
        action=action,
        old_value=finding.value if state in (RecordState.WRONG, RecordState.CONFLICT) else None,
        problems=_problems(finding, wanted.owner),
        published=(),
        visible=(),
        notes=(*_notes(finding, target), *wanted.notes),
    )
    return await look.settle(draft, truth, right)


async def _ask(look: Look, name: str, target: str, resolver: Resolver) -> DkimAnswers:
    cname, behind, key = await asyncio.gather(
        resolver.cname(name), look.resolver.txt(name), look.resolver.txt(target)
    )
    addresses: Answer[str] = Absent(name_exists=True)
    wildcards: frozenset[str] = frozenset()
    fits = isinstance(cname, Found) and cname.values == (target,)
    nowhere = isinstance(cname, Absent) and not cname.name_exists
    if not (fits or nowhere or isinstance(cname, NoAnswer)):
        addresses, wildcards = await asyncio.gather(
            look.resolver.addresses_in_dns(name), _wildcards(look, name)
        )
    return DkimAnswers(name, cname, behind, addresses, key, wildcards)


async def _wildcards(look: Look, name: str) -> frozenset[str]:
    """What the ``*`` records above a name give to every name (RFC 4592)."""
    apex = await look.apex()
    labels = name.removesuffix(f".{apex}").split(".")[1:]
    parents = [".".join([*labels[index:], apex]) for index in range(len(labels) + 1)]
    kinds = ("CNAME", "TXT", "A", "AAAA")
    answers = await asyncio.gather(
        *(look.resolver.ask(f"*.{parent}", kind) for parent in parents for kind in kinds)
    )
    return frozenset(value for answer in answers for value in values_of(answer) or ())


async def _selector(look: Look, wanted: _Wanted) -> PlannedRecord:
    """A selector whose value the provider makes for this domain: only a key can be looked for."""
    name = wanted.name
    task = look.begin(name, "TXT")
    behind = await look.resolver.txt(name)
    truth = await task
    if truth.corrects and truth.agreed is not None:
        behind = truth.agreed
    finding = judge_selector(behind)
    state, action = _standing(finding, wanted.need)
    missing = (message("record.problem.value_at_provider", provider=wanted.owner),)
    useful = wanted.need in _USEFUL
    draft = PlannedRecord(
        purpose=Purpose.DKIM,
        type=wanted.type,
        name=name,
        value=None,
        strings=(),
        ttl=TTL,
        need=wanted.need,
        why=wanted.why,
        state=state,
        action=action,
        old_value=finding.value,
        problems=missing
        if state is RecordState.MISSING and useful
        else _problems(finding, wanted.owner),
        published=(),
        visible=(),
        notes=_notes(finding, name),
    )
    return await look.settle(draft, truth, lambda answer: judge_selector(answer).state in STANDS)


def _standing(finding: DkimFinding, need: RecordNeed) -> tuple[RecordState, RecordAction]:
    state, action = _state(finding)
    return state, action if need in _USEFUL else RecordAction.NONE


def _state(finding: DkimFinding) -> tuple[RecordState, RecordAction]:
    match finding.state:
        case DkimState.OK | DkimState.NO_KEY | DkimState.BAD_KEY | DkimState.NOT_SEEN:
            # The alias is right; the key is the other side's turn.
            return RecordState.OK, RecordAction.NONE
        case DkimState.MISSING:
            return RecordState.MISSING, RecordAction.CREATE
        case DkimState.OCCUPIED | DkimState.OTHER_KEY:
            return RecordState.CONFLICT, RecordAction.REPLACE
        case DkimState.UNKNOWN:
            return RecordState.UNKNOWN, RecordAction.NONE
        case _:
            return RecordState.WRONG, RecordAction.REPLACE


def _problems(finding: DkimFinding, owner: str) -> tuple[Message, ...]:
    said = []
    if finding.state in PROBLEMS:
        said.append(message(f"record.problem.dkim_{finding.state}", owner=owner))
    if finding.from_wildcard:
        said.append(message("record.problem.dkim_wildcard"))
    flaws = finding.key.flaws if finding.key else ()
    said += [message(f"record.problem.key_{flaw}") for flaw in flaws if flaw is not KeyFlaw.WEAK]
    return tuple(said)


def _notes(finding: DkimFinding, target: str) -> tuple[Message, ...]:
    key = finding.key
    if finding.state is DkimState.NOT_SEEN:
        return (message("record.note.key_not_seen", target=target),)
    if key is None or not key.bits:
        return ()
    found = message("record.note.key", algorithm=key.algorithm.upper(), bits=key.bits)
    weak = (message("record.note.key_weak"),) if KeyFlaw.WEAK in key.flaws else ()
    return (found, *weak)
