"""Whether the values of a platform's form may be shown as tested."""

from dataclasses import replace
from datetime import UTC, datetime

from wizard.current import sending_freshness
from wizard.diagnosis.cause import Cause
from wizard.erp.standing import Standing, form_standing
from wizard.model import Protocol, Security, ServerSettings, Stage
from wizard.probe.report import Failure, ProbeReport
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import LoginMode, Setup, mailbox_form, new_setup
from wizard.updates import (
    choose_login,
    edit_sending,
    enter_company,
    take_mailbox_test,
    take_sending_test,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
FORM = ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example")
SENDERS = tuple(
    f"{local}@acme.example" for local in ("info", "notifications", "bounce", "catchall")
)


def report(failure: Failure | None = None) -> ProbeReport:
    settings = ServerSettings(Protocol.SMTP, "smtp.acme.example", 587, Security.STARTTLS)
    return ProbeReport(settings, (), None, (), (), failure, (), 5, NOW)


def company() -> Setup:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    return edit_sending(setup, lambda _: FORM)


def test_an_untested_form_names_its_secret_and_marks_what_a_test_would_prove() -> None:
    standing = form_standing(company(), "outgoing")
    assert standing.standing is Standing.UNTESTED
    assert standing.purpose == "sending"
    assert standing.unproven("smtp-host")
    assert not standing.unproven("from-filter")


def test_tested_changed_and_failed() -> None:
    tested = take_sending_test(company(), ServerTest(FORM, SENDERS, report()))
    assert sending_freshness(tested) == "fresh"
    standing = form_standing(tested, "outgoing")
    assert (standing.standing, standing.when) == (Standing.TESTED, NOW)
    assert not standing.unproven("smtp-host")
    changed = edit_sending(tested, lambda form: replace(form, port="465"))
    assert form_standing(changed, "outgoing").standing is Standing.STALE
    failure = Failure(Stage.AUTH, "535 no", Cause.WRONG_CREDENTIALS)
    failed = take_sending_test(company(), ServerTest(FORM, SENDERS, report(failure)))
    assert form_standing(failed, "outgoing").standing is Standing.FAILED


def test_a_mailbox_has_its_own_login_or_the_shared_one() -> None:
    setup = company()
    assert form_standing(setup, "incoming-catchall").purpose == "mailbox:catchall"
    shared = choose_login(setup, LoginMode.SHARED)
    assert form_standing(shared, "incoming-catchall").purpose == "receiving"
    entry = setup.receiving.mailboxes[0]
    form = mailbox_form(setup.receiving, entry, "acme.example")
    tested = take_mailbox_test(setup, entry.id, ServerTest(form, (), report()))
    assert form_standing(tested, f"incoming-{entry.id}").standing is Standing.TESTED


def test_a_form_without_a_server_has_nothing_to_test() -> None:
    standing = form_standing(company(), "settings")
    assert standing.standing is Standing.NOT_TESTABLE
    assert not standing.unproven("alias-domain")
