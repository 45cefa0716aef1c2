"""What resolvers see of a name: the machine's own, and a few that much of the world asks.

The public ones are asked only when nobody named resolvers: ``--nameserver`` and the practice
company hold for everything. Judging the answers does not belong in here.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from wizard.answers import Answer, NoAnswer, Silence
from wizard.exchange import Nameserver, Role
from wizard.resolver import Resolver, read_resolved

# Cloudflare, Google, Quad9: none of them filters names of mail records.
PUBLIC: Final = tuple(map(Nameserver, ("1.1.1.1", "8.8.8.8", "9.9.9.9")))
PUBLIC_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What one resolver says."""

    resolver: str
    answer: Answer[Any]


@dataclass(frozen=True, slots=True)
class Visible:
    """The machine's own view of a name, and that of the public resolvers.

    Where the user named several, ``each`` has what every one of them says; ``own`` is then the
    answer that they gave together, the next one asked where one is dead.
    """

    own: Seen
    public: tuple[Seen, ...] = ()
    each: tuple[Seen, ...] = ()

    @property
    def all(self) -> tuple[Seen, ...]:
        return self.each or (self.own, *self.public)


async def look_from_outside(name: str, rdtype: str, resolver: Resolver) -> Visible:
    """Ask all resolvers at once."""
    several = resolver.given if len(resolver.given) > 1 else ()
    others = several or _public(resolver)
    own, *answers = await asyncio.gather(
        resolver.ask(name, rdtype), *(_ask(server, name, rdtype, resolver) for server in others)
    )
    names = resolver.names
    seen = tuple(Seen(str(server), one) for server, one in zip(others, answers, strict=True))
    first = Seen(names[0] if names else "", own)
    return Visible(first, each=seen) if several else Visible(first, public=seen)


def _public(resolver: Resolver) -> tuple[Nameserver, ...]:
    if resolver.given:
        return ()
    return tuple(server for server in PUBLIC if str(server) not in resolver.names)


async def _ask(server: Nameserver, name: str, rdtype: str, resolver: Resolver) -> Answer[Any]:
    if resolver.avoids(server):
        return NoAnswer(Silence.TIMEOUT)
    bound = min(PUBLIC_SECONDS, resolver.timeout)
    heard = await resolver.ask_at(server, name, rdtype, Role.RESOLVER, bound)
    if isinstance(heard, NoAnswer):
        if heard.reason in (Silence.TIMEOUT, Silence.NETWORK):
            # A firewall keeps this one away: do not wait for it with every record.
            resolver.avoid(server)
        return heard
    return read_resolved(heard, rdtype)
