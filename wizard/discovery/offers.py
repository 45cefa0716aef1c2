"""From a provider of the catalogue to offers for one address. No look-ups."""

import re
from typing import Final

from wizard.catalog import Provider, ServerPreset, ServerRole, UsernameForm
from wizard.discovery.report import Offer, Source
from wizard.model import Protocol

_PLACEHOLDER: Final = re.compile(r"<[^<>]*>")


def offers_of(
    provider: Provider, protocol: Protocol, *, address: str, domain: str, mx: str, source: Source
) -> tuple[Offer, ...]:
    """The provider's servers for this address, best first.

    ``mx`` is the first mail exchanger or empty. A host whose placeholder cannot be filled in is
    left out; so are relays, which need no login of a mailbox.
    """
    username = username_for(provider.username, address)
    return tuple(
        Offer(
            protocol=protocol,
            host=host,
            port=preset.port,
            security=preset.security,
            auth=preset.auth,
            username=username,
            source=source,
        )
        for preset in provider.presets(protocol)
        if preset.role is ServerRole.SUBMISSION
        and (host := fill_host(preset, domain=domain, mx=mx))
    )


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
