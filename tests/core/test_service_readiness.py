"""Whether a service can be used, said per direction before a password is asked for."""

from datetime import UTC, datetime

import pytest

from wizard.catalog import Catalog
from wizard.current import open_preparations
from wizard.discovery.report import Detection, Outcome
from wizard.flow import Step, state_of
from wizard.model import Protocol, Route
from wizard.service_readiness import Readiness, ServiceReadiness, service_readiness
from wizard.setup import Setup, new_setup
from wizard.updates import (
    choose_protocol,
    choose_provider,
    choose_route,
    enter_company,
    take_detection,
    tick_preparation,
)

CATALOG = Catalog.load()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def setup() -> Setup:
    return enter_company(new_setup(NOW), "info@acme.example")


def verdict(setup: Setup) -> ServiceReadiness:
    found = service_readiness(setup, CATALOG)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("provider", "sending", "receiving", "why"),
    [
        (
            "google-workspace",
            Readiness.NEEDS_PREPARATION,
            Readiness.NEEDS_PREPARATION,
            "app_password",
        ),
        ("microsoft-365", Readiness.NEEDS_PREPARATION, Readiness.NEEDS_PREPARATION, "oauth_only"),
        ("ionos", Readiness.WORKS, Readiness.WORKS, "password"),
        ("tuta", Readiness.NOT_POSSIBLE, Readiness.NOT_POSSIBLE, "no_server"),
        ("hey", Readiness.NOT_POSSIBLE, Readiness.NOT_POSSIBLE, "no_server"),
        ("gmx", Readiness.NEEDS_PREPARATION, Readiness.NEEDS_PREPARATION, "switches"),
    ],
)
def test_verdicts(
    setup: Setup, provider: str, sending: Readiness, receiving: Readiness, why: str
) -> None:
    found = verdict(choose_provider(setup, provider))
    assert (found.sending.readiness, found.receiving.readiness) == (sending, receiving)
    assert found.receiving.reason.key == f"readiness.reason.{why}"
    assert found.checked == CATALOG.providers[provider].checked


def test_what_is_ticked_as_done_is_prepared(setup: Setup) -> None:
    setup = choose_provider(setup, "google-workspace")
    for one in open_preparations(setup, CATALOG):
        assert verdict(setup).receiving.readiness is Readiness.NEEDS_PREPARATION
        setup = tick_preparation(setup, one.id, done=True)
    assert verdict(setup).receiving.readiness is Readiness.WORKS


def test_nothing_is_known_of_another_service(setup: Setup) -> None:
    assert service_readiness(choose_provider(setup, None), CATALOG) is None


def test_who_does_not_send_through_the_service_needs_nothing_there(setup: Setup) -> None:
    setup = choose_provider(setup, "tuta")
    assert verdict(choose_route(setup, Route.PLATFORM)).sending.readiness is Readiness.WORKS
    relay = verdict(choose_route(setup, Route.RELAY)).sending
    assert relay.readiness is Readiness.NEEDS_PREPARATION


def test_the_login_names_form_is_told(setup: Setup) -> None:
    keys = {
        verdict(choose_provider(setup, name)).login_name.key
        for name, provider in CATALOG.providers.items()
        if provider.smtp
    }
    assert "readiness.login_name.address" in keys
    assert keys <= {f"readiness.login_name.{form}" for form in ("address", "local_part", "other")}


def test_pop3_is_judged_by_itself(setup: Setup) -> None:
    without = next(
        name for name, one in CATALOG.providers.items() if one.imap and not one.pop3 and one.smtp
    )
    setup = choose_protocol(choose_provider(setup, without), Protocol.POP3)
    assert verdict(setup).receiving.readiness is Readiness.NOT_POSSIBLE


def detection(provider: str | None, *, finished: bool) -> Detection:
    return Detection(
        address="info@acme.example",
        domain="acme.example",
        outcome=Outcome.FOUND,
        provider=provider,
        gateway=None,
        mx=(),
        incoming=(),
        outgoing=(),
        evidence=(),
        warnings=(),
        elapsed_ms=1,
        finished=finished,
    )


def test_a_search_that_goes_on_takes_nothing_back(setup: Setup) -> None:
    setup = take_detection(setup, detection("ionos", finished=True))
    again = take_detection(setup, detection(None, finished=False))
    assert again.service.provider == "ionos"
    assert take_detection(again, detection(None, finished=True)).service.provider is None
    assert state_of(Step.SERVICE, again, CATALOG) is not state_of(
        Step.SERVICE, enter_company(new_setup(NOW), "x.example"), CATALOG
    )
