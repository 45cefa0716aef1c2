"""Every DNS look-up of the program, host names of connections included.

An answer is a closed set of outcomes: *no answer* is never *no record*. The resolvers are the
system's or those the user named; answers are cached for their TTL and some seconds at least, and
what is asked twice at a time is sent once. What the records mean does not belong in here.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode

from wizard.answers import Absent as Absent
from wizard.answers import Answer as Answer
from wizard.answers import Found as Found
from wizard.answers import Mx as Mx
from wizard.answers import NoAnswer as NoAnswer
from wizard.answers import Origin as Origin
from wizard.answers import Silence as Silence
from wizard.answers import Srv as Srv
from wizard.answers import Txt as Txt
from wizard.answers import (
    aged,
    is_address,
    is_loopback,
    merge_families,
    negative_ttl,
    read_response,
)
from wizard.exchange import Nameserver as Nameserver
from wizard.exchange import Role, exchange
from wizard.system_names import hosts_file, system_servers

log = logging.getLogger(__name__)

LOOKUP_SECONDS: Final = 5.0
# Polite: no more questions than these are under way at a time, whoever asks.
MOST_AT_ONCE: Final = 100
CACHE_ENTRIES: Final = 10_000
MAX_TTL: Final = 86_400
# One piece of work asks everything once: a TTL of 0 would have it ask for every connection anew.
MIN_TTL: Final = 10
# Without an SOA an absence is hardly remembered (RFC 2308 section 5).
ABSENT_TTL: Final = 5
# A failure is remembered so long, that one page does not wait for it twice (RFC 9520 section 3.2).
FAILURE_TTL: Final = 5
# A server that did not answer is asked last for so long.
AVOID_SECONDS: Final = 60.0
MAX_LOGGED: Final = 300
MAX_LOGGED_RECORDS: Final = 20
_UNHELPFUL: Final = (Silence.TIMEOUT, Silence.NETWORK)

Question = tuple[str, str]
Vet = Callable[[str, Found[str], Origin], Answer[str]]


@dataclass(slots=True)
class _Heard:
    """A cached answer and when it was heard, on the monotonic clock."""

    answer: Answer[Any]
    at: float
    until: float


@dataclass(slots=True)
class _Pending:
    """A question under way, and how many wait for its answer."""

    task: "asyncio.Task[Answer[Any]]"
    waiting: int = 0


class _Turns:
    """How many questions may be under way at a time, on whichever loop they are asked."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._loop: asyncio.AbstractEventLoop | None = None
        self._free = asyncio.Semaphore(most)

    def __call__(self) -> asyncio.Semaphore:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._free = loop, asyncio.Semaphore(self._most)
        return self._free


class Resolver:
    """Look-ups through the system's resolvers, or through the given ones and no others."""

    def __init__(
        self, nameservers: Sequence[Nameserver] = (), *, timeout: float = LOOKUP_SECONDS
    ) -> None:
        self.given = tuple(nameservers)
        self.timeout = timeout
        self._servers = self.given or system_servers()
        self._avoided: dict[Nameserver, float] = {}
        self._cache: OrderedDict[Question, _Heard] = OrderedDict()
        self._pending: dict[Question, _Pending] = {}
        self._known: Mapping[Question, Answer[Any]] = {}
        self._turns = _Turns(MOST_AT_ONCE)
        self._vet: Vet | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The resolvers in use, for people."""
        return tuple(map(str, self._servers))

    def forget(self) -> None:
        """Ask anew from now on, and read anew who the system's resolvers are."""
        self._cache.clear()
        self._avoided.clear()
        if not self.given:
            self._servers = system_servers()

    def knowing(self, answers: Mapping[Question, Answer[Any]]) -> "Resolver":
        """A resolver like this one, to which some answers are known from elsewhere."""
        other = copy(self)
        other._known = {**self._known, **answers}
        return other

    def vetted(self, vet: Vet) -> "Resolver":
        """The same resolver, cache included, whose :meth:`addresses` ``vet`` has the last word on.

        For names that strangers bring up: they may lead into the user's own network.
        """
        other = copy(self)
        other._vet = vet
        return other

    def avoid(self, server: Nameserver) -> None:
        """It did not answer: it is asked last, or not at all, for a while."""
        self._avoided[server] = time.monotonic() + AVOID_SECONDS

    def avoids(self, server: Nameserver) -> bool:
        return self._avoided.get(server, 0.0) > time.monotonic()

    async def txt(self, name: str) -> Answer[Txt]:
        return await self.ask(name, "TXT")

    async def mx(self, name: str) -> Answer[Mx]:
        return await self.ask(name, "MX")

    async def srv(self, name: str) -> Answer[Srv]:
        return await self.ask(name, "SRV")

    async def cname(self, name: str) -> Answer[str]:
        return await self.ask(name, "CNAME")

    async def spf(self, name: str) -> Answer[Txt]:
        """Records of the obsolete type SPF (99), see RFC 7208 section 3.1."""
        return await self.ask(name, "SPF")

    async def ns(self, name: str) -> Answer[str]:
        return await self.ask(name, "NS")

    async def a(self, name: str) -> Answer[str]:
        return await self.ask(name, "A")

    async def aaaa(self, name: str) -> Answer[str]:
        return await self.ask(name, "AAAA")

    async def ptr(self, name: str) -> Answer[str]:
        """The names behind an address, asked by its reverse name (``….in-addr.arpa``)."""
        return await self.ask(name, "PTR")

    async def addresses(self, host: str) -> Answer[str]:
        """IPv6 and IPv4 addresses of a host, interleaved as RFC 8305 section 4 wants them.

        An IP address is its own answer; the system's hosts file is read unless resolvers were
        given; ``localhost`` is loopback (RFC 6761 section 6.3).
        """
        answer, origin = await self._addresses(host)
        if self._vet is not None and isinstance(answer, Found):
            return self._vet(host, answer, origin)
        return answer

    async def _addresses(self, host: str) -> tuple[Answer[str], Origin]:
        if is_address(host):
            return Found((host,), 0, host), Origin.NAME
        if host == "localhost" or host.endswith(".localhost"):
            return Found(("127.0.0.1", "::1"), 0, host), Origin.NAME
        if not self.given and (known := hosts_file().get(host)):
            return Found(tuple(known), 0, host), Origin.HOSTS_FILE
        return await self.addresses_in_dns(host), Origin.DNS

    async def addresses_in_dns(self, name: str) -> Answer[str]:
        """Both families as DNS alone has them; absent only when both answered so."""
        six, four = await asyncio.gather(self.aaaa(name), self.a(name))
        return merge_families(six, four)

    async def ask(self, name: str, rdtype: str) -> Answer[Any]:
        """The records of a type that ``wizard.answers`` reads."""
        question = (name.lower().rstrip("."), rdtype)
        if (known := self._known.get(question)) is not None:
            return known
        now = time.monotonic()
        heard = self._cache.get(question)
        if heard is not None and now < heard.until:
            return aged(heard.answer, now - heard.at)
        return await self._ask_once(question)

    async def ask_at(
        self, server: Nameserver, name: str, rdtype: str, role: Role, timeout: float
    ) -> dns.message.Message | NoAnswer:
        """Ask one certain server, past the cache; ``timeout`` seconds from its turn on."""
        try:
            query = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError) as problem:
            return NoAnswer(Silence.MALFORMED, str(problem))
        async with self._turns():
            return await _converse(server, query, rdtype, role, timeout)

    async def _ask_once(self, question: Question) -> Answer[Any]:
        """Wait for an answer, with all others that want the same.

        When the last one that waits is cancelled, so is the question.
        """
        pending = self._pending.get(question)
        if pending is None or pending.task.get_loop() is not asyncio.get_running_loop():
            task = asyncio.get_running_loop().create_task(self._find(*question))
            pending = self._pending[question] = _Pending(task)
        pending.waiting += 1
        try:
            return await asyncio.shield(pending.task)
        finally:
            pending.waiting -= 1
            if not pending.waiting:
                pending.task.cancel()
                if self._pending.get(question) is pending:
                    del self._pending[question]

    async def _find(self, name: str, rdtype: str) -> Answer[Any]:
        try:
            query = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError) as problem:
            return NoAnswer(Silence.MALFORMED, str(problem))
        async with self._turns():
            answer = await self._ask_in_turn(query, rdtype)
        self._keep((name, rdtype), answer)
        return answer

    async def _ask_in_turn(self, query: dns.name.Name, rdtype: str) -> Answer[Any]:
        """Ask one resolver after the other, each for its share of the time that is left."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self.timeout
        servers = sorted(self._servers, key=self.avoids)
        silences: list[NoAnswer] = []
        for index, server in enumerate(servers):
            share = (until - loop.time()) / (len(servers) - index)
            heard = await _converse(server, query, rdtype, Role.RESOLVER, share)
            answer = heard if isinstance(heard, NoAnswer) else read_resolved(heard, rdtype)
            if not isinstance(answer, NoAnswer):
                # The word of a resolver elsewhere could be anybody's (RFC 6840 section 5.8).
                verified = not isinstance(heard, NoAnswer) and bool(heard.flags & dns.flags.AD)
                signed = verified and is_loopback(server.address)
                return replace(answer, signed=signed) if isinstance(answer, Found) else answer
            silences.append(answer)
            if answer.reason in _UNHELPFUL:
                self.avoid(server)
        telling = [one for one in silences if one.reason not in _UNHELPFUL]
        return next(iter(telling or silences), NoAnswer(Silence.NO_RESOLVER))

    def _keep(self, question: Question, answer: Answer[Any]) -> None:
        match answer:
            case Found(ttl=ttl):
                seconds = min(max(ttl, MIN_TTL), MAX_TTL)
            case Absent(ttl=ttl):
                seconds = min(ABSENT_TTL if ttl is None else ttl, MAX_TTL)
            case NoAnswer():
                seconds = FAILURE_TTL
        now = time.monotonic()
        self._cache[question] = _Heard(answer, now, now + seconds)
        if len(self._cache) > CACHE_ENTRIES:
            self._cache.popitem(last=False)


async def _converse(
    server: Nameserver, query: dns.name.Name, rdtype: str, role: Role, timeout: float
) -> dns.message.Message | NoAnswer:
    begun = time.monotonic()
    heard = await exchange(server, query, rdtype, role, timeout)
    if log.isEnabledFor(logging.DEBUG):
        ms = round((time.monotonic() - begun) * 1000)
        log.debug("%s %s %s: %s, %d ms", server, rdtype, query, _summary(heard), ms)
    return heard


def _summary(heard: dns.message.Message | NoAnswer) -> str:
    if isinstance(heard, NoAnswer):
        return str(heard.reason)
    rcode = dns.rcode.to_text(heard.rcode())
    records = [f"{rdata}"[:MAX_LOGGED] for rrset in heard.answer for rdata in rrset]
    authority = " aa" if heard.flags & dns.flags.AA else ""
    return f"{rcode}{authority} {' | '.join(records[:MAX_LOGGED_RECORDS])}".rstrip()


def read_resolved(response: dns.message.Message, rdtype: str) -> Answer[Any]:
    """What a resolver says. One that does not resolve, but points elsewhere, is lame."""
    knows = response.flags & (dns.flags.RA | dns.flags.AA)
    empty = response.rcode() == dns.rcode.NOERROR and not response.answer
    if empty and not knows and negative_ttl(response) is None:
        return NoAnswer(Silence.LAME)
    return read_response(response, rdtype)
