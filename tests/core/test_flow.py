"""The way through: order, what is done, stale, failed, open, and what blocks."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from wizard.catalog import Catalog, Hosting, Platform, Preparation, Provider, ProviderKind
from wizard.current import mailbox_freshness, plan_subject, wanted_mailboxes
from wizard.diagnosis.cause import Cause
from wizard.discovery.report import Detection, Outcome
from wizard.erp.senders import senders_of
from wizard.flow import (
    STEPS,
    Step,
    StepState,
    blocker_of,
    next_step,
    open_points,
    previous_step,
    state_of,
)
from wizard.model import Protocol, Route, Security, ServerSettings, Stage, Who
from wizard.probe.report import Failure, ProbeReport
from wizard.proof.report import Arrival, LetterKind, LetterState, Place, ProofLetter
from wizard.proof.standing import letters_to_wait_for
from wizard.server_form import Freshness, ServerForm, ServerTest
from wizard.setup import Setup, mailbox_form, new_setup
from wizard.updates import (
    add_mailbox,
    begin_proof,
    choose_route,
    edit_mailbox,
    edit_receiving,
    edit_sending,
    enter_company,
    mark_entered,
    take_detection,
    take_letter,
    take_mailbox_test,
    take_sending_test,
    tick_preparation,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example")

CATALOG = Catalog(
    providers={
        "hoster": Provider(
            id="hoster",
            name="Hoster",
            kind=ProviderKind.MAILBOX,
            checked=date(2026, 11, 23),
            sources=("https://hoster.example/help",),
            preparations=(Preparation("imap_enabled"),),
        )
    },
    platforms={
        "openappone-online": Platform(
            id="openappone-online",
            name="openAPPone Online",
            hosting=Hosting.ONLINE,
            checked=date(2026, 11, 23),
            sources=("https://openappone.example",),
            labels="openappone",
            blocked_ports=(25,),
        )
    },
    dns_hosts={},
)


@pytest.fixture
def setup() -> Setup:
    return enter_company(new_setup(NOW), "info@acme.example")


def probed(form: ServerForm, *, fails: bool = False) -> ProbeReport:
    settings = form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    failure = Failure(Stage.AUTH, "535 no", Cause.WRONG_CREDENTIALS) if fails else None
    return ProbeReport(settings, (), None, (), (), failure, (), 1, NOW)


def letter(token: str, mailbox: str) -> ProofLetter:
    return ProofLetter(
        token, LetterKind.MAILBOX, "i@acme.example", "i@acme.example", f"{mailbox}@x", mailbox
    )


def arrived(one: ProofLetter, place: Place = Place.INBOX) -> ProofLetter:
    arrival = Arrival(place, "INBOX", 3100, (), "", "", None)
    return replace(one, state=LetterState.ARRIVED, arrival=arrival)


def sending_test(setup: Setup, *, fails: bool = False) -> ServerTest:
    senders = tuple(str(sender) for sender in senders_of(setup))
    return ServerTest(setup.sending.form, senders, probed(setup.sending.form, fails=fails))


def test_the_order_goes_forth_and_back() -> None:
    order = [row.step for row in STEPS]
    assert order == list(Step)
    assert previous_step(Step.COMPANY) is None
    assert next_step(Step.SUMMARY) is None
    for one, other in itertools.pairwise(order):
        assert next_step(one) is other
        assert previous_step(other) is one


def test_an_empty_set_up_is_open_and_says_what_to_enter() -> None:
    empty = new_setup(NOW)
    assert state_of(Step.COMPANY, empty, CATALOG) is StepState.OPEN
    blocker = blocker_of(Step.COMPANY, empty)
    assert blocker is not None
    assert blocker.key == "input.domain.empty"
    assert state_of(Step.COMPANY, enter_company(empty, "x y"), CATALOG) is StepState.FAILED


def test_only_an_unusable_entry_blocks(setup: Setup) -> None:
    for step in Step:
        assert blocker_of(step, setup) is None
    wrong = edit_sending(setup, lambda form: replace(form, port="abc"))
    assert blocker_of(Step.SENDING, wrong) is not None
    assert blocker_of(Step.SENDING, choose_route(wrong, Route.PLATFORM)) is None
    wrong = edit_receiving(setup, lambda form: replace(form, host="imap://x"))
    assert blocker_of(Step.RECEIVING, wrong) is not None


def test_the_mail_service(setup: Setup) -> None:
    assert state_of(Step.SERVICE, setup, CATALOG) is StepState.OPEN
    found = Detection("", "acme.example", Outcome.FOUND, "hoster", None, (), (), (), (), (), 1)
    setup = take_detection(setup, found)
    assert state_of(Step.SERVICE, setup, CATALOG) is StepState.ATTENTION
    setup = tick_preparation(setup, "imap_enabled", done=True)
    assert state_of(Step.SERVICE, setup, CATALOG) is StepState.DONE
    moved = enter_company(setup, "info@other.example")
    assert state_of(Step.SERVICE, moved, CATALOG) is StepState.OPEN


def test_sending_is_done_only_when_tested_as_it_is(setup: Setup) -> None:
    setup = edit_sending(setup, lambda _: FORM)
    assert state_of(Step.SENDING, setup, CATALOG) is StepState.OPEN
    failed = take_sending_test(setup, sending_test(setup, fails=True))
    assert state_of(Step.SENDING, failed, CATALOG) is StepState.FAILED
    done = take_sending_test(setup, sending_test(setup))
    assert state_of(Step.SENDING, done, CATALOG) is StepState.DONE
    changed = edit_sending(done, lambda form: replace(form, secret_revision=1))
    assert state_of(Step.SENDING, changed, CATALOG) is StepState.STALE
    # Another company has other senders: the old result says nothing about them.
    assert state_of(Step.SENDING, enter_company(done, "i@b.example"), CATALOG) is StepState.STALE
    platform = choose_route(setup, Route.PLATFORM)
    assert state_of(Step.SENDING, platform, CATALOG) is StepState.DONE


def test_receiving_is_as_bad_as_its_worst_mailbox(setup: Setup) -> None:
    setup = edit_receiving(setup, lambda _: replace(FORM, port="993", security=Security.TLS))
    assert [entry.local for entry in wanted_mailboxes(setup)] == ["catchall", "bounce"]
    for index, fails in enumerate((False, True)):
        entry = wanted_mailboxes(setup)[index]
        form = mailbox_form(setup.receiving, entry, "acme.example")
        test = ServerTest(form, (), probed(form, fails=fails))
        setup = take_mailbox_test(setup, entry.id, test)
    assert state_of(Step.RECEIVING, setup, CATALOG) is StepState.FAILED
    points = [point for point in open_points(setup, CATALOG) if point.step is Step.RECEIVING]
    assert [point.message.key for point in points] == ["flow.open.receiving.failed"]
    setup = edit_mailbox(setup, "bounce", lambda entry: replace(entry, wanted=False))
    assert state_of(Step.RECEIVING, setup, CATALOG) is StepState.DONE
    catchall = wanted_mailboxes(setup)[0]
    assert mailbox_freshness(setup, catchall) is Freshness.FRESH
    moved = edit_receiving(setup, lambda form: replace(form, host="imap2.acme.example"))
    assert state_of(Step.RECEIVING, moved, CATALOG) is StepState.STALE


def test_records_hang_on_company_platform_provider_and_route(setup: Setup) -> None:
    subject = plan_subject(setup)
    assert subject is not None
    assert plan_subject(choose_route(setup, Route.PLATFORM)) != subject
    assert plan_subject(new_setup(NOW)) is None
    assert state_of(Step.RECORDS, setup, CATALOG) is StepState.OPEN


def test_platform_proof_and_summary(setup: Setup) -> None:
    assert state_of(Step.PLATFORM, setup, CATALOG) is StepState.OPEN
    entered = mark_entered(setup, entered=True)
    assert state_of(Step.PLATFORM, entered, CATALOG) is StepState.DONE
    assert state_of(Step.PROOF, setup, CATALOG) is StepState.OPEN
    letters = [letter("a", "catchall"), letter("b", "bounce")]
    waiting = begin_proof(setup, tuple(letters))
    assert state_of(Step.PROOF, waiting, CATALOG) is StepState.OPEN
    lost = take_letter(waiting, replace(letters[0], state=LetterState.NOT_FOUND))
    assert state_of(Step.PROOF, lost, CATALOG) is StepState.FAILED
    proven = take_letter(take_letter(waiting, arrived(letters[0])), arrived(letters[1]))
    assert state_of(Step.PROOF, proven, CATALOG) is StepState.DONE
    junk = take_letter(proven, arrived(letters[0], Place.JUNK))
    assert state_of(Step.PROOF, junk, CATALOG) is StepState.ATTENTION
    unknown = take_letter(proven, replace(letters[0], token="c", state=LetterState.NOT_FOUND))
    assert unknown == proven
    added = add_mailbox(proven, "more")
    assert state_of(Step.PROOF, added, CATALOG) is StepState.ATTENTION
    keys = [point.message.key for point in open_points(added, CATALOG) if point.step is Step.PROOF]
    assert keys == ["flow.open.proof.mailbox"]
    stale = tuple(replace(one, session="another") for one in proven.proof.letters)
    earlier = replace(proven, proof=replace(proven.proof, letters=stale))
    assert state_of(Step.PROOF, earlier, CATALOG) is StepState.STALE
    changed = edit_sending(proven, lambda form: replace(form, secret_revision=7))
    assert state_of(Step.PROOF, changed, CATALOG) is StepState.STALE
    assert letters_to_wait_for(waiting) == waiting.proof.letters
    assert letters_to_wait_for(edit_sending(waiting, lambda _: FORM)) == ()
    assert state_of(Step.SUMMARY, setup, CATALOG) is StepState.ATTENTION
    assert state_of(Step.SUMMARY, new_setup(NOW), CATALOG) is StepState.OPEN


def test_open_points_name_who_has_to_act(setup: Setup) -> None:
    found = Detection("", "acme.example", Outcome.FOUND, "hoster", None, (), (), (), (), (), 1)
    points = open_points(take_detection(setup, found), CATALOG)
    by_step = {point.step: point.who for point in points}
    assert by_step[Step.SERVICE] is Who.MAIL_ADMIN
    assert by_step[Step.SENDING] is Who.YOU
    assert Step.COMPANY not in by_step


def test_senders_are_those_of_the_platform_each_once(setup: Setup) -> None:
    setup = edit_sending(setup, lambda _: FORM)
    assert [str(sender) for sender in senders_of(setup)] == [
        "info@acme.example",
        "notifications@acme.example",
        "bounce@acme.example",
        "catchall@acme.example",
    ]
    foreign = edit_sending(setup, lambda form: replace(form, username="u12345"))
    # The company's address stands for its people.
    assert [sender.local for sender in senders_of(foreign)][-1] == "info"
    assert len(senders_of(foreign)) == 4
    assert senders_of(new_setup(NOW)) == ()


def test_an_address_without_a_domain_is_said_as_such() -> None:
    points = open_points(new_setup(NOW), CATALOG)
    said = [dict(one.message.values) for one in points]
    addresses = [str(one["address"]) for one in said if "address" in one]
    assert addresses == ["catchall@…", "bounce@…"]
