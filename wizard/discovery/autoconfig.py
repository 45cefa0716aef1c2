"""Source 2: what the domain itself publishes (draft-ietf-mailmaint-autoconfig-06, "Mail provider").

In its order: ``autoconfig.<domain>`` over https, the well-known place over https, and only where
neither has anything, ``autoconfig.<domain>`` over http, which is never trusted. The mail address
goes along to the first place only, where the draft wants it.
"""

import asyncio
from typing import Final
from urllib.parse import quote

from wizard.discovery.check import check_offers
from wizard.discovery.clientconfig import ROOT, servers_of
from wizard.discovery.document import document_of
from wizard.discovery.finding import Finding, Rank
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.race import Announce
from wizard.discovery.report import Offer, Source, Verdict
from wizard.discovery.web import NoPage, Page, Trouble, Url
from wizard.texts import Message, message

PATH: Final = "/mail/config-v1.1.xml"
WELL_KNOWN: Final = f"/.well-known/autoconfig{PATH}"


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Ask the domain."""
    host, person = f"autoconfig.{inquiry.domain}", inquiry.person
    query = f"?emailaddress={quote(person.address, safe='@')}" if person.address else ""
    places = (
        Url("https", host, None, PATH + query),
        Url("https", inquiry.domain, None, WELL_KNOWN),
    )
    # The first place outdoes the second: what the second says is only looked at without it.
    tasks = [asyncio.create_task(inquiry.page(place)) for place in places]
    said: list[Message] = []
    ended_by_certificate = False
    try:
        for task in tasks:
            page = await task
            found = _finding(page, inquiry)
            if found.verdict is Verdict.FOUND:
                announce(found)
                return await check_offers(found, inquiry)
            said.append(found.message)
            ended_by_certificate |= isinstance(page, NoPage) and page.trouble in _END
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if ended_by_certificate or _is_missing(tasks[0].result()):
        return _nowhere(said)
    found = _finding(await inquiry.page(Url("http", host, None, PATH)), inquiry)
    if found.verdict is not Verdict.FOUND:
        return _nowhere(said)
    announce(found)
    return await check_offers(found, inquiry)


# Who cannot show a valid certificate is not asked again without one.
_END: Final = (Trouble.CERTIFICATE, Trouble.TLS, Trouble.INSIDE, Trouble.DOWNGRADE)


def _is_missing(page: Page | NoPage) -> bool:
    return isinstance(page, NoPage) and page.trouble in (Trouble.NO_HOST, Trouble.NO_DNS)


def _finding(page: Page | NoPage, inquiry: Inquiry) -> Finding:
    read_ = read_config(page, inquiry, Source.AUTOCONFIG)
    if isinstance(read_, Message):
        return Finding(Source.AUTOCONFIG, Verdict.NOTHING, read_, Rank.AUTOCONFIG)
    secure = isinstance(page, Page) and page.secure
    at = page.url.host if isinstance(page, Page) else ""
    key = "discovery.autoconfig.found" if secure else "discovery.autoconfig.found_unprotected"
    return Finding(
        source=Source.AUTOCONFIG,
        verdict=Verdict.FOUND,
        message=message(key, host=read_[0].host, at=at),
        rank=Rank.AUTOCONFIG if secure else Rank.UNPROTECTED,
        trusted=secure,
        offers=read_,
    )


def _nowhere(said: list[Message]) -> Finding:
    """Nothing there; the words are those of the place that was worth asking."""
    both = message("discovery.autoconfig.both", first=said[0], second=said[1])
    return Finding(Source.AUTOCONFIG, Verdict.NOTHING, both, Rank.AUTOCONFIG)


def read_config(
    page: Page | NoPage, inquiry: Inquiry, source: Source
) -> tuple[Offer, ...] | Message:
    """The servers that a page names, or why it names none."""
    root = document_of(page, ROOT)
    if isinstance(root, Message):
        return root
    host = page.url.host if isinstance(page, Page) else ""
    return servers_of(root, inquiry.person, source) or message(
        "discovery.page.no_server", host=host
    )
