"""Looks up every record of a plan at once, and how each stands. Decides nothing.

What a route needs is in ``needs``; how each kind of record is found and judged is in ``find_…``.
"""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

from wizard.catalog import Catalog, DnsHost, Provider
from wizard.delegation import Zone, find_zone
from wizard.records.dmarc_route import judge_route
from wizard.records.find_dkim import find_platform_dkim, find_provider_dkim
from wizard.records.find_dmarc import find_dmarc
from wizard.records.find_mx import find_mx_record
from wizard.records.find_spf import find_spf
from wizard.records.looking import Look, silent_servers
from wizard.records.needs import needs_of
from wizard.records.plan import PlannedRecord, PlanSubject, RecordPlan
from wizard.resolver import Resolver
from wizard.texts import Message, message


async def look_up_plan(subject: PlanSubject, catalog: Catalog, resolver: Resolver) -> RecordPlan:
    """Every record that the subject needs, and its state now; all look-ups at once.

    Bounded in time by the resolver's time-out and in questions by what each part allows. When it
    is cancelled, nothing goes on.
    """
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        zone_task = group.create_task(find_zone(subject.domain, resolver))
        look = Look(subject.domain, resolver, zone_task, group)
        parts = _Parts(subject, catalog, look)
        spf = group.create_task(parts.spf())
        dmarc = group.create_task(find_dmarc(look, subject.reports))
        others = [group.create_task(part) for part in parts.others()]
    zone = zone_task.result()
    spf_record, published_spf = spf.result()
    dmarc_record, finding = dmarc.result()
    records = (spf_record, dmarc_record, *(one for task in others for one in task.result()))
    host = _dns_host(zone, catalog)
    return RecordPlan(
        subject=subject,
        zone=zone.apex if zone else subject.domain,
        nameservers=zone.names if zone else (),
        dns_host=host.id if host else None,
        records=judge_route(records, finding),
        published_spf=published_spf,
        elapsed_ms=round((time.monotonic() - started) * 1000),
        problems=(*_delegation_problems(zone), *_zone_problems(records, zone)),
    )


class _Parts:
    """The finders for one subject."""

    def __init__(self, subject: PlanSubject, catalog: Catalog, look: Look) -> None:
        self._look = look
        self._platform = catalog.platforms.get(subject.platform)
        self._provider = catalog.providers.get(subject.provider or "")
        self._server = _own_server(subject, self._provider)
        self._needs = needs_of(subject.route, self._platform, self._provider)

    async def spf(self) -> tuple[PlannedRecord, str | None]:
        return await find_spf(self._look, self._needs, self._server)

    def others(self) -> list[Coroutine[Any, Any, tuple[PlannedRecord, ...]]]:
        """MX and DKIM, in the order in which they are shown."""
        parts = [self._mx()]
        if self._platform is not None and self._platform.dkim_selector:
            parts.append(self._platform_dkim())
        if self._provider is not None:
            parts.append(find_provider_dkim(self._look, self._provider, self._needs))
        return parts

    async def _mx(self) -> tuple[PlannedRecord, ...]:
        return (await find_mx_record(self._look, self._provider),)

    async def _platform_dkim(self) -> tuple[PlannedRecord, ...]:
        if self._platform is None:
            return ()
        return (await find_platform_dkim(self._look, self._platform, self._needs),)


def _own_server(subject: PlanSubject, provider: Provider | None) -> str:
    """The host mail is handed to, where it is also the one that sends.

    A large service takes mail at one host and sends it from others: those below its include.
    """
    known = [preset.host for preset in provider.smtp] if provider and provider.spf_include else []
    return "" if subject.server in known else subject.server


def _dns_host(zone: Zone | None, catalog: Catalog) -> DnsHost | None:
    """The first server that is recognised: a second host behind it is a copy."""
    hosts = (catalog.dns_host_for(name) for name in (zone.names if zone else ()))
    return next((host for host in hosts if host is not None), None)


def _delegation_problems(zone: Zone | None) -> tuple[Message, ...]:
    """Does the registrar send the world to other servers than the zone names itself?"""
    if zone is None or not zone.only_delegated:
        return ()
    servers = ", ".join(zone.only_delegated)
    return (message("record.problem.only_delegated", servers=servers),)


def _zone_problems(records: tuple[PlannedRecord, ...], zone: Zone | None) -> tuple[Message, ...]:
    """Servers that answered for nothing are named once, not with each record."""
    silent = silent_servers(records)
    if zone is not None and set(silent) == set(zone.names) and set(silent.values()) == {"lame"}:
        # Some routers and firewalls catch all DNS and answer it themselves, without authority.
        return (message("record.problem.no_authority"),)
    return tuple(
        message(f"record.server.{silence}", server=server) for server, silence in silent.items()
    )
