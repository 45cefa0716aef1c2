"""The set-up: updates, consistency of port and security, what is stale."""

from dataclasses import replace
from datetime import UTC, datetime

from wizard.discovery.report import Detection, Outcome
from wizard.model import (
    AuthMethod,
    Invalid,
    Protocol,
    Route,
    Security,
    ServerSettings,
)
from wizard.probe.report import ProbeReport
from wizard.server_form import FormField, Freshness, ServerForm, ServerTest, freshness
from wizard.setup import LoginMode, Purpose, Setup, mailbox_form, new_setup, parse_company
from wizard.updates import (
    add_mailbox,
    add_mailboxes,
    choose_login,
    choose_protocol,
    choose_provider,
    choose_route,
    duplicate_mailbox,
    edit_mailbox,
    edit_receiving,
    edit_sending,
    enter_company,
    new_mailbox,
    remove_mailbox,
    take_detection,
    take_sending_test,
    tick_preparation,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def setup_for(entry: str) -> Setup:
    return enter_company(new_setup(NOW), entry)


def detection(domain: str, provider: str | None) -> Detection:
    return Detection("", domain, Outcome.FOUND, provider, None, (), (), (), (), (), 1)


def report(form: ServerForm) -> ProbeReport:
    settings = form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    return ProbeReport(settings, (), None, (), (), None, (), 1, NOW)


FORM = ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example")


def test_the_company_is_an_address_or_a_domain() -> None:
    assert setup_for("info@acme.example").domain == "acme.example"
    assert str(setup_for("Info <info@acme.example>").address) == "info@acme.example"
    assert setup_for("acme.example").address is None
    assert setup_for("@acme.example").domain == "acme.example"
    assert setup_for("").domain is None
    assert isinstance(parse_company("nonsense"), Invalid)


def test_a_standard_port_brings_its_security_along() -> None:
    form = FORM.with_port(Protocol.SMTP, "465")
    assert form.security is Security.TLS
    assert form.with_port(Protocol.SMTP, "587").security is Security.STARTTLS
    assert form.with_port(Protocol.SMTP, "10465").security is Security.TLS
    assert form.with_port(Protocol.SMTP, "46").port == "46"


def test_a_security_brings_its_standard_port_along() -> None:
    assert FORM.with_security(Protocol.SMTP, Security.TLS).port == "465"
    assert FORM.with_security(Protocol.SMTP, Security.NONE).port == "587"
    own = replace(FORM, port="10587")
    assert own.with_security(Protocol.SMTP, Security.TLS).port == "10587"
    assert ServerForm().with_security(Protocol.IMAP, Security.STARTTLS).port == "143"


def test_every_unusable_field_is_named() -> None:
    problems = ServerForm(host="smtp://x", port="abc", username="").parse(Protocol.SMTP)
    assert isinstance(problems, tuple)
    assert [problem.field for problem in problems] == [
        FormField.HOST,
        FormField.PORT,
        FormField.USERNAME,
    ]


def test_a_relay_needs_no_user() -> None:
    form = ServerForm("relay.acme.example", "25", Security.STARTTLS, auth=AuthMethod.NONE)
    assert isinstance(form.parse(Protocol.SMTP), ServerSettings)


def test_the_route_decides_about_the_login() -> None:
    setup = choose_route(setup_for("acme.example"), Route.RELAY)
    assert setup.sending.form.auth is AuthMethod.NONE
    assert choose_route(setup, Route.PROVIDER).sending.form.auth is None


def test_a_result_is_fresh_only_for_the_same_entries_in_this_session() -> None:
    test = ServerTest(FORM, ("a@acme.example",), report(FORM))
    assert freshness(None, FORM) is Freshness.NONE
    assert freshness(test, FORM, ("a@acme.example",)) is Freshness.FRESH
    assert freshness(test, FORM, ("b@acme.example",)) is Freshness.STALE
    for changed in (
        replace(FORM, port="465"),
        replace(FORM, secret_revision=1),
        replace(FORM, username="x"),
    ):
        assert freshness(test, changed, ("a@acme.example",)) is Freshness.STALE
    earlier = replace(test, session="another")
    assert freshness(earlier, FORM, ("a@acme.example",)) is Freshness.STALE


def test_a_late_result_does_not_overwrite_what_was_typed() -> None:
    before = edit_sending(setup_for("acme.example"), lambda _: FORM)
    typed = edit_sending(before, lambda form: replace(form, host="mail.acme.example"))
    late = take_sending_test(typed, ServerTest(FORM, (), report(FORM)))
    assert late.sending.form.host == "mail.acme.example"


def test_a_finding_for_another_company_is_dropped() -> None:
    setup = take_detection(setup_for("acme.example"), detection("other.example", "ionos"))
    assert setup.service.detection is None


def test_a_finding_does_not_change_what_the_user_picked() -> None:
    setup = choose_provider(setup_for("acme.example"), "strato")
    setup = take_detection(setup, detection("acme.example", "ionos"))
    assert setup.service.provider == "strato"
    fresh = take_detection(setup_for("acme.example"), detection("acme.example", "ionos"))
    assert fresh.service.provider == "ionos"


def test_preparations_are_ticked_once() -> None:
    setup = setup_for("acme.example")
    for _ in range(2):
        setup = tick_preparation(setup, "imap_enabled", done=True)
    assert setup.service.ticked == ("imap_enabled",)
    assert tick_preparation(setup, "imap_enabled", done=False).service.ticked == ()


def test_mailboxes_come_and_go() -> None:
    setup = add_mailbox(setup_for("acme.example"), "invoices")
    own = setup.receiving.mailboxes[-1]
    assert own.local == "invoices"
    setup = edit_mailbox(setup, own.id, lambda entry: replace(entry, local="bills"))
    assert setup.receiving.mailboxes[-1].local == "bills"
    assert edit_mailbox(setup, "gone", lambda entry: replace(entry, local="x")) == setup
    assert own.id not in {entry.id for entry in remove_mailbox(setup, own.id).receiving.mailboxes}


def test_each_mailbox_has_its_own_login_unless_it_is_shared() -> None:
    setup = edit_receiving(setup_for("acme.example"), lambda _: FORM)
    catchall = setup.receiving.mailboxes[0]
    assert mailbox_form(setup.receiving, catchall, "acme.example").username == (
        "catchall@acme.example"
    )
    shared = choose_login(setup, LoginMode.SHARED).receiving
    assert mailbox_form(shared, catchall, "acme.example") == FORM


def test_the_protocol_brings_its_port_along() -> None:
    setup = edit_receiving(
        setup_for("acme.example"),
        lambda _: ServerForm("imap.acme.example", "993", Security.TLS, "x"),
    )
    assert choose_protocol(setup, Protocol.POP3).receiving.form.port == "995"


def test_several_mailboxes_are_added_at_once_and_known_ones_ticked() -> None:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    rows = [new_mailbox("Sales", "u1"), new_mailbox("team")]
    setup = add_mailboxes(setup, rows)
    by_local = {entry.local: entry for entry in setup.receiving.mailboxes}
    assert "Sales" not in by_local
    assert (by_local["sales"].wanted, by_local["sales"].username) == (True, "u1")
    assert by_local["team"].purpose is Purpose.OWN


def test_a_double_gets_the_next_free_name() -> None:
    setup = add_mailbox(enter_company(new_setup(NOW), "info@acme.example"), "team")
    team = setup.receiving.mailboxes[-1]
    setup = duplicate_mailbox(duplicate_mailbox(setup, team.id), team.id)
    assert [entry.local for entry in setup.receiving.mailboxes[-3:]] == ["team", "team3", "team2"]
    assert len({entry.id for entry in setup.receiving.mailboxes}) == len(setup.receiving.mailboxes)
