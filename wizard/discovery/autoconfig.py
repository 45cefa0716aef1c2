"""Source 2: what the domain itself publishes (draft-ietf-mailmaint-autoconfig-06, "Mail provider").

In its order: ``autoconfig.<domain>`` over https, the well-known place over https, and only where
neither has anything, ``autoconfig.<domain>`` over http, which is never trusted. The mail address
goes along to the first place only, where the draft wants it.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from wizard.discovery.check import check_offers
from wizard.discovery.clientconfig import ROOT, servers_of
from wizard.discovery.document import document_of
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.race import PATIENCE_SECONDS, Announce, in_order
from wizard.discovery.report import Offer, Source, Verdict
from wizard.discovery.web import NoPage, Page, Trouble, Url
from wizard.texts import Message, message

PATH: Final = "/mail/config-v1.1.xml"
WELL_KNOWN: Final = f"/.well-known/autoconfig{PATH}"


# Who cannot show a valid certificate is not asked again without one.
_END: Final = (Trouble.CERTIFICATE, Trouble.TLS, Trouble.INSIDE, Trouble.DOWNGRADE)
_MISSING: Final = (Trouble.NO_HOST, Trouble.NO_ADDRESS, Trouble.NO_DNS)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came from one place, and what that is."""

    page: Page | NoPage
    finding: Finding

    @property
    def good(self) -> bool:
        return self.finding.verdict is Verdict.FOUND

    def failed_by(self, troubles: tuple[Trouble, ...]) -> bool:
        return isinstance(self.page, NoPage) and self.page.trouble in troubles


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Ask the domain."""
    host, address = f"autoconfig.{inquiry.domain}", inquiry.person.address
    query = f"?emailaddress={quote(address, safe='@')}" if address else ""
    first = Url("https", host, None, PATH + query)
    second = Url("https", inquiry.domain, None, WELL_KNOWN)
    seen = await in_order(
        [_look(first, inquiry), _look(second, inquiry)],
        lambda one: one.good,
        patience=PATIENCE_SECONDS,
    )
    ended = [one for one in seen if one is not None]
    found = next((one for one in ended if one.good), None)
    if found is None and not _ends_here(ended):
        last = await _look(Url("http", host, None, PATH), inquiry)
        found = last if last.good else None
    if found is None:
        words = [one.finding.message for one in ended]
        both = message("discovery.autoconfig.both", first=words[0], second=words[1])
        return nothing(Source.AUTOCONFIG, Rank.AUTOCONFIG, both)
    announce(found.finding)
    return await check_offers(found.finding, inquiry)


def _ends_here(ended: list[_Seen]) -> bool:
    """Is there no host to ask over http, or one that may not be asked that way?"""
    return ended[0].failed_by(_MISSING) or any(one.failed_by(_END) for one in ended)


async def _look(place: Url, inquiry: Inquiry) -> _Seen:
    page = await inquiry.page(place)
    servers = read_config(page, inquiry, Source.AUTOCONFIG)
    if isinstance(servers, Message):
        return _Seen(page, nothing(Source.AUTOCONFIG, Rank.AUTOCONFIG, servers))
    secure = isinstance(page, Page) and page.secure
    at = page.url.host if isinstance(page, Page) else ""
    key = "discovery.autoconfig.found" if secure else "discovery.autoconfig.found_unprotected"
    found = Finding(
        source=Source.AUTOCONFIG,
        verdict=Verdict.FOUND,
        message=message(key, host=servers[0].host, at=at),
        rank=Rank.AUTOCONFIG if secure else Rank.UNPROTECTED,
        trusted=secure,
        offers=servers,
    )
    return _Seen(page, found)


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
