"""Source 4: Exchange Autodiscover in plain XML over https (MS-OXDISCO, MS-OXDSCLI).

Asked are the domain, ``autodiscover.<domain>`` and what ``_autodiscover._tcp`` names. No password
is ever sent: a server that wants one has said enough. A host that only unsigned DNS names is told
a neutral address (postmaster@, which every domain has: RFC 5321 section 4.5.1), never the
person's own.
"""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Final

from wizard.discovery.autodiscover_document import (
    ROOT,
    AskAt,
    AskFor,
    Servers,
    question,
    read_answer,
)
from wizard.discovery.check import check_offers
from wizard.discovery.document import document_of
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.race import PATIENCE_SECONDS, Announce, in_order
from wizard.discovery.report import Source, Verdict
from wizard.discovery.suffix import is_within
from wizard.discovery.web import NoPage, Page, Url, parse_url
from wizard.model import EmailAddress, Invalid, parse_address
from wizard.resolver import Found
from wizard.texts import Message, message

PATH: Final = "/autodiscover/autodiscover.xml"
# Microsoft stops after ten; nobody honest needs more than a few.
MAX_HOPS: Final = 5


@dataclass(frozen=True, slots=True)
class _Said:
    """What one place said: servers, or only words."""

    servers: Servers | None
    message: Message
    trusted: bool

    @property
    def good(self) -> bool:
        return self.servers is not None and bool(self.servers.offers)


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Ask all places at once; the first in order that names servers counts."""
    own = inquiry.person.address or f"postmaster@{inquiry.domain}"
    places: list[Coroutine[Any, Any, _Said]] = [
        _follow(_at(f"autodiscover.{inquiry.domain}"), own, inquiry, trusted=True),
        _follow(_at(inquiry.domain), own, inquiry, trusted=True),
        _by_srv(own, inquiry),
    ]
    answers = await in_order(places, lambda one: one.good, patience=PATIENCE_SECONDS)
    said = [one for one in answers if one is not None]
    for one in said:
        if one.servers is not None and one.good:
            found = _found(one, one.servers)
            announce(found)
            return await check_offers(found, inquiry)
    best = next((one for one in said if one.servers is not None), said[0])
    return nothing(Source.AUTODISCOVER, Rank.AUTODISCOVER, best.message)


def _found(said: _Said, servers: Servers) -> Finding:
    return Finding(
        source=Source.AUTODISCOVER,
        verdict=Verdict.FOUND,
        message=said.message,
        rank=Rank.AUTODISCOVER if said.trusted else Rank.UNPROTECTED,
        trusted=said.trusted,
        offers=servers.offers,
    )


def _at(host: str) -> Url:
    return Url("https", host, None, PATH)


async def _by_srv(own: str, inquiry: Inquiry) -> _Said:
    """The place that ``_autodiscover._tcp`` names (Microsoft's white paper of Exchange 2007)."""
    none = _Said(None, message("discovery.autodiscover.none"), trusted=False)
    inquiry.allowance.take(1)
    answer = await inquiry.resolver.srv(f"_autodiscover._tcp.{inquiry.domain}")
    record = answer.values[0] if isinstance(answer, Found) else None
    if record is None or not record.target or not record.port:
        return none
    place = parse_url(f"https://{record.target}:{record.port}{PATH}")
    signed = isinstance(answer, Found) and answer.signed
    if place is None:
        return none
    known = signed or is_within(record.target, inquiry.domain)
    address = own if known else f"postmaster@{inquiry.domain}"
    return await _follow(place, address, inquiry, trusted=known)


async def _follow(place: Url, address: str, inquiry: Inquiry, *, trusted: bool) -> _Said:
    """Ask at a place, and where that sends us, until somebody names servers or nothing."""
    for _ in range(MAX_HOPS):
        page = await inquiry.page(place, question(address))
        answer = _read(page, address, inquiry)
        match answer:
            case Message():
                return _Said(_login_wanted(page), answer, trusted)
            case Servers():
                return _Said(answer, _words(answer, page), trusted)
            case AskAt(url):
                following = parse_url(url)
                if following is None or not following.secure:
                    return _Said(
                        None, message("discovery.trouble.bad_redirect", host=place.host), trusted
                    )
                place = following
            case AskFor(text):
                other = parse_address(text)
                if isinstance(other, Invalid):
                    return _Said(
                        None, message("discovery.trouble.bad_redirect", host=place.host), trusted
                    )
                place, address = _elsewhere(other), str(other)
    return _Said(None, message("discovery.trouble.too_many_redirects", host=place.host), trusted)


def _elsewhere(other: EmailAddress) -> Url:
    return _at(f"autodiscover.{other.domain}")


def _read(
    page: Page | NoPage, address: str, inquiry: Inquiry
) -> Servers | AskAt | AskFor | Message:
    if isinstance(page, Page) and page.status == 401:
        return message("discovery.autodiscover.login", host=page.url.host)
    root = document_of(page, ROOT)
    return root if isinstance(root, Message) else read_answer(root, inquiry.person, address)


def _login_wanted(page: Page | NoPage) -> Servers | None:
    """An Exchange that wants a password first is worth telling of."""
    wanted = isinstance(page, Page) and page.status == 401
    return Servers((), exchange=True) if wanted else None


def _words(servers: Servers, page: Page | NoPage) -> Message:
    at = page.url.host if isinstance(page, Page) else ""
    if servers.offers:
        return message("discovery.autodiscover.found", host=servers.offers[0].host, at=at)
    key = "exchange_only" if servers.exchange else "no_server"
    return message(f"discovery.autodiscover.{key}", host=at)
