"""The practice company's submission server: aiosmtpd with its logins and its sender policy.

Answers are worded as Postfix words them, so that what is learned here holds elsewhere. Nothing is
ever sent on: letters stay in :mod:`wizard.practice.mailstore`.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from email.utils import format_datetime, localtime
from typing import Final

from aiosmtpd.smtp import (
    SMTP,
    AuthResult,
    Envelope,
    LoginPassword,
    Session,
    TLSSetupException,
)

from wizard.model import Security
from wizard.practice.facts import DOMAIN, SMTP_HOST
from wizard.practice.listen import GOODBYE_SECONDS, MAX_CONNECTIONS, listen, port_of
from wizard.practice.mailstore import MAX_MESSAGE_OCTETS, Delivery, MailStore

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 300.0
MAX_RECIPIENTS: Final = 100
# Reading a letter costs by its lines: this many hold up the loop for some 50 ms.
MAX_LINES: Final = 20_000


class SubmissionServer:
    """One port on which letters are handed in."""

    def __init__(self, store: MailStore, tls: ssl.SSLContext, security: Security) -> None:
        # aiosmtpd logs what clients do wrong; what clients do is their affair.
        logging.getLogger("mail.log").setLevel(logging.CRITICAL)
        self._rules = _Rules(store)
        self._tls = tls
        self._security = security
        self._open: set[_Conversation] = set()
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> int:
        """Listen; returns the port. Raises ``PracticeError``."""
        tls = self._tls if self._security is Security.TLS else None
        self._server = await listen(self._protocol, port, tls)
        return port_of(self._server)

    async def close(self) -> None:
        """Close the port and end every conversation."""
        if self._server is not None:
            self._server.close()
        ends = [conversation.end() for conversation in tuple(self._open)]
        if ends:
            await asyncio.wait(ends, timeout=GOODBYE_SECONDS)

    def _protocol(self) -> asyncio.BaseProtocol:
        if len(self._open) >= MAX_CONNECTIONS:
            return _TurnedAway()
        tls = self._tls if self._security is Security.STARTTLS else None
        return _Conversation(self._open, self._rules, starttls=tls)


class _TurnedAway(asyncio.Protocol):
    """A client for whom there is no room."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.write(f"421 4.3.2 {SMTP_HOST} too many connections\r\n".encode())
        transport.close()


class _Session(Session):
    """aiosmtpd's session without its deprecated property, which warns when aiosmtpd sets it."""

    login_data: object = None


class _Conversation(SMTP):
    """One client, known to its server for as long as it is there."""

    def __init__(
        self, together: "set[_Conversation]", rules: "_Rules", starttls: ssl.SSLContext | None
    ) -> None:
        """``starttls`` None: TLS has begun already, so a login is protected from the start."""
        super().__init__(
            rules,
            hostname=SMTP_HOST,
            ident="ESMTP practice company",
            data_size_limit=MAX_MESSAGE_OCTETS,
            timeout=IDLE_SECONDS,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=rules.authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._together = together

    def _create_session(self) -> Session:
        return _Session(self.loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._together.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        # aiosmtpd calls it once more itself when a handshake fails.
        if self in self._together:
            self._together.discard(self)
            super().connection_lost(error)

    def end(self) -> "asyncio.Task[None]":
        """Cut the connection; the task returned ends soon."""
        task = self._handler_coroutine
        if task is None:
            raise RuntimeError("ended before it began")
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        task.cancel()
        return task


class _Rules:
    """What is allowed: aiosmtpd calls these hooks, a returned text is the answer."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        if isinstance(given, LoginPassword):
            name = given.login.decode("utf-8", "replace").lower()
            if self._store.opens(name, given.password):
                return AuthResult(success=True, auth_data=name)
        answer = "535 5.7.8 Error: authentication failed: (reason unavailable)"
        return AuthResult(success=False, handled=False, message=answer)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        login = str(session.auth_data)
        if not self._store.may_send_as(login, address):
            return f"553 5.7.1 <{address}>: Sender address rejected: not owned by user {login}"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        if not address.lower().endswith(f"@{DOMAIN}"):
            return (
                f"550 5.1.2 <{address}>: Recipient address rejected: "
                f"nothing leaves the practice company, only {DOMAIN} is reached"
            )
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Error: too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        letter = envelope.original_content or b""
        if letter.count(b"\n") > MAX_LINES:
            return "552 5.3.4 Error: message has too many lines"
        for recipient in dict.fromkeys(envelope.rcpt_tos):
            trace = _trace(session, envelope, recipient)
            if await self._store.deliver(recipient, trace + letter) is Delivery.MAILBOX_FULL:
                return f"452 4.2.2 <{recipient}>: mailbox is full"
        return "250 2.0.0 Ok: delivered"

    async def handle_exception(self, error: Exception) -> str:
        """A client that does not like the certificate is no failure of ours, all else is."""
        if not isinstance(error, TLSSetupException):
            log.error("the practice company's submission server failed", exc_info=error)
        return "451 4.3.0 Error: local error in processing"


def _trace(session: Session, envelope: Envelope, recipient: str) -> bytes:
    """The lines that a delivering server puts on top (RFC 5321 section 4.4)."""
    sender = "" if envelope.mail_from == "<>" else envelope.mail_from
    lines = (
        f"Return-Path: <{sender}>",
        f"Delivered-To: {recipient}",
        f"Received: from [127.0.0.1] by {SMTP_HOST} with ESMTPSA",
        f"\tfor <{recipient}>; {format_datetime(localtime())}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")
