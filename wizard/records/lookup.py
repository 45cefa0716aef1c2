"""Looks up how every record of a plan stands, and says what is to be done. Decides nothing else.

What a route needs is in ``needs``; how an SPF record is edited is in ``spf``.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from wizard.authoritative import ZoneServers, ask_servers, find_zone
from wizard.catalog import Catalog, DkimRecord, Platform, Provider
from wizard.records.dkim import DkimFinding, DkimState, find_dkim
from wizard.records.needs import Needs, needs_of
from wizard.records.plan import (
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
    ServerAnswer,
)
from wizard.records.spf.edit import SpfAction, SpfEdit, edit_spf
from wizard.records.spf.snapshot import take_snapshot
from wizard.records.spf.warning import BLOCKING, SpfWarning
from wizard.resolver import Absent, Answer, Found, NoAnswer, Resolver
from wizard.texts import Message, message

TTL: Final = 3600
DMARC_SUGGESTION: Final = "v=DMARC1; p=none"


async def look_up_plan(subject: PlanSubject, catalog: Catalog, resolver: Resolver) -> RecordPlan:
    """Every record that the subject needs, and its state now; all look-ups at once."""
    started = time.monotonic()
    platform = catalog.platforms.get(subject.platform)
    provider = catalog.providers.get(subject.provider or "")
    needs = needs_of(subject.route, platform, provider)
    zone_task = asyncio.ensure_future(find_zone(subject.domain, resolver))
    look = _Look(subject.domain, resolver, zone_task)
    jobs = [look.spf(needs), look.dmarc(), look.mx()]
    if platform is not None and platform.dkim_selector:
        jobs.append(look.platform_dkim(platform, needs))
    jobs += [look.provider_dkim(provider, one, needs) for one in provider.dkim] if provider else []
    records = await asyncio.gather(*jobs)
    zone = await zone_task
    nameservers = zone.names if zone else ()
    hosts = [host for name in nameservers if (host := catalog.dns_host_for(name))]
    return RecordPlan(
        subject=subject,
        zone=zone.apex if zone else subject.domain,
        nameservers=nameservers,
        dns_host=hosts[0].id if hosts else None,
        records=tuple(records),
        published_spf=look.published_spf,
        elapsed_ms=round((time.monotonic() - started) * 1000),
    )


class _Look:
    """The look-ups for one domain."""

    def __init__(
        self, domain: str, resolver: Resolver, zone: "asyncio.Future[ZoneServers | None]"
    ) -> None:
        self.published_spf: str | None = None
        self._domain = domain
        self._resolver = resolver
        self._zone = zone

    async def spf(self, needs: Needs) -> PlannedRecord:
        snapshot = await take_snapshot(self._domain, needs.includes, self._resolver)
        edit = edit_spf(snapshot, needs.includes)
        if len(edit.found) == 1:
            self.published_spf = edit.found[0]
        state, action = _spf_state(edit)
        if edit.action is SpfAction.CREATE and not needs.includes:
            # Nobody's servers are known, so there is nothing to put into a new record.
            edit = replace(edit, record=None, strings=())
            action = RecordAction.NONE
        record = PlannedRecord(
            purpose=Purpose.SPF,
            type="TXT",
            name=self._domain,
            value=edit.record or (edit.found[0] if state is RecordState.OK else None),
            strings=edit.strings,
            ttl=TTL,
            need=needs.spf,
            why=needs.spf_why,
            state=state,
            action=action,
            old_value=edit.found[0] if len(edit.found) == 1 else None,
            problems=_spf_problems(edit),
            published=(),
            visible=self._visible(edit.found),
        )
        if SpfWarning.DNS_TEMPERROR in edit.warnings and not edit.found:
            record = replace(record, visible=self._visible(None))
        expected = record.value
        return await self._confirm(record, lambda value: value == expected)

    async def platform_dkim(self, platform: Platform, needs: Needs) -> PlannedRecord:
        name = f"{platform.dkim_selector}._domainkey.{self._domain}"
        why = message(f"record.why.dkim.{needs.platform_dkim}", platform=platform.name)
        return await self._dkim(name, platform.dkim_target, needs.platform_dkim, why)

    async def provider_dkim(
        self, provider: Provider, wanted: DkimRecord, needs: Needs
    ) -> PlannedRecord:
        name = f"{wanted.name}.{self._domain}"
        why = message(f"record.why.provider_dkim.{needs.provider_dkim}", provider=provider.name)
        if wanted.target:
            return await self._dkim(name, wanted.target, needs.provider_dkim, why)
        # The value is made by the provider for this domain; only that something stands is known.
        answer = await self._resolver.txt(name)
        state = _presence(answer)
        return PlannedRecord(
            purpose=Purpose.DKIM,
            type="TXT",
            name=name,
            value=None,
            strings=(),
            ttl=TTL,
            need=needs.provider_dkim,
            why=why,
            state=state,
            action=RecordAction.CREATE if state is RecordState.MISSING else RecordAction.NONE,
            old_value=None,
            problems=(message("record.problem.value_at_provider", provider=provider.name),)
            if state is RecordState.MISSING
            else (),
            published=(),
            visible=self._visible(_texts(answer)),
        )

    async def dmarc(self) -> PlannedRecord:
        """RFC 9989: one record that begins with ``v=DMARC1`` below ``_dmarc``."""
        name = f"_dmarc.{self._domain}"
        answer = await self._resolver.txt(name)
        texts = _texts(answer)
        found = [text for text in texts or () if text.replace(" ", "").startswith("v=DMARC1")]
        if texts is None:
            state = RecordState.UNKNOWN
        elif len(found) > 1:
            state = RecordState.CONFLICT
        else:
            state = RecordState.OK if found else RecordState.MISSING
        missing = state is RecordState.MISSING
        value = DMARC_SUGGESTION if missing else found[0] if len(found) == 1 else None
        return PlannedRecord(
            purpose=Purpose.DMARC,
            type="TXT",
            name=name,
            value=value,
            strings=(value,) if missing and value else (),
            ttl=TTL,
            need=RecordNeed.RECOMMENDED,
            why=message("record.why.dmarc"),
            state=state,
            action=RecordAction.CREATE if missing else RecordAction.NONE,
            old_value=found[0] if len(found) == 1 else None,
            problems=(message("record.problem.several_dmarc"),) if len(found) > 1 else (),
            published=(),
            visible=self._visible(texts),
        )

    async def mx(self) -> PlannedRecord:
        answer = await self._resolver.mx(self._domain)
        values: tuple[str, ...] | None = None if isinstance(answer, NoAnswer) else ()
        if isinstance(answer, Found):
            values = tuple(f"{mx.preference} {mx.host or '.'}" for mx in answer.values)
        receives = isinstance(answer, Found) and any(mx.host for mx in answer.values)
        state = RecordState.OK if receives else _presence(answer)
        if isinstance(answer, Found) and not receives:
            state = RecordState.WRONG
        lacks = state in (RecordState.MISSING, RecordState.WRONG)
        return PlannedRecord(
            purpose=Purpose.MX,
            type="MX",
            name=self._domain,
            value=", ".join(values) if receives and values else None,
            strings=(),
            ttl=TTL,
            need=RecordNeed.REQUIRED,
            why=message("record.why.mx"),
            state=state,
            action=RecordAction.NONE,
            old_value=None,
            problems=(message("record.problem.no_mx"),) if lacks else (),
            published=(),
            visible=self._visible(values),
        )

    async def _dkim(self, name: str, target: str, need: RecordNeed, why: Message) -> PlannedRecord:
        finding = await find_dkim(name, target, self._resolver)
        state, action = _dkim_state(finding, need)
        record = PlannedRecord(
            purpose=Purpose.DKIM,
            type="CNAME",
            name=name,
            value=target,
            strings=(),
            ttl=TTL,
            need=need,
            why=why,
            state=state,
            action=action,
            old_value=finding.value if finding.value != target else None,
            problems=_dkim_problems(finding),
            published=(),
            visible=self._visible(
                None if finding.state is DkimState.UNKNOWN else tuple(filter(None, [finding.value]))
            ),
        )
        return await self._confirm(record, lambda value: value == target)

    def _visible(self, values: tuple[str, ...] | None) -> tuple[ServerAnswer, ...]:
        names = self._resolver.names
        return (ServerAnswer(names[0] if names else "", values),)

    async def _confirm(
        self, record: PlannedRecord, expected: Callable[[str], bool]
    ) -> PlannedRecord:
        """Hold what is visible against what the zone's own servers publish."""
        zone = await self._zone
        if zone is None:
            return record
        answers = await ask_servers(zone, record.name, record.type, self._resolver)
        published = tuple(ServerAnswer(server, values) for server, values in answers)
        record = replace(record, published=published)
        verdicts = [any(map(expected, one.values)) for one in published if one.values is not None]
        seen = record.state is RecordState.OK
        if (
            verdicts
            and record.state is not RecordState.UNKNOWN
            and any(verdicts)
            and (not all(verdicts) or not seen)
        ):
            return replace(record, state=RecordState.PROPAGATING, action=RecordAction.NONE)
        if verdicts and seen and not any(verdicts):
            return replace(record, state=RecordState.PROPAGATING)
        return record


def _presence(answer: Answer[object]) -> RecordState:
    match answer:
        case Found():
            return RecordState.OK
        case Absent():
            return RecordState.MISSING
        case NoAnswer():
            return RecordState.UNKNOWN


def _texts(answer: Answer[object]) -> tuple[str, ...] | None:
    match answer:
        case Found(values=values):
            return tuple(str(getattr(value, "text", value)) for value in values)
        case Absent():
            return ()
        case NoAnswer():
            return None


def _spf_state(edit: SpfEdit) -> tuple[RecordState, RecordAction]:
    match edit.action:
        case SpfAction.CREATE:
            return RecordState.MISSING, RecordAction.CREATE
        case SpfAction.UPDATE:
            return RecordState.WRONG, RecordAction.REPLACE
        case SpfAction.NONE:
            state = RecordState.OK if edit.found else RecordState.MISSING
            return state, RecordAction.NONE
        case SpfAction.FIX_FIRST:
            only_silence = not set(edit.warnings) & BLOCKING and not edit.found
            silent = SpfWarning.DNS_TEMPERROR in edit.warnings and only_silence
            return RecordState.UNKNOWN if silent else RecordState.CONFLICT, RecordAction.NONE


def _spf_problems(edit: SpfEdit) -> tuple[Message, ...]:
    """What to say about the record: the errors in it first, then every warning."""
    said = [problem.message for problem in edit.problems]
    said += [message(f"spf.warning.{code}") for code in edit.warnings]
    return tuple(said)


def _dkim_state(finding: DkimFinding, need: RecordNeed) -> tuple[RecordState, RecordAction]:
    useful = need in (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
    match finding.state:
        case DkimState.OK:
            return RecordState.OK, RecordAction.NONE
        case DkimState.NO_KEY:
            # The alias is right; the key is the other side's turn.
            return RecordState.OK, RecordAction.NONE
        case DkimState.MISSING:
            return RecordState.MISSING, RecordAction.CREATE if useful else RecordAction.NONE
        case DkimState.WRONG_TARGET:
            return RecordState.WRONG, RecordAction.REPLACE if useful else RecordAction.NONE
        case DkimState.OCCUPIED:
            return RecordState.CONFLICT, RecordAction.REPLACE if useful else RecordAction.NONE
        case DkimState.UNKNOWN:
            return RecordState.UNKNOWN, RecordAction.NONE


def _dkim_problems(finding: DkimFinding) -> tuple[Message, ...]:
    match finding.state:
        case DkimState.NO_KEY | DkimState.WRONG_TARGET | DkimState.OCCUPIED:
            return (message(f"record.problem.dkim_{finding.state}"),)
        case _:
            return ()
