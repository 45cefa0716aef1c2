"""Address or domain in, the mail service and its servers out: all sources at once, best first.

The sources and their order of trust are :class:`~wizard.discovery.report.Source`'s, what wins is
:mod:`.race`'s, what it all means :mod:`.judge`'s.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from wizard.catalog import Catalog
from wizard.discovery import autoconfig, autodiscover, guess, ispdb, mx, preset, srv, suffix
from wizard.discovery.finding import Finding, Rank, place_of
from wizard.discovery.inquiry import Inquiry, Ispdb
from wizard.discovery.judge import Ended, Heard, judge
from wizard.discovery.person import Person
from wizard.discovery.race import Announce, Entrant, race
from wizard.discovery.reach import vet_for
from wizard.discovery.report import Detection, Outcome, Source
from wizard.model import EmailAddress, Invalid
from wizard.network import Network
from wizard.setup import parse_company
from wizard.texts import Message

# So long after the MX has decided may the domain's own sources still say that they know it
# differently: what is left over there will trip up others.
GRACE_SECONDS: Final = 1.5
# Of the time-out: what waits for one time-out itself must still be heard.
WHOLE: Final = 1.06

OnProgress = Callable[[Detection], None]
Ask = Callable[[Inquiry, Announce[Finding]], Awaitable[Finding]]

_SOURCES: Final[tuple[tuple[Source, Rank, Ask, float], ...]] = (
    (Source.PRESET, Rank.PRESET, preset.ask, 0.0),
    (Source.AUTOCONFIG, Rank.AUTOCONFIG, autoconfig.ask, GRACE_SECONDS),
    (Source.ISPDB, Rank.ISPDB, ispdb.ask, 0.0),
    (Source.AUTODISCOVER, Rank.AUTODISCOVER, autodiscover.ask, GRACE_SECONDS),
    (Source.SRV, Rank.SRV, srv.ask, GRACE_SECONDS),
    # It may decide everything; whoever else wins wants to know where the mail goes.
    (Source.MX, Rank.DELIVERY, mx.ask, GRACE_SECONDS),
    (Source.GUESS, Rank.GUESS, guess.ask, 0.0),
)


async def detect(
    entry: str,
    catalog: Catalog,
    network: Network,
    *,
    on_progress: OnProgress | None = None,
    use_ispdb: Ispdb = Ispdb.ASK,
) -> Detection:
    """Find out which service holds the mail of an address or domain, and with which settings.

    ``on_progress`` is told what is known each time that grows. The whole is bounded by
    ``network.stage_timeout`` seconds, and a little for what takes as long itself. An entry that
    cannot be used gives a finding of nothing whose warning says what to change.
    """
    parsed = parse_company(entry)
    if isinstance(parsed, Invalid):
        return _nothing(entry, parsed.message)
    if isinstance(parsed, EmailAddress):
        person = Person(str(parsed), parsed.domain)
    else:
        person = Person("", parsed)
    return await _Search(person, catalog, network, on_progress, use_ispdb).run()


class _Search:
    """One search, and what it has heard."""

    def __init__(
        self,
        person: Person,
        catalog: Catalog,
        network: Network,
        on_progress: OnProgress | None,
        use_ispdb: Ispdb,
    ) -> None:
        self._person = person
        self._catalog = catalog
        self._network = network
        self._on_progress = on_progress
        self._use_ispdb = use_ispdb
        self._clock = asyncio.get_running_loop().time
        self._started = self._clock()
        self._heard: dict[Source, Heard] = {}

    async def run(self) -> Detection:
        loop = asyncio.get_running_loop()
        authorities = asyncio.ensure_future(self._network.load_authorities())
        resolver = self._network.resolver
        vet = vet_for(self._person.domain, given=bool(resolver.given))
        inquiry = Inquiry(
            self._person,
            self._catalog,
            self._network.through(resolver.vetted(vet)),
            ispdb=self._use_ispdb,
            authorities=authorities,
        )
        # Not needed before the MX is known, which comes first.
        inquiry.delivery.add_done_callback(lambda _: loop.run_in_executor(None, suffix.load))
        seconds = self._network.stage_timeout * WHOLE
        try:
            entrants = [self._entrant(inquiry, *one) for one in _SOURCES]
            await race(entrants, place_of, seconds=seconds)
        finally:
            await inquiry.close()
            await authorities
        time_up = self._clock() - self._started >= seconds
        return self._verdict(Ended.TIME_UP if time_up else Ended.DECIDED)

    def _entrant(
        self, inquiry: Inquiry, source: Source, best: Rank, ask: Ask, grace: float
    ) -> Entrant[Finding]:
        async def run(announce: Announce[Finding]) -> Finding:
            def tell(finding: Finding) -> None:
                self._hear(finding)
                announce(finding)

            finding = await ask(inquiry, tell)
            self._hear(finding)
            return finding

        return Entrant(int(best), run, grace)

    def _hear(self, finding: Finding) -> None:
        self._heard[finding.source] = Heard(finding, self._ms())
        if self._on_progress is not None:
            self._on_progress(self._verdict(Ended.NOT_YET))

    def _verdict(self, ended: Ended) -> Detection:
        heard = list(self._heard.values())
        return judge(self._person, heard, self._catalog, elapsed_ms=self._ms(), ended=ended)

    def _ms(self) -> int:
        return round((self._clock() - self._started) * 1000)


def _nothing(entry: str, problem: Message) -> Detection:
    return Detection(
        address="",
        domain=entry.strip(),
        outcome=Outcome.NOTHING,
        provider=None,
        gateway=None,
        mx=(),
        incoming=(),
        outgoing=(),
        evidence=(),
        warnings=(problem,),
        elapsed_ms=0,
    )
