"""The one record that would put a failed check right, out of the plan for the set-up's route. Pure.

SPF or DKIM, aligned with the visible sender, is what DMARC wants (RFC 9989 section 4.4); the record
that brings the most for the least is named, not every one that could be better.
"""

from dataclasses import dataclass

from wizard.proof.authentication import Authentication, Method, Verdict
from wizard.records.plan import PlannedRecord, Purpose, RecordNeed, RecordState
from wizard.setup import Setup
from wizard.texts import Message, message

_BAD: dict[Method, frozenset[Verdict]] = {
    Method.SPF: frozenset(
        (Verdict.FAIL, Verdict.SOFTFAIL, Verdict.NEUTRAL, Verdict.NONE, Verdict.PERMERROR)
    ),
    Method.DKIM: frozenset((Verdict.FAIL, Verdict.NONE, Verdict.PERMERROR, Verdict.POLICY)),
    Method.DMARC: frozenset((Verdict.FAIL, Verdict.NONE, Verdict.PERMERROR)),
}
_WANTED = (RecordNeed.REQUIRED, RecordNeed.RECOMMENDED)
_PURPOSES = {Method.SPF: Purpose.SPF, Method.DKIM: Purpose.DKIM, Method.DMARC: Purpose.DMARC}


@dataclass(frozen=True, slots=True)
class Mend:
    """What to do about the failed check of a ``method``; ``record`` None: there is none to enter.

    ``message`` is the text ``mend.<method>.<case>``.
    """

    method: Method
    message: Message
    record: PlannedRecord | None


def mend_of(authentication: Authentication | None, setup: Setup) -> Mend | None:
    """What would mend the worst that the receiver found; None where nothing needs mending."""
    if authentication is None:
        return None
    for method in _order(authentication):
        return _mend(method, setup)
    return None


def _order(authentication: Authentication) -> list[Method]:
    """The failed methods, the one to begin with first."""
    failed = [method for method in Method if authentication.verdict(method) in _BAD[method]]
    if authentication.verdict(Method.DMARC) is Verdict.PASS:
        # One of the two passed for the visible sender: that is enough for every receiver.
        return [method for method in failed if method is Method.SPF]
    return failed


def _mend(method: Method, setup: Setup) -> Mend:
    plan = setup.records.plan
    if plan is None:
        return Mend(method, message(f"mend.{method}.look_up"), None)
    records = [
        one for one in plan.records if one.purpose is _PURPOSES[method] and one.need in _WANTED
    ]
    open_ones = [one for one in records if one.state is not RecordState.OK and one.value]
    if open_ones:
        record = open_ones[0]
        said = message(f"mend.{method}.enter", type=record.type, name=record.name)
        return Mend(method, said, record)
    # All is published as the route needs it: the receiver saw an older state, or another route.
    case = "published" if records else "no_record"
    return Mend(method, message(f"mend.{method}.{case}"), None)
