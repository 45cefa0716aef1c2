"""What is said before a password is asked for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wizard.catalog import Catalog
from wizard.model import Protocol, Route, Security
from wizard.readiness import Caution, Severity, cautions
from wizard.setup import LoginMode, ReceivingWay, Setup, new_setup
from wizard.steps import Step
from wizard.updates import (
    add_mailbox,
    choose_login,
    choose_platform,
    choose_protocol,
    choose_provider,
    choose_route,
    choose_way,
    edit_mailbox,
    edit_receiving,
    edit_sending,
    enter_company,
)

CATALOG = Catalog.load()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def setup() -> Setup:
    return enter_company(new_setup(NOW), "info@acme.example")


def found(setup: Setup) -> dict[str, Caution]:
    return {caution.message.key: caution for caution in cautions(setup, CATALOG)}


def test_office_365_cannot_be_used_online_by_password(setup: Setup) -> None:
    setup = choose_provider(setup, "microsoft-365")
    said = found(setup)
    assert said["caution.online_password"].severity is Severity.IMPOSSIBLE
    assert said["caution.login.retired"].step is Step.RECEIVING
    assert said["caution.login.ending"].step is Step.SENDING
    own = found(choose_platform(setup, "openappone-self-hosted"))
    assert "caution.online_password" not in own
    assert "caution.online_password" not in found(choose_route(setup, Route.PLATFORM))


def test_google_wants_an_app_password(setup: Setup) -> None:
    said = found(choose_provider(setup, "google-workspace"))
    caution = said["caution.login.app_password"]
    assert caution.severity is Severity.HINT
    assert caution.url == "https://myaccount.google.com/apppasswords"


def test_port_25_is_blocked_online_only(setup: Setup) -> None:
    setup = edit_sending(setup, lambda form: replace(form, host="smtp.acme.example", port="25"))
    assert found(setup)["caution.blocked_port"].severity is Severity.IMPOSSIBLE
    own = choose_platform(setup, "openappone-self-hosted")
    assert "caution.blocked_port" not in found(own)
    moved = edit_sending(setup, lambda form: replace(form, port="587"))
    assert "caution.blocked_port" not in found(moved)


def test_a_private_address_has_no_dns_of_its_own(setup: Setup) -> None:
    assert "caution.consumer" in found(choose_provider(setup, "gmail"))


def test_catchall_and_bounce_must_be_two(setup: Setup) -> None:
    same = edit_mailbox(setup, "bounce", lambda entry: replace(entry, local="Catchall "))
    assert found(same)["caution.catchall_is_bounce"].severity is Severity.IMPOSSIBLE
    assert "caution.catchall_is_bounce" not in found(setup)


@pytest.mark.parametrize("name", ["catchall", "bounce"])
def test_a_missing_mailbox_is_said(setup: Setup, name: str) -> None:
    without = edit_mailbox(setup, name, lambda entry: replace(entry, wanted=False))
    assert f"caution.missing.{name}" in found(without)
    assert f"caution.missing.{name}" not in found(setup)


def test_what_the_platforms_incoming_form_does_not_know(setup: Setup) -> None:
    plain = edit_receiving(setup, lambda form: replace(form, security=Security.STARTTLS))
    assert "caution.receiving_starttls" in found(plain)
    assert "caution.pop3_deletes" in found(choose_protocol(setup, Protocol.POP3))


def test_without_encryption_is_said_on_both_sides(setup: Setup) -> None:
    setup = edit_sending(setup, lambda form: replace(form, security=Security.NONE))
    setup = edit_receiving(setup, lambda form: replace(form, security=Security.NONE))
    steps = [
        one.step for one in cautions(setup, CATALOG) if one.message.key == "caution.no_encryption"
    ]
    assert steps == [Step.SENDING, Step.RECEIVING]


def test_a_persons_mailbox_is_warned_of(setup: Setup) -> None:
    assert "caution.persons_mailbox" not in found(setup)
    own = add_mailbox(setup, "Info")
    assert "caution.persons_mailbox" in found(own)
    shared = choose_login(setup, LoginMode.SHARED)
    shared = edit_receiving(shared, lambda form: replace(form, username="info@acme.example"))
    assert "caution.persons_mailbox" in found(shared)
    apart = edit_receiving(shared, lambda form: replace(form, username="erp@acme.example"))
    assert "caution.persons_mailbox" not in found(apart)


def test_an_alias_that_nobody_reads_is_named(setup: Setup) -> None:
    assert "caution.crm_alias" not in found(setup)
    crm = edit_mailbox(setup, "sales", lambda entry: replace(entry, wanted=True))
    said = found(crm)["caution.crm_alias"]
    assert dict(said.message.values)["address"] == "info@acme.example"
    assert "caution.crm_alias" not in found(add_mailbox(crm, "info"))


def test_addresses_are_said_as_people_read_them() -> None:
    setup = enter_company(new_setup(NOW), "info@müller.example")
    setup = add_mailbox(add_mailbox(setup, "Info"), "team")
    setup = edit_mailbox(setup, "bounce", lambda entry: replace(entry, local="team"))
    addresses = {
        key: dict(one.message.values)["address"]
        for key, one in found(setup).items()
        if key in ("caution.persons_mailbox", "caution.same_address")
    }
    assert addresses == {
        "caution.persons_mailbox": "info@müller.example",
        "caution.same_address": "team@müller.example",
    }


def test_forwarding_is_blocked_at_microsoft(setup: Setup) -> None:
    forward = choose_way(choose_provider(setup, "microsoft-365"), ReceivingWay.FORWARD)
    said = found(forward)
    assert said["caution.forward_blocked"].severity is Severity.WARNING
    assert "caution.login.retired" not in said
    assert "caution.way.forward" in said
    assert "caution.forward_blocked" not in found(choose_provider(forward, "ionos"))
