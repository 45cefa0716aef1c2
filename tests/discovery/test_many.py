"""Many searches at once leave nothing behind; one search asks no more than it may."""

import asyncio
import gc
import sys
from pathlib import Path
from typing import Any

import pytest

from servers import zones
from servers.authority import Authority
from servers.scripted import Act, steps
from servers.web import Page, moved, silence
from servers.world import CATALOG, HERE, IMAP, ISPDB, SMTP, World, answer_of, config, server, world
from wizard.discovery.inquiry import MAX_REQUESTS, Inquiry
from wizard.discovery.person import Person
from wizard.discovery.report import Outcome, Verdict
from wizard.resolver import Found

COUNT = 200


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="counts open files as Linux shows them")
async def test_200_domains_at_once_leave_nothing_behind(authority: Authority) -> None:
    zone: dict[str, dict[str, Any]] = {ISPDB: HERE, "mail.acme.test": HERE}
    for number in range(COUNT):
        domain = f"d{number}.acme.test"
        match number % 4:
            case 0:
                zone[domain] = {"MX": [(1, "smtp.google.com")]}
            case 1:
                zone[domain] = {"MX": [(1, f"mx.{domain}")], **HERE}
                zone["mail." + domain] = HERE
            case 2:
                zone[domain] = {"MX": [(1, "mxa.mimecast.com")], **HERE}
            case _:
                zone["autoconfig." + domain] = HERE
                zone[domain] = {"MX": [(1, "mail.acme.test")]}
    mail = {993: steps(*IMAP), 465: steps(*SMTP)}
    async with world(zone, authority, mail=mail, timeout=60.0, lookup=30.0) as it:
        ports = it.network.ports
        list_page = config(
            server("mail.acme.test", ports[993]), server("mail.acme.test", ports[465], "smtp")
        )
        for number in range(3, COUNT, 4):
            it.https.pages[f"{ISPDB}/v1.1/d{number}.acme.test"] = list_page

        async def round_of_all() -> list[Outcome]:
            entries = [f"info@d{number}.acme.test" for number in range(COUNT)]
            found = await asyncio.gather(*map(it.detect, entries))
            assert [one.provider for one in found][::4] == ["google-workspace"] * (COUNT // 4)
            return [one.outcome for one in found]

        first = await round_of_all()
        assert first.count(Outcome.NO_ANSWER) == 0
        await settle(it)
        tasks, files, objects = own_tasks(), open_files(), living_objects()
        await round_of_all()
        await settle(it)
        assert own_tasks() <= tasks
        assert open_files() <= files
        # Not one object a search may stay.
        assert living_objects() - objects < COUNT


def living_objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def own_tasks() -> int:
    """Tasks of this program, without the servers of the test."""
    servers = ("servers/", "servers\\")
    names = [str(getattr(task.get_coro(), "cr_code", "")) for task in asyncio.all_tasks()]
    return sum(not any(part in name for part in servers) for name in names)


async def settle(it: World) -> None:
    """Let the servers notice that their clients have left; all forget what they remember."""
    before = -1
    while before != len(asyncio.all_tasks()):
        before = len(asyncio.all_tasks())
        await asyncio.sleep(0.2)
    it.network.resolver.forget()
    it.https.asked.clear()
    it.http.asked.clear()
    it.dns.questions.clear()
    for one in it.mail.values():
        one.peers.clear()
    await asyncio.sleep(0)


def hostile(it: World) -> dict[str, Page]:
    """Everything points on and on."""
    ports = it.network.ports
    many = [server(f"h{n}.acme.test", ports[993]) for n in range(20)]
    return {
        "autoconfig.acme.test/mail/config-v1.1.xml": moved("/a"),
        "autoconfig.acme.test/a": moved("/b"),
        "autoconfig.acme.test/b": moved("https://x.acme.test/c"),
        "x.acme.test/c": moved("/d"),
        "x.acme.test/d": moved("https://y.acme.test/e"),
        "y.acme.test/e": config(*many),
        "acme.test/autodiscover/autodiscover.xml": moved("/autodiscover/autodiscover.xml"),
        "autodiscover.acme.test/autodiscover/autodiscover.xml": moved(
            "/autodiscover/autodiscover.xml"
        ),
    }


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("ttl", [zones.TTL, 0])
async def test_no_search_asks_more_than_it_may(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, ttl: int, silent: bool
) -> None:
    # Who says that nothing may be remembered is not asked again and again for that.
    monkeypatch.setattr(zones, "TTL", ttl)
    zone: dict[str, dict[str, Any]] = {
        "acme.test": {"MX": [(n, f"mx{n}.deep.below.host.test") for n in range(20)], **HERE},
        "*.acme.test": HERE,
        "*.host.test": HERE,
        ISPDB: HERE,
    }
    for service in ("_imaps", "_imap", "_pop3s", "_pop3", "_submissions", "_submission"):
        targets = [f"0 0 {1000 + n} s{n}.{service[1:]}.acme.test." for n in range(20)]
        zone[f"{service}._tcp.acme.test"] = {"SRV": targets}
    refuse = steps(b"521 no\r\n", Act.READ)
    mail = dict.fromkeys((993, 143, 995, 110, 465, 587, 2525), refuse)
    async with world(zone, authority, mail=mail, timeout=2.0) as it:
        it.https.pages.update(hostile(it))
        if silent:
            for page in list(it.https.pages):
                it.https.pages[page] = silence
        await it.detect("info@acme.test")
        assert it.requests <= MAX_REQUESTS


async def test_a_look_up_that_is_paid_for_is_made_once(authority: Authority) -> None:
    async with world({"acme.test": HERE}, authority) as it:
        it.dns.delay = 0.05
        inquiry = Inquiry(Person("", "acme.test"), CATALOG, it.network)
        loser = asyncio.create_task(inquiry.look_up("acme.test"))
        while len(it.dns.questions) < 2:  # noqa: ASYNC110 - the server sets no event
            await asyncio.sleep(0)
        loser.cancel()
        await asyncio.wait({loser})
        assert isinstance(await inquiry.look_up("acme.test"), Found)
        await inquiry.close()
        assert len(it.dns.questions) == 2


async def test_the_guess_does_not_wait_for_sources_that_are_silent(authority: Authority) -> None:
    zone = {
        "acme.test": {"MX": [(1, "mx.acme.test")], **HERE},
        "autoconfig.acme.test": HERE,
        "autodiscover.acme.test": HERE,
        "mail.acme.test": HERE,
        ISPDB: HERE,
    }
    mail = {993: steps(*IMAP), 465: steps(*SMTP)}
    async with world(zone, authority, mail=mail, timeout=5.0) as it:
        for host in ("autoconfig.acme.test", "acme.test", "autodiscover.acme.test", ISPDB):
            for path in (
                "/mail/config-v1.1.xml",
                "/.well-known/autoconfig/mail/config-v1.1.xml",
                "/autodiscover/autodiscover.xml",
                "/v1.1/acme.test",
            ):
                it.https.pages[host + path] = silence
        found = await it.detect("info@acme.test")
    guess = answer_of(found, "guess")
    assert guess.verdict is Verdict.FOUND
    assert guess.ms < answer_of(found, "autoconfig").ms
    assert found.incoming[0].host == "mail.acme.test"
