"""Source 6: the domain's MX. Where mail is delivered decides, if we know who that is.

An unknown exchanger's own domain is asked for its autoconfiguration, and the ISPDB for it
(draft-ietf-mailmaint-autoconfig-06, "MX"). Behind a filter gateway a second opinion is asked for.
"""

import asyncio
from dataclasses import replace
from urllib.parse import quote

from wizard.catalog import Provider
from wizard.discovery import ispdb, suffix
from wizard.discovery.autoconfig import PATH, read_config
from wizard.discovery.check import check_offers
from wizard.discovery.delivery import Delivery, find_delivery
from wizard.discovery.finding import Finding, Rank
from wizard.discovery.inquiry import Inquiry, Ispdb
from wizard.discovery.offers import all_offers_of
from wizard.discovery.opinion import Opinion, second_opinion
from wizard.discovery.race import Announce
from wizard.discovery.report import Evidence, Offer, Source, Verdict
from wizard.discovery.suffix import base_domain, is_within
from wizard.discovery.web import Url
from wizard.model import Protocol, to_unicode
from wizard.texts import Message, message


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """Look up who receives the mail, tell everybody, and say what that means."""
    inquiry.allowance.take(1)
    delivery = await find_delivery(inquiry.domain, inquiry.catalog, inquiry.resolver)
    found = _first_word(delivery, inquiry)
    inquiry.delivery.set_result(delivery)
    announce(found)
    if delivery.gateway is not None and delivery.provider is None:
        opinion = await second_opinion(inquiry)
        if opinion is not None:
            found = _with_opinion(found, opinion, inquiry)
            announce(found)
    elif delivery.hosts and not found.decides:
        offers = await _of_the_exchanger(delivery, inquiry)
        if offers:
            everything = found.offers + tuple(replace(one, source=Source.MX) for one in offers)
            said = message("discovery.mx_list", mx=delivery.hosts[0], host=offers[0].host)
            evidence = (*found.evidence, Evidence(Source.MX, said, trusted=False))
            found = replace(found, verdict=Verdict.FOUND, offers=everything, evidence=evidence)
            announce(found)
    return await check_offers(found, inquiry)


def _first_word(delivery: Delivery, inquiry: Inquiry) -> Finding:
    provider, domain = delivery.provider, to_unicode(inquiry.domain)
    first = delivery.hosts[0] if delivery.hosts else ""
    rest = Finding(
        source=Source.MX,
        verdict=Verdict.NOTHING,
        message=_plain_word(delivery, domain),
        rank=Rank.MX,
        trusted=delivery.signed,
        delivery=delivery,
    )
    if provider is None:
        return rest
    offers = all_offers_of(provider, inquiry.person, mx=first, source=Source.MX)
    return replace(
        rest,
        verdict=Verdict.FOUND,
        message=message("discovery.mx", domain=domain, provider=provider.name, mx=first),
        rank=Rank.DELIVERY if _complete(provider, offers) else Rank.MX,
        # Whatever DNS says: the servers are those of our own file about a known service.
        trusted=True,
        offers=offers,
        provider=provider.id,
    )


def _plain_word(delivery: Delivery, domain: str) -> Message:
    if delivery.silence is not None:
        reason = message(f"resolver.{delivery.silence.reason}")
        return message("discovery.no_answer", domain=domain, reason=reason)
    if not delivery.domain_exists:
        return message("discovery.no_domain", domain=domain)
    if delivery.null_mx:
        return message("discovery.null_mx", domain=domain)
    if not delivery.hosts:
        return message("discovery.no_mx", domain=domain)
    if delivery.gateway is not None:
        name = delivery.gateway.name
        return message("discovery.gateway", gateway=name, mx=delivery.hosts[0])
    return message("discovery.mx_unknown", domain=domain, mx=delivery.hosts[0])


def _complete(provider: Provider, offers: tuple[Offer, ...]) -> bool:
    """Do we know servers for both directions? A service that has none for anybody is complete."""
    if not (provider.smtp or provider.imap or provider.pop3):
        return True
    directions = {one.protocol is Protocol.SMTP for one in offers}
    return directions == {True, False}


def _with_opinion(found: Finding, opinion: Opinion, inquiry: Inquiry) -> Finding:
    provider = opinion.provider
    offers = all_offers_of(provider, inquiry.person, mx="", source=Source.MX)
    signs = [message(f"discovery.sign.{sign.name.lower()}") for sign in opinion.signs]
    said = message(
        "discovery.opinion" if opinion.sure else "discovery.opinion_weak",
        provider=provider.name,
        signs=message(f"discovery.signs.{len(signs)}", **dict(zip("abc", signs, strict=False))),
    )
    sure = opinion.sure and _complete(provider, offers)
    return replace(
        found,
        verdict=Verdict.FOUND,
        message=said,
        rank=Rank.DELIVERY if sure else Rank.MX,
        trusted=sure,
        offers=offers,
        provider=provider.id,
        evidence=(Evidence(Source.MX, found.message, found.trusted), *found.evidence),
    )


async def _of_the_exchanger(delivery: Delivery, inquiry: Inquiry) -> tuple[Offer, ...]:
    """What the exchanger's owner publishes for its customers; never trusted, for DNS named it."""
    await asyncio.to_thread(suffix.load)
    host = delivery.hosts[0]
    base, above = base_domain(host), host.partition(".")[2]
    names = [name for name in dict.fromkeys((above, base)) if is_within(name, base)]
    # What is the company's own is asked already.
    names = [name for name in names if not is_within(name, inquiry.domain)]
    wanted = [_autoconfig_of(name, inquiry) for name in names]
    if inquiry.ispdb is Ispdb.ASK:
        wanted += [ispdb.look_up(name, inquiry, Source.MX) for name in names]
    answers = await asyncio.gather(*wanted)
    return next((one for one in answers if not isinstance(one, Message)), ())


async def _autoconfig_of(name: str, inquiry: Inquiry) -> tuple[Offer, ...] | Message:
    """The domain of the customer is what the owner needs to know, not the person's address."""
    query = f"?emailaddress={quote(f'postmaster@{inquiry.domain}', safe='@')}"
    page = await inquiry.page(Url("https", f"autoconfig.{name}", None, PATH + query))
    return read_config(page, inquiry, Source.MX)
