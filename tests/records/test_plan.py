"""The plan against several name servers that agree, lag, fail, and against misplaced records."""

import asyncio
from collections.abc import Mapping
from typing import Any

import dns.flags
import dns.message
import pytest

from servers.nameservers import NEGATIVE_TTL, Authority, Script, name_servers
from wizard.catalog import Catalog
from wizard.model import Route
from wizard.records.lookup import look_up_plan
from wizard.records.plan import (
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
    Slip,
)
from wizard.resolver import Nameserver, Resolver

CATALOG = Catalog.load()
D = "acme.test"
DKIM = f"ihrerp._domainkey.{D}"
TARGET = "ihrerp._domainkey.appone.cloud"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
OLD = "v=spf1 mx -all"
NEW = "v=spf1 mx include:_spf.appone.cloud -all"
Table = dict[str, Mapping[str, Any]]
OUTSIDE: Table = {
    "_spf.appone.cloud": {"TXT": [["v=spf1 ip4:198.51.100.0/24 -all"]]},
    TARGET: {"TXT": [[KEY]]},
}


def table(apex: Mapping[str, Any] | None = None, **others: Mapping[str, Any]) -> Table:
    """A company's zone; ``apex`` adds to what stands at its apex. Names: ``__`` for a dot."""
    base = {
        "NS": ["ns1.acme.test.", "ns2.acme.test."],
        "MX": [[10, "mail.acme.test"]],
        "TXT": [[NEW]],
    }
    return {
        D: {**base, **(apex or {})},
        "ns1.acme.test": {"A": ["127.0.0.1"]},
        "ns2.acme.test": {"A": ["127.0.0.2"]},
        "mail.acme.test": {"A": ["192.0.2.25"]},
        **others,
    }


def good(**others: Mapping[str, Any]) -> Table:
    return table(
        **{DKIM: {"CNAME": TARGET}, f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=none"]]}, **others}
    )


def serves(zone: Table, **options: Any) -> Authority:
    return Authority({**OUTSIDE, **zone}, [D, "appone.cloud"], **options)


async def look(
    *zones: Table | Script,
    route: Route = Route.PLATFORM,
    provider: str | None = None,
    resolver: Script | None = None,
    domain: str = D,
    reports: str = "",
) -> RecordPlan:
    """A plan; server n is at 127.0.0.n. Without ``resolver`` the first is asked as one too."""
    scripts = {
        f"127.0.0.{number}": serves(one) if isinstance(one, dict) else one
        for number, one in enumerate(zones, 1)
    }
    asked = "127.0.0.1"
    if resolver is not None:
        scripts[asked := "127.0.0.9"] = resolver
    async with name_servers(scripts) as port:
        subject = PlanSubject(domain, "openappone-online", provider, route, reports)
        return await look_up_plan(
            subject, CATALOG, Resolver([Nameserver(asked, port)], timeout=2.0)
        )


def one(plan: RecordPlan, purpose: Purpose, name: str = "") -> PlannedRecord:
    return next(r for r in plan.records if r.purpose is purpose and r.name.startswith(name))


def keys(record: PlannedRecord) -> list[str]:
    return [message.key for message in (*record.problems, *record.notes)]


# -- truth --


async def test_all_agree_and_it_is_right() -> None:
    plan = await look(good(), good())
    assert {r.state for r in plan.records} == {RecordState.OK}
    assert {r.retry_after_s for r in plan.records} == {None}
    assert plan.nameservers == ("ns1.acme.test", "ns2.acme.test")
    assert plan.problems == ()


@pytest.mark.parametrize("late", [1, 2])
async def test_while_one_server_lags_it_is_on_its_way(late: int) -> None:
    behind = table({"TXT": [[OLD]]})
    zones = (good(), behind) if late == 2 else (behind, good())
    plan = await look(*zones)
    spf, dkim = one(plan, Purpose.SPF), one(plan, Purpose.DKIM)
    assert (spf.state, spf.action) == (RecordState.PROPAGATING, RecordAction.NONE)
    assert (dkim.state, dkim.action) == (RecordState.PROPAGATING, RecordAction.NONE)
    assert "record.problem.server_old" in keys(spf)
    assert "record.problem.server_nothing" in keys(dkim)
    assert (spf.retry_after_s, dkim.retry_after_s) == (301, NEGATIVE_TTL + 1)
    assert {answer.server: answer.values for answer in spf.published} == {
        f"ns{late}.acme.test": (OLD,),
        f"ns{3 - late}.acme.test": (NEW,),
    }


async def test_a_resolver_that_looked_too_early_remembers_the_absence() -> None:
    early = serves(table(), recursive=True)
    dkim = one(await look(good(), good(), resolver=early), Purpose.DKIM)
    assert dkim.state is RecordState.PROPAGATING
    assert dkim.retry_after_s == NEGATIVE_TTL + 1
    assert "record.note.remembered" in keys(dkim)


async def test_the_edit_starts_from_what_is_published_not_from_what_is_remembered() -> None:
    remembered = serves(table({"TXT": [["v=spf1 a -all"]]}), recursive=True)
    now = table({"TXT": [[OLD]]})
    plan = await look(now, now, resolver=remembered)
    spf = one(plan, Purpose.SPF)
    assert (spf.old_value, spf.value) == (OLD, NEW)
    assert plan.published_spf == OLD


async def test_no_edit_is_offered_while_the_servers_differ_about_the_old_record() -> None:
    spf = one(await look(table({"TXT": [[OLD]]}), table({"TXT": [["v=spf1 a -all"]]})), Purpose.SPF)
    assert (spf.value, spf.action) == (None, RecordAction.NONE)
    assert "record.problem.servers_differ" in keys(spf)


async def test_a_silent_and_a_lame_server_are_named_once() -> None:
    lame = Authority({}, ["other.test"])
    plan = await look(good(), lame)
    assert {r.state for r in plan.records} == {RecordState.OK}
    assert [problem.key for problem in plan.problems] == ["record.server.lame"]
    silent = await look(good(), lambda *_: None)
    assert [problem.key for problem in silent.problems] == ["record.server.timeout"]


async def test_a_router_that_answers_in_place_of_the_servers_is_suspected() -> None:
    router = serves(good(), recursive=True)
    plan = await look(router, router)
    assert {r.state for r in plan.records} == {RecordState.OK}
    assert [problem.key for problem in plan.problems] == ["record.problem.no_authority"]
    assert "record.note.not_asked" in keys(one(plan, Purpose.SPF))


async def test_a_broken_signature_is_named_as_a_possibility() -> None:
    fails = Authority(
        {
            **OUTSIDE,
            "test": {"NS": ["ns1.acme.test."]},
            "ns1.acme.test": {"A": ["127.0.0.1"]},
            **{
                name: {"_servfail": ["TXT", "MX", "CNAME"], "NS": ["ns1.acme.test."]}
                for name in (D,)
            },
            **{name: {"_rcode": "SERVFAIL"} for name in (DKIM, f"_dmarc.{D}")},
        },
        ["test", "appone.cloud"],
        recursive=True,
    )
    plan = await look(good(), resolver=fails)
    for purpose in (Purpose.SPF, Purpose.DMARC, Purpose.MX):
        record = one(plan, purpose)
        assert record.state is RecordState.UNKNOWN, record
        assert "record.problem.dnssec" in keys(record)


async def test_nobody_answers() -> None:
    plan = await look(lambda *_: None)
    assert {r.state for r in plan.records} == {RecordState.UNKNOWN}
    assert {r.action for r in plan.records} == {RecordAction.NONE}


async def test_a_cancelled_look_leaves_nothing_behind() -> None:
    async with name_servers({"127.0.0.1": lambda *_: None}) as port:
        resolver = Resolver([Nameserver("127.0.0.1", port)])
        subject = PlanSubject(D, "openappone-online", None, Route.BOTH)
        before = asyncio.all_tasks()
        task = asyncio.create_task(look_up_plan(subject, CATALOG, resolver))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(asyncio.all_tasks() - before) > 10
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for _ in range(20):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before


# -- DKIM --


def dkim_zone(at: Mapping[str, Any], **others: Mapping[str, Any]) -> Table:
    return good(**{DKIM: at, **others})


@pytest.mark.parametrize(
    ("at", "state", "action", "key"),
    [
        ({"CNAME": TARGET}, RecordState.OK, RecordAction.NONE, "record.note.key"),
        (
            {"CNAME": "other.appone.cloud"},
            RecordState.WRONG,
            RecordAction.REPLACE,
            "record.problem.dkim_wrong_target",
        ),
        (
            {"CNAME": f"{TARGET}.{D}"},
            RecordState.WRONG,
            RecordAction.REPLACE,
            "record.problem.dkim_relative_target",
        ),
        (
            {"TXT": [[KEY]]},
            RecordState.WRONG,
            RecordAction.REPLACE,
            "record.problem.dkim_copied_key",
        ),
        (
            {"TXT": [[KEY.replace("11qY", "22qY")]]},
            RecordState.CONFLICT,
            RecordAction.REPLACE,
            "record.problem.dkim_other_key",
        ),
        (
            {"TXT": [[f"{TARGET}."]]},
            RecordState.WRONG,
            RecordAction.REPLACE,
            "record.problem.dkim_target_as_text",
        ),
        (
            {"TXT": [["something"]]},
            RecordState.CONFLICT,
            RecordAction.REPLACE,
            "record.problem.dkim_occupied",
        ),
        (
            {"A": ["104.16.1.1"], "AAAA": ["2606:4700::1"]},
            RecordState.WRONG,
            RecordAction.REPLACE,
            "record.problem.dkim_proxied",
        ),
    ],
)
async def test_every_state_of_the_alias(
    at: Mapping[str, Any], state: RecordState, action: RecordAction, key: str
) -> None:
    zone = dkim_zone(at)
    dkim = one(await look(zone, zone), Purpose.DKIM)
    assert (dkim.state, dkim.action, dkim.value) == (state, action, TARGET)
    assert key in keys(dkim)


@pytest.mark.parametrize(
    ("behind", "key"),
    [
        ({}, "record.problem.dkim_no_key"),
        ({"TXT": [["v=DKIM1; p="]]}, "record.problem.key_revoked"),
        ({"TXT": [["v=DKIM1; k=rsa; p=AAAA"]]}, "record.problem.key_unreadable"),
        ({"_rcode": "SERVFAIL"}, "record.note.key_not_seen"),
    ],
)
async def test_what_is_behind_the_alias_is_the_other_sides_turn(
    behind: Mapping[str, Any], key: str
) -> None:
    zone = {**good(), TARGET: behind}
    dkim = one(await look(zone, zone), Purpose.DKIM)
    assert (dkim.state, dkim.action) == (RecordState.OK, RecordAction.NONE)
    assert key in keys(dkim)


@pytest.mark.parametrize(
    "wild", [{"CNAME": "parking.test"}, {"A": ["192.0.2.80"]}, {"TXT": [["v=spf1 -all"]]}]
)
async def test_a_wildcard_does_not_make_a_record(wild: Mapping[str, Any]) -> None:
    zone = table(**{f"*.{D}": wild, f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=none"]]}})
    dkim = one(await look(zone, zone), Purpose.DKIM)
    assert (dkim.state, dkim.action) == (RecordState.MISSING, RecordAction.CREATE)
    assert dkim.found_elsewhere == ()


async def test_an_alias_that_is_gone_is_missing_whatever_a_resolver_remembers() -> None:
    remembers = serves(good(), recursive=True)
    dkim = one(await look(table(), table(), resolver=remembers), Purpose.DKIM)
    assert (dkim.state, dkim.action) == (RecordState.MISSING, RecordAction.CREATE)


async def test_over_another_alias_but_to_the_right_place() -> None:
    zone = dkim_zone({"CNAME": f"via.{D}"}, **{f"via.{D}": {"CNAME": TARGET}})
    assert one(await look(zone, zone), Purpose.DKIM).state is RecordState.OK


async def test_the_providers_own_selectors() -> None:
    zone = good(**{f"google._domainkey.{D}": {"TXT": [[KEY]]}})
    plan = await look(zone, zone, route=Route.PROVIDER, provider="google-workspace")
    google = one(plan, Purpose.DKIM, "google.")
    assert (google.state, google.need) == (RecordState.OK, RecordNeed.RECOMMENDED)
    lacks = await look(good(), good(), route=Route.PROVIDER, provider="google-workspace")
    google = one(lacks, Purpose.DKIM, "google.")
    assert google.state is RecordState.MISSING
    assert "record.problem.value_at_provider" in keys(google)


# -- wrong places --


@pytest.mark.parametrize(
    ("name", "at", "slip"),
    [
        (f"{DKIM}.{D}", {"CNAME": TARGET}, Slip.DOUBLED_DOMAIN),
        (f"ihrerp.domainkey.{D}", {"CNAME": TARGET}, Slip.NO_UNDERSCORE),
        (f"_domainkey.{D}", {"CNAME": TARGET}, Slip.NO_SELECTOR),
        (DKIM, {"TXT": [[TARGET]]}, Slip.TXT_INSTEAD_OF_CNAME),
        (DKIM, {"CNAME": f"{TARGET}.{D}"}, Slip.TRAILING_DOT),
    ],
)
async def test_where_the_alias_was_put_by_mistake(
    name: str, at: Mapping[str, Any], slip: Slip
) -> None:
    zone = table(**{name: at})
    dkim = one(await look(zone, zone), Purpose.DKIM)
    assert [(found.name, found.slip) for found in dkim.found_elsewhere] == [(name, slip)]


@pytest.mark.parametrize(
    ("name", "text", "slip"),
    [
        (f"_dmarc.{D}.{D}", "v=DMARC1; p=none", Slip.DOUBLED_DOMAIN),
        (f"dmarc.{D}", "v=DMARC1; p=none", Slip.NO_UNDERSCORE),
        (f"_dmarc.{D}", '"v=DMARC1; p=none"', Slip.QUOTES),
        (f"_dmarc.{D}", " v=DMARC1; p=none", Slip.SPACES),
    ],
)
async def test_where_dmarc_was_put_by_mistake(name: str, text: str, slip: Slip) -> None:
    zone = table(**{name: {"TXT": [[text]]}})
    dmarc = one(await look(zone, zone), Purpose.DMARC)
    assert dmarc.state in (RecordState.MISSING, RecordState.WRONG)
    assert [(found.name, found.slip) for found in dmarc.found_elsewhere] == [(name, slip)]


async def test_dmarc_at_the_apex() -> None:
    zone = table({"TXT": [[NEW], ["v=DMARC1; p=none"]]})
    dmarc = one(await look(zone, zone), Purpose.DMARC)
    assert [found.slip for found in dmarc.found_elsewhere] == [Slip.APEX]


@pytest.mark.parametrize(
    ("name", "slip"), [(f"{D}.{D}", Slip.DOUBLED_DOMAIN), (f"\\@.{D}", Slip.AT_SIGN)]
)
async def test_spf_at_a_wrong_name(name: str, slip: Slip) -> None:
    zone = table({"TXT": []}, **{name: {"TXT": [[NEW]]}})
    spf = one(await look(zone, zone), Purpose.SPF)
    assert spf.state is RecordState.MISSING
    assert [found.slip for found in spf.found_elsewhere] == [slip]


async def test_what_was_wrong_with_the_old_answer_is_not_said_of_the_new_one() -> None:
    old = dkim_zone({"CNAME": "other.appone.cloud"})
    dkim = one(await look(old, good()), Purpose.DKIM)
    assert dkim.state is RecordState.PROPAGATING
    assert "record.problem.dkim_wrong_target" not in keys(dkim)


async def test_nothing_is_looked_for_when_all_is_there() -> None:
    server = serves(good())
    await look(server, good())
    assert not [name for name, _ in server.questions if name.endswith(f"{D}.{D}")]


# -- DMARC and MX --


async def test_a_suggestion_with_the_address_that_the_admin_chose() -> None:
    dmarc = one(await look(table(), table(), reports="reports@acme.test"), Purpose.DMARC)
    assert (dmarc.state, dmarc.action) == (RecordState.MISSING, RecordAction.CREATE)
    assert dmarc.value == "v=DMARC1; p=none; rua=mailto:reports@acme.test"


async def test_a_record_that_receivers_ignore_is_wrong_and_mended_carefully() -> None:
    useless = good(**{f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=block"]]}})
    dmarc = one(await look(useless, useless), Purpose.DMARC)
    assert (dmarc.state, dmarc.action) == (RecordState.WRONG, RecordAction.REPLACE)
    assert (dmarc.old_value, dmarc.value) == ("v=DMARC1; p=block", "v=DMARC1; p=none")
    quoted = good(**{f"_dmarc.{D}": {"TXT": [['"v=DMARC1; p=none; rua=mailto:a@acme.test"']]}})
    dmarc = one(await look(quoted, quoted), Purpose.DMARC)
    assert dmarc.value == "v=DMARC1; p=none; rua=mailto:a@acme.test"


async def test_a_policy_that_hits_a_route_without_spf_and_dkim_is_a_warning() -> None:
    zone = table({"TXT": [[OLD]]}, **{f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=reject"]]}})
    assert "record.problem.dmarc_reject" in keys(one(await look(zone, zone), Purpose.DMARC))
    stands = good(**{f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=reject"]]}})
    fine = keys(one(await look(stands, stands), Purpose.DMARC))
    assert "record.problem.dmarc_reject" not in fine
    assert "record.note.dmarc_both_ways" in fine


async def test_a_subdomain_inherits_its_parents_policy() -> None:
    erp = f"erp.{D}"
    zone = good(
        **{
            erp: {"MX": [[10, "mail.acme.test"]], "TXT": [[NEW]]},
            f"ihrerp._domainkey.{erp}": {"CNAME": TARGET},
            f"_dmarc.{D}": {"TXT": [["v=DMARC1; p=reject; sp=none"]]},
        }
    )
    plan = await look(zone, zone, domain=erp)
    dmarc = one(plan, Purpose.DMARC)
    assert (dmarc.state, dmarc.action, dmarc.value) == (RecordState.OK, RecordAction.NONE, None)
    assert {"record.note.dmarc_inherited", "record.note.dmarc_policy_none"} <= set(keys(dmarc))
    assert plan.zone == D


async def test_reports_to_a_domain_that_does_not_want_them() -> None:
    record = "v=DMARC1; p=none; rua=mailto:x@reports.appone.cloud"
    zone = good(**{f"_dmarc.{D}": {"TXT": [[record]]}})
    dmarc = one(await look(zone, zone), Purpose.DMARC)
    assert "record.problem.dmarc_reports_unwelcome" in keys(dmarc)
    wanted = {**zone, f"{D}._report._dmarc.reports.appone.cloud": {"TXT": [["v=DMARC1"]]}}
    assert "record.problem.dmarc_reports_unwelcome" not in keys(
        one(await look(wanted, wanted), Purpose.DMARC)
    )


@pytest.mark.parametrize(
    ("mx", "state", "key"),
    [
        ([[0, "."]], RecordState.WRONG, "record.problem.null_mx"),
        ([[0, "."], [10, "mail.acme.test"]], RecordState.OK, "record.problem.null_mx_beside"),
        ([], RecordState.MISSING, "record.problem.no_mx"),
        ([[10, "gone.acme.test"]], RecordState.WRONG, "record.problem.mx_nowhere"),
        (
            [[10, "gone.acme.test"], [20, "mail.acme.test"]],
            RecordState.OK,
            "record.problem.mx_nowhere",
        ),
        ([[10, "alias.acme.test"]], RecordState.OK, "record.problem.mx_alias"),
        ([[10, "192.0.2.1"]], RecordState.WRONG, "record.problem.mx_address"),
    ],
)
async def test_mx(mx: list[list[object]], state: RecordState, key: str) -> None:
    zone = table({"MX": mx}, **{"alias.acme.test": {"CNAME": "mail.acme.test"}})
    record = one(await look(zone, zone), Purpose.MX)
    assert (record.state, record.need) == (state, RecordNeed.REQUIRED)
    assert key in keys(record)


async def test_other_texts_at_the_name_do_not_make_the_servers_differ() -> None:
    one_more = good(**{D: {**good()[D], "TXT": [[NEW], ["verification=1"]]}})
    spf = one(await look(good(), one_more), Purpose.SPF)
    assert spf.state is RecordState.OK
    assert [answer.values for answer in spf.published] == [(NEW,), (NEW,)]


async def test_an_edit_is_offered_although_other_texts_differ() -> None:
    zones = (table({"TXT": [[OLD]]}), table({"TXT": [[OLD], ["verification=1"]]}))
    assert one(await look(*zones), Purpose.SPF).value == NEW


async def test_dmarc_behind_an_alias_is_seen_by_resolvers() -> None:
    alias = {f"_dmarc.{D}": {"CNAME": "_dmarc.appone.cloud"}}
    zone = {**good(**alias), "_dmarc.appone.cloud": {"TXT": [["v=DMARC1; p=none"]]}}

    class Separate(Authority):
        """Follows an alias only as a resolver does, not out of its zone."""

        def respond(self, query: dns.message.Message) -> dns.message.Message | None:
            response = super().respond(query)
            if response is not None and not query.flags & dns.flags.RD:
                del response.answer[1:]
            return response

    server = Separate({**OUTSIDE, **zone}, [D, "appone.cloud"])
    dmarc = one(await look(server, server), Purpose.DMARC)
    assert dmarc.state is RecordState.OK
    assert "record.note.not_asked" not in keys(dmarc)


async def test_a_domain_that_does_not_exist() -> None:
    nobody = Authority({**OUTSIDE}, ["test", "appone.cloud"])
    plan = await look(nobody, domain="nobody.test")
    assert one(plan, Purpose.MX).state is RecordState.MISSING
    assert "spf.warning.nxdomain" in keys(one(plan, Purpose.SPF))
    assert plan.nameservers == ()


@pytest.mark.parametrize("dmarc", [[["v=DMARC1; p=none"]], []])
async def test_a_top_level_domain_that_stays_silent_holds_nothing_up(
    dmarc: list[list[str]],
) -> None:
    server = serves(good(**{f"_dmarc.{D}": {"TXT": dmarc}}))

    def mute(query: dns.message.Message, by: str) -> object:
        name = query.question[0].name.to_text()
        return None if name in ("test.", "_dmarc.test.") else server(query, by)

    # Far more than it takes, far less than the silent name would cost.
    async with (
        name_servers({"127.0.0.1": mute, "127.0.0.2": server}) as port,
        asyncio.timeout(20),
    ):
        resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=60.0)
        subject = PlanSubject(D, "openappone-online", None, Route.PLATFORM)
        plan = await look_up_plan(subject, CATALOG, resolver)
    state = RecordState.OK if dmarc else RecordState.MISSING
    assert one(plan, Purpose.DMARC).state is state
    assert one(plan, Purpose.SPF).state is RecordState.OK
