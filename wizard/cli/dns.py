"""``dns``: every record that a set-up needs, and its state now; once, or watched until in place."""

import asyncio
import sys
import time
from typing import Final

from wizard.catalog import Catalog
from wizard.cli.call import Call, CannotDoError
from wizard.cli.dns_document import DnsDocument, dns_document
from wizard.discovery.delivery import find_delivery
from wizard.model import Invalid, Route, parse_address, parse_domain
from wizard.records.export import as_csv, as_markdown, as_zone, one_line
from wizard.records.handover import hand_over
from wizard.records.lookup import look_up_plan
from wizard.records.plan import PlanSubject, RecordNeed, RecordPlan, RecordState
from wizard.records.watch import Clocks, Outcome, Pause, Watch, changes

FORMATS: Final = {"zone": as_zone, "csv": as_csv, "markdown": as_markdown}
# The wall clock is looked at so often, because a sleep of the computer may end the pause.
TICK_SECONDS: Final = 1.0


async def run(call: Call) -> int:
    """Status 0 when all required records are ok, 1 when not, 3 when nobody answered."""
    if call.options.minutes is not None and not call.options.watch:
        raise CannotDoError(call.texts("cli.dns.for_without_watch"), 2)
    subject, catalog = await _subject(call)
    if call.options.watch:
        plan = await _watch(call, subject, catalog)
    else:
        plan = await look_up_plan(subject, catalog, call.network.resolver)
    _put_out(call, plan, catalog)
    return status_of(plan)


def status_of(plan: RecordPlan) -> int:
    """0 when all required records are ok, 1 when not, 3 when nobody answered."""
    required = [one for one in plan.records if one.need is RecordNeed.REQUIRED]
    if required and all(one.state is RecordState.UNKNOWN for one in required):
        return 3
    return 0 if all(one.state is RecordState.OK for one in required) else 1


def known_ids(call: Call, catalog: Catalog) -> None:
    """Raises :class:`CannotDoError` for a platform or provider that is not in the catalogue."""
    for kind, given, known in (
        ("platform", call.options.platform, catalog.platforms),
        ("provider", call.options.provider, catalog.providers),
    ):
        if given is not None and given not in known:
            raise CannotDoError(call.texts(f"cli.dns.unknown_{kind}", id=given), 2)


async def _subject(call: Call) -> tuple[PlanSubject, Catalog]:
    options, catalog = call.options, call.catalog()
    domain = parse_domain(options.domain)
    if isinstance(domain, Invalid):
        raise CannotDoError(call.render(domain.message), 2)
    known_ids(call, catalog)
    reports = parse_address(options.dmarc_reports) if options.dmarc_reports else ""
    if isinstance(reports, Invalid):
        raise CannotDoError(call.render(reports.message), 2)
    return await subject_of(call, domain, catalog, str(reports)), catalog


async def subject_of(call: Call, domain: str, catalog: Catalog, reports: str = "") -> PlanSubject:
    """What the options ask for about a domain; the provider is recognised where none is named."""
    provider: str | None = call.options.provider
    if provider is None:
        found = await find_delivery(domain, catalog, call.network.resolver)
        provider = found.provider.id if found.provider else None
    return PlanSubject(domain, call.options.platform, provider, Route(call.options.route), reports)


# -- watching --


async def _watch(call: Call, subject: PlanSubject, catalog: Catalog) -> RecordPlan:
    """Look until all is in place or the time is over; a line for each change on standard error."""
    minutes = call.options.minutes
    whole = Pause(_now(), float("inf") if minutes is None else minutes * 60)
    watch = Watch()
    while True:
        call.network.resolver.forget()
        plan = await look_up_plan(subject, catalog, call.network.resolver)
        before = watch.plan
        watch, outcome = watch.take(plan)
        _tell(call, before, plan, outcome)
        pause = watch.pause_s(outcome)
        left = whole.left(_now())
        if pause is None or not left:
            return plan
        # The last look is at the very end, however long the pause would have been.
        await _sleep(Pause(_now(), min(pause, left)))


async def _sleep(pause: Pause) -> None:
    left = pause.left(_now())
    while left:
        await asyncio.sleep(min(left, TICK_SECONDS))
        left = pause.left(_now())


def _now() -> Clocks:
    return Clocks(time.monotonic(), time.time())


def _tell(call: Call, before: RecordPlan | None, plan: RecordPlan, outcome: Outcome) -> None:
    at = time.strftime("%H:%M:%S")
    if outcome is Outcome.OFFLINE:
        call.tell(call.texts("cli.dns.offline", time=at))
        return
    if before is None:
        for record in plan.records:
            state = call.texts(f"record.state.{record.state}")
            call.tell(
                call.texts(
                    "cli.dns.first", time=at, type=record.type, name=record.name, state=state
                )
            )
        return
    for change in changes(before, plan):
        call.tell(
            call.texts(
                "cli.dns.change",
                time=at,
                type=change.record.type,
                name=change.record.name,
                before=call.texts(f"record.state.{change.before}"),
                after=call.texts(f"record.state.{change.record.state}"),
            )
        )


# -- putting out --


def _put_out(call: Call, plan: RecordPlan, catalog: Catalog) -> None:
    wanted = call.options.format
    if wanted == "text":
        host = catalog.dns_hosts.get(plan.dns_host or "")
        sys.stdout.write(hand_over(plan, host, call.texts))
        return
    if wanted:
        sys.stdout.write(FORMATS[wanted](plan))
        return
    document = dns_document(plan, catalog, call.texts)
    call.emit(document)
    _show(call, document)


def _show(call: Call, document: DnsDocument) -> None:
    def say(text: str) -> None:
        # What stands in somebody's DNS may not move the cursor of this terminal.
        call.say(one_line(text))

    if document.nameservers:
        say(call.texts("cli.dns.servers", servers=", ".join(document.nameservers)))
    for problem in document.problems:
        say(f"  ! {problem}")
    for record in document.records:
        state = call.texts(f"record.state.{record.state}")
        need = call.texts(f"record.need.{record.need}")
        call.say()
        say(f"{record.type} {record.name}: {state} ({need})")
        say(f"  {record.why}")
        if record.old_value and record.old_value != record.value:
            say(f"  - {record.old_value}")
        if record.value and record.action != "none":
            say(f"  + {record.value}")
        for problem in (*record.problems, *(found.text for found in record.found_elsewhere)):
            say(f"  ! {problem}")
        for note in record.notes:
            say(f"    {note}")
        if record.retry_after_s is not None and record.state == RecordState.PROPAGATING:
            say(f"    {call.texts('cli.dns.retry', seconds=record.retry_after_s)}")
