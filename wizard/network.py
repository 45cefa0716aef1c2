"""How the world is reached: which resolvers, which authorities, which bounds.

Everything that touches the network is given one :class:`Network`, so that ``--nameserver``,
``--ca-file`` and ``--timeout`` hold for all of it, and the practice company can bring its own.
"""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import truststore

from wizard.resolver import Resolver

STAGE_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Network:
    """One way to the world.

    ``stage_timeout`` bounds one stage of a conversation in seconds; ``ca_files`` are PEM files of
    authorities that are trusted as well as the operating system's. ``ports`` tells where a service
    listens in this world instead of at its registered port; it holds wherever this program assumes
    a port, never for one that somebody named. ``tls_of`` is whose TLS context is used, if not its
    own.
    """

    resolver: Resolver = field(default_factory=Resolver)
    ca_files: tuple[Path, ...] = ()
    stage_timeout: float = STAGE_SECONDS
    ports: Mapping[int, int] = field(default_factory=dict, hash=False)
    tls_of: "Network | None" = field(default=None, repr=False)

    def port(self, registered: int) -> int:
        """Where the service of a registered port (443, 993 …) is reached."""
        return self.ports.get(registered, registered)

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The verifying client context, made once: a new one costs about 28 ms.

        Raises ``OSError`` (``ssl.SSLError`` among them) when a file of authorities is unusable.
        """
        if self.tls_of is not None:
            return self.tls_of.tls
        context = _system_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        for path in self.ca_files:
            context.load_verify_locations(cafile=str(path))
        return context

    @cached_property
    def tls_with_anybody(self) -> ssl.SSLContext:
        """A context that verifies nothing: to look at a certificate, or to compare its fingerprint.

        Nothing secret may be said in such a session before its certificate was compared.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    async def load_authorities(self) -> None:
        """Make the TLS context now, beside the event loop. Raises like :attr:`tls`."""
        await asyncio.to_thread(getattr, self, "tls")

    def through(self, resolver: Resolver) -> "Network":
        """The same way with another resolver; the TLS context is shared."""
        return replace(self, resolver=resolver, tls_of=self)


def _system_context() -> ssl.SSLContext:
    """A context that trusts what the operating system trusts.

    macOS and Windows verify by themselves (truststore asks them). Elsewhere OpenSSL's own folders
    are loaded once: truststore would read them again for every connection, 20 ms each. Where
    OpenSSL finds nothing there, truststore knows further places.
    """
    if sys.platform not in ("darwin", "win32"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        if context.cert_store_stats()["x509_ca"]:
            return context
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
