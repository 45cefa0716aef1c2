"""Which letters are sent, and which record mends what the receiver found."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wizard.model import Protocol, Route, Security, ServerSettings
from wizard.probe.report import ProbeReport, SenderResult
from wizard.proof.authentication import Authentication, Method, MethodResult, Verdict
from wizard.proof.mend import mend_of
from wizard.proof.plan import plan_letters
from wizard.records.plan import (
    PlannedRecord,
    PlanSubject,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
)
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import Setup, new_setup
from wizard.texts import message
from wizard.updates import (
    add_mailbox,
    choose_route,
    edit_mailbox,
    edit_sending,
    enter_company,
    take_plan,
    take_sending_test,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def setup() -> Setup:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    form = ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example")
    return edit_sending(setup, lambda _: form)


def with_test(setup: Setup, *refused: str) -> Setup:
    names = [f"{local}@acme.example" for local in ("info", "notifications", "bounce", "catchall")]
    senders = [SenderResult(name, name.split("@")[0] not in refused, "250") for name in names]
    settings = setup.sending.form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    report = ProbeReport(settings, (), None, (), tuple(senders), None, (), 1, NOW)
    return take_sending_test(setup, ServerTest(setup.sending.form, tuple(names), report))


def ways(setup: Setup) -> list[tuple[str, str, str]]:
    return [
        tuple(address.split("@")[0] for address in (one.sender, one.envelope, one.recipient))
        for one in plan_letters(setup)
    ]  # type: ignore[misc]


def test_letters_go_as_the_platforms_do(setup: Setup) -> None:
    assert ways(with_test(setup)) == [
        ("notifications", "bounce", "catchall"),
        ("notifications", "bounce", "bounce"),
        ("info", "info", "catchall"),
        ("bounce", "bounce", "catchall"),
        ("catchall", "catchall", "catchall"),
    ]


def test_a_server_for_one_sender_is_asked_for_no_other(setup: Setup) -> None:
    only = with_test(setup, "notifications", "bounce", "catchall")
    assert ways(only) == [("info", "info", "catchall"), ("info", "info", "bounce")]
    assert ways(setup) == ways(only)


def test_each_mailbox_gets_one_letter_and_each_letter_its_own_token(setup: Setup) -> None:
    doubled = add_mailbox(add_mailbox(with_test(setup), "sales"), "Sales")
    letters = plan_letters(doubled)
    assert [one.recipient for one in letters].count("sales@acme.example") == 1
    assert len({one.token for one in letters}) == len(letters)


def test_nothing_is_sent_without_mailbox_or_server(setup: Setup) -> None:
    assert plan_letters(choose_route(setup, Route.PLATFORM)) == ()
    bare = setup
    for entry in setup.receiving.mailboxes:
        bare = edit_mailbox(bare, entry.id, lambda one: replace(one, wanted=False))
    assert plan_letters(bare) == ()
    assert plan_letters(new_setup(NOW)) == ()


def said(**verdicts: Verdict) -> Authentication:
    results = (
        MethodResult(Method(name), verdict, verdict.value, "acme.example")
        for name, verdict in verdicts.items()
    )
    return Authentication("mx.acme.example", tuple(results))


def with_record(setup: Setup, purpose: Purpose, state: RecordState) -> Setup:
    record = PlannedRecord(
        purpose=purpose,
        type="TXT",
        name="acme.example",
        value="v=spf1 include:x -all",
        strings=(),
        ttl=300,
        need=RecordNeed.REQUIRED,
        why=message("x"),
        state=state,
        action=RecordAction.CREATE,
        old_value=None,
        problems=(),
        published=(),
        visible=(),
    )
    subject = PlanSubject("acme.example", "openappone-online", None, Route.PROVIDER)
    return take_plan(setup, RecordPlan(subject, "acme.example", (), None, (record,), None, 1))


def test_what_passed_needs_no_mending(setup: Setup) -> None:
    good = said(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS)
    assert mend_of(good, setup) is None
    assert mend_of(None, setup) is None
    # One signature of several passed.
    assert mend_of(said(spf=Verdict.PASS, dkim=Verdict.NONE, dmarc=Verdict.PASS), setup) is None


def test_the_one_record_is_named(setup: Setup) -> None:
    bad = said(spf=Verdict.SOFTFAIL, dkim=Verdict.NONE, dmarc=Verdict.FAIL)
    first = mend_of(bad, setup)
    assert first is not None
    assert first.message.key == "mend.spf.look_up"
    missing = mend_of(bad, with_record(setup, Purpose.SPF, RecordState.WRONG))
    assert missing is not None
    assert missing.record is not None
    assert missing.message.key == "mend.spf.enter"
    there = mend_of(bad, with_record(setup, Purpose.SPF, RecordState.OK))
    assert there is not None
    assert (there.message.key, there.record) == ("mend.spf.published", None)


def test_without_a_policy_the_policy_is_named(setup: Setup) -> None:
    mend = mend_of(
        said(spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.NONE),
        with_record(setup, Purpose.DMARC, RecordState.MISSING),
    )
    assert mend is not None
    assert mend.method is Method.DMARC
    assert mend.record is not None
