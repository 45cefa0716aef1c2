"""One search's way to the world: whom it is about, whom it may ask, and how much.

Every source asks through it, so that the rule of the user's word (:mod:`.reach`) and the allowance
hold for all of them. What is asked does not belong in here.
"""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wizard.catalog import Catalog
from wizard.discovery.delivery import Delivery
from wizard.discovery.person import Person
from wizard.discovery.web import NoPage, Page, Question, Url, fetch
from wizard.network import Network
from wizard.resolver import Answer, Resolver

# Requests of a whole search: questions to DNS, pages, connections to mail servers.
MAX_REQUESTS: Final = 60
# A host's address is asked for in two families.
_LOOK_UP: Final = 2


class Ispdb(StrEnum):
    """Whether Thunderbird's public list is asked; it is told the domain and nothing else."""

    ASK = "ask"
    LEAVE = "leave"


@dataclass
class Allowance:
    """How many requests are left."""

    left: int = MAX_REQUESTS

    def take(self, count: int) -> bool:
        """Spend so many, if so many are left."""
        if count > self.left:
            return False
        self.left -= count
        return True


@dataclass
class Inquiry:
    """One search.

    ``network`` refuses to be led inside; ``delivery`` comes with the MX's answer; ``authorities``
    is over when the TLS context is there. To be closed when the search is over.
    """

    person: Person
    catalog: Catalog
    network: Network
    ispdb: Ispdb = Ispdb.ASK
    allowance: Allowance = field(default_factory=Allowance)
    authorities: "asyncio.Future[None] | None" = None
    delivery: "asyncio.Future[Delivery]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    _look_ups: "dict[str, asyncio.Task[Answer[str]]]" = field(default_factory=dict)

    @property
    def domain(self) -> str:
        return self.person.domain

    @property
    def resolver(self) -> Resolver:
        return self.network.resolver

    def may_reach(self, host: str) -> bool:
        """Spend what one connection to a host costs, its look-up included the first time."""
        if not self.allowance.take(1 if host in self._look_ups else 1 + _LOOK_UP):
            return False
        self._begin(host)
        return True

    def may_look_up(self, host: str) -> bool:
        """Spend what looking up a host costs."""
        if host not in self._look_ups and not self.allowance.take(_LOOK_UP):
            return False
        self._begin(host)
        return True

    def _begin(self, host: str) -> None:
        """Finish what is paid for, even if whoever wanted it is cancelled: others need it too."""
        if host not in self._look_ups:
            look_up = self.resolver.addresses(host)
            self._look_ups[host] = asyncio.get_running_loop().create_task(look_up)

    async def close(self) -> None:
        """Nothing goes on."""
        self.delivery.cancel()
        for task in self._look_ups.values():
            task.cancel()
        await asyncio.gather(*self._look_ups.values(), return_exceptions=True)

    async def look_up(self, host: str) -> Answer[str] | None:
        """Where a host is; None when the allowance is spent."""
        return await self.resolver.addresses(host) if self.may_look_up(host) else None

    async def can_verify(self) -> None:
        """Wait until certificates can be judged; who comes first must not make them itself."""
        if self.authorities is not None:
            await asyncio.shield(self.authorities)

    async def page(self, url: Url, body: bytes = b"") -> Page | NoPage:
        """A page; with ``body``, XML is posted to it."""
        await self.can_verify()
        return await fetch(Question(url, body), self.network, self.may_reach)
