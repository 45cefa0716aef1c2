"""What the world sees: the machine's own resolver and the public ones, all of them stand-ins here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from servers.nameservers import Authority, Script, name_servers
from wizard import resolver as resolver_module
from wizard import visible as visible_module
from wizard.answers import Absent, Answer, Found, NoAnswer, Silence, Txt
from wizard.authoritative import Told
from wizard.records.plan import RecordState
from wizard.records.truth import Truth, Verdict, judge
from wizard.resolver import Nameserver, Resolver
from wizard.visible import Seen, Visible, look_from_outside

NAME = "acme.test"


def sees(*texts: str) -> Authority:
    return Authority({NAME: {"TXT": [[text] for text in texts]}}, ["test"], recursive=True)


async def look(scripts: Mapping[str, Script]) -> Visible:
    """The first address is the machine's resolver, the others are the public ones."""
    async with name_servers(scripts) as port:
        own, *public = (Nameserver(address, port) for address in scripts)
        with stand_ins(own, *public):
            return await look_from_outside(NAME, "TXT", Resolver(timeout=2.0))


@contextmanager
def stand_ins(own: Nameserver, *public: Nameserver) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resolver_module, "system_servers", lambda: (own,))
        patch.setattr(visible_module, "PUBLIC", public)
        yield


def texts(answer: Answer[Txt]) -> list[str]:
    assert isinstance(answer, Found), answer
    return [one.text for one in answer.values]


async def test_the_machines_resolver_and_the_public_ones_are_asked() -> None:
    seen = await look({"127.0.0.1": sees("own"), "127.0.0.2": sees("a"), "127.0.0.3": sees("b")})
    assert [texts(one.answer) for one in seen.all] == [["own"], ["a"], ["b"]]
    assert [one.resolver.partition(":")[0] for one in seen.all] == [
        "127.0.0.1",
        "127.0.0.2",
        "127.0.0.3",
    ]


async def test_with_resolvers_given_no_other_is_asked() -> None:
    others = sees("other")
    async with name_servers({"127.0.0.1": sees("given"), "127.0.0.2": others}) as port:
        given, public = (Nameserver(f"127.0.0.{number}", port) for number in (1, 2))
        with stand_ins(public, public):
            seen = await look_from_outside(NAME, "TXT", Resolver([given], timeout=2.0))
    assert seen.public == ()
    assert texts(seen.own.answer) == ["given"]
    assert others.questions == []


async def test_each_of_several_given_resolvers_is_asked() -> None:
    async with name_servers({"127.0.0.1": sees("a"), "127.0.0.2": sees("b")}) as port:
        given = [Nameserver(f"127.0.0.{number}", port) for number in (1, 2)]
        seen = await look_from_outside(NAME, "TXT", Resolver(given, timeout=2.0))
    assert [texts(one.answer) for one in seen.all] == [["a"], ["b"]]


async def test_a_dead_one_among_them_is_not_credited_with_the_others_answer() -> None:
    async with name_servers({"127.0.0.2": sees("b")}) as port:
        given = [Nameserver("127.0.0.1", 9), Nameserver("127.0.0.2", port)]
        seen = await look_from_outside(NAME, "TXT", Resolver(given, timeout=2.0))
    assert isinstance(seen.all[0].answer, NoAnswer)
    assert texts(seen.all[1].answer) == texts(seen.own.answer) == ["b"]


async def test_a_public_resolver_behind_a_firewall_is_waited_for_once() -> None:
    asked = []
    scripts = {"127.0.0.1": sees("own"), "127.0.0.2": lambda query, _: asked.append(query)}
    async with name_servers(scripts) as port:
        own, public = (Nameserver(address, port) for address in scripts)
        with stand_ins(own, public):
            resolver = Resolver(timeout=0.4)
            for _ in range(3):
                seen = await look_from_outside(NAME, "TXT", resolver)
                assert seen.public[0].answer == NoAnswer(Silence.TIMEOUT)
    assert len(asked) == 2  # with EDNS and without, for the first look only


# -- what follows from it --

RIGHT = Found((Txt((b"new",)),), 300, NAME)
OLD = Found((Txt((b"old",)),), 1200, NAME)
GONE = Absent(name_exists=True, ttl=60)
SILENT = NoAnswer(Silence.TIMEOUT)
FAILED = NoAnswer(Silence.SERVER_FAILURE)


def verdict(
    published: list[Answer[Txt]],
    own: Answer[Txt],
    *public: Answer[Txt],
    found: RecordState = RecordState.WRONG,
) -> Verdict:
    told = tuple(Told(f"ns{number}", one) for number, one in enumerate(published, 1))
    seen = tuple(Seen(f"public{number}", one) for number, one in enumerate(public, 1))
    truth = Truth(told, Visible(Seen("own", own), seen))
    return judge(truth, found, lambda answer: answer == RIGHT)


@pytest.mark.parametrize(
    ("published", "own", "public", "state", "retry"),
    [
        ([RIGHT, RIGHT], RIGHT, (RIGHT, RIGHT), RecordState.OK, None),
        ([RIGHT, SILENT], RIGHT, (), RecordState.OK, None),
        ([RIGHT, OLD], RIGHT, (RIGHT,), RecordState.PROPAGATING, 1201),
        ([RIGHT, GONE], RIGHT, (RIGHT,), RecordState.PROPAGATING, 61),
        ([RIGHT, RIGHT], RIGHT, (RIGHT, OLD), RecordState.PROPAGATING, 1201),
        ([RIGHT, RIGHT], OLD, (SILENT, SILENT), RecordState.PROPAGATING, 1201),
        ([RIGHT, RIGHT], GONE, (), RecordState.PROPAGATING, 61),
        ([OLD, OLD], RIGHT, (RIGHT,), RecordState.WRONG, 1201),
        ([SILENT], OLD, (RIGHT,), RecordState.PROPAGATING, 1201),
        ([SILENT], OLD, (OLD,), RecordState.WRONG, 1201),
        ([RIGHT], FAILED, (FAILED,), RecordState.UNKNOWN, None),
    ],
)
def test_the_state_of_a_record(
    published: list[Answer[Txt]],
    own: Answer[Txt],
    public: tuple[Answer[Txt], ...],
    state: RecordState,
    retry: int | None,
) -> None:
    said = verdict(published, own, *public)
    assert (said.state, said.retry_after_s) == (state, retry)


def test_a_view_of_the_companys_own_network_is_no_fault_of_the_record() -> None:
    said = verdict([RIGHT], OLD, RIGHT, RIGHT)
    assert said.state is RecordState.OK
    assert [note.key for note in said.notes] == ["record.note.own_view"]


def test_where_no_server_of_the_zone_can_be_asked_that_is_said() -> None:
    said = verdict([SILENT], RIGHT, found=RecordState.OK)
    assert said.state is RecordState.OK
    assert [note.key for note in said.notes] == ["record.note.not_asked"]
