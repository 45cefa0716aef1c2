"""The practice company itself: starts all servers, knows how to reach them, ends without a trace.

Everything runs on the event loop that starts it; call its methods there.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

from wizard.model import Protocol, Security
from wizard.practice.facts import (
    ADDRESS,
    AUTOCONFIG_HOST,
    AUTOCONFIG_PATH,
    DOMAIN,
    IMAP_HOST,
    MAILBOXES,
    PASSWORD,
    SMTP_HOST,
    Account,
    PracticeFacts,
    PracticeServer,
    ZoneRecord,
    network_to,
)
from wizard.practice.listen import HOST, Listener, PracticeError
from wizard.texts import message

if TYPE_CHECKING:
    from wizard.practice.authority import Credentials
    from wizard.practice.zones import Zones

PORTS: Final = 6


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is made off the event loop, for it takes its time."""

    credentials: "Credentials"
    dkim_key: str


class PracticeCompany:
    """``practice.test``: mail, DNS and autoconfiguration on loopback, without any rights."""

    domain: ClassVar = DOMAIN
    address: ClassVar = ADDRESS
    accounts: ClassVar[tuple[Account, ...]] = tuple(
        Account(f"{name}@{DOMAIN}", PASSWORD) for name in MAILBOXES
    )

    def __init__(self, facts: PracticeFacts, zones: "Zones", stack: AsyncExitStack) -> None:
        self.network = network_to(facts)
        self._facts = facts
        self._zones = zones
        self._stack = stack
        self._later: set[asyncio.Task[None]] = set()

    @classmethod
    async def start(cls, port_base: int | None = None) -> Self:
        """Start all servers, on free ports or on the six from ``port_base`` on.

        Raises :class:`PracticeError`, with nothing left running.
        """
        async with AsyncExitStack() as stack:
            try:
                prepared = await asyncio.to_thread(_prepare)
            except OSError as problem:
                reason = problem.strerror or str(problem)
                raise PracticeError(message("practice.error.no_folder", reason=reason)) from problem
            stack.callback(prepared.credentials.folder.cleanup)
            ports = [0] * PORTS if port_base is None else range(port_base, port_base + PORTS)
            facts, zones = await _open_all(cls.accounts, prepared, ports, stack)
            return cls(facts, zones, stack.pop_all())

    def facts(self) -> PracticeFacts:
        """How to reach it, for people and programs."""
        return self._facts

    def publish(self, records: Iterable[ZoneRecord]) -> None:
        """Be the registrar: enter records, in place of the ones they are meant to replace.

        Raises ``ValueError`` for a record that the company's zone cannot hold.
        """
        for record in records:
            self._zones.publish(record)

    def publish_later(self, records: Iterable[ZoneRecord], seconds: float) -> asyncio.Task[None]:
        """Enter records after a while, as a real registrar does; never after :meth:`stop`."""
        given = tuple(records)

        async def wait_and_publish() -> None:
            await asyncio.sleep(seconds)
            self.publish(given)

        task = asyncio.get_running_loop().create_task(wait_and_publish())
        self._later.add(task)
        task.add_done_callback(self._later.discard)
        return task

    async def stop(self) -> None:
        """Close every port and remove the folder. May be called again."""
        for task in tuple(self._later):
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self._stack.aclose()


def _prepare() -> _Prepared:
    """Keys, certificates and imports: nothing of it may hold up an event loop."""
    from wizard.practice import autoconfig, imap, nameserver, submission  # noqa: F401, PLC0415
    from wizard.practice.authority import make_credentials  # noqa: PLC0415
    from wizard.practice.zones import make_dkim_key  # noqa: PLC0415

    return _Prepared(make_credentials(), make_dkim_key())


async def _open_all(
    accounts: tuple[Account, ...],
    prepared: _Prepared,
    ports: Sequence[int],
    stack: AsyncExitStack,
) -> tuple[PracticeFacts, "Zones"]:
    """Open every port; what is open is closed by ``stack``. Raises :class:`PracticeError`."""
    from wizard.practice.autoconfig import AutoconfigServer, document  # noqa: PLC0415
    from wizard.practice.imap import imap_conversations  # noqa: PLC0415
    from wizard.practice.mailstore import MailStore  # noqa: PLC0415
    from wizard.practice.nameserver import NameServer  # noqa: PLC0415
    from wizard.practice.submission import SubmissionServer  # noqa: PLC0415
    from wizard.practice.zones import Zones  # noqa: PLC0415

    tls = prepared.credentials.context
    store = MailStore(accounts)
    free = iter(ports)
    servers: list[PracticeServer] = []
    for security in (Security.STARTTLS, Security.TLS):
        submission = SubmissionServer(store, tls, security)
        stack.push_async_callback(submission.close)
        opened = await submission.open(next(free))
        servers.append(PracticeServer(Protocol.SMTP, SMTP_HOST, opened, security))
    conversations = imap_conversations(accounts, store, tls)
    for security in (Security.STARTTLS, Security.TLS):
        listener = Listener(conversations[security])
        stack.push_async_callback(listener.close)
        opened = await listener.open(next(free), tls if security is Security.TLS else None)
        servers.append(PracticeServer(Protocol.IMAP, IMAP_HOST, opened, security))

    zones = Zones(tuple(servers), prepared.dkim_key)
    nameserver = NameServer(zones)
    stack.push_async_callback(nameserver.close)
    dns_port = await nameserver.open(next(free))
    autoconfig = Listener(AutoconfigServer(document(tuple(servers))).converse)
    stack.push_async_callback(autoconfig.close)
    https_port = await autoconfig.open(next(free), tls)
    facts = PracticeFacts(
        domain=DOMAIN,
        address=ADDRESS,
        accounts=accounts,
        servers=tuple(servers),
        nameserver=f"{HOST}:{dns_port}",
        ca_file=str(prepared.credentials.ca_file),
        autoconfig_url=f"https://{AUTOCONFIG_HOST}:{https_port}{AUTOCONFIG_PATH}",
    )
    return facts, zones
