"""What a step does in the world for a set-up: the same calls for window, tour and command line.

Each takes what it needs from the set-up, and gives back a frozen result that carries what it was
made for. When to do it, and how to show it, does not belong in here.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from wizard.catalog import Catalog
from wizard.diagnosis.cause import Cause
from wizard.erp.senders import proof_sender, senders_of
from wizard.flow import plan_subject, wanted_mailboxes
from wizard.model import AuthMethod, EmailAddress, Protocol, Secret, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.driver import probe
from wizard.probe.report import Failure, ProbeReport, StageResult
from wizard.proof.prove import ProofWay
from wizard.proof.prove import prove as prove_way
from wizard.proof.report import ProofProgress, ProofReport
from wizard.records.lookup import look_up_plan
from wizard.records.plan import RecordPlan
from wizard.server_form import ServerForm, ServerTest
from wizard.setup import LoginMode, MailboxEntry, Setup, mailbox_form
from wizard.texts import Texts

# Polite towards one server: Google allows 15 IMAP connections at a time, Microsoft 20.
MAILBOXES_AT_ONCE: Final = 10

SecretOf = Callable[[str], Awaitable[Secret | None]]
OnStage = Callable[[StageResult], None]
OnBegin = Callable[[Stage], None]
OnMailboxStage = Callable[[str, Stage], None]


async def test_sending(
    setup: Setup,
    secret: Secret | None,
    network: Network,
    on_stage: OnStage | None = None,
    on_begin: OnBegin | None = None,
) -> ServerTest:
    """Test the outgoing server with every sender the platform will use, up to RCPT."""
    form = setup.sending.form
    senders = senders_of(setup)
    recipient = EmailAddress("catchall", setup.domain) if setup.domain else None
    settings = _settings(form, Protocol.SMTP)
    if _lacks_secret(settings, secret):
        return ServerTest(form, tuple(map(str, senders)), _nothing_to_log_in_with(settings))
    report = await probe(
        settings,
        secret,
        network,
        senders=senders,
        recipient=recipient,
        on_stage=on_stage,
        on_begin=on_begin,
    )
    return ServerTest(form, tuple(str(sender) for sender in senders), report)


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
            test = await _test_mailbox(setup, entries[0], secret_of, network, begin_all)
            for entry in entries:
                on_result(entry.id, test)
        return
    turn = asyncio.Semaphore(MAILBOXES_AT_ONCE)

    async def one(entry: MailboxEntry) -> None:
        begin = None if on_stage is None else partial(on_stage, entry.id)
        async with turn:
            test = await _test_mailbox(setup, entry, secret_of, network, begin)
        on_result(entry.id, test)

    async with asyncio.TaskGroup() as group:
        for entry in entries:
            group.create_task(one(entry))


async def prove(
    setup: Setup,
    mailbox: MailboxEntry,
    secret_of: SecretOf,
    network: Network,
    *,
    texts: Texts,
    on_progress: Callable[[ProofProgress], None],
) -> ProofReport:
    """Send a message to a mailbox through the tested server, and wait until it is there."""
    domain = setup.domain
    sender = proof_sender(setup)
    if domain is None or sender is None:
        raise ValueError("the set-up has no domain yet")
    way = ProofWay(
        sender=sender,
        recipient=EmailAddress(mailbox.local.strip(), domain),
        outgoing=_settings(setup.sending.form, Protocol.SMTP),
        outgoing_secret=await secret_of("sending"),
        incoming=_settings(
            mailbox_form(setup.receiving, mailbox, domain), setup.receiving.protocol
        ),
        incoming_secret=await secret_of(mailbox_secret(setup, mailbox)),
    )
    return await prove_way(way, network, texts, on_progress)


async def look_up_records(setup: Setup, catalog: Catalog, network: Network) -> RecordPlan:
    """Look up every record that the set-up's route needs, and how it stands."""
    subject = plan_subject(setup)
    if subject is None:
        raise ValueError("the set-up has no domain yet")
    return await look_up_plan(subject, catalog, network.resolver)


async def _test_mailbox(
    setup: Setup,
    entry: MailboxEntry,
    secret_of: SecretOf,
    network: Network,
    on_begin: OnBegin | None,
) -> ServerTest:
    form = mailbox_form(setup.receiving, entry, setup.domain or "")
    settings = _settings(form, setup.receiving.protocol)
    secret = await secret_of(mailbox_secret(setup, entry))
    if _lacks_secret(settings, secret):
        return ServerTest(form, (), _nothing_to_log_in_with(settings))
    return ServerTest(form, (), await probe(settings, secret, network, on_begin=on_begin))


def _lacks_secret(settings: ServerSettings, secret: Secret | None) -> bool:
    return not secret and settings.auth is not AuthMethod.NONE


def _nothing_to_log_in_with(settings: ServerSettings) -> ProbeReport:
    """A login that cannot be tried has failed: a test that leaves it out would come out green."""
    return ProbeReport(
        settings=settings,
        stages=(StageResult(Stage.AUTH, ok=False, ms=0),),
        tls=None,
        capabilities=(),
        senders=(),
        failure=Failure(Stage.AUTH, "", Cause.AUTH_REQUIRED),
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
