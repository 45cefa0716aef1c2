"""The values for the platform's forms: exact texts, never a secret."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from wizard.catalog import Catalog, Hosting, Platform
from wizard.erp.forms import ErpForm, platform_forms
from wizard.erp.senders import senders_of
from wizard.model import AuthMethod, Protocol, Route, Security, ServerSettings
from wizard.probe.report import ProbeReport, SenderResult
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import LoginMode, ReceivingWay, Setup, new_setup
from wizard.texts import LANGUAGES, Message, Texts
from wizard.updates import (
    choose_login,
    choose_protocol,
    choose_route,
    choose_way,
    edit_mailbox,
    edit_receiving,
    edit_sending,
    enter_company,
    take_sending_test,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOG = Catalog(
    providers={},
    platforms={
        "openappone-online": Platform(
            id="openappone-online",
            name="openAPPone Online",
            hosting=Hosting.ONLINE,
            checked=date(2026, 11, 23),
            sources=("https://openappone.example",),
            labels="openappone",
        )
    },
    dns_hosts={},
)


@pytest.fixture
def setup() -> Setup:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    setup = edit_sending(
        setup,
        lambda _: ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example"),
    )
    return edit_receiving(
        setup, lambda _: ServerForm("imap.acme.example", "993", Security.TLS, "info@acme.example")
    )


def rendered(form: ErpForm, language: str = "en") -> dict[str, str]:
    texts = Texts.load(language)
    return {
        field.id: texts.render(field.value) if isinstance(field.value, Message) else field.value
        for field in form.fields
    }


def by_id(setup: Setup) -> dict[str, ErpForm]:
    return {form.id: form for form in platform_forms(setup, CATALOG)}


def test_the_outgoing_form_in_order(setup: Setup) -> None:
    form = by_id(setup)["outgoing"]
    assert rendered(form) == {
        "name": "smtp.acme.example (acme.example)",
        "from-filter": "acme.example",
        "auth": "Username",
        "security": "TLS (STARTTLS)",
        "smtp-host": "smtp.acme.example",
        "smtp-port": "587",
        "smtp-user": "info@acme.example",
        "smtp-password": "",
    }
    assert [field.id for field in form.fields if field.secret] == ["smtp-password"]


def test_titles_are_for_people_and_values_for_machines() -> None:
    setup = enter_company(new_setup(NOW), "info@müller.example")
    setup = edit_sending(
        setup,
        lambda form: replace(
            form, host="smtp.xn--mller-kva.example", username="info@xn--mller-kva.example"
        ),
    )
    incoming = by_id(setup)["incoming-catchall"]
    assert "catchall@müller.example" in Texts.load("de").render(incoming.title)
    for form in platform_forms(setup, CATALOG):
        assert all(value.isascii() for value in rendered(form).values())


def test_an_outgoing_server_without_a_host_is_named_by_the_company(setup: Setup) -> None:
    bare = edit_sending(setup, lambda form: replace(form, host=" "))
    assert rendered(by_id(bare)["outgoing"])["name"] == "acme.example"


def test_a_relay_has_no_login_and_the_platform_no_server(setup: Setup) -> None:
    relay = by_id(choose_route(setup, Route.RELAY))["outgoing"]
    assert not {"auth", "smtp-user", "smtp-password"} & {field.id for field in relay.fields}
    assert "outgoing" not in by_id(choose_route(setup, Route.PLATFORM))


def test_one_incoming_form_for_each_mailbox(setup: Setup) -> None:
    setup = edit_mailbox(setup, "sales", lambda entry: replace(entry, wanted=True))
    forms = by_id(setup)
    assert [name for name in forms if name.startswith("incoming-")] == [
        "incoming-catchall",
        "incoming-bounce",
        "incoming-sales",
    ]
    assert rendered(forms["incoming-sales"]) == {
        "name": "sales@acme.example",
        "type": "IMAP Server",
        "host": "imap.acme.example",
        "port": "993",
        "ssl": "yes (ticked)",
        "user": "sales@acme.example",
        "password": "",
        "action": "(leave empty)",
    }


def test_one_mailbox_for_all_is_read_by_one_server(setup: Setup) -> None:
    forms = by_id(choose_login(setup, LoginMode.SHARED))
    incoming = [form for name, form in forms.items() if name.startswith("incoming")]
    assert [rendered(form)["user"] for form in incoming] == ["info@acme.example"]
    assert rendered(forms["settings"])["bounce"] == "bounce"


def test_mail_that_is_brought_to_the_platform_is_not_fetched(setup: Setup) -> None:
    forms = by_id(choose_way(setup, ReceivingWay.FORWARD))
    assert not any(name.startswith("incoming") for name in forms)
    assert rendered(forms["settings"])["catchall"] == "catchall"


def test_pop3_has_its_own_type(setup: Setup) -> None:
    forms = by_id(choose_protocol(setup, Protocol.POP3))
    assert rendered(forms["incoming-catchall"])["type"] == "POP Server"


def test_a_server_that_takes_only_its_login_narrows_filter_and_default_sender(
    setup: Setup,
) -> None:
    settings = setup.sending.form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    senders = (
        SenderResult("info@acme.example", accepted=True, reply="250 ok"),
        SenderResult("bounce@acme.example", accepted=False, reply="553 5.7.1 not owned"),
    )
    report = ProbeReport(settings, (), None, (), senders, None, (), 1, NOW)
    offered = tuple(map(str, senders_of(setup)))
    setup = take_sending_test(setup, ServerTest(setup.sending.form, offered, report))
    forms = by_id(setup)
    assert rendered(forms["outgoing"])["from-filter"] == "info@acme.example"
    assert rendered(forms["settings"])["default-from"] == "info"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_has_its_words(setup: Setup, language: str) -> None:
    texts = Texts.load(language)
    for protocol in (Protocol.IMAP, Protocol.POP3):
        for security in Security:
            changed = choose_protocol(setup, protocol)
            changed = edit_sending(changed, lambda form, s=security: replace(form, security=s))
            for form in platform_forms(changed, CATALOG):
                said = [form.title, form.hint]
                for field in form.fields:
                    said += [field.label, field.note]
                    said += [field.value] if isinstance(field.value, Message) else []
                assert all(one.key in texts for one in said if one is not None)


def test_without_a_company_there_are_no_values() -> None:
    assert platform_forms(new_setup(NOW), CATALOG) == ()


def test_auth_none_asks_for_no_password(setup: Setup) -> None:
    setup = edit_sending(setup, lambda form: replace(form, auth=AuthMethod.NONE))
    assert not any(field.secret for field in by_id(setup)["outgoing"].fields)
