"""Collects what DNS says about an SPF record and everything that hangs on it. Judges nothing.

All independent look-ups run at once; the number of names is bounded, whatever a record says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from wizard.records.spf.parse import (
    SpfRecord,
    Term,
    TermKind,
    can_exist,
    counted_terms,
    is_spf,
    parse_spf,
)
from wizard.resolver import Absent, Answer, Found, Mx, NoAnswer, Resolver, Txt

MAX_NAMES: Final = 150
MAX_DEPTH: Final = 20
MAX_TERMS: Final = 200
MAX_MX_HOSTS: Final = 10


@dataclass(frozen=True)
class Snapshot:
    """Answers by name, as they were at one time.

    ``hosts`` holds A and AAAA together, and A alone at ``a <name>``. ``claimable`` are the included
    names below a domain that nobody has registered. A name that is not there was not asked.
    """

    domain: str
    txt: dict[str, Answer[Txt]]
    hosts: dict[str, Answer[str]]
    mx: dict[str, Answer[Mx]]
    alias: str | None
    parent_exists: bool
    type99: bool
    wildcard: bool
    claimable: frozenset[str] = frozenset()

    @property
    def heard_anything(self) -> bool:
        """Did anybody answer about any name? Otherwise it is the way to DNS that fails."""
        answers = (*self.txt.values(), *self.hosts.values(), *self.mx.values())
        return any(not isinstance(answer, NoAnswer) for answer in answers)

    def records(self, name: str) -> tuple[SpfRecord, ...]:
        """The SPF records at a name (section 4.5), parsed."""
        answer = self.txt.get(name)
        values = answer.values if isinstance(answer, Found) else ()
        return tuple(parse_spf(txt.text) for txt in values if is_spf(txt.text))


async def take_snapshot(domain: str, wanted: Sequence[str], resolver: Resolver) -> Snapshot:
    """Look up everything that judging ``domain`` with the wanted includes needs."""
    walk = _Walk(resolver)
    async with asyncio.TaskGroup() as group:
        # The record itself first: everything else waits for it. Then the wanted names, before a
        # record that asks for too much can crowd them out.
        group.create_task(walk.follow(domain, 0))
        for name in wanted:
            group.create_task(walk.follow(name, 1))
        group.create_task(walk.look_mx(domain))
        about = group.create_task(_about_the_name(domain, resolver))
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
        claimable=frozenset(walk.claimable),
    )


@dataclass
class _Walk:
    resolver: Resolver
    txt: dict[str, Answer[Txt]] = field(default_factory=dict)
    hosts: dict[str, Answer[str]] = field(default_factory=dict)
    mx: dict[str, Answer[Mx]] = field(default_factory=dict)
    claimable: set[str] = field(default_factory=set)
    _begun: set[tuple[str, str]] = field(default_factory=set)

    async def follow(self, name: str, depth: int) -> None:
        """The TXT records at a name, then at once everything its SPF records ask for."""
        if depth > MAX_DEPTH or not self._begin("txt", name):
            return
        if not can_exist(name):
            self.txt[name] = Absent(name_exists=False)
            return
        answer = await self.resolver.txt(name)
        self.txt[name] = answer
        if not isinstance(answer, Found):
            if depth and not _exists(answer) and not await _domain_exists(name, self.resolver):
                self.claimable.add(name)
            return
        records = [parse_spf(txt.text) for txt in answer.values if is_spf(txt.text)]
        terms = [term for record in records for term in counted_terms(record)[:MAX_TERMS]]
        await asyncio.gather(
            *(self._look(term, name, depth) for term in terms if not term.depends_on_sender)
        )

    async def look_mx(self, name: str) -> None:
        if not self._begin("mx", name):
            return
        exists = can_exist(name)
        self.mx[name] = await self.resolver.mx(name) if exists else Absent(name_exists=False)

    async def _look(self, term: Term, own: str, depth: int) -> None:
        name = term.name(own)
        match term.kind:
            case TermKind.INCLUDE | TermKind.REDIRECT:
                await self.follow(name, depth + 1)
            case TermKind.MX:
                await self.look_mx(name)
                await self._foresee(name)
            case TermKind.EXISTS if self._begin("a", name):
                # Only IPv4 counts for "exists" (section 5.7).
                self.hosts[f"a {name}"] = await self._ask(name, self.resolver.a)
            case TermKind.A if self._begin("hosts", name):
                self.hosts[name] = await self._ask(name, self.resolver.addresses_in_dns)
            case _:
                pass

    async def _foresee(self, name: str) -> None:
        """Have the resolver know the exchangers' addresses: the effect is judged by them.

        They cost nothing in the count, so they are kept nowhere else.
        """
        answer = self.mx.get(name)
        hosts = [mx.host for mx in answer.values if mx.host] if isinstance(answer, Found) else []
        if len(hosts) <= MAX_MX_HOSTS:
            new = [host for host in hosts if can_exist(host) and self._begin("foresee", host)]
            await asyncio.gather(*map(self.resolver.addresses_in_dns, new))

    async def _ask(self, name: str, ask: Callable[[str], Awaitable[Answer[str]]]) -> Answer[str]:
        return await ask(name) if can_exist(name) else Absent(name_exists=False)

    def _begin(self, kind: str, name: str) -> bool:
        if (kind, name) in self._begun or len(self._begun) >= MAX_NAMES:
            return False
        self._begun.add((kind, name))
        return True


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
    return any(map(_exists, answers))


async def _domain_exists(name: str, resolver: Resolver) -> bool:
    """Does the domain of two labels exist to which a missing name belongs? Unknown is a yes."""
    domain = ".".join(name.split(".")[-2:])
    return domain != name and _exists(await resolver.ns(domain))


def _exists(answer: Answer[object]) -> bool:
    return not isinstance(answer, Absent) or answer.name_exists


async def _wildcard_values(domain: str, resolver: Resolver) -> set[Txt]:
    """The TXT values of the nearest wildcard above a name (RFC 4592), empty without one."""
    labels = domain.split(".")
    wildcards = ["*." + ".".join(labels[index:]) for index in range(1, len(labels) - 1)]
    answers = await asyncio.gather(*map(resolver.txt, wildcards))
    return next((set(answer.values) for answer in answers if isinstance(answer, Found)), set())
