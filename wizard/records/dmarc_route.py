"""What a DMARC policy means for a route: which of its ways to pass are there. Pure.

DMARC passes when SPF or DKIM passes for a domain that is aligned with the visible sender (RFC 9989
section 4.4). Bounces go to the company's domain and signatures are made for it, so both are
aligned, strictly too; what counts is whether their records stand.
"""

from collections.abc import Sequence
from dataclasses import replace

from wizard.records.dmarc import Policy
from wizard.records.dmarc_discovery import DmarcFinding
from wizard.records.plan import PlannedRecord, Purpose, RecordNeed, RecordState
from wizard.texts import Message, message

_COUNT = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)


def judge_route(
    records: Sequence[PlannedRecord], finding: DmarcFinding
) -> tuple[PlannedRecord, ...]:
    """The records, the DMARC one with what it means for this route."""
    policy = _policy(finding, records)
    return tuple(
        _with_judgement(one, _stands(records, Purpose.SPF), _stands(records, Purpose.DKIM), policy)
        if one.purpose is Purpose.DMARC
        else one
        for one in records
    )


def _policy(finding: DmarcFinding, records: Sequence[PlannedRecord]) -> Policy | None:
    record = finding.record
    if record is None or not record.usable:
        return None
    domain = next(
        (one.name.removeprefix("_dmarc.") for one in records if one.purpose is Purpose.DMARC), ""
    )
    return record.asked if finding.source == domain else record.asked_of_subdomains


def _stands(records: Sequence[PlannedRecord], purpose: Purpose) -> bool | None:
    """Is this way to pass there? None when nobody told, or when it does not belong to the route."""
    states = {one.state for one in records if one.purpose is purpose and one.need in _COUNT}
    if RecordState.OK in states:
        return True
    return None if not states or states == {RecordState.UNKNOWN} else False


def _with_judgement(
    record: PlannedRecord, spf: bool | None, dkim: bool | None, policy: Policy | None
) -> PlannedRecord:
    if policy is None or record.state is not RecordState.OK:
        return record
    said: Message | None = None
    if spf and dkim:
        return replace(record, notes=(*record.notes, message("record.note.dmarc_both_ways")))
    if spf or dkim:
        way = "spf" if spf else "dkim"
        return replace(record, notes=(*record.notes, message(f"record.note.dmarc_only_{way}")))
    if spf is False and policy is not Policy.NONE:
        said = message(f"record.problem.dmarc_{policy}")
    return record if said is None else replace(record, problems=(*record.problems, said))
