"""Source 1: the domain's addresses are a known service's own (gmail.com, gmx.de …)."""

from wizard.discovery.check import check_offers
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.offers import all_offers_of
from wizard.discovery.race import Announce
from wizard.discovery.report import Source, Verdict
from wizard.model import to_unicode
from wizard.texts import message


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """What our own files say about the address's own domain."""
    domain = to_unicode(inquiry.domain)
    provider = inquiry.catalog.provider_for_domain(inquiry.domain)
    if provider is None:
        said = message("discovery.preset.none", domain=domain)
        return nothing(Source.PRESET, Rank.PRESET, said)
    found = Finding(
        source=Source.PRESET,
        verdict=Verdict.FOUND,
        message=message("discovery.own_domain", domain=domain, provider=provider.name),
        rank=Rank.PRESET,
        trusted=True,
        offers=all_offers_of(provider, inquiry.person, mx="", source=Source.PRESET),
        provider=provider.id,
    )
    announce(found)
    return await check_offers(found, inquiry)
