"""A second opinion on who holds the mailboxes, when a filter gateway stands in front of them.

Who sends in the domain's name (SPF), where ``autodiscover`` leads, and whose DKIM selectors are
published. One sign alone can be a newsletter service or a left-over: two of different kinds, or
the lead of ``autodiscover``, decide.
"""

import asyncio
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from wizard.catalog import Catalog, Provider, ProviderKind, matches
from wizard.discovery.inquiry import Inquiry
from wizard.records.spf.parse import TermKind, is_spf, parse_spf
from wizard.resolver import Absent, Answer, Found, Resolver, Txt

# The two that most companies are at: their selectors are asked for even if SPF does not name them.
USUAL: Final = ("microsoft-365", "google-workspace")
MAX_SELECTORS: Final = 6
ENOUGH: Final = 3


class Sign(IntEnum):
    """What speaks for a service, and how much it weighs."""

    SPF = 1
    DKIM = 2
    AUTODISCOVER = 3


@dataclass(frozen=True, slots=True)
class Opinion:
    """The service that most speaks for, what speaks for it, and whether that is enough."""

    provider: Provider
    signs: tuple[Sign, ...]

    @property
    def sure(self) -> bool:
        return sum(self.signs) >= ENOUGH


async def second_opinion(inquiry: Inquiry) -> Opinion | None:
    """Ask DNS; None when nothing speaks for anybody, or as much for one as for another.

    None too when the search has asked as much as it may.
    """
    domain, catalog, resolver = inquiry.domain, inquiry.catalog, inquiry.resolver
    if not inquiry.allowance.take(2):
        return None
    spf, lead = await asyncio.gather(resolver.txt(domain), resolver.cname(f"autodiscover.{domain}"))
    signs: dict[str, set[Sign]] = {}
    for provider in _holders(catalog):
        if provider.spf_include and provider.spf_include in _includes(spf):
            signs.setdefault(provider.id, set()).add(Sign.SPF)
        if any(_is_sign(provider, name) for name in _values(lead)):
            signs.setdefault(provider.id, set()).add(Sign.AUTODISCOVER)
    asked = [catalog.providers[one] for one in (*signs, *USUAL) if one in catalog.providers]
    selectors = list(dict.fromkeys(one.dkim[0].name for one in asked if one.dkim))[:MAX_SELECTORS]
    selectors = [name for name in selectors if inquiry.allowance.take(2)]
    answers = await asyncio.gather(*(_selector(name, domain, resolver) for name in selectors))
    for name, (published, lead) in zip(selectors, answers, strict=True):
        for provider in asked:
            own = bool(provider.dkim) and provider.dkim[0].name == name
            if own and _dkim_speaks_for(provider, name, published, lead, catalog):
                signs.setdefault(provider.id, set()).add(Sign.DKIM)
    return _weigh(signs, catalog)


def _weigh(signs: dict[str, set[Sign]], catalog: Catalog) -> Opinion | None:
    ranked = sorted(signs.items(), key=lambda item: sum(item[1]), reverse=True)
    if not ranked or (len(ranked) > 1 and sum(ranked[0][1]) == sum(ranked[1][1])):
        return None
    name, found = ranked[0]
    return Opinion(catalog.providers[name], tuple(sorted(found, reverse=True)))


def _holders(catalog: Catalog) -> list[Provider]:
    return [one for one in catalog.providers.values() if one.kind is ProviderKind.MAILBOX]


def _includes(answer: Answer[Txt]) -> set[str]:
    if not isinstance(answer, Found):
        return set()
    records = [parse_spf(one.text) for one in answer.values if is_spf(one.text)]
    return {
        term.name(own="")
        for record in records
        for term in record.terms
        if term.kind in (TermKind.INCLUDE, TermKind.REDIRECT)
    }


def _values(answer: Answer[str]) -> tuple[str, ...]:
    return answer.values if isinstance(answer, Found) else ()


def _is_sign(provider: Provider, name: str) -> bool:
    return any(matches(name, pattern) for pattern in provider.signs)


async def _selector(name: str, domain: str, resolver: Resolver) -> tuple[bool, Answer[str]]:
    """Is anything published there, and where does it lead?"""
    lead = await resolver.cname(f"{name}.{domain}")
    if isinstance(lead, Absent) and lead.name_exists:
        return isinstance(await resolver.txt(f"{name}.{domain}"), Found), lead
    return isinstance(lead, Found), lead


def _dkim_speaks_for(
    provider: Provider, name: str, published: bool, lead: Answer[str], catalog: Catalog
) -> bool:
    """By where it leads; where it leads nowhere, by a name that nobody else uses."""
    target = provider.dkim[0].target.lower()
    if isinstance(lead, Found):
        return lead.values[0] == target or _is_sign(provider, lead.values[0])
    users = [one for one in _holders(catalog) if any(key.name == name for key in one.dkim)]
    return published and not target and len(users) == 1
