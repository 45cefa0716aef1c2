"""Source 3: Thunderbird's public list of providers. It is told a domain and nothing else."""

from typing import Final

from wizard.discovery.autoconfig import read_config
from wizard.discovery.check import check_offers
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry, Ispdb
from wizard.discovery.race import Announce
from wizard.discovery.report import Offer, Source, Verdict
from wizard.discovery.web import NoPage, Url
from wizard.model import to_unicode
from wizard.texts import Message, message

HOST: Final = "autoconfig.thunderbird.net"


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Look the domain up in the list."""
    domain = to_unicode(inquiry.domain)
    if inquiry.ispdb is Ispdb.LEAVE:
        said = message("discovery.ispdb.off")
        return Finding(Source.ISPDB, Verdict.NOT_ASKED, said, Rank.ISPDB)
    servers = await look_up(inquiry.domain, inquiry, Source.ISPDB)
    if isinstance(servers, Message):
        return nothing(Source.ISPDB, Rank.ISPDB, servers)
    found = Finding(
        source=Source.ISPDB,
        verdict=Verdict.FOUND,
        message=message("discovery.ispdb.found", domain=domain, host=servers[0].host),
        rank=Rank.ISPDB,
        trusted=True,
        offers=servers,
    )
    announce(found)
    return await check_offers(found, inquiry)


async def look_up(domain: str, inquiry: Inquiry, source: Source) -> tuple[Offer, ...] | Message:
    """What the list has for a domain, or why nothing."""
    page = await inquiry.page(Url("https", HOST, None, f"/v1.1/{domain}"))
    if not isinstance(page, NoPage) and page.status in (404, 410):
        return message("discovery.ispdb.none", domain=to_unicode(domain))
    return read_config(page, inquiry, source)
