"""The plan's MX: does the domain take mail, as replies and bounces to its aliases need it?"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from wizard.answers import Absent, Answer, Found, Mx, NoAnswer, is_address, shown
from wizard.catalog import Provider, matches
from wizard.records.looking import Look
from wizard.records.plan import PlannedRecord, Purpose, RecordAction, RecordNeed, RecordState
from wizard.resolver import Resolver
from wizard.texts import Message, message

TTL: Final = 3600
MAX_HOSTS: Final = 10


async def find_mx_record(look: Look, provider: Provider | None) -> PlannedRecord:
    """The MX records, and whether each of their hosts can be reached by name."""
    task = look.begin(look.domain, "MX")
    answer = await look.resolver.mx(look.domain)
    hosts, implicit = await asyncio.gather(
        _host_problems(answer, look.resolver), _has_address(answer, look)
    )
    truth = await task
    if truth.corrects and truth.agreed is not None:
        answer = truth.agreed
        hosts = await _host_problems(answer, look.resolver)
    state = _state(answer)
    values = ", ".join(map(shown, answer.values)) if isinstance(answer, Found) else None
    draft = PlannedRecord(
        purpose=Purpose.MX,
        type="MX",
        name=look.domain,
        value=values if state is RecordState.OK else None,
        strings=(),
        ttl=TTL,
        need=RecordNeed.REQUIRED,
        why=message("record.why.mx"),
        state=state,
        action=RecordAction.NONE,
        old_value=values if state is RecordState.WRONG else None,
        problems=(*_problems(answer, implicit), *hosts),
        published=(),
        visible=(),
        notes=_notes(answer, provider),
    )
    settled = await look.settle(draft, truth, takes_mail)
    if settled.state is RecordState.OK and _leads_nowhere(answer, hosts):
        return replace(settled, state=RecordState.WRONG, value=None, old_value=values)
    return settled


def takes_mail(answer: Answer[Any]) -> bool:
    """Is there a server for mail, and not the null MX (RFC 7505)?"""
    return isinstance(answer, Found) and any(mx.host for mx in answer.values)


def _state(answer: Answer[Mx]) -> RecordState:
    if isinstance(answer, NoAnswer):
        return RecordState.UNKNOWN
    if takes_mail(answer):
        return RecordState.OK
    return RecordState.WRONG if isinstance(answer, Found) else RecordState.MISSING


def _problems(answer: Answer[Mx], implicit: bool) -> tuple[Message, ...]:
    if isinstance(answer, Absent):
        # RFC 5321 section 5.1: without MX mail goes to the address of the name itself.
        return (message("record.problem.mx_implicit" if implicit else "record.problem.no_mx"),)
    if isinstance(answer, Found) and any(not mx.host for mx in answer.values):
        alone = len(answer.values) == 1
        return (message("record.problem.null_mx" if alone else "record.problem.null_mx_beside"),)
    return ()


async def _has_address(answer: Answer[Mx], look: Look) -> bool:
    if not isinstance(answer, Absent) or not answer.name_exists:
        return False
    return isinstance(await look.resolver.addresses_in_dns(look.domain), Found)


async def _host_problems(answer: Answer[Mx], resolver: Resolver) -> tuple[Message, ...]:
    values: Sequence[Mx] = answer.values[:MAX_HOSTS] if isinstance(answer, Found) else ()
    hosts = [mx.host for mx in values if mx.host]
    found = await asyncio.gather(*(_host_problem(host, resolver) for host in hosts))
    return tuple(problem for problem in found if problem is not None)


def _leads_nowhere(answer: Answer[Mx], problems: tuple[Message, ...]) -> bool:
    """Is there none among the hosts that mail can be brought to? An alias works mostly."""
    hosts = {mx.host for mx in answer.values if mx.host} if isinstance(answer, Found) else set()
    lost = ("record.problem.mx_nowhere", "record.problem.mx_address")
    return bool(hosts) and len(hosts) == sum(one.key in lost for one in problems)


async def _host_problem(host: str, resolver: Resolver) -> Message | None:
    """A host of an MX has to be a name with an address, and no alias (RFC 2181 section 10.3)."""
    if is_address(host):
        return message("record.problem.mx_address", host=host)
    answer = await resolver.addresses_in_dns(host)
    match answer:
        case Absent():
            return message("record.problem.mx_nowhere", host=host)
        case Found(canonical=canonical) if canonical != host:
            return message("record.problem.mx_alias", host=host)
        case _:
            return None


def _notes(answer: Answer[Mx], provider: Provider | None) -> tuple[Message, ...]:
    """Mail that goes elsewhere than to the chosen service is worth a word, not a warning."""
    if provider is None or not provider.mx_patterns or not isinstance(answer, Found):
        return ()
    hosts = [mx.host for mx in answer.values if mx.host]
    theirs = any(matches(host, pattern) for host in hosts for pattern in provider.mx_patterns)
    if theirs or not hosts:
        return ()
    return (message("record.note.mx_elsewhere", provider=provider.name),)
