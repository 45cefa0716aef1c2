"""Collects what DNS says about an SPF record and everything that hangs on it. Judges nothing.

All independent look-ups run at once; the number of names is bounded, whatever a record says.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wizard.records.spf.parse import SpfRecord, Term, TermKind, is_spf, parse_spf
from wizard.resolver import Absent, Answer, Found, Mx, NoAnswer, Resolver, Txt

MAX_NAMES: Final = 150
MAX_DEPTH: Final = 20


@dataclass(frozen=True)
class Snapshot:
    """Answers by name, as they were at one time. ``hosts`` holds A and AAAA together."""

    domain: str
    txt: dict[str, Answer[Txt]]
    hosts: dict[str, Answer[str]]
    mx: dict[str, Answer[Mx]]
    alias: str | None
    parent_exists: bool
    type99: bool
    wildcard: bool

    def records(self, name: str) -> tuple[SpfRecord, ...]:
        """The SPF records at a name (section 4.5), parsed."""
        answer = self.txt.get(name)
        values = answer.values if isinstance(answer, Found) else ()
        return tuple(parse_spf(txt.text) for txt in values if is_spf(txt.text))


async def take_snapshot(domain: str, wanted: Sequence[str], resolver: Resolver) -> Snapshot:
    """Look up everything that judging ``domain`` with the wanted includes needs."""
    walk = _Walk(resolver)
    async with asyncio.TaskGroup() as group:
        about = group.create_task(_about_the_name(domain, resolver))
        group.create_task(walk.follow(domain, 0))
        group.create_task(walk.look_mx(domain))
        for name in wanted:
            group.create_task(walk.follow(name, 1))
    alias, parent, type99, wild = about.result()
    own = walk.txt[domain]
    return Snapshot(
        domain=domain,
        txt=walk.txt,
        hosts=walk.hosts,
        mx=walk.mx,
        alias=alias.values[0] if isinstance(alias, Found) else None,
        parent_exists=parent,
        type99=isinstance(type99, Found),
        wildcard=isinstance(own, Found) and bool(wild) and set(own.values) == wild,
    )


@dataclass
class _Walk:
    resolver: Resolver
    txt: dict[str, Answer[Txt]] = field(default_factory=dict)
    hosts: dict[str, Answer[str]] = field(default_factory=dict)
    mx: dict[str, Answer[Mx]] = field(default_factory=dict)
    _begun: set[tuple[str, str]] = field(default_factory=set)

    async def follow(self, name: str, depth: int) -> None:
        """The TXT records at a name, then at once everything its SPF records ask for."""
        if not self._begin("txt", name) or depth > MAX_DEPTH:
            return
        answer = await self.resolver.txt(name)
        self.txt[name] = answer
        if not isinstance(answer, Found):
            return
        records = [parse_spf(txt.text) for txt in answer.values if is_spf(txt.text)]
        terms = [term for record in records for term in _asking(record)]
        await asyncio.gather(*(self._look(term, name, depth) for term in terms))

    async def look_mx(self, name: str) -> None:
        if self._begin("mx", name):
            self.mx[name] = await self.resolver.mx(name)

    async def _look(self, term: Term, own: str, depth: int) -> None:
        name = term.name(own)
        match term.kind:
            case TermKind.INCLUDE | TermKind.REDIRECT:
                await self.follow(name, depth + 1)
            case TermKind.MX:
                await self.look_mx(name)
            case TermKind.EXISTS if self._begin("a", name):
                # Only IPv4 counts for "exists" (section 5.7).
                self.hosts[f"a {name}"] = await self.resolver.a(name)
            case TermKind.A if self._begin("hosts", name):
                self.hosts[name] = await self.resolver.addresses_in_dns(name)
            case _:
                pass

    def _begin(self, kind: str, name: str) -> bool:
        if (kind, name) in self._begun or len(self._begun) >= MAX_NAMES:
            return False
        self._begun.add((kind, name))
        return True


def _asking(record: SpfRecord) -> Iterable[Term]:
    """The terms whose names can be looked up: sender macros are known only with a sender."""
    return (term for term in record.terms if not term.has_macro)


async def _about_the_name(
    domain: str, resolver: Resolver
) -> tuple[Answer[str], bool, Answer[Txt], set[Txt]]:
    """Alias, whether a parent exists, records of the obsolete type, values of a wildcard."""
    return await asyncio.gather(
        resolver.cname(domain),
        _parent_exists(domain, resolver),
        resolver.spf(domain),
        _wildcard_values(domain, resolver),
    )


async def _parent_exists(domain: str, resolver: Resolver) -> bool:
    """Does a parent of at least two labels exist? Unknown counts as yes."""
    labels = domain.split(".")
    parents = [".".join(labels[index:]) for index in range(1, len(labels) - 1)]
    answers = await asyncio.gather(*(resolver.ns(parent) for parent in parents))
    return any(
        isinstance(answer, Found | NoAnswer) or (isinstance(answer, Absent) and answer.name_exists)
        for answer in answers
    )


async def _wildcard_values(domain: str, resolver: Resolver) -> set[Txt]:
    """The TXT values of the nearest wildcard above a name (RFC 4592), empty without one."""
    labels = domain.split(".")
    for index in range(1, len(labels) - 1):
        answer = await resolver.txt("*." + ".".join(labels[index:]))
        if isinstance(answer, Found):
            return set(answer.values)
    return set()
