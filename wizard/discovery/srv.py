"""Source 5: servers that the domain names in its SRV records (RFC 6186, RFC 8314 section 5.1)."""

import asyncio
from typing import Final

from wizard.discovery.check import check_offers
from wizard.discovery.clientconfig import usable_host
from wizard.discovery.finding import Finding, Rank, nothing
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.offers import best_first
from wizard.discovery.race import Announce
from wizard.discovery.report import Evidence, Offer, Source, Verdict
from wizard.model import Protocol, Security, to_unicode
from wizard.resolver import Found, NoAnswer
from wizard.texts import message

MAX_TARGETS: Final = 5
MAX_OFFERS: Final = 12

# Best first: implicit TLS before STARTTLS, IMAP before POP3.
SERVICES: Final = (
    ("_imaps._tcp", Protocol.IMAP, Security.TLS),
    ("_imap._tcp", Protocol.IMAP, Security.STARTTLS),
    ("_pop3s._tcp", Protocol.POP3, Security.TLS),
    ("_pop3._tcp", Protocol.POP3, Security.STARTTLS),
    ("_submissions._tcp", Protocol.SMTP, Security.TLS),
    ("_submission._tcp", Protocol.SMTP, Security.STARTTLS),
)


async def ask(inquiry: Inquiry, announce: Announce[Finding]) -> Finding:
    """All services at once; target "." (not offered) and unusable names are left out."""
    domain = to_unicode(inquiry.domain)
    inquiry.allowance.take(len(SERVICES))
    answers = await asyncio.gather(
        *(inquiry.resolver.srv(f"{service}.{inquiry.domain}") for service, _, _ in SERVICES)
    )
    offers: list[Offer] = []
    signed = True
    for (_, protocol, security), answer in zip(SERVICES, answers, strict=True):
        if not isinstance(answer, Found):
            continue
        for record in answer.values[:MAX_TARGETS]:
            host = usable_host(record.target) if record.target else None
            if host is None or not record.port:
                continue
            username = inquiry.person.address
            offers.append(Offer(protocol, host, record.port, security, (), username, Source.SRV))
            signed = signed and answer.signed
    if not offers:
        silent = all(isinstance(answer, NoAnswer) for answer in answers)
        key = "discovery.srv_silent" if silent else "discovery.srv_none"
        return nothing(Source.SRV, Rank.SRV, message(key, domain=domain))
    best = best_first(offers)[:MAX_OFFERS]
    said = [
        message(
            "discovery.srv_signed" if signed else "discovery.srv",
            domain=domain,
            host=one.host,
            port=str(one.port),
        )
        for one in best
    ]
    found = Finding(
        source=Source.SRV,
        verdict=Verdict.FOUND,
        message=said[0],
        rank=Rank.SRV,
        trusted=signed,
        offers=best,
        evidence=tuple(Evidence(Source.SRV, one, signed) for one in said[1:]),
    )
    announce(found)
    return await check_offers(found, inquiry)
