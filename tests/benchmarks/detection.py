"""How soon a search knows something, in round trips of 30 ms to DNS, the web and mail servers.

DNS answers 30 ms late, connections go through a relay that is 15 ms away from both sides. The floor
of one round trip is measured in the same run: on a busy machine it is longer than 30 ms.
"""

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from measure import ROOT, verdict

sys.path.insert(0, str(ROOT / "tests"))
from servers.authority import Authority
from servers.relay import relay
from servers.scripted import Peer, steps
from servers.web import silence
from servers.world import (
    CATALOG,
    HERE,
    IMAP,
    ISPDB,
    SMTP,
    World,
    config,
    server,
    world,
)
from wizard.discovery.report import Detection
from wizard.discovery.search import detect

ROUND_TRIP = 0.030
RUNS = 7
TIMEOUT = 3.0
ZONE = {
    "acme.test": {"MX": [(1, "mx.acme.test")], **HERE},
    "google.acme.test": {"MX": [(1, "smtp.google.com")], **HERE},
    "autoconfig.acme.test": HERE,
    "autodiscover.acme.test": HERE,
    "mail.acme.test": HERE,
    ISPDB: HERE,
}
MAIL = {993: steps(*IMAP), 465: steps(*SMTP)}


@contextlib.asynccontextmanager
async def far_away(it: World) -> AsyncIterator[World]:
    """The same world, 30 ms away."""
    it.dns.delay = ROUND_TRIP
    ports: dict[int, int] = {}
    async with contextlib.AsyncExitStack() as stack:
        for registered, port in it.network.ports.items():
            if port == 1:
                ports[registered] = 1
                continue
            listening, ports[registered] = await relay(port, ROUND_TRIP / 2)
            stack.callback(listening.close)
        yield replace(it, network=replace(it.network, ports=ports))


async def one_round_trip(it: World) -> float:
    """What 30 ms are on this machine now: one question to DNS."""
    times = []
    for number in range(RUNS):
        started = time.perf_counter()
        await it.network.resolver.a(f"floor{number}.acme.test")
        times.append(time.perf_counter() - started)
    return statistics.median(times)


async def shown_after(it: World, entry: str, source: str) -> float:
    """Seconds until a finding of this source is shown."""
    shown: list[float] = []
    started = time.perf_counter()

    def progress(found: Detection) -> None:
        if not shown and any(one.source == source for one in found.incoming):
            shown.append(time.perf_counter() - started)

    it.network.resolver.forget()
    await detect(entry, CATALOG, it.network, on_progress=progress)
    return shown[0]


async def measure() -> bool:
    authority = Authority(Path(tempfile.mkdtemp()))
    good = True
    async with world(ZONE, authority, mail=MAIL, timeout=TIMEOUT) as near, far_away(near) as it:
        ports = it.network.ports
        near.https.pages["autoconfig.acme.test/mail/config-v1.1.xml"] = config(
            server("mail.acme.test", ports[993]), server("mail.acme.test", ports[465], "smtp")
        )
        await shown_after(it, "info@acme.test", "autoconfig")  # imports, TLS context, suffixes
        floor = await one_round_trip(it)
        for name, entry, source, bound in (
            ("known provider shown", "info@google.acme.test", "mx", 3),
            ("autoconfiguration shown", "info@acme.test", "autoconfig", 8),
        ):
            times = [await shown_after(it, entry, source) for _ in range(RUNS)]
            took = statistics.median(times)
            detail = f"round trips of {floor * 1000:.0f} ms ({took * 1000:.0f} ms)"
            good &= verdict(name, took / floor, bound, detail)
    good &= await measure_silence(authority)
    return good


async def measure_silence(authority: Authority) -> bool:
    """Every web and mail server takes the connection and says nothing."""
    begun: list[float] = []
    started = time.perf_counter()

    async def say_nothing(peer: Peer) -> None:
        begun.append(time.perf_counter() - started)
        await peer.silence()

    mail = dict.fromkeys((993, 143, 995, 110, 465, 587, 2525), say_nothing)
    async with world(ZONE, authority, mail=mail, timeout=TIMEOUT) as near, far_away(near) as it:
        for host in ("acme.test", "autoconfig.acme.test", "autodiscover.acme.test", ISPDB):
            for path in (
                "/mail/config-v1.1.xml",
                "/.well-known/autoconfig/mail/config-v1.1.xml",
                "/autodiscover/autodiscover.xml",
                "/v1.1/acme.test",
            ):
                near.https.pages[host + path] = silence
        started = time.perf_counter()
        await it.detect("info@acme.test")
        whole = time.perf_counter() - started
        good = verdict("all silent: the guess begins after", begun[0] / TIMEOUT, 0.2, "time-outs")
        good &= verdict("all silent: over after", whole / TIMEOUT, 1.1, "time-outs")
        detail = "questions to DNS, pages and connections"
        return good & verdict("all silent: requests", near.requests, 60, detail)


def main() -> int:
    return 0 if asyncio.run(measure()) else 1


if __name__ == "__main__":
    sys.exit(main())
