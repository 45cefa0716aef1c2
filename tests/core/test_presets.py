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
