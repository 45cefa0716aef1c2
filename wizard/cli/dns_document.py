"""The document of ``dns --json``, the same for each line of ``check``."""

import msgspec

from wizard.catalog import Catalog
from wizard.records.host_form import host_field, time_to_live
from wizard.records.misplaced import elsewhere_message
from wizard.records.plan import PlannedRecord, RecordPlan
from wizard.texts import Texts


class PublishedDocument(msgspec.Struct):
    """What one of the zone's own servers says; null when it did not answer, ``silence`` says why.

    ``address`` is set where the addresses of one server say different things.
    """

    nameserver: str
    values: tuple[str, ...] | None
    silence: str | None
    address: str | None


class VisibleDocument(msgspec.Struct):
    """What a resolver says; null when it did not answer."""

    resolver: str
    values: tuple[str, ...] | None
    silence: str | None
    ttl: int | None


class ElsewhereDocument(msgspec.Struct):
    """Where the record was put by mistake, and what to change."""

    name: str
    problem: str
    type: str
    value: str
    text: str


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
    notes: tuple[str, ...]
    published: tuple[PublishedDocument, ...]
    visible: tuple[VisibleDocument, ...]
    found_elsewhere: tuple[ElsewhereDocument, ...]
    action: str
    old_value: str | None
    retry_after_s: int | None


class DnsDocument(msgspec.Struct):
    """The contract of ``dns --json``."""

    domain: str
    dns_host: str | None
    nameservers: tuple[str, ...]
    problems: tuple[str, ...]
    records: tuple[RecordDocument, ...]
    elapsed_ms: int


def dns_document(plan: RecordPlan, catalog: Catalog, texts: Texts) -> DnsDocument:
    """A plan as the contract wants it, sentences in one language."""
    return DnsDocument(
        domain=plan.subject.domain,
        dns_host=plan.dns_host,
        nameservers=plan.nameservers,
        problems=tuple(texts.render(problem) for problem in plan.problems),
        records=tuple(_record(record, plan, catalog, texts) for record in plan.records),
        elapsed_ms=plan.elapsed_ms,
    )


def _record(
    record: PlannedRecord, plan: RecordPlan, catalog: Catalog, texts: Texts
) -> RecordDocument:
    host = catalog.dns_hosts.get(plan.dns_host or "")
    field = host_field(record.name, plan.zone, host)
    return RecordDocument(
        purpose=record.purpose,
        type=record.type,
        name=record.name,
        host_field=field,
        value=record.value,
        strings=record.strings,
        ttl=time_to_live(record.ttl, host),
        need=record.need,
        why=texts.render(record.why),
        state=record.state,
        problems=tuple(texts.render(problem) for problem in record.problems),
        notes=tuple(texts.render(note) for note in record.notes),
        published=tuple(
            PublishedDocument(one.server, one.values, one.silence or None, one.place or None)
            for one in record.published
        ),
        visible=tuple(
            VisibleDocument(one.server, one.values, one.silence or None, one.ttl)
            for one in record.visible
        ),
        found_elsewhere=tuple(
            ElsewhereDocument(
                name=found.name,
                problem=found.slip,
                type=found.type,
                value=found.value,
                text=texts.render(elsewhere_message(found, record, field)),
            )
            for found in record.found_elsewhere
        ),
        action=record.action,
        old_value=record.old_value,
        retry_after_s=record.retry_after_s,
    )
