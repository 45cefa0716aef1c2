"""One connection driven through a dialogue: sockets, TLS, deadlines, limits, transcript.

Nothing a server, a network or a resolver does makes it raise; every end is a failure or None. What
is tried after a failure is the driver's.
"""

import asyncio
import contextlib
import hmac
import ssl
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, Protocol, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe import endings, sasl
from wizard.probe.certificate import describe, fault_of, fingerprint_of
from wizard.probe.dialogue import (
    Await,
    Begin,
    Conversation,
    Dialogue,
    Done,
    Envelope,
    Errand,
    Farewell,
    Login,
    Receive,
    Send,
    StartTls,
)
from wizard.probe.harmless import CUT, harmless
from wizard.probe.imap import imap_dialogue
from wizard.probe.lines import MAX_TOTAL, MAX_TOTAL_OF_ERRAND, Lines
from wizard.probe.pop3 import pop3_dialogue
from wizard.probe.record import Listeners, Record
from wizard.probe.report import CertificateFault, Failure, ProbeReport, TlsInfo
from wizard.probe.smtp import smtp_dialogue
from wizard.probe.stream import LineTooLongError, Stream, TooMuchError
from wizard.resolver import Absent, Found, NoAnswer

NOTHING_TO_SEND: Final = Envelope()
# A whole conversation may take as long as so many of its stages.
STAGES_IN_ALL: Final = 4


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a conversation is for beyond its login: senders to offer, or an errand.

    ``seconds`` bounds the whole of one that is meant to last.
    """

    envelope: Envelope = NOTHING_TO_SEND
    errand: Errand | None = None
    seconds: float | None = None


class Trust(Enum):
    """Whom a handshake believes: the authorities, one fingerprint only, or anybody, to look."""

    AUTHORITIES = auto()
    FINGERPRINT = auto()
    ANYBODY = auto()


class _SeenEnough(Exception):  # noqa: N818 - it is the wanted end of a look
    """The handshake is done, and nothing else was wanted."""


class Run:
    """One connection and what is written down about it."""

    def __init__(
        self,
        settings: ServerSettings,
        secret: Secret | None,
        network: Network,
        trust: Trust = Trust.AUTHORITIES,
        listeners: Listeners | None = None,
    ) -> None:
        self.settings = settings
        self.tls: TlsInfo | None = None
        self.fault: CertificateFault | None = None
        self._secret = secret
        self._network = network
        self._trust = trust
        secrets = sasl.on_the_wire(settings.username, secret) if secret else ()
        self._record = Record(secrets, listeners or Listeners())
        self._whole = network.stage_timeout * STAGES_IN_ALL

    @property
    def stage(self) -> Stage:
        """The stage that began last."""
        return self._record.stage

    async def converse(self, conversation: Conversation, purpose: Purpose) -> Failure | None:
        """The whole way; the failure that ended it, or None."""
        self._whole = purpose.seconds or self._whole
        try:
            async with asyncio.timeout(self._whole):
                failure = await self._resolve_and_talk(conversation, purpose)
        except TimeoutError:
            failure = self._late()
        return None if failure is None else self._record.end_with(failure)

    async def look(self) -> TlsInfo | None:
        """Only as far as the handshake, believing anybody; None where it does not come to one."""
        conversation = Conversation(self.settings.security is Security.TLS)
        with contextlib.suppress(_SeenEnough):
            await self._resolve_and_talk(conversation, Purpose())
        return self.tls

    def seconds_left(self) -> float:
        """What remains for a last look, so that the whole keeps its bound."""
        return min(self._network.stage_timeout, self._whole - self._record.seconds())

    def report(self, conversation: Conversation, failure: Failure | None) -> ProbeReport:
        return self._record.report(self.settings, conversation, failure, self.tls)

    async def _resolve_and_talk(
        self, conversation: Conversation, purpose: Purpose
    ) -> Failure | None:
        self._record.begin(Stage.RESOLVE)
        match await self._network.resolver.addresses(self.settings.host):
            case Found(values=addresses):
                self._record.end(ok=True, detail=", ".join(addresses[:6]))
            case Absent():
                return Failure(Stage.RESOLVE, self.settings.host, Cause.HOST_NOT_FOUND)
            case NoAnswer(reason=reason, detail=detail):
                words = f"{reason}: {harmless(detail, 300)}" if detail else str(reason)
                return Failure(Stage.RESOLVE, words, Cause.DNS_UNAVAILABLE)
        self._record.begin(Stage.CONNECT)
        try:
            async with asyncio.timeout(self._network.stage_timeout):
                stream = await Stream.connect(addresses, self.settings.port)
        except OSError as problem:
            return endings.not_connected(problem)
        self._record.end(ok=True, detail=stream.peer_address)
        total = MAX_TOTAL if purpose.errand is None else MAX_TOTAL_OF_ERRAND
        lines = Lines(stream, self.settings.protocol, total)
        try:
            return await self._talk(stream, lines, conversation, purpose)
        except EOFError:
            return endings.hung_up(self.stage, self.settings)
        except (LineTooLongError, TooMuchError):
            return Failure(self.stage, "more data than allowed", Cause.PROTOCOL_ERROR)
        except TimeoutError:
            return self._late()
        except OSError as problem:
            return endings.broken(self.stage, problem)
        finally:
            try:
                await lines.close()
            finally:
                # Also when cancelled once more meanwhile.
                stream.close()

    async def _talk(
        self, stream: Stream, lines: Lines, conversation: Conversation, purpose: Purpose
    ) -> Failure | None:
        if self.settings.security is Security.TLS:
            failure = await self._shake_hands(stream)
            if failure is not None:
                return failure
        dialogue = self._dialogue(stream, conversation, purpose)
        answer: bytes | None = None
        while True:
            try:
                action = dialogue.send(answer)
            except StopIteration as end:
                ended: Failure | None = end.value
                return ended
            answer = None
            match action:
                case Begin(stage):
                    self._record.begin(stage)
                case Done(detail):
                    self._record.end(ok=True, detail=detail)
                case Send(line, shown):
                    self._record.write("C", harmless(line) if shown is None else shown)
                    async with asyncio.timeout_at(self._deadline()):
                        await stream.send(line + b"\r\n")
                case Farewell(line):
                    self._record.write("C", harmless(line))
                    with contextlib.suppress(OSError):
                        async with asyncio.timeout_at(self._deadline()):
                            await stream.send(line + b"\r\n")
                case Receive() | Await():
                    answer = await self._hear(lines, action)
                case StartTls():
                    if stream.unread:
                        # Somebody spoke into the clear part of the connection: refuse all of it.
                        words = harmless(stream.unread, 200)
                        return Failure(Stage.TLS, words, Cause.MIDDLEBOX_INTERFERENCE)
                    failure = await self._shake_hands(stream)
                    if failure is not None:
                        return failure

    async def _hear(self, lines: Lines, action: Receive | Await) -> bytes | None:
        if isinstance(action, Await):
            answer = await lines.read_within(action.seconds)
        else:
            async with asyncio.timeout_at(self._deadline()):
                answer = await lines.read()
        if answer is not None and not (isinstance(action, Receive) and action.content):
            # A literal holds what stands in somebody's message: its length says enough.
            line, literal, _ = answer.partition(b"\r\n")
            self._record.write("S", harmless(line) + (CUT if literal else ""))
        return answer

    async def _shake_hands(self, stream: Stream) -> Failure | None:
        self._record.begin(Stage.TLS)
        network = self._network
        strict = self._trust is Trust.AUTHORITIES
        context = network.tls if strict else network.tls_with_anybody
        try:
            async with asyncio.timeout_at(self._deadline()):
                tls = await stream.start_tls(context, self.settings.host)
        except ssl.SSLError as problem:
            self.fault = fault_of(problem)
            return endings.no_handshake(problem, self.settings)
        self.tls = describe(tls, fault=self.fault, trusted=strict)
        if self._trust is Trust.ANYBODY:
            raise _SeenEnough
        if self._trust is Trust.FINGERPRINT:
            shown, wanted = fingerprint_of(tls), self.settings.fingerprint
            if not hmac.compare_digest(shown, wanted):
                self.fault = CertificateFault.CHANGED
                words = f"SHA-256 {shown}"
                return Failure(Stage.TLS, words, Cause.CERT_UNTRUSTED)
        self._record.end(ok=True, detail=f"{self.tls.version} · {self.tls.cipher}")
        return None

    def _dialogue(self, stream: Stream, conversation: Conversation, purpose: Purpose) -> Dialogue:
        settings = self.settings
        login = Login(settings.username, self._secret, settings.auth)
        match settings.protocol:
            case Protocol.SMTP:
                name = _address_literal(stream.local_address)
                return smtp_dialogue(
                    settings.security,
                    login,
                    purpose.envelope,
                    name,
                    conversation,
                    errand=purpose.errand,
                )
            case Protocol.IMAP:
                return imap_dialogue(settings.security, login, conversation, purpose.errand)
            case Protocol.POP3:
                return pop3_dialogue(settings.security, login, conversation, purpose.errand)

    def _late(self) -> Failure:
        return endings.late(self.stage, self.settings, self._network.stage_timeout)

    def _deadline(self) -> float:
        """When the present stage is over, on the event loop's clock."""
        left = self._network.stage_timeout - self._record.seconds_of_stage()
        return asyncio.get_running_loop().time() + left


def without_login(settings: ServerSettings) -> ServerSettings:
    """The same server with nobody to log in."""
    return ServerSettings(
        settings.protocol, settings.host, settings.port, settings.security, auth=AuthMethod.NONE
    )


def _address_literal(address: str) -> str:
    """What a client without a name of its own says in EHLO (RFC 5321 section 4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
