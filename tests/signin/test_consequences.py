"""What a sign-in changes elsewhere: the platform's values, the warnings, what is left to do."""

import datetime as dt
from dataclasses import replace

import pytest

from wizard.catalog import Catalog
from wizard.erp.forms import ErpForm, platform_forms
from wizard.erp.standing import Standing, form_standing
from wizard.flow import open_points
from wizard.model import Protocol, Route, Security, Who
from wizard.presets import fill_forms
from wizard.readiness import cautions
from wizard.setup import Setup, new_setup
from wizard.signin.client import AdminConsent, Audience
from wizard.signin.guide import guide_for
from wizard.texts import LANGUAGES, Message, Texts
from wizard.updates import (
    await_admin_consent,
    choose_platform,
    choose_protocol,
    choose_provider,
    choose_route,
    edit_client,
    edit_receiving,
    edit_sending,
    enter_company,
    enter_erp_address,
    mark_entered,
)

CATALOG = Catalog.load()
NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)


@pytest.fixture(params=["microsoft-365", "google-workspace"])
def setup(request: pytest.FixtureRequest) -> Setup:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    setup = choose_platform(choose_provider(setup, request.param), "openappone-self-hosted")
    setup = enter_erp_address(fill_forms(setup, CATALOG), "https://erp.acme.example/web")
    service = CATALOG.oauth[CATALOG.providers[request.param].oauth]
    setup = edit_sending(setup, lambda form: replace(form, auth=service.sasl[0]))
    setup = edit_receiving(setup, lambda form: replace(form, auth=service.sasl[0]))
    return edit_client(setup, lambda client: replace(client, client_id="client-1"))


def values(form: ErpForm, language: str) -> dict[str, str]:
    texts = Texts.load(language)
    return {
        field.id: texts.render(field.value) if isinstance(field.value, Message) else field.value
        for field in form.fields
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_platforms_forms_hold_the_client_and_no_password(setup: Setup, language: str) -> None:
    forms = {form.id: form for form in platform_forms(setup, CATALOG)}
    google = setup.service.provider == "google-workspace"
    assert next(iter(forms)) == "client", "what the others need comes first"
    client = values(forms["client"], language)
    assert client["client-id"] == "client-1"
    (secret,) = [field for field in forms["client"].fields if field.secret]
    path = "google_gmail" if google else "microsoft_outlook"
    assert secret.note is not None
    assert f"https://erp.acme.example/{path}/confirm" in Texts.load(language).render(secret.note)
    outgoing = values(forms["outgoing"], language)
    assert ("Gmail" if google else "Outlook") in outgoing["auth"]
    assert "smtp-password" not in outgoing
    incoming = values(forms["incoming-catchall"], language)
    assert ("Gmail" if google else "Outlook") in incoming["type"]
    assert "password" not in incoming
    assert form_standing(setup, "client").standing is Standing.NOT_TESTABLE
    assert form_standing(setup, "client").purpose == "client"


def test_with_a_password_there_is_no_client(setup: Setup) -> None:
    plain = edit_sending(setup, lambda form: replace(form, auth=None))
    plain = edit_receiving(plain, lambda form: replace(form, auth=None))
    forms = {form.id: form for form in platform_forms(plain, CATALOG)}
    assert "client" not in forms
    assert "smtp-password" in values(forms["outgoing"], "en")


def said(setup: Setup) -> set[str]:
    return {caution.message.key for caution in cautions(setup, CATALOG)}


def test_no_warning_of_passwords_that_are_not_used(setup: Setup) -> None:
    assert not any("login." in key or "online_password" in key for key in said(setup))
    plain = edit_receiving(setup, lambda form: replace(form, auth=None))
    assert any("login." in key for key in said(plain))


def test_what_the_platforms_own_connection_cannot(setup: Setup) -> None:
    tls = edit_sending(setup, lambda form: replace(form, security=Security.TLS))
    starttls = edit_sending(setup, lambda form: replace(form, security=Security.STARTTLS))
    assert "caution.oauth_starttls" in said(tls)
    assert "caution.oauth_starttls" not in said(starttls)
    assert "caution.oauth_pop3" not in said(setup)
    assert "caution.oauth_pop3" in said(choose_protocol(setup, Protocol.POP3))
    testing = edit_client(setup, lambda one: replace(one, audience=Audience.TESTING))
    google = setup.service.provider == "google-workspace"
    assert ("caution.oauth_testing" in said(testing)) == google


def left(setup: Setup) -> dict[str, Who]:
    return {point.message.key: point.who for point in open_points(setup, CATALOG)}


def test_the_end_of_the_secret_is_left_to_do(setup: Setup) -> None:
    today = dt.date.today()
    setup = mark_entered(setup, entered=True)
    far = edit_client(setup, lambda one: replace(one, secret_ends=today + dt.timedelta(days=90)))
    near = edit_client(setup, lambda one: replace(one, secret_ends=today + dt.timedelta(days=9)))
    over = edit_client(setup, lambda one: replace(one, secret_ends=today - dt.timedelta(days=1)))
    assert not any("signin" in key for key in left(far))
    assert left(near)["signin.secret_ends"] is Who.MAIL_ADMIN
    assert left(over)["signin.secret_ended"] is Who.MAIL_ADMIN
    # Nobody who uses passwords is reminded of a client.
    plain = edit_sending(over, lambda form: replace(form, auth=None))
    plain = edit_receiving(plain, lambda form: replace(form, auth=None))
    assert not any("signin" in key for key in left(plain))


def test_the_administrators_consent_is_left_to_do(setup: Setup) -> None:
    key = "flow.open.sending.admin_consent"
    assert key not in left(setup)
    awaited = await_admin_consent(setup, AdminConsent.AWAITED)
    assert left(awaited)[key] is Who.MAIL_ADMIN
    # Receiving needs it too, whoever sends.
    assert key in left(choose_route(awaited, Route.PLATFORM))


@pytest.mark.parametrize("name", sorted(CATALOG.oauth))
def test_every_service_has_a_guide_with_words(name: str) -> None:
    service = CATALOG.oauth[name]
    setup = enter_company(new_setup(NOW), "info@acme.example")
    empty = [value for step in guide_for(service, setup) for value in step.values]
    assert {one.id for one in empty if not one.value} <= {"erp_redirect"}
    setup = enter_erp_address(setup, "erp.acme.example")
    family = service.family if service.erp else "other"
    for language in LANGUAGES:
        texts = Texts.load(language)
        for step in guide_for(service, setup):
            assert f"client_assistant.step.{family}.{step.id}" in texts
            assert not step.url or step.url.startswith("https://")
            for value in step.values:
                assert value.value, value.id
                assert f"client_assistant.value.{value.id}" in texts
    redirects = {
        value.value
        for step in guide_for(service, setup)
        for value in step.values
        if value.id == "erp_redirect"
    }
    expected = f"https://erp.acme.example{service.callback}"
    assert redirects == ({expected} if service.erp else set())
