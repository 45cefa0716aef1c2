"""A set-up whose logins are sign-ins: test and proof on real servers, without a window."""

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from servers.browser import Browser
from servers.mail import MailServer
from servers.oauth import CLIENT, PEOPLE, SECRET, Memory, SignInService
from wizard import actions
from wizard.catalog import Catalog, Provider, ProviderKind, ServerPreset
from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, Secret, Security, Stage
from wizard.network import Network
from wizard.presets import fill_forms
from wizard.proof.plan import plan_letters
from wizard.proof.prove import Bounds
from wizard.proof.report import LetterState
from wizard.server_form import ServerTest
from wizard.setup import Setup, new_setup
from wizard.signin.client import SignedIn
from wizard.signin.desk import SigninDesk, World
from wizard.signin.login import Login, SigninFailure
from wizard.signin.token import TokenLogin
from wizard.store.setups import SetupStore
from wizard.texts import Texts
from wizard.updates import (
    choose_provider,
    edit_client,
    edit_mailbox,
    edit_receiving,
    edit_sending,
    enter_company,
    take_sign_in,
)

pytestmark = pytest.mark.servers


class Office:
    """The desk, the world around it and a set-up whose provider signs people in."""

    def __init__(self, mail: MailServer, service: SignInService, memory: Memory) -> None:
        provider = Provider(
            id="loopback",
            name="Loopback",
            kind=ProviderKind.MAILBOX,
            checked=dt.date(2026, 11, 26),
            sources=(),
            smtp=(ServerPreset("localhost", mail.submission, Security.STARTTLS),),
            imap=(ServerPreset("localhost", mail.imaps, Security.TLS),),
            oauth="loopback",
        )
        facts = Catalog.load()
        self.catalog = replace(
            facts,
            providers=facts.providers | {"loopback": provider},
            oauth=facts.oauth | {"loopback": service.facts()},
        )
        self.network = Network(ca_files=(Path(service.ca_file),), stage_timeout=10)
        self.browser = Browser(service.ca_file)
        self.memory = memory
        self.desk = SigninDesk(memory)
        setup = new_setup(dt.datetime.now(dt.UTC))
        setup = choose_provider(enter_company(setup, PEOPLE[0]), "loopback")
        setup = fill_forms(setup, self.catalog)
        setup = edit_sending(setup, lambda form: replace(form, auth=AuthMethod.XOAUTH2))
        setup = edit_receiving(setup, lambda form: replace(form, auth=AuthMethod.OAUTHBEARER))
        setup = edit_client(setup, lambda client: replace(client, client_id=CLIENT))
        for mailbox in ("catchall", "bounce"):
            # Anna reads all of it: mailbox and person are the same on this server.
            setup = edit_mailbox(setup, mailbox, lambda one: replace(one, username=PEOPLE[0]))
        self.setup = edit_mailbox(setup, "catchall", lambda one: replace(one, local="anna"))
        self.memory.secrets[self.setup.id, "client"] = Secret(SECRET)

    async def sign_in(self, purpose: str = "sending") -> SignedIn | SigninFailure | object:
        world = World(self.catalog, self.network, Texts.load("en"), self.browser.open)
        result = await self.desk.sign_in(
            self.setup, purpose, world, hint=PEOPLE[0], on_progress=lambda _: None
        )
        if isinstance(result, SignedIn):
            person = result
            self.setup = take_sign_in(self.setup, person)
        return result

    async def secret_of(self, purpose: str) -> Login:
        return await self.desk.login(self.setup, purpose, self.catalog, self.network)


@pytest.fixture
async def office(
    mail_server: MailServer, sign_in_service: SignInService, memory: Memory
) -> AsyncIterator[Office]:
    yield Office(mail_server, sign_in_service, memory)


async def test_one_sign_in_tests_and_proves_everything(office: Office) -> None:
    before: Setup = office.setup
    assert await office.secret_of("sending") is None
    assert isinstance(await office.sign_in(), SignedIn)
    assert office.setup.sending.form != before.sending.form
    sent = await actions.test_sending(
        office.setup, await office.secret_of("sending"), office.network
    )
    assert sent.report.ok, sent.report.transcript
    tests: dict[str, ServerTest] = {}
    await actions.test_mailboxes(office.setup, office.secret_of, office.network, tests.__setitem__)
    assert [one.report.ok for one in tests.values()] == [True, True]
    letters = plan_letters(office.setup)[:1]
    ended = await actions.prove(
        office.setup,
        letters,
        office.secret_of,
        office.network,
        texts=Texts.load("en"),
        on_event=lambda _: None,
        bounds=Bounds(wait=20.0),
    )
    assert [letter.state for letter in ended] == [LetterState.ARRIVED], ended


async def test_nothing_secret_reaches_a_file(office: Office, tmp_path: Path) -> None:
    assert isinstance(await office.sign_in(), SignedIn)
    login = await office.secret_of("sending")
    assert isinstance(login, TokenLogin)
    SetupStore(tmp_path).save(office.setup)
    (file,) = SetupStore(tmp_path).folder.glob("*.json")
    written = file.read_text()
    secrets = [login.access.reveal(), *(one.reveal() for one in office.memory.secrets.values())]
    assert len(secrets) == 3
    assert not any(one in written for one in secrets)
    assert not any(one in repr(office.setup) for one in secrets)
    assert not any(one in repr(login) for one in secrets)
    # What was saved can be read again, sign-in and all.
    (saved,), damaged = SetupStore(tmp_path).load_all()
    assert not damaged
    assert saved.setup == office.setup


async def test_a_revoked_sign_in_fails_before_the_server_is_asked(
    office: Office, sign_in_service: SignInService
) -> None:
    sign_in_service.behaviour.lifetime = 60
    assert isinstance(await office.sign_in(), SignedIn)
    for token in sign_in_service.tokens:
        token.revoked = True
    login = await office.secret_of("sending")
    assert isinstance(login, SigninFailure)
    assert actions.secret_in(login) is None
    test = await actions.test_sending(office.setup, login, office.network)
    assert test.report.failure is not None
    assert test.report.failure.stage is Stage.TOKEN
    assert test.report.failure.cause is Cause.OAUTH_GRANT_EXPIRED
    assert [one.stage for one in test.report.stages] == [Stage.TOKEN]
