"""Servers that the domain names in its SRV records (RFC 6186, RFC 8314 section 5.1)."""

import asyncio
from typing import Final

from wizard.discovery.report import Offer, Source
from wizard.model import Invalid, Protocol, Security, parse_host
from wizard.resolver import Found, Resolver

MAX_TARGETS: Final = 5

# Best first: implicit TLS before STARTTLS, IMAP before POP3.
SERVICES: Final = (
    ("_imaps._tcp", Protocol.IMAP, Security.TLS),
    ("_imap._tcp", Protocol.IMAP, Security.STARTTLS),
    ("_pop3s._tcp", Protocol.POP3, Security.TLS),
    ("_pop3._tcp", Protocol.POP3, Security.STARTTLS),
    ("_submissions._tcp", Protocol.SMTP, Security.TLS),
    ("_submission._tcp", Protocol.SMTP, Security.STARTTLS),
)


async def find_srv(domain: str, username: str, resolver: Resolver) -> tuple[Offer, ...]:
    """All services at once; target "." (not offered) and unusable names are left out."""
    answers = await asyncio.gather(
        *(resolver.srv(f"{service}.{domain}") for service, _, _ in SERVICES)
    )
    offers: list[Offer] = []
    for (_, protocol, security), answer in zip(SERVICES, answers, strict=True):
        records = answer.values if isinstance(answer, Found) else ()
        for record in records[:MAX_TARGETS]:
            host = parse_host(record.target) if record.target else None
            if host is None or isinstance(host, Invalid) or not record.port:
                continue
            offers.append(Offer(protocol, host, record.port, security, (), username, Source.SRV))
    return tuple(offers)
