"""Forms fill themselves in, and never overwrite what a person typed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from wizard.catalog import (
    Catalog,
    Hosting,
    Platform,
    Provider,
    ProviderKind,
    ServerPreset,
    ServerRole,
)
from wizard.discovery.report import Detection, Offer, Outcome, Source
from wizard.model import AuthMethod, Protocol, Route, Security
from wizard.presets import fill_forms, receiving_choices, sending_choices
from wizard.setup import Setup, new_setup
from wizard.updates import (
    choose_provider,
    choose_route,
    edit_sending,
    enter_company,
    take_detection,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 23)


def provider(name: str, *smtp: ServerPreset) -> Provider:
    imap = ServerPreset(f"imap.{name}.example", 993, Security.TLS)
    return Provider(
        id=name,
        name=name,
        kind=ProviderKind.MAILBOX,
        checked=DAY,
        sources=("https://x.example",),
        smtp=smtp,
        imap=(imap,),
    )


CATALOG = Catalog(
    providers={
        "one": provider(
            "one",
            ServerPreset("smtp.one.example", 25, Security.STARTTLS),
            ServerPreset("smtp.one.example", 587, Security.STARTTLS),
            ServerPreset("<mx-host>", 25, Security.STARTTLS, role=ServerRole.RELAY),
            ServerPreset("<server>.one.example", 465, Security.TLS),
        ),
        "two": provider("two", ServerPreset("smtp.two.example", 465, Security.TLS)),
    },
    platforms={
        "openappone-online": Platform(
            id="openappone-online",
            name="openAPPone Online",
            hosting=Hosting.ONLINE,
            checked=DAY,
            sources=("https://x.example",),
            labels="openappone",
            blocked_ports=(25,),
        )
    },
    dns_hosts={},
)


@pytest.fixture
def setup() -> Setup:
    return choose_provider(enter_company(new_setup(NOW), "info@acme.example"), "one")


def found(*offers: Offer) -> Detection:
    outgoing = tuple(offer for offer in offers if offer.protocol is Protocol.SMTP)
    incoming = tuple(offer for offer in offers if offer.protocol is not Protocol.SMTP)
    return Detection(
        address="info@acme.example",
        domain="acme.example",
        outcome=Outcome.FOUND,
        provider=None,
        gateway=None,
        mx=("mx.acme.example",),
        incoming=incoming,
        outgoing=outgoing,
        evidence=(),
        warnings=(),
        elapsed_ms=1,
    )


def test_forms_are_filled_with_a_port_the_platform_can_reach(setup: Setup) -> None:
    filled = fill_forms(setup, CATALOG)
    form = filled.sending.form
    assert (form.host, form.port, form.security) == ("smtp.one.example", "587", Security.STARTTLS)
    assert form.username == "info@acme.example"
    assert filled.receiving.form.host == "imap.one.example"
    # The blocked port is still on offer, last; a host nobody can fill in is not.
    assert [choice.port for choice in sending_choices(setup, CATALOG)] == ["587", "25"]


def test_another_provider_refills_what_nobody_touched(setup: Setup) -> None:
    changed = fill_forms(choose_provider(fill_forms(setup, CATALOG), "two"), CATALOG)
    assert changed.sending.form.host == "smtp.two.example"
    assert changed.sending.form.security is Security.TLS


def test_what_a_person_typed_stays(setup: Setup) -> None:
    typed = edit_sending(fill_forms(setup, CATALOG), lambda form: replace(form, host="own.example"))
    assert fill_forms(choose_provider(typed, "two"), CATALOG).sending.form.host == "own.example"


def test_a_password_alone_is_no_edit_and_is_not_lost(setup: Setup) -> None:
    with_secret = edit_sending(
        fill_forms(setup, CATALOG), lambda form: replace(form, secret_revision=3)
    )
    form = fill_forms(choose_provider(with_secret, "two"), CATALOG).sending.form
    assert form.host == "smtp.two.example"
    assert form.secret_revision == 3


def test_filling_twice_changes_nothing(setup: Setup) -> None:
    once = fill_forms(setup, CATALOG)
    assert fill_forms(once, CATALOG) == once


def test_a_relay_takes_the_relay_server_without_login(setup: Setup) -> None:
    setup = take_detection(setup, found())
    relay = fill_forms(choose_route(setup, Route.RELAY), CATALOG)
    assert relay.sending.form.host == "mx.acme.example"
    assert relay.sending.form.auth is AuthMethod.NONE
    assert relay.sending.form.username == ""


def test_servers_that_the_domain_names_itself() -> None:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    offers = (
        Offer(Protocol.IMAP, "mail.acme.example", 10993, Security.TLS, (), "u", Source.SRV),
        Offer(Protocol.SMTP, "mail.acme.example", 10587, Security.STARTTLS, (), "u", Source.SRV),
    )
    setup = fill_forms(take_detection(setup, found(*offers)), CATALOG)
    assert setup.sending.form.port == "10587"
    assert setup.receiving.form.port == "10993"
    # With another provider picked than was found, its servers count and the finding's do not.
    other = choose_provider(setup, "two")
    assert [choice.host for choice in receiving_choices(other, CATALOG)] == ["imap.two.example"]


def test_where_passwords_end_a_sign_in_is_proposed() -> None:
    facts = Catalog.load()
    setup = enter_company(new_setup(NOW), "info@acme.example")
    setup = fill_forms(choose_provider(setup, "microsoft-365"), facts)
    assert setup.sending.form.auth is AuthMethod.XOAUTH2
    assert setup.receiving.form.auth is AuthMethod.XOAUTH2
    # Another provider has another way, and one that was chosen stays where it can be gone.
    google = fill_forms(choose_provider(setup, "google-workspace"), facts)
    assert google.sending.form.auth is None
    password = edit_sending(setup, lambda form: replace(form, auth=None, secret_revision=2))
    again = fill_forms(password, facts).sending.form
    assert (again.auth, again.secret_revision) == (None, 2)
    token = edit_sending(google, lambda form: replace(form, auth=AuthMethod.XOAUTH2))
    assert fill_forms(token, facts).sending.form.by_token
    gone = fill_forms(choose_provider(token, "gmx"), facts)
    assert gone.sending.form.auth is None
    relay = fill_forms(choose_route(setup, Route.RELAY), facts)
    assert relay.sending.form.auth is AuthMethod.NONE
    back = fill_forms(choose_route(relay, Route.PROVIDER), facts)
    assert back.sending.form.by_token


def test_another_server_keeps_the_way_to_log_in() -> None:
    facts = Catalog.load()
    setup = enter_company(new_setup(NOW), "info@acme.example")
    setup = fill_forms(choose_provider(setup, "microsoft-365"), facts)
    choices = sending_choices(setup, facts)
    assert len(choices) == len({(one.host, one.port) for one in choices}) > 1
    form = replace(setup.sending.form, auth=None, secret_revision=3, token_revision=4)
    kept = choices[1].keeping_login(form)
    assert (kept.port, kept.auth) == (choices[1].port, None)
    assert (kept.secret_revision, kept.token_revision) == (3, 4)
