"""The zone's own servers: found by the delegation, asked all, named when they do not help."""

from collections.abc import Mapping, Sequence

import dns.flags
import dns.message
import pytest

from servers.nameservers import Authority, Script, name_servers
from wizard import delegation
from wizard import resolver as resolver_module
from wizard.answers import Absent, Found, NoAnswer, Silence
from wizard.authoritative import Told, ask_servers
from wizard.delegation import Zone, find_zone
from wizard.resolver import Nameserver, Resolver

HOSTS = {
    "ns1.acme.test": {"A": ["127.0.0.1"]},
    "ns2.acme.test": {"A": ["127.0.0.2"]},
    "ns3.acme.test": {"A": ["127.0.0.3"]},
}
NS = {"NS": ["ns1.acme.test.", "ns2.acme.test.", "ns3.acme.test."]}


def zone(*texts: str) -> dict[str, Mapping[str, object]]:
    return {"acme.test": {**NS, "TXT": [[text] for text in texts]}, **HOSTS}


def serves(*texts: str) -> Authority:
    return Authority(zone(*texts), ["acme.test"])


async def ask(
    scripts: Mapping[str, Script], name: str = "acme.test", rdtype: str = "TXT"
) -> tuple[Zone | None, tuple[Told, ...]]:
    """Look through the first server as resolver; all share a port."""
    async with name_servers(scripts) as port:
        resolver = Resolver([Nameserver(next(iter(scripts)), port)], timeout=2.0)
        found = await find_zone(name, resolver)
        return found, await ask_servers(found, name, rdtype, resolver) if found else ()


def said(told: Sequence[Told]) -> dict[str, object]:
    return {
        one.server: [txt.text for txt in one.answer.values]
        if isinstance(one.answer, Found)
        else one.answer.reason
        if isinstance(one.answer, NoAnswer)
        else None
        for one in told
    }


async def test_every_server_is_asked_and_those_that_differ_are_told_apart() -> None:
    found, told = await ask(
        {"127.0.0.1": serves("new"), "127.0.0.2": serves("new"), "127.0.0.3": serves("old")}
    )
    assert found is not None and found.apex == "acme.test"
    assert said(told) == {
        "ns1.acme.test": ["new"],
        "ns2.acme.test": ["new"],
        "ns3.acme.test": ["old"],
    }


async def test_lame_and_silent_servers_are_named() -> None:
    lame = Authority({}, ["other.test"])
    _, told = await ask(
        {"127.0.0.1": serves("new"), "127.0.0.2": lame, "127.0.0.3": lambda *_: None}
    )
    assert said(told) == {
        "ns1.acme.test": ["new"],
        "ns2.acme.test": Silence.LAME,
        "ns3.acme.test": Silence.TIMEOUT,
    }


async def test_an_answer_without_authority_is_lame() -> None:
    cache = Authority(zone("old"), ["acme.test"], recursive=True)
    _, told = await ask({"127.0.0.1": serves("new"), "127.0.0.2": cache})
    assert said(told)["ns2.acme.test"] is Silence.LAME


async def test_a_name_in_the_zone_of_a_parent_is_asked_there() -> None:
    found, told = await ask({"127.0.0.1": serves("x")}, name="deep.below.acme.test")
    assert found is not None and found.apex == "acme.test"
    assert isinstance(told[0].answer, Absent)


async def test_a_server_without_an_address_is_named() -> None:
    table = {"acme.test": {"NS": ["ns1.acme.test.", "gone.acme.test."]}, **HOSTS}
    _, told = await ask({"127.0.0.1": Authority(table, ["acme.test"])})
    assert said(told)["gone.acme.test"] is Silence.NO_ADDRESS


async def test_a_zone_further_down_is_followed_with_its_glue() -> None:
    """``_domainkey`` may be delegated to who signs: those servers have the record."""
    cut = {"_domainkey.acme.test": {"ns.signer.acme.test": ["127.0.0.2"]}}
    above = Authority(zone("x"), ["acme.test"], delegated=cut)
    below = Authority({"s._domainkey.acme.test": {"TXT": [["key"]]}}, ["_domainkey.acme.test"])
    _, told = await ask({"127.0.0.1": above, "127.0.0.2": below}, "s._domainkey.acme.test")
    assert said(told) == {"ns.signer.acme.test": ["key"]}


async def test_where_the_resolver_fails_the_parents_referral_leads_on() -> None:
    """A zone that resolvers cannot validate or reach: its parent still knows its servers."""
    parent = Authority(
        {
            "test": {"NS": ["a.test."]},
            "a.test": {"A": ["127.0.0.1"]},
            "acme.test": {"_servfail": ["NS", "TXT", "A", "AAAA"]},
        },
        ["test"],
    )
    referring = Authority({}, ["test"], delegated={"acme.test": {"ns1.acme.test": ["127.0.0.2"]}})

    def both(query: dns.message.Message, by: str) -> Sequence[bytes] | None:
        """As resolver it fails; as the parent's own server it refers."""
        wants_recursion = bool(query.flags & dns.flags.RD)
        return parent(query, by) if wants_recursion else referring(query, by)

    found, told = await ask({"127.0.0.1": both, "127.0.0.2": serves("there")})
    assert found is not None and found.names == ("ns1.acme.test",)
    assert said(told) == {"ns1.acme.test": ["there"]}


async def test_two_addresses_of_one_server_that_disagree_are_both_named() -> None:
    table = {
        "acme.test": {"NS": ["ns.acme.test."], "TXT": [["a"]]},
        "ns.acme.test": {"A": ["127.0.0.1", "127.0.0.2"]},
    }
    other = {**table, "acme.test": {"NS": ["ns.acme.test."], "TXT": [["b"]]}}
    _, told = await ask(
        {"127.0.0.1": Authority(table, ["acme.test"]), "127.0.0.2": Authority(other, ["acme.test"])}
    )
    assert [one.place.partition(":")[0] for one in told] == ["127.0.0.1", "127.0.0.2"]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_both_families(address: str) -> None:
    kind = "AAAA" if ":" in address else "A"
    table = {
        "acme.test": {"NS": ["n.acme.test."], "TXT": [["x"]]},
        "n.acme.test": {kind: [address]},
    }
    try:
        _, told = await ask({address: Authority(table, ["acme.test"])})
    except OSError:
        pytest.skip("this computer has no IPv6 loopback")
    assert said(told) == {"n.acme.test": ["x"]}


async def test_nobody_knows_the_zone() -> None:
    found, _ = await ask({"127.0.0.1": lambda *_: None})
    assert found is None


async def test_servers_that_only_the_parent_names_are_asked_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The registrar still sends the world to the old host: its answers count."""
    cut = {"acme.test": {"ns1.acme.test": ["127.0.0.1"], "old.test": ["127.0.0.4"]}}
    parent = Authority({}, ["test"], delegated=cut)
    known = Authority(
        {
            **zone("new"),
            "test": {"NS": ["a.test."]},
            "a.test": {"A": ["127.0.0.5"]},
            "old.test": {"A": ["127.0.0.4"]},
        },
        ["test"],
        recursive=True,
    )
    scripts = {
        **{f"127.0.0.{number}": serves("new") for number in (1, 2, 3)},
        "127.0.0.4": Authority({"acme.test": {"TXT": [["old"]]}}, ["acme.test"]),
        "127.0.0.5": parent,
        "127.0.0.9": known,
    }
    async with name_servers(scripts) as port:
        monkeypatch.setattr(
            delegation, "_listening", lambda address, _: [Nameserver(address, port)]
        )
        monkeypatch.setattr(
            resolver_module, "system_servers", lambda: (Nameserver("127.0.0.9", port),)
        )
        resolver = Resolver(timeout=2.0)
        found = await find_zone("acme.test", resolver)
        assert found is not None
        told = await ask_servers(found, "acme.test", "TXT", resolver)
    assert found.only_delegated == ("old.test",)
    assert said(told) == {
        "ns1.acme.test": ["new"],
        "ns2.acme.test": ["new"],
        "ns3.acme.test": ["new"],
        "old.test": ["old"],
    }
