"""From a provider of the catalogue to offers for one person, and which offer is better.

No look-ups.
"""

import re
from collections.abc import Iterable
from typing import Final

from wizard.catalog import Provider, ServerPreset, ServerRole, UsernameForm
from wizard.discovery.person import Person
from wizard.discovery.report import Check, Offer, Owner, Source
from wizard.model import Protocol, Security

_PLACEHOLDER: Final = re.compile(r"<[^<>]*>")
_PROTOCOLS: Final = (Protocol.IMAP, Protocol.POP3, Protocol.SMTP)
_SECURITIES: Final = (Security.TLS, Security.STARTTLS, Security.NONE)


def all_offers_of(
    provider: Provider, person: Person, *, mx: str, source: Source
) -> tuple[Offer, ...]:
    """The provider's servers for this person, best first: IMAP, then POP3, then SMTP.

    ``mx`` is the first mail exchanger or empty. A host whose placeholder cannot be filled in is
    left out; so are relays, which need no login of a mailbox.
    """
    username = username_for(provider.username, person.address)
    return tuple(
        Offer(
            protocol=protocol,
            host=host,
            port=preset.port,
            security=preset.security,
            auth=preset.auth,
            username=username,
            source=source,
            owner=Owner.PROVIDER,
        )
        for protocol in _PROTOCOLS
        for preset in provider.presets(protocol)
        if preset.role is ServerRole.SUBMISSION
        and (host := fill_host(preset, domain=person.domain, mx=mx))
    )


def preference(offer: Offer) -> tuple[bool, bool, int, int]:
    """The one comparator of offers; the smaller is the better.

    What works before what failed, verified TLS before STARTTLS (RFC 8314 section 3), IMAP before
    POP3, and what is not encrypted at the very end.
    """
    return (
        offer.check is Check.FAILED,
        offer.security is Security.NONE,
        _PROTOCOLS.index(offer.protocol),
        _SECURITIES.index(offer.security),
    )


def best_first(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Sorted by :func:`preference`, each server once; among equals the source's own order."""
    each: dict[tuple[object, ...], Offer] = {}
    for offer in offers:
        each.setdefault(offer.endpoint, offer)
    return tuple(sorted(each.values(), key=preference))


def fill_host(preset: ServerPreset, *, domain: str, mx: str) -> str:
    """The preset's host with its placeholders filled in; empty when one is left."""
    host = preset.host.replace("<domain>", domain).replace("<mx-host>", mx)
    return "" if _PLACEHOLDER.search(host) or not host else host


def username_for(form: UsernameForm, address: str) -> str:
    """The login name for an address; empty where only the admin can know it."""
    match form:
        case UsernameForm.ADDRESS:
            return address
        case UsernameForm.LOCAL_PART:
            return address.partition("@")[0]
        case _:
            return ""
