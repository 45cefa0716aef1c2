"""What the record means for the route's own servers: would their mail pass, before and after.

Asks DNS only for what the snapshot does not hold; the check itself is ``evaluate``'s.
"""

import asyncio
import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from wizard.records.spf.advice import ways_out
from wizard.records.spf.edit import SpfEdit
from wizard.records.spf.evaluate import (
    Answers,
    Asking,
    IpAddress,
    Kind,
    Question,
    Sender,
    check_host,
)
from wizard.records.spf.parse import SpfRecord, TermKind, counted_terms
from wizard.records.spf.report import Effect, SpfReport, SpfResult, Verdict, Whose
from wizard.records.spf.snapshot import Snapshot
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import Answer, Found, Resolver, Txt

# Of the class that was never given to anybody (RFC 1112 section 4): surely a stranger.
STRANGER: Final = ipaddress.ip_address("240.0.0.1")
_UNKNOWN: Final = Verdict(SpfResult.TEMPERROR, why=SpfWarning.DNS_TEMPERROR)
MAX_SAMPLE_RECORDS: Final = 20
MAX_HOST_ADDRESSES: Final = 2


async def effects_of(
    snapshot: Snapshot,
    edit: SpfEdit,
    wanted: Sequence[str],
    resolver: Resolver,
    *,
    server: str = "",
) -> tuple[Effect, ...]:
    """The effect for one address of each family below every wanted include, and for a server.

    ``server`` is the host the set-up sends through, or its address. An effect without an address
    is that of a server whose address was not found.
    """
    asked: list[tuple[Whose, str, IpAddress | None]] = [
        (Whose.INCLUDE, name, address)
        for name in wanted
        for address in sample_addresses(name, snapshot)
    ]
    if server:
        found = await resolver.addresses(server)
        values = found.values[:MAX_HOST_ADDRESSES] if isinstance(found, Found) else ()
        hosts = [ipaddress.ip_address(value) for value in values]
        asked += [(Whose.SERVER, server, address) for address in hosts or (None,)]
    asked.append((Whose.STRANGER, "", STRANGER))
    before, after = _Ask(snapshot, resolver), None
    if edit.record is not None:
        after = _Ask(snapshot, resolver, replaced=edit.record)

    async def one(whose: Whose, name: str, address: IpAddress | None) -> Effect:
        if address is None:
            return Effect(whose, name, "", _UNKNOWN, None)
        sender = Sender(address, snapshot.domain)
        now = await before.run(check_host(sender, snapshot.domain))
        then = await after.run(check_host(sender, snapshot.domain)) if after else None
        return Effect(whose, name, str(address), now, then)

    return tuple(await asyncio.gather(*(one(*each) for each in asked)))


async def report_on(
    snapshot: Snapshot,
    edit: SpfEdit,
    wanted: Sequence[str],
    resolver: Resolver,
    *,
    server: str = "",
) -> SpfReport:
    """All that is known about the record beyond its text."""
    return SpfReport(
        lookups_before=edit.lookups_before,
        lookups_after=edit.lookups_after,
        voids_before=edit.voids_before,
        voids_after=edit.voids_after,
        tree=edit.tree,
        effects=await effects_of(snapshot, edit, wanted, resolver, server=server),
        ways=ways_out(edit, snapshot, wanted),
    )


def sample_addresses(name: str, snapshot: Snapshot) -> tuple[IpAddress, ...]:
    """One IPv4 and one IPv6 address that a name's record lets pass, as far as it names any."""
    samples: dict[int, IpAddress] = {}
    for record, own in _records_below(name, snapshot):
        for address in _addresses(record, own, snapshot):
            samples.setdefault(address.version, address)
        if len(samples) == 2:
            break
    return tuple(samples[version] for version in sorted(samples))


def _records_below(name: str, snapshot: Snapshot) -> Iterator[tuple[SpfRecord, str]]:
    ahead, seen = [name], {name}
    for own in ahead:
        for record in snapshot.records(own)[:1]:
            yield record, own
            for term in counted_terms(record):
                below = term.name(own)
                follows = term.kind in (TermKind.INCLUDE, TermKind.REDIRECT)
                passes = follows and term.qualifier in ("", "+")
                if passes and below not in seen and len(seen) < MAX_SAMPLE_RECORDS:
                    seen.add(below)
                    ahead.append(below)


def _addresses(record: SpfRecord, own: str, snapshot: Snapshot) -> Iterator[IpAddress]:
    for term in record.effective:
        if term.qualifier not in ("", "+"):
            continue
        if term.kind in (TermKind.IP4, TermKind.IP6):
            network = ipaddress.ip_network(term.target, strict=False)
            # Of a network not the first address, which nobody sends from.
            yield network[min(1, network.num_addresses - 1)]
        elif term.kind is TermKind.A:
            answer = snapshot.hosts.get(term.name(own))
            if isinstance(answer, Found):
                yield from map(ipaddress.ip_address, answer.values)


@dataclass(frozen=True, slots=True)
class _Ask:
    """Answers questions out of the snapshot, else through the resolver.

    ``replaced`` stands for the record at the snapshot's own domain.
    """

    snapshot: Snapshot
    resolver: Resolver
    replaced: str | None = None

    async def run(self, asking: Asking[Verdict]) -> Verdict:
        answers: Answers = ()
        try:
            questions = next(asking)
            while True:
                answers = await self._answers(questions)
                questions = asking.send(answers)
        except StopIteration as end:
            verdict: Verdict = end.value
            return verdict

    async def _answers(self, questions: tuple[Question, ...]) -> Answers:
        if len(questions) == 1:  # and mostly known already: no task is needed for it
            return (await self._answer(questions[0]),)
        return tuple(await asyncio.gather(*map(self._answer, questions)))

    async def _answer(self, question: Question) -> Answer[object]:
        name, snapshot = question.name, self.snapshot
        if self.replaced is not None and question == Question(Kind.TXT, snapshot.domain):
            octets = self.replaced.encode("latin-1")
            return Found((Txt((octets,)),), 0, name)
        known: Answer[object] | None = None
        match question.kind:
            case Kind.TXT:
                known = snapshot.txt.get(name)
            case Kind.MX:
                known = snapshot.mx.get(name)
        if known is not None:
            return known
        look_up = {
            Kind.TXT: self.resolver.txt,
            Kind.MX: self.resolver.mx,
            Kind.A: self.resolver.a,
            Kind.AAAA: self.resolver.aaaa,
            Kind.PTR: self.resolver.ptr,
        }
        return await look_up[question.kind](name)
