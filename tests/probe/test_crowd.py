"""Many mailboxes at once: as many as a server allows, and gently where it says it is too much."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from servers.needs import free_ports
from servers.scripted import Act, Peer, scripted, steps
from wizard.actions import test_mailboxes as run_mailboxes
from wizard.diagnosis.cause import Cause
from wizard.model import PlainLogin, Secret, Security
from wizard.network import Network
from wizard.probe.crowd import AT_ONCE, AT_ONCE_AFTER_THAT
from wizard.server_form import Exemption, ServerForm, ServerTest
from wizard.setup import Setup, new_setup
from wizard.updates import add_mailbox, edit_receiving, enter_company

MAILBOXES = 60
NETWORK = Network(stage_timeout=5)


def company(port: int) -> Setup:
    setup = enter_company(new_setup(datetime.now(UTC)), "info@acme.example")
    for number in range(MAILBOXES - 2):
        setup = add_mailbox(setup, f"box{number}")
    allowed = Exemption("127.0.0.1", port, plain_login=PlainLogin.ALLOWED)
    form = ServerForm("127.0.0.1", str(port), Security.NONE, "x", exemption=allowed)
    return edit_receiving(setup, lambda _: form)


async def secret_of(_: str) -> Secret:
    return Secret("geheim")


class Mailboxes:
    """An IMAP server with a limit, and the most connections it ever had."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.now = self.most = 0
        self.counted: list[int] = []

    async def serve(self, peer: Peer) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        self.counted.append(self.now)
        try:
            if self.now > self.limit:
                await peer.say(b"* BYE [LIMIT] Too many connections\r\n")
                return
            await steps(
                b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n",
                Act.READ,
                b"<tag> OK welcome\r\n",
                Act.READ,
                b"* 0 EXISTS\r\n<tag> OK done\r\n",
                Act.SILENCE,
            )(peer)
        finally:
            self.now -= 1


@pytest.mark.parametrize("limit", [7, 1_000])
async def test_all_are_tested_whatever_the_limit_is(limit: int) -> None:
    mailboxes, heard = Mailboxes(limit), dict[str, ServerTest]()
    async with scripted(mailboxes.serve) as server:
        setup = company(server.port)
        await run_mailboxes(setup, secret_of, NETWORK, heard.__setitem__)
    assert len(heard) == MAILBOXES
    assert all(test.report.ok for test in heard.values())
    assert mailboxes.most <= AT_ONCE


async def test_a_server_that_minds_the_number_is_asked_gently_afterwards() -> None:
    mailboxes, heard = Mailboxes(AT_ONCE_AFTER_THAT), dict[str, ServerTest]()
    async with scripted(mailboxes.serve) as server:
        setup = company(server.port)
        await run_mailboxes(setup, secret_of, NETWORK, heard.__setitem__)
    assert all(test.report.ok for test in heard.values())
    # In the second turn there are never more than that.
    assert max(mailboxes.counted[MAILBOXES:]) <= AT_ONCE_AFTER_THAT + 1


async def test_a_port_that_nobody_listens_on_is_not_asked_twice() -> None:
    heard = list[tuple[str, ServerTest]]()
    setup = company(free_ports(1)[0])
    await run_mailboxes(setup, secret_of, NETWORK, lambda *one: heard.append(one))
    assert len(heard) == MAILBOXES
    causes = {test.report.failure.cause for _, test in heard if test.report.failure}
    assert causes == {Cause.CONNECTION_REFUSED}


async def test_a_silent_server_is_looked_at_once() -> None:
    connections = 0

    async def silent(peer: Peer) -> None:
        nonlocal connections
        connections += 1
        await peer.silence()

    heard = dict[str, ServerTest]()
    async with scripted(silent) as server:
        setup = company(server.port)
        patience = replace(NETWORK, stage_timeout=0.6)
        await asyncio.wait_for(run_mailboxes(setup, secret_of, patience, heard.__setitem__), 20)
    assert len(heard) == MAILBOXES
    # One more for each turn's look at what the port speaks, not one for each mailbox.
    assert connections <= MAILBOXES + 2
