"""``dns``: every record that a set-up needs, and its state now."""

import sys

import msgspec

from wizard.catalog import Catalog
from wizard.cli.call import Call, CannotDoError
from wizard.discovery.mx import find_mx
from wizard.model import Invalid, Route, parse_domain
from wizard.records.export import as_csv, as_markdown, as_zone
from wizard.records.host_form import host_field
from wizard.records.lookup import look_up_plan
from wizard.records.plan import PlannedRecord, PlanSubject, RecordNeed, RecordPlan, RecordState

FORMATS = {"zone": as_zone, "csv": as_csv, "markdown": as_markdown}


class PublishedDocument(msgspec.Struct):
    """What one of the zone's own servers says; null when it did not answer."""

    nameserver: str
    values: tuple[str, ...] | None


class VisibleDocument(msgspec.Struct):
    """What a resolver says; null when it did not answer."""

    resolver: str
    values: tuple[str, ...] | None


class RecordDocument(msgspec.Struct):
    """One record."""

    purpose: str
    type: str
    name: str
    host_field: str
    value: str | None
    strings: tuple[str, ...]
    ttl: int
    need: str
    why: str
    state: str
    problems: tuple[str, ...]
    published: tuple[PublishedDocument, ...]
    visible: tuple[VisibleDocument, ...]
    found_elsewhere: tuple[str, ...]
    action: str
    old_value: str | None
    retry_after_s: int | None


class DnsDocument(msgspec.Struct):
    """The contract of ``dns --json``."""

    domain: str
    dns_host: str | None
    nameservers: tuple[str, ...]
    records: tuple[RecordDocument, ...]
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when all required records are ok, 1 when not, 3 when nobody answered."""
    subject, catalog = await _subject(call)
    plan = await look_up_plan(subject, catalog, call.network.resolver)
    document = _document(call, plan, catalog)
    if call.options.format:
        sys.stdout.write(FORMATS[call.options.format](plan))
    else:
        call.emit(document)
        _show(call, document)
    required = [one for one in plan.records if one.need is RecordNeed.REQUIRED]
    if required and all(one.state is RecordState.UNKNOWN for one in required):
        return 3
    return 0 if all(one.state is RecordState.OK for one in required) else 1


async def _subject(call: Call) -> tuple[PlanSubject, Catalog]:
    options, catalog = call.options, call.catalog()
    domain = parse_domain(options.domain)
    if isinstance(domain, Invalid):
        raise CannotDoError(call.render(domain.message), 2)
    for kind, given, known in (
        ("platform", options.platform, catalog.platforms),
        ("provider", options.provider, catalog.providers),
    ):
        if given is not None and given not in known:
            raise CannotDoError(call.texts(f"cli.dns.unknown_{kind}", id=given), 2)
    provider: str | None = options.provider
    if provider is None:
        found = await find_mx(domain, catalog, call.network.resolver)
        provider = found.provider.id if found.provider else None
    return PlanSubject(domain, options.platform, provider, Route(options.route)), catalog


def _document(call: Call, plan: RecordPlan, catalog: Catalog) -> DnsDocument:
    return DnsDocument(
        domain=plan.subject.domain,
        dns_host=plan.dns_host,
        nameservers=plan.nameservers,
        records=tuple(_record(call, record, plan, catalog) for record in plan.records),
        elapsed_ms=plan.elapsed_ms,
    )


def _record(
    call: Call, record: PlannedRecord, plan: RecordPlan, catalog: Catalog
) -> RecordDocument:
    host = catalog.dns_hosts.get(plan.dns_host or "")
    return RecordDocument(
        purpose=record.purpose,
        type=record.type,
        name=record.name,
        host_field=host_field(record.name, plan.zone, host),
        value=record.value,
        strings=record.strings,
        ttl=record.ttl,
        need=record.need,
        why=call.render(record.why),
        state=record.state,
        problems=tuple(call.render(problem) for problem in record.problems),
        published=tuple(PublishedDocument(one.server, one.values) for one in record.published),
        visible=tuple(VisibleDocument(one.server, one.values) for one in record.visible),
        found_elsewhere=(),
        action=record.action,
        old_value=record.old_value,
        retry_after_s=record.retry_after_s,
    )


def _show(call: Call, document: DnsDocument) -> None:
    if document.nameservers:
        servers = ", ".join(document.nameservers)
        call.say(call.texts("cli.dns.servers", servers=servers))
    for record in document.records:
        state = call.texts(f"record.state.{record.state}")
        need = call.texts(f"record.need.{record.need}")
        call.say(f"\n{record.type} {record.name}: {state} ({need})")
        call.say(f"  {record.why}")
        if record.old_value and record.old_value != record.value:
            call.say(f"  - {record.old_value}")
        if record.value and record.action != "none":
            call.say(f"  + {record.value}")
        for problem in record.problems:
            call.say(f"  ! {problem}")
