"""What is known beside a reply: whose server it is, that provider's pages, what day it is."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wizard.model import Protocol

if TYPE_CHECKING:
    from wizard.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Circumstances:
    """``provider``: its id or name, if any. ``known_hosts``: servers of providers in the catalogue.

    ``app_password`` and ``console`` are addresses of that provider's pages, empty if unknown.
    """

    provider: str | None = None
    app_password: str = ""
    console: str = ""
    known_hosts: tuple[str, ...] = ()
    today: dt.date = field(default_factory=dt.date.today)

    @property
    def self_hosted(self) -> bool:
        """Is it a server of one's own, where a certificate may be trusted by hand?"""
        return not self.provider


def circumstances(
    provider: str | None, catalog: "Catalog | None", protocol: Protocol
) -> Circumstances:
    """With what the catalogue knows; that provider's own servers come first."""
    if catalog is None:
        return Circumstances(provider)
    known = catalog.providers.get(provider or "")
    ordered = [*([known] if known else []), *catalog.providers.values()]
    hosts = [
        server.host
        for one in ordered
        for server in {Protocol.SMTP: one.smtp, Protocol.IMAP: one.imap, Protocol.POP3: one.pop3}[
            protocol
        ]
        if "<" not in server.host
    ]
    return Circumstances(
        provider=provider,
        app_password=known.app_password if known else "",
        console=known.console if known else "",
        known_hosts=tuple(dict.fromkeys(hosts)),
    )


def provider_name_in(names: Iterable[str], known_hosts: Sequence[str]) -> str | None:
    """A provider's server that a certificate is for; None where its names are nobody's we know.

    Any other name in a certificate may be an attacker's, who can prove that he is himself.
    """
    covered = [name.lower() for name in names]
    return next((host for host in known_hosts if any(_covers(n, host) for n in covered)), None)


def _covers(name: str, host: str) -> bool:
    """RFC 6125 section 6.4.3: a wildcard stands for one label."""
    if name.startswith("*."):
        first, _, rest = host.partition(".")
        return bool(first) and rest == name[2:]
    return name == host
