"""What a step does in the world for a set-up: the same calls for window, tour and command line.

Each takes what it needs from the set-up, and gives back a frozen result that carries what it was
made for. When to do it, and how to show it, does not belong in here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial

from wizard.catalog import Catalog
from wizard.checkup import can_be_tested, mailboxes_can_be_tested
from wizard.current import plan_subject, wanted_mailboxes
from wizard.erp.senders import senders_of
from wizard.model import AuthMethod, EmailAddress, Protocol, Secret, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.crowd import all_at_once
from wizard.probe.driver import probe
from wizard.probe.report import Failure, ProbeReport, StageResult
from wizard.probe.second_looks import SecondLooks
from wizard.proof.job import NOTHING_TO_LOG_IN_WITH, Account, Bounds, ProofJob
from wizard.proof.plan import watched_to_the_end
from wizard.proof.prove import OnEvent
from wizard.proof.prove import prove as prove_letters
from wizard.proof.remove import remove_letters, where_it_lies
from wizard.proof.report import LetterState, ProofLetter
from wizard.records.lookup import look_up_plan
from wizard.records.plan import RecordPlan
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import LoginMode, MailboxEntry, Setup, mailbox_form
from wizard.signin.login import Login, SigninFailure
from wizard.signin.token import TokenLogin, explain_refusal
from wizard.texts import Message, Texts
from wizard.updates import take_mailbox_test, take_plan, take_sending_test

SecretOf = Callable[[str], Awaitable[Login]]
OnStage = Callable[[StageResult], None]
OnBegin = Callable[[Stage], None]
OnMailboxStage = Callable[[str, Stage], None]


async def test_sending(
    setup: Setup,
    login: Login,
    network: Network,
    on_stage: OnStage | None = None,
    on_begin: OnBegin | None = None,
) -> ServerTest:
    """Test the outgoing server with every sender the platform will use, up to RCPT."""
    form = setup.sending.form
    senders = senders_of(setup)
    recipient = EmailAddress("catchall", setup.domain) if setup.domain else None
    settings = _settings(form, Protocol.SMTP)
    names = tuple(map(str, senders))
    if _lacks_secret(settings, login):
        return ServerTest(form, names, _nothing_to_log_in_with(settings, login))
    report = await probe(
        settings,
        secret_in(login),
        network,
        senders=senders,
        recipient=recipient,
        on_stage=on_stage,
        on_begin=on_begin,
    )
    return ServerTest(form, names, report, note=_note(login, report))


async def test_mailboxes(
    setup: Setup,
    secret_of: SecretOf,
    network: Network,
    on_result: Callable[[str, ServerTest], None],
    on_stage: OnMailboxStage | None = None,
) -> None:
    """Test all wanted mailboxes at once; ``on_result`` gets each row's id and test as it ends.

    ``on_stage`` gets a row's id and the stage that begins for it. With a shared login the server
    is asked once, and every mailbox gets that result.
    """
    entries = wanted_mailboxes(setup)
    if setup.receiving.login is LoginMode.SHARED:

        def begin_all(stage: Stage) -> None:
            for entry in entries:
                if on_stage is not None:
                    on_stage(entry.id, stage)

        if entries:
            test = await _test_mailbox(setup, entries[0], secret_of, network, on_begin=begin_all)
            for entry in entries:
                on_result(entry.id, test)
        return

    async with SecondLooks() as looks:

        async def test_one(entry: MailboxEntry) -> ServerTest:
            begin = None if on_stage is None else partial(on_stage, entry.id)
            return await _test_mailbox(
                setup, entry, secret_of, network, on_begin=begin, looks=looks
            )

        await all_at_once(
            entries,
            test_one,
            report_of=lambda test: test.report,
            on_result=lambda entry, test: on_result(entry.id, test),
        )


async def prove(
    setup: Setup,
    letters: tuple[ProofLetter, ...],
    secret_of: SecretOf,
    network: Network,
    *,
    texts: Texts,
    on_event: OnEvent,
    bounds: Bounds | None = None,
) -> tuple[ProofLetter, ...]:
    """Send these letters through the tested server, and wait until each has come to its end.

    Letters that are out already are only waited for.
    """
    to_the_end = watched_to_the_end(setup)
    ids = {letter.mailbox for letter in letters} | to_the_end
    job = ProofJob(
        letters=letters,
        outgoing=Account(
            _settings(setup.sending.form, Protocol.SMTP), secret_in(await secret_of("sending"))
        ),
        mailboxes=await _accounts(setup, ids, secret_of),
        to_the_end=to_the_end,
        provider=setup.service.provider,
    )
    return await prove_letters(job, network, texts, on_event, bounds)


async def remove_proof(setup: Setup, secret_of: SecretOf, network: Network) -> frozenset[str]:
    """Take the letters that arrived out of their mailboxes again; returns those that are gone."""
    here = [
        letter
        for letter in setup.proof.letters
        if letter.state is LetterState.ARRIVED and not letter.removed
    ]
    accounts = await _accounts(setup, set(map(where_it_lies, here)), secret_of)
    return await remove_letters(here, accounts, network)


async def _accounts(setup: Setup, ids: set[str], secret_of: SecretOf) -> dict[str, Account]:
    """How each of these mailboxes is read."""
    return {
        entry.id: Account(
            _settings(
                mailbox_form(setup.receiving, entry, setup.domain or ""),
                setup.receiving.protocol,
            ),
            secret_in(await secret_of(mailbox_secret(setup, entry))),
        )
        for entry in setup.receiving.mailboxes
        if entry.id in ids
    }


async def check_up(setup: Setup, catalog: Catalog, secret_of: SecretOf, network: Network) -> Setup:
    """Test and look up everything of a set-up again, all at once; returns it with the results.

    What cannot be tested for lack of a usable entry is left as it is.
    """
    tests: dict[str, ServerTest] = {}
    async with asyncio.TaskGroup() as group:
        sending = plan = None
        if can_be_tested(setup):
            secret = await secret_of("sending")
            sending = group.create_task(test_sending(setup, secret, network))
        if mailboxes_can_be_tested(setup):
            group.create_task(test_mailboxes(setup, secret_of, network, tests.__setitem__))
        if plan_subject(setup) is not None:
            plan = group.create_task(look_up_records(setup, catalog, network))
    if sending is not None:
        setup = take_sending_test(setup, sending.result())
    for mailbox, test in tests.items():
        setup = take_mailbox_test(setup, mailbox, test)
    return setup if plan is None else take_plan(setup, plan.result())


async def look_up_records(setup: Setup, catalog: Catalog, network: Network) -> RecordPlan:
    """Look up every record that the set-up's route needs, and how it stands now, not lately."""
    subject = plan_subject(setup)
    if subject is None:
        raise ValueError("the set-up has no domain yet")
    network.resolver.forget()
    return await look_up_plan(subject, catalog, network.resolver)


async def _test_mailbox(
    setup: Setup,
    entry: MailboxEntry,
    secret_of: SecretOf,
    network: Network,
    *,
    on_begin: OnBegin | None,
    looks: SecondLooks | None = None,
) -> ServerTest:
    form = mailbox_form(setup.receiving, entry, setup.domain or "")
    settings = _settings(form, setup.receiving.protocol)
    login = await secret_of(mailbox_secret(setup, entry))
    if _lacks_secret(settings, login):
        return ServerTest(form, (), _nothing_to_log_in_with(settings, login))
    report = await probe(settings, secret_in(login), network, on_begin=on_begin, looks=looks)
    return ServerTest(form, (), report, note=_note(login, report))


def secret_in(login: Login) -> Secret | None:
    """What is sent to the server; None when there is nothing."""
    match login:
        case Secret():
            return login
        case TokenLogin(access=access):
            return access
        case _:
            return None


def _note(login: Login, report: ProbeReport) -> Message | None:
    """What a token tells about its own refusal."""
    refused = report.failure is not None and report.failure.stage is Stage.AUTH
    if refused and isinstance(login, TokenLogin):
        return explain_refusal(login, report.settings, report.finished)
    return None


def _lacks_secret(settings: ServerSettings, login: Login) -> bool:
    return not secret_in(login) and settings.auth is not AuthMethod.NONE


def _nothing_to_log_in_with(settings: ServerSettings, login: Login) -> ProbeReport:
    """A login that cannot be tried has failed: a test that leaves it out would come out green."""
    failure = NOTHING_TO_LOG_IN_WITH
    if isinstance(login, SigninFailure):
        failure = Failure(Stage.TOKEN, login.words, login.cause)
    return ProbeReport(
        settings=settings,
        stages=(StageResult(failure.stage, ok=False, ms=0),),
        tls=None,
        capabilities=(),
        senders=(),
        failure=failure,
        transcript=(),
        elapsed_ms=0,
        finished=datetime.now(UTC),
    )


def mailbox_secret(setup: Setup, entry: MailboxEntry) -> str:
    """The vault's name for the secret that a mailbox is read with."""
    shared = setup.receiving.login is LoginMode.SHARED
    return "receiving" if shared else f"mailbox:{entry.id}"


def _settings(form: ServerForm, protocol: Protocol) -> ServerSettings:
    settings = form.parse(protocol)
    if isinstance(settings, tuple):
        fields = ", ".join(problem.field for problem in settings)
        raise ValueError(f"the form cannot be used yet: {fields}")  # noqa: TRY004
    return settings
