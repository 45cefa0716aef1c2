"""One question to one server: cut answers, no EDNS, garbage, silence, circles, 50 kB."""

import asyncio
from collections.abc import Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from servers.nameservers import Authority, Script, name_servers
from wizard.answers import Absent, Found, NoAnswer, Silence
from wizard.exchange import MAX_GARBAGE
from wizard.resolver import Nameserver, Resolver

NAME = "acme.test"
ZONE = {NAME: {"TXT": [["hello"]], "MX": [[10, "mail.acme.test"]]}}
GOOD = Authority(ZONE, ["test"])


async def ask(script: Script, *, timeout: float = 2.0, name: str = NAME) -> object:
    async with name_servers({"127.0.0.1": script}) as port:
        return await Resolver([Nameserver("127.0.0.1", port)], timeout=timeout).txt(name)


def texts(answer: object) -> list[str]:
    assert isinstance(answer, Found), answer
    return [one.text for one in answer.values]


async def test_a_plain_answer() -> None:
    assert texts(await ask(GOOD)) == ["hello"]


async def test_a_cut_answer_is_had_over_tcp_up_to_fifty_kilobytes() -> None:
    many = [[f"{number:04}" + "x" * 246] for number in range(200)]
    found = texts(await ask(Authority({NAME: {"TXT": many}}, ["test"])))
    assert len(found) == 200
    assert sum(map(len, found)) == 50_000


async def test_a_cut_answer_without_tcp_is_no_answer() -> None:
    def cut(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.TC
        return [response.to_wire()] if by == "udp" else None

    assert await ask(cut) == NoAnswer(
        Silence.TRUNCATED, "0 bytes read on a total of 2 expected bytes"
    )


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS])
async def test_a_server_that_does_not_know_edns_is_asked_without(rcode: dns.rcode.Rcode) -> None:
    def old(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        if query.edns < 0:
            return GOOD(query, by)
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return [response.to_wire()]

    assert texts(await ask(old)) == ["hello"]


async def test_edns_that_is_swallowed_is_left_out_at_the_second_try() -> None:
    def swallow(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        return GOOD(query, by) if query.edns < 0 else None

    assert texts(await ask(swallow, timeout=3.0)) == ["hello"]


async def test_garbage_before_the_answer_is_passed_over() -> None:
    def noisy(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        other = dns.message.make_response(dns.message.make_query("other.test", "TXT"))
        forged = dns.message.make_response(query)
        forged.id = query.id ^ 1
        return [b"", b"\x00" * 5, other.to_wire(), forged.to_wire(), *(GOOD(query, by) or ())]

    assert texts(await ask(noisy)) == ["hello"]


async def test_nothing_but_garbage_is_told_as_such() -> None:
    answer = await ask(lambda query, _: [b"garbage"] * (MAX_GARBAGE + 5))
    assert isinstance(answer, NoAnswer) and answer.reason is Silence.MALFORMED


async def test_silence_ends_at_the_bound() -> None:
    async with asyncio.timeout(10):
        answer = await ask(lambda *_: None, timeout=0.2)
    assert isinstance(answer, NoAnswer) and answer.reason is Silence.TIMEOUT


async def test_aliases_in_a_circle() -> None:
    circle = Authority({"a.test": {"CNAME": "b.test"}, "b.test": {"CNAME": "a.test"}}, ["test"])

    def whole(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        response = dns.message.make_response(query)
        for name, target in (("a.test.", "b.test."), ("b.test.", "a.test.")):
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", target))
        return [response.to_wire()]

    for script in (whole, circle):
        answer = await ask(script, name="a.test")
        assert isinstance(answer, NoAnswer | Absent), answer
    assert await ask(whole, name="a.test") == NoAnswer(Silence.ALIAS_LOOP)


async def test_a_server_that_only_points_elsewhere_is_no_answer() -> None:
    refers = Authority({}, ["test"], delegated={NAME: {"ns.other.test": ["192.0.2.1"]}})
    answer = await ask(refers)
    assert isinstance(answer, NoAnswer) and answer.reason is Silence.LAME


@pytest.mark.parametrize(
    ("rcode", "reason"),
    [(dns.rcode.SERVFAIL, Silence.SERVER_FAILURE), (dns.rcode.REFUSED, Silence.REFUSED)],
)
async def test_failures_are_told_apart(rcode: dns.rcode.Rcode, reason: Silence) -> None:
    def fail(query: dns.message.Message, _: str) -> Sequence[bytes]:
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return [response.to_wire()]

    answer = await ask(fail)
    assert isinstance(answer, NoAnswer) and answer.reason is reason


async def test_what_is_asked_twice_at_a_time_is_sent_once_and_then_remembered() -> None:
    counting = Authority(ZONE, ["test"])
    async with name_servers({"127.0.0.1": counting}) as port:
        resolver = Resolver([Nameserver("127.0.0.1", port)])
        await asyncio.gather(*(resolver.txt(NAME) for _ in range(5)))
        await resolver.txt(NAME.upper())
        assert counting.questions == [(NAME, "TXT")]
        resolver.forget()
        await resolver.txt(NAME)
        assert len(counting.questions) == 2


async def test_one_that_gives_up_does_not_take_the_answer_from_the_others() -> None:
    async with name_servers({"127.0.0.1": GOOD}, delay=0.05) as port:
        resolver = Resolver([Nameserver("127.0.0.1", port)])
        leaving, staying = (asyncio.create_task(resolver.txt(NAME)) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert texts(await staying) == ["hello"]
        assert leaving.cancelled()


async def test_cancelled_by_all_the_question_ends_and_can_be_asked_again() -> None:
    async with name_servers({"127.0.0.1": GOOD}, delay=0.05) as port:
        resolver = Resolver([Nameserver("127.0.0.1", port)])
        only = asyncio.create_task(resolver.txt(NAME))
        await asyncio.sleep(0)
        only.cancel()
        await asyncio.gather(only, return_exceptions=True)
        assert len(asyncio.all_tasks() - {asyncio.current_task()}) <= 1
        assert texts(await resolver.txt(NAME)) == ["hello"]


async def test_a_dead_resolver_is_asked_last_from_then_on() -> None:
    dead = Authority(ZONE, ["test"])
    silent = []

    def mute(query: dns.message.Message, _: str) -> None:
        silent.append(query)

    async with name_servers({"127.0.0.1": mute, "127.0.0.2": dead}) as port:
        servers = [Nameserver(f"127.0.0.{number}", port) for number in (1, 2)]
        resolver = Resolver(servers, timeout=2.0)
        assert texts(await resolver.txt(NAME)) == ["hello"]
        asked = len(silent)
        assert isinstance(await resolver.mx(NAME), Found)
        assert len(silent) == asked


async def test_an_absence_says_how_long_it_is_remembered() -> None:
    assert await ask(GOOD, name="nothing.acme.test") == Absent(name_exists=False, ttl=77)
