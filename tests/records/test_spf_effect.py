"""The effect on the route's own servers, over DNS, in the plan, and kept in a saved set-up."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from servers.zones import serve
from wizard.catalog import Catalog
from wizard.current import plan_subject
from wizard.model import Route
from wizard.records.lookup import look_up_plan
from wizard.records.plan import PlanSubject, Purpose
from wizard.records.spf.edit import edit_spf
from wizard.records.spf.effect import effects_of, sample_addresses
from wizard.records.spf.report import Effect, SpfResult, Whose
from wizard.records.spf.snapshot import take_snapshot
from wizard.records.spf.words import effect_message
from wizard.resolver import Nameserver, Resolver
from wizard.server_form import ServerForm
from wizard.setup import Records, Sending, new_setup
from wizard.store.setups import SetupStore
from wizard.texts import LANGUAGES, Texts
from wizard.updates import enter_company

APPONE = "_spf.appone.cloud"
GOOGLE = "_spf.google.com"
ZONE: dict[str, Any] = {
    APPONE: {"TXT": [["v=spf1 ip4:198.51.100.0/26 ip6:2001:db8:a1::/48 -all"]]},
    GOOGLE: {"TXT": [["v=spf1 include:_n.google.com ~all"]]},
    "_n.google.com": {"TXT": [["v=spf1 ip4:192.0.2.128/25 ~all"]]},
    "acme.example": {
        "TXT": [["v=spf1 mx exists:%{i}.list.acme.example ~all"]],
        "MX": [[10, "mx.acme.example"]],
        "NS": ["ns1.acme.example."],
    },
    "mx.acme.example": {"A": ["192.0.2.1"]},
    "mail.acme.example": {"A": ["192.0.2.2"]},
    "192.0.2.2.list.acme.example": {"A": ["127.0.0.2"]},
    "smtp.gmail.com": {"A": ["203.0.113.9"]},
    "ns1.acme.example": {"A": ["127.0.0.1"]},
}


async def effects(wanted: list[str], server: str = "", **changes: Any) -> list[Effect]:
    async with serve(ZONE | changes) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        snapshot = await take_snapshot("acme.example", wanted, resolver)
        edit = edit_spf(snapshot, wanted)
        found = await effects_of(snapshot, edit, wanted, resolver, server=server)
    for language in LANGUAGES:
        texts = Texts.load(language)
        said = " ".join(texts.render(effect_message(one)) for one in found)
        assert "spf.effect" not in said
        assert "spf.result" not in said
    return list(found)


def results(found: list[Effect]) -> list[tuple[Whose, str, SpfResult, SpfResult | None]]:
    return [
        (one.whose, one.address, one.before.result, one.after.result if one.after else None)
        for one in found
    ]


async def test_before_and_after_for_each_server() -> None:
    found = results(await effects([APPONE], "mail.acme.example"))
    soft, good = SpfResult.SOFTFAIL, SpfResult.PASS
    assert found == [
        (Whose.INCLUDE, "198.51.100.1", soft, good),
        (Whose.INCLUDE, "2001:db8:a1::1", soft, good),
        (Whose.SERVER, "192.0.2.2", good, good),
        (Whose.STRANGER, "240.0.0.1", soft, soft),
    ]


async def test_a_sample_is_found_below_nested_includes() -> None:
    found = results(await effects([GOOGLE]))
    assert found[0] == (Whose.INCLUDE, "192.0.2.129", SpfResult.SOFTFAIL, SpfResult.PASS)


async def test_a_server_without_address_and_an_address_as_server() -> None:
    lost, *_ = [e for e in await effects([APPONE], "gone.acme.example") if e.whose is Whose.SERVER]
    assert (lost.address, lost.before.result) == ("", SpfResult.TEMPERROR)
    found = results(await effects([APPONE], "192.0.2.1"))
    assert (Whose.SERVER, "192.0.2.1", SpfResult.PASS, SpfResult.PASS) in found


async def test_silence_is_unknown_for_now() -> None:
    zone = {"acme.example": {"_servfail": ["TXT"]}}
    assert {one.before.result for one in await effects([APPONE], **zone)} == {SpfResult.TEMPERROR}


async def test_a_network_of_one_address_and_hosts_as_samples() -> None:
    zone = {
        "one.example": {"TXT": [["v=spf1 ip4:192.0.2.7 -all"]]},
        "host.example": {"TXT": [["v=spf1 -ip4:192.0.2.9 a:mx.acme.example redirect=one.example"]]},
    }
    async with serve(ZONE | zone) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        snapshot = await take_snapshot("acme.example", list(zone), resolver)
    assert list(map(str, sample_addresses("one.example", snapshot))) == ["192.0.2.7"]
    assert list(map(str, sample_addresses("host.example", snapshot))) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("server", "shown"),
    # A large service takes mail at one host and sends it from those below its include.
    [("smtp.gmail.com", False), ("mail.acme.example", True), ("", False)],
)
async def test_the_server_in_the_plan(server: str, shown: bool) -> None:
    subject = PlanSubject(
        "acme.example", "openappone-online", "google-workspace", Route.BOTH, server=server
    )
    async with serve(ZONE) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        plan = await look_up_plan(subject, Catalog.load(), resolver)
    (record,) = [one for one in plan.records if one.purpose is Purpose.SPF]
    assert record.spf is not None
    assert (Whose.SERVER in {one.whose for one in record.spf.effects}) is shown


async def test_a_report_is_kept_with_a_saved_set_up(tmp_path: Path) -> None:
    setup = enter_company(new_setup(datetime.now(UTC)), "info@acme.example")
    setup = replace(setup, sending=Sending(Route.BOTH, ServerForm(host="mail.acme.example")))
    subject = plan_subject(setup)
    assert subject is not None
    assert subject.server == "mail.acme.example"
    async with serve(ZONE) as (_, port):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=1.0)
        plan = await look_up_plan(subject, Catalog.load(), resolver)
    setup = replace(setup, records=Records(plan))
    store = SetupStore(tmp_path)
    store.save(setup)
    (opened,), damaged = store.load_all()
    assert damaged == ()
    assert opened.setup.records.plan == plan


def test_only_the_providers_host_matters_on_its_route() -> None:
    setup = enter_company(new_setup(datetime.now(UTC)), "info@acme.example")
    for host, route, server in (
        ("mail.acme.example", Route.PLATFORM, ""),
        ("Mail.Acme.Example.", Route.RELAY, "mail.acme.example"),
        ("not a host", Route.PROVIDER, ""),
    ):
        sending = Sending(route, ServerForm(host=host))
        subject = plan_subject(replace(setup, sending=sending))
        assert subject is not None
        assert subject.server == server
