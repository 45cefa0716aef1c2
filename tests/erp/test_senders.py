"""The settings that follow from what the server lets the platform send as (odoo 17, lived)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wizard.catalog import Catalog
from wizard.erp.identities import Role, route_picture
from wizard.erp.senders import SenderScope, can_send, sender_settings
from wizard.flow import Step, StepState, open_points, state_of
from wizard.model import Protocol, Route, Security, ServerSettings, Stage
from wizard.probe.report import Failure, ProbeReport, SenderResult
from wizard.readiness import Severity, cautions
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import Setup, new_setup
from wizard.texts import LANGUAGES, Message, Texts
from wizard.updates import (
    choose_route,
    edit_sending,
    enter_company,
    mark_entered,
    take_sending_test,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOG = Catalog.load()
ALL = ("info", "notifications", "bounce", "catchall")


@pytest.fixture
def setup() -> Setup:
    setup = enter_company(new_setup(NOW), "info@acme.example")
    form = ServerForm("smtp.acme.example", "587", Security.STARTTLS, "info@acme.example")
    return edit_sending(setup, lambda _: form)


def with_test(setup: Setup, *accepted: str, stage: Stage = Stage.MAIL_FROM) -> Setup:
    names = [f"{local}@acme.example" for local in ALL]
    senders = tuple(
        SenderResult(name, name.partition("@")[0] in accepted, "553 5.7.1 not owned")
        for name in names
    )
    settings = setup.sending.form.parse(Protocol.SMTP)
    assert isinstance(settings, ServerSettings)
    failure = None if len(accepted) == len(ALL) else Failure(stage, "553 5.7.1 not owned")
    report = ProbeReport(settings, (), None, (), senders, failure, (), 1, NOW)
    return take_sending_test(setup, ServerTest(setup.sending.form, tuple(names), report))


@pytest.mark.parametrize(
    ("accepted", "scope", "filter_", "default", "visible", "envelope"),
    [
        # Any sender: the platform's own ways work.
        (ALL, "domain", "acme.example", "notifications", "notifications", "bounce"),
        (
            ("notifications", "bounce"),
            "domain",
            "acme.example",
            "notifications",
            "notifications",
            "bounce",
        ),
        # The login only: full address in the filter AND as default sender, nothing less.
        (("info",), "single", "info@acme.example", "info", "info", "info"),
        # A filter of the domain would put bounce@ into MAIL FROM: refused.
        (
            ("info", "notifications"),
            "single",
            "notifications@acme.example",
            "notifications",
            "notifications",
            "notifications",
        ),
        (("info", "bounce"), "single", "info@acme.example", "info", "info", "info"),
    ],
)
def test_settings_follow_from_the_matrix(
    setup: Setup,
    accepted: tuple[str, ...],
    scope: str,
    filter_: str,
    default: str,
    visible: str,
    envelope: str,
) -> None:
    settings = sender_settings(with_test(setup, *accepted))
    assert settings is not None
    assert (settings.scope, settings.from_filter, settings.default_from) == (
        scope,
        filter_,
        default,
    )
    assert settings.visible == f"{visible}@acme.example"
    assert settings.envelope == f"{envelope}@acme.example"


def test_a_server_for_one_sender_works_with_the_right_settings(setup: Setup) -> None:
    single = with_test(setup, "info")
    assert can_send(single)
    assert state_of(Step.SENDING, single, CATALOG) is StepState.ATTENTION
    keys = [one.message.key for one in open_points(single, CATALOG) if one.step is Step.SENDING]
    assert keys == ["flow.open.sending.single"]
    entered = mark_entered(single, entered=True)
    assert state_of(Step.SENDING, entered, CATALOG) is StepState.DONE
    said = [one for one in cautions(single, CATALOG) if one.message.key == "caution.sender_single"]
    assert said[0].severity is Severity.WARNING


def test_a_refused_login_is_no_server_for_one_sender(setup: Setup) -> None:
    assert not can_send(with_test(setup, "info", stage=Stage.AUTH))
    assert not can_send(setup)


def test_where_nothing_is_allowed_nothing_is_offered(setup: Setup) -> None:
    nothing = with_test(setup)
    settings = sender_settings(nothing)
    assert settings is not None
    assert settings.scope is SenderScope.NONE
    assert not can_send(nothing)
    assert state_of(Step.SENDING, nothing, CATALOG) is StepState.FAILED
    said = [one for one in cautions(nothing, CATALOG) if one.message.key == "caution.sender_none"]
    assert said[0].severity is Severity.IMPOSSIBLE


def test_a_changed_form_says_nothing_about_senders(setup: Setup) -> None:
    changed = edit_sending(with_test(setup, "info"), lambda form: replace(form, port="465"))
    settings = sender_settings(changed)
    assert settings is not None
    assert settings.scope is SenderScope.UNTESTED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("accepted", [ALL, ("info",), (), None])
def test_the_picture_has_its_words(
    setup: Setup, route: Route, accepted: tuple[str, ...] | None, language: str
) -> None:
    texts = Texts.load(language)
    setup = choose_route(setup, route)
    if accepted is not None:
        setup = with_test(setup, *accepted)
    hands = route_picture(setup, CATALOG)
    assert len(hands) == (2 if route is Route.BOTH else 1)
    for hand in hands:
        assert [line.role for line in hand.lines] == list(Role)
        assert "{" not in texts.render(hand.title)
        for line in hand.lines:
            assert f"identity.role.{line.role}" in texts
            for said in (line.value, line.why):
                assert not isinstance(said, Message) or said.key in texts
    assert route_picture(new_setup(NOW), CATALOG) == ()
