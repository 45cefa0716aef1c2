"""What is to be created at the provider, for every way and every kind of provider."""

from datetime import UTC, datetime

import pytest

from wizard.catalog import Catalog
from wizard.current import wanted_addresses, wanted_mailboxes
from wizard.flow import Step, StepState, open_points, state_of
from wizard.receiving.create import Kind, creation_list, creation_text
from wizard.server_form import ServerForm
from wizard.setup import LoginMode, ReceivingWay, Setup, new_setup
from wizard.texts import LANGUAGES, Texts
from wizard.updates import choose_login, choose_provider, choose_way, edit_receiving, enter_company

CATALOG = Catalog.load()


@pytest.fixture
def setup() -> Setup:
    return enter_company(new_setup(datetime(2026, 11, 24, tzinfo=UTC)), "info@acme.example")


def kinds(setup: Setup) -> dict[str, Kind]:
    made = creation_list(setup, CATALOG)
    return {one.address.partition("@")[0]: one.kind for one in made.creations}


def test_each_its_own_and_the_default_sender(setup: Setup) -> None:
    assert kinds(setup) == {
        "catchall": Kind.MAILBOX,
        "bounce": Kind.MAILBOX,
        "notifications": Kind.SENDER,
    }


def test_one_for_all_has_aliases(setup: Setup) -> None:
    shared = choose_login(setup, LoginMode.SHARED)
    assert kinds(shared)["catchall"] is Kind.MAILBOX
    assert kinds(shared)["bounce"] is Kind.ALIAS
    named = edit_receiving(shared, lambda _: ServerForm(username="bounce@acme.example"))
    assert kinds(named)["catchall"] is Kind.ALIAS


def test_what_is_brought_to_the_platform_is_forwarded_and_cannot_be_tested(setup: Setup) -> None:
    forward = choose_way(setup, ReceivingWay.FORWARD)
    assert kinds(forward)["catchall"] is Kind.FORWARD
    assert wanted_mailboxes(forward) == ()
    assert len(wanted_addresses(forward)) == 2
    assert state_of(Step.RECEIVING, forward, CATALOG) is StepState.ATTENTION
    keys = [one.message.key for one in open_points(forward, CATALOG) if one.step is Step.RECEIVING]
    assert keys == ["flow.open.receiving.forward"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("provider", ["google-workspace", "microsoft-365", "ionos", None])
def test_every_way_has_its_words(setup: Setup, provider: str | None, language: str) -> None:
    texts = Texts.load(language)
    setup = choose_provider(setup, provider)
    ways = [choose_login(setup, mode) for mode in LoginMode]
    ways += [choose_way(setup, way) for way in (ReceivingWay.FORWARD, ReceivingWay.SUBDOMAIN)]
    for one in ways:
        text = creation_text(one, CATALOG, texts)
        assert "create." not in text
        assert "acme.example" in text
    assert len({creation_text(one, CATALOG, texts) for one in ways}) == 4
