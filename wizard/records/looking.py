"""One look at one domain: whom to ask, and what to make of it together. Knows no kind of record."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from wizard.answers import Answer, NoAnswer, content, values_of
from wizard.authoritative import Told, ask_servers
from wizard.delegation import Zone
from wizard.records.misplaced import is_meant, places, slip_in_value
from wizard.records.plan import (
    Misplaced,
    PlannedRecord,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordState,
    ServerAnswer,
)
from wizard.records.spf.near_miss import is_near_miss
from wizard.records.spf.parse import is_spf
from wizard.records.truth import Right, Same, Truth, judge
from wizard.resolver import Resolver
from wizard.texts import Message, message
from wizard.visible import look_from_outside

_LOST = (RecordState.MISSING, RecordState.WRONG, RecordState.CONFLICT)
_WANTED = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)


@dataclass(frozen=True)
class Look:
    """The domain, the way to the world, and the zone as soon as it is found.

    ``group`` owns what is begun, so that nothing goes on when the look is cancelled.
    """

    domain: str
    resolver: Resolver
    zone: "asyncio.Task[Zone | None]"
    group: asyncio.TaskGroup

    def begin(self, name: str, rdtype: str, same: Same = content) -> "asyncio.Task[Truth]":
        """Ask the zone's servers and the resolvers about a name, in the background."""
        return self.group.create_task(self._truth(name, rdtype, same))

    def ask(self, name: str, rdtype: str) -> "asyncio.Task[Answer[Any]]":
        """Ask the resolver alone, in the background."""
        return self.group.create_task(self.resolver.ask(name, rdtype))

    async def apex(self) -> str:
        """The zone as the DNS host's console knows it; the domain itself while nobody told."""
        zone = await self.zone
        return zone.apex if zone else self.domain

    async def settle(self, draft: PlannedRecord, truth: Truth, right: Right) -> PlannedRecord:
        """Complete a record that was judged by one answer with what all servers say.

        Where it is missing it is looked for where people put it by mistake.
        """
        verdict = judge(truth, draft.state, right)
        signature = (message("record.problem.dnssec"),) if truth.signature_suspected else ()
        # What was wrong with an answer of old is no news once the right one is on its way.
        holds = draft.state in (verdict.state, RecordState.OK)
        about = draft.problems if holds else ()
        record = replace(
            draft,
            state=verdict.state,
            retry_after_s=verdict.retry_after_s,
            published=tuple(
                _answer(one.server, one.answer, draft.purpose, one.place) for one in truth.published
            ),
            visible=tuple(
                _answer(one.resolver, one.answer, draft.purpose) for one in truth.visible.all
            ),
            problems=(*signature, *about, *verdict.problems),
            notes=(*draft.notes, *verdict.notes),
        )
        if verdict.state in (RecordState.PROPAGATING, RecordState.OK):
            # Entered already: all that is left is to wait.
            record = replace(record, action=RecordAction.NONE)
        if record.state is RecordState.UNKNOWN and not record.problems:
            record = replace(record, problems=_why_unknown(truth))
        if record.state in _LOST and record.need in _WANTED:
            record = replace(record, found_elsewhere=await self._find_elsewhere(record, truth))
        return record

    async def _truth(self, name: str, rdtype: str, same: Same) -> Truth:
        published, visible = await asyncio.gather(
            self._published(name, rdtype), look_from_outside(name, rdtype, self.resolver)
        )
        return Truth(published, visible, same)

    async def _published(self, name: str, rdtype: str) -> tuple[Told, ...]:
        zone = await self.zone
        if zone is None:
            return ()
        return await ask_servers(zone, name, rdtype, self.resolver)

    async def _find_elsewhere(self, record: PlannedRecord, truth: Truth) -> tuple[Misplaced, ...]:
        apex = await self.apex()
        candidates = places(record, self.domain, apex)
        answers = await asyncio.gather(
            *(self.resolver.ask(place.name, place.type) for place in candidates)
        )
        wildcards = await asyncio.gather(
            *(self.resolver.ask(f"*.{self.domain}", kind) for kind in ("TXT", "CNAME"))
        )
        everywhere = {value for answer in wildcards for value in values_of(answer) or ()}
        found = {
            # One mistake, however many types are seen at the name: what is behind an alias too.
            place.name: Misplaced(place.name, place.type, value, place.slip)
            for place, answer in reversed(list(zip(candidates, answers, strict=True)))
            for value in values_of(answer) or ()
            if value not in everywhere and is_meant(record, value)
        }
        here = values_of(truth.agreed or truth.visible.own.answer) or ()
        return (*slip_in_value(record, here, apex), *reversed(found.values()))


def _answer(server: str, answer: Answer[Any], purpose: Purpose, place: str = "") -> ServerAnswer:
    """An answer for the plan; of the texts at a domain only those that are about SPF."""
    if isinstance(answer, NoAnswer):
        return ServerAnswer(server, None, str(answer.reason), None, place)
    values = values_of(answer) or ()
    if purpose is Purpose.SPF:
        values = tuple(one for one in values if is_spf(one) or is_near_miss(one))
    return ServerAnswer(server, values, "", answer.ttl, place)


def _why_unknown(truth: Truth) -> tuple[Message, ...]:
    answer = truth.visible.own.answer
    if not isinstance(answer, NoAnswer):
        return ()
    return (message("record.problem.no_answer", reason=message(f"resolver.{answer.reason}")),)


def silent_servers(records: Sequence[PlannedRecord]) -> dict[str, str]:
    """The zone's servers that answered for no record at all, and why."""
    answered = {one.server for record in records for one in record.published if not one.silence}
    return {
        one.server: one.silence
        for record in records
        for one in record.published
        if one.server not in answered
    }
