"""One connection driven through a dialogue: sockets, TLS, deadlines, limits, transcript.

Nothing a server, a network or a resolver does makes it raise; every end is a failure or None. What
is tried after a failure is the driver's.
"""

import asyncio
import contextlib
import hmac
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, Protocol, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe import sasl
from wizard.probe.certificate import cause_of, describe, fault_of, fingerprint_of
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
from wizard.probe.harmless import Mask, harmless
from wizard.probe.imap import imap_dialogue
from wizard.probe.pop3 import pop3_dialogue
from wizard.probe.report import (
    CertificateFault,
    Failure,
    ProbeReport,
    SenderResult,
    StageResult,
    TlsInfo,
)
from wizard.probe.smtp import smtp_dialogue
from wizard.probe.stream import LineTooLongError, Stream, TooMuchError
from wizard.resolver import Absent, Found, NoAnswer

MAX_LINE: Final = 64 << 10
MAX_TOTAL: Final = 1 << 20
MAX_LITERAL: Final = 64 << 10
MAX_TRANSCRIPT_LINES: Final = 500
MAX_TRANSCRIPT_LINE: Final = 1_000
NOTHING_TO_SEND: Final = Envelope()
# A whole conversation may take as long as so many of its stages.
STAGES_IN_ALL: Final = 4

_TLS_PORTS: Final = {465, 993, 995}

OnStage = Callable[[StageResult], None]
OnBegin = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a conversation is for beyond its login: senders to offer, or an errand.

    ``seconds`` bounds the whole of one that is meant to last.
    """

    envelope: Envelope = NOTHING_TO_SEND
    errand: Errand | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of stages as they begin and end."""

    on_stage: OnStage | None = None
    on_begin: OnBegin | None = None


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
        self.stage = Stage.RESOLVE
        self._secret = secret
        self._network = network
        self._trust = trust
        self._listeners = listeners or Listeners()
        self._mask = Mask(sasl.on_the_wire(settings.username, secret) if secret else ())
        self._whole = network.stage_timeout * STAGES_IN_ALL
        self._reading: asyncio.Task[bytes] | None = None
        self._started = time.monotonic()
        self._stages: list[StageResult] = []
        self._transcript: list[str] = []
        self._stage_started = self._started

    async def converse(self, conversation: Conversation, purpose: Purpose) -> Failure | None:
        """The whole way; the failure that ended it, or None."""
        self._whole = purpose.seconds or self._whole
        try:
            async with asyncio.timeout(self._whole):
                failure = await self._resolve_and_talk(conversation, purpose)
        except TimeoutError:
            failure = self._late()
        if failure is not None:
            words = self._mask(failure.words) if failure.words.strip() else "an empty line"
            failure = Failure(failure.stage, words, failure.cause)
            if self.stage is not failure.stage:
                self._begin(failure.stage)
            self._end(ok=False, detail=failure.words)
        return failure

    async def look(self) -> TlsInfo | None:
        """Only as far as the handshake, believing anybody; None where it does not come to one."""
        conversation = Conversation(self.settings.security is Security.TLS)
        with contextlib.suppress(_SeenEnough):
            await self._resolve_and_talk(conversation, Purpose())
        return self.tls

    def seconds_left(self) -> float:
        """What remains for a last look, so that the whole keeps its bound."""
        left = self._whole - (time.monotonic() - self._started)
        return min(self._network.stage_timeout, left)

    def report(self, conversation: Conversation, failure: Failure | None) -> ProbeReport:
        return ProbeReport(
            settings=self.settings,
            stages=tuple(self._stages),
            tls=self.tls,
            capabilities=conversation.capabilities,
            senders=tuple(
                SenderResult(one.sender, one.accepted, self._mask(one.reply))
                for one in conversation.senders
            ),
            failure=failure,
            transcript=tuple(self._transcript),
            elapsed_ms=_ms_since(self._started),
            finished=datetime.now(UTC),
        )

    async def _resolve_and_talk(
        self, conversation: Conversation, purpose: Purpose
    ) -> Failure | None:
        self._begin(Stage.RESOLVE)
        match await self._network.resolver.addresses(self.settings.host):
            case Found(values=addresses):
                self._end(ok=True, detail=", ".join(addresses[:6]))
            case Absent():
                return Failure(Stage.RESOLVE, self.settings.host, Cause.HOST_NOT_FOUND)
            case NoAnswer(reason=reason, detail=detail):
                words = f"{reason}: {harmless(detail, 300)}" if detail else str(reason)
                return Failure(Stage.RESOLVE, words, Cause.DNS_UNAVAILABLE)
        self._begin(Stage.CONNECT)
        try:
            async with asyncio.timeout(self._network.stage_timeout):
                stream = await Stream.connect(addresses, self.settings.port)
        except OSError as problem:
            return _not_connected(problem)
        self._end(ok=True, detail=stream.peer_address)
        try:
            return await self._talk(stream, conversation, purpose)
        except EOFError:
            return self._hung_up()
        except (LineTooLongError, TooMuchError):
            return Failure(self.stage, "more data than allowed", Cause.PROTOCOL_ERROR)
        except ssl.SSLError as problem:
            # After the handshake: a broken record, a late alert.
            cause = _not_by_the_port(cause_of(problem)) or Cause.CONNECTION_DROPPED
            return Failure(self.stage, harmless(str(problem)), cause)
        except OSError as problem:
            words = harmless(str(problem))
            if isinstance(problem, TimeoutError):
                return self._late()
            return Failure(self.stage, words, Cause.CONNECTION_DROPPED)
        finally:
            if self._reading is not None:
                self._reading.cancel()
                await asyncio.gather(self._reading, return_exceptions=True)
            stream.close()

    async def _talk(
        self, stream: Stream, conversation: Conversation, purpose: Purpose
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
                    self._begin(stage)
                case Done(detail):
                    self._end(ok=True, detail=self._mask(detail))
                case Send(line, shown):
                    self._write("C", harmless(line) if shown is None else shown)
                    async with asyncio.timeout_at(self._deadline()):
                        await stream.send(line + b"\r\n")
                case Farewell(line):
                    self._write("C", harmless(line))
                    with contextlib.suppress(OSError):
                        async with asyncio.timeout_at(self._deadline()):
                            await stream.send(line + b"\r\n")
                case Receive() | Await():
                    answer = await self._hear(stream, action)
                case StartTls():
                    if stream.unread:
                        # Somebody spoke into the clear part of the connection: refuse all of it.
                        words = harmless(stream.unread, 200)
                        return Failure(Stage.TLS, words, Cause.MIDDLEBOX_INTERFERENCE)
                    failure = await self._shake_hands(stream)
                    if failure is not None:
                        return failure

    async def _hear(self, stream: Stream, action: Receive | Await) -> bytes | None:
        if isinstance(action, Await):
            answer = await self._read_within(stream, action.seconds)
        else:
            async with asyncio.timeout_at(self._deadline()):
                answer = await self._read(stream)
        if answer is not None:
            self._write("S", self._mask(harmless(answer)))
        return answer

    async def _read_within(self, stream: Stream, seconds: float) -> bytes | None:
        """A line if one comes in time. The reading goes on: half a line must not get lost."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_line(stream))
        await asyncio.wait({self._reading}, timeout=max(0.0, seconds))
        return await self._read(stream) if self._reading.done() else None

    async def _read(self, stream: Stream) -> bytes:
        if self._reading is None:
            return await self._read_line(stream)
        try:
            return await self._reading
        finally:
            self._reading = None

    async def _read_line(self, stream: Stream) -> bytes:
        line = await stream.read_line(MAX_LINE, MAX_TOTAL)
        if self.settings.protocol is not Protocol.IMAP:
            return line
        whole = bytearray(line)
        while size := _literal_size(whole):
            if len(size) > 6 or int(size) + len(whole) > MAX_LITERAL:
                raise TooMuchError
            whole += b"\r\n" + await stream.read_exactly(int(size), MAX_TOTAL)
            whole += await stream.read_line(MAX_LINE, MAX_TOTAL)
        return bytes(whole)

    async def _shake_hands(self, stream: Stream) -> Failure | None:
        self._begin(Stage.TLS)
        network = self._network
        strict = self._trust is Trust.AUTHORITIES
        context = network.tls if strict else network.tls_with_anybody
        try:
            async with asyncio.timeout_at(self._deadline()):
                tls = await stream.start_tls(context, self.settings.host)
        except ssl.SSLError as problem:
            self.fault, cause = fault_of(problem), cause_of(problem)
            if self.settings.security is Security.STARTTLS:
                cause = _not_by_the_port(cause)
            return Failure(Stage.TLS, harmless(str(problem)), cause)
        self.tls = describe(tls, fault=self.fault, trusted=strict)
        if self._trust is Trust.ANYBODY:
            raise _SeenEnough
        if self._trust is Trust.FINGERPRINT:
            shown, wanted = fingerprint_of(tls), self.settings.fingerprint
            if not hmac.compare_digest(shown, wanted):
                self.fault = CertificateFault.CHANGED
                words = f"SHA-256 {shown}"
                return Failure(Stage.TLS, words, Cause.CERT_UNTRUSTED)
        self._end(ok=True, detail=f"{self.tls.version} · {self.tls.cipher}")
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
        words = f"no answer within {self._network.stage_timeout:g} s"
        cause = Cause.PORT_BLOCKED_OR_TIMEOUT
        return Failure(self.stage, words, self._plain_on_tls_port() or cause)

    def _hung_up(self) -> Failure:
        words = "connection closed by the server"
        return Failure(self.stage, words, self._plain_on_tls_port() or Cause.CONNECTION_DROPPED)

    def _plain_on_tls_port(self) -> Cause | None:
        """A server that waits for a handshake says nothing, or hangs up, instead of greeting."""
        settings = self.settings
        plain = settings.security is not Security.TLS and settings.port in _TLS_PORTS
        waits = self.stage is Stage.GREETING and plain
        return Cause.PLAINTEXT_ON_TLS_PORT if waits else None

    def _begin(self, stage: Stage) -> None:
        self.stage = stage
        self._stage_started = time.monotonic()
        if self._listeners.on_begin is not None:
            self._listeners.on_begin(stage)

    def _end(self, *, ok: bool, detail: str) -> None:
        result = StageResult(self.stage, ok, _ms_since(self._stage_started), detail)
        self._stages.append(result)
        if self._listeners.on_stage is not None:
            self._listeners.on_stage(result)

    def _deadline(self) -> float:
        """When the present stage is over, on the event loop's clock."""
        left = self._network.stage_timeout - (time.monotonic() - self._stage_started)
        return asyncio.get_running_loop().time() + left

    def _write(self, who: str, text: str) -> None:
        if len(self._transcript) < MAX_TRANSCRIPT_LINES:
            # One entry is one line: none can pretend to be the next.
            line = text.replace("\n", "\u240a")
            self._transcript.append(f"{who}: {line[:MAX_TRANSCRIPT_LINE]}")


def _literal_size(line: bytearray) -> bytes:
    """The digits of a literal that the end of the line announces (RFC 9051 section 4.3)."""
    if not line.endswith(b"}"):
        return b""
    digits = bytes(line[line.rfind(b"{") + 1 : -1])
    return digits if digits.isdigit() and b"{" in line else b""


def without_login(settings: ServerSettings) -> ServerSettings:
    """The same server with nobody to log in."""
    return ServerSettings(
        settings.protocol, settings.host, settings.port, settings.security, auth=AuthMethod.NONE
    )


def _not_connected(problem: OSError) -> Failure:
    words = harmless(str(problem)) or "no answer"
    if isinstance(problem, ConnectionRefusedError):
        return Failure(Stage.CONNECT, words, Cause.CONNECTION_REFUSED)
    if isinstance(problem, ConnectionResetError):
        return Failure(Stage.CONNECT, words, Cause.CONNECTION_DROPPED)
    return Failure(Stage.CONNECT, words, Cause.PORT_BLOCKED_OR_TIMEOUT)


def _not_by_the_port(cause: Cause | None) -> Cause | None:
    """Where TLS was agreed on, octets that are none of it come from somebody on the way."""
    return Cause.MIDDLEBOX_INTERFERENCE if cause is Cause.TLS_ON_PLAINTEXT_PORT else cause


def _address_literal(address: str) -> str:
    """What a client without a name of its own says in EHLO (RFC 5321 section 4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
