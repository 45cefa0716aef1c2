"""The SMTP dialogue (RFC 5321, 3207, 4954, 6409): greeting to RCPT; an errand may go further."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, EmailAddress, Security, Stage
from wizard.probe import sasl
from wizard.probe.dialogue import (
    Action,
    Begin,
    Conversation,
    Dialogue,
    DialogueError,
    Done,
    Envelope,
    Errand,
    Farewell,
    Login,
    Send,
    StartTls,
    Step,
    fail,
    may_log_in,
    receive,
)
from wizard.probe.harmless import MASK, harmless
from wizard.probe.report import Failure, SenderResult

MAX_REPLY_LINES: Final = 100
MAX_CHALLENGES: Final = 4
RESET: Final = b"RSET"


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of one or several lines (RFC 5321 section 4.2), texts without the code."""

    code: int
    lines: tuple[bytes, ...]
    raw: bytes

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300

    def show(self) -> str:
        return harmless(self.raw)


Replied = Generator[Action, bytes | None, Reply]


def parse_line(line: bytes) -> tuple[int, bool, bytes] | None:
    """Code, whether more lines follow, text; None when it is no line of a reply."""
    code, mark, text = line[:3], line[3:4], line[4:]
    if not (code.isdigit() and b"200" <= code <= b"599" and mark in (b"", b" ", b"-")):
        return None
    return int(code), mark == b"-", text


def read_reply(stage: Stage) -> Replied:
    """Read a whole reply; anything else ends the dialogue."""
    lines: list[bytes] = []
    raw: list[bytes] = []
    while len(lines) < MAX_REPLY_LINES:
        line = yield from receive()
        raw.append(line)
        parsed = parse_line(line)
        if parsed is None:
            raise fail(stage, b"\n".join(raw), Cause.PROTOCOL_ERROR)
        code, more, text = parsed
        lines.append(text)
        if not more:
            return Reply(code, tuple(lines), b"\n".join(raw))
    raise fail(stage, b"\n".join(raw[:5]), Cause.PROTOCOL_ERROR)


def command(stage: Stage, line: bytes, shown: str | None = None) -> Replied:
    """Send one command and read its reply."""
    yield Send(line, shown)
    return (yield from read_reply(stage))


def smtp_dialogue(
    security: Security,
    login: Login,
    envelope: Envelope,
    client_name: str,
    conversation: Conversation,
    *,
    errand: Errand | None = None,
) -> Dialogue:
    """Greeting, EHLO, STARTTLS if wanted, login, every sender. QUIT is sent, not waited for.

    An ``errand`` takes the place of offering the senders.
    """
    try:
        yield Begin(Stage.GREETING)
        greeting = yield from read_reply(Stage.GREETING)
        if greeting.code != 220:
            return Failure(Stage.GREETING, greeting.show())
        yield Done(greeting.show())

        yield Begin(Stage.CAPABILITY)
        yield from _ehlo(Stage.CAPABILITY, client_name, conversation)
        yield Done(" · ".join(conversation.capabilities))

        if security is Security.STARTTLS:
            yield from _start_tls(conversation)
            # The stage "tls" is over by now: what is missing here is missing for the login.
            yield from _ehlo(Stage.AUTH, client_name, conversation)

        if login.method is not AuthMethod.NONE and login.secret is not None:
            yield Begin(Stage.AUTH)
            yield from _log_in(login, conversation)
            yield Done()

        ending = _offer_senders(envelope, conversation) if errand is None else errand(conversation)
        failure = yield from ending
        yield Farewell(b"QUIT")
    except DialogueError as end:
        return end.failure
    return failure


def _ehlo(stage: Stage, client_name: str, conversation: Conversation) -> Step:
    reply = yield from command(stage, f"EHLO {client_name}".encode())
    if reply.code in (500, 502):
        # A server without extensions (RFC 5321 section 3.2): no login and no TLS either.
        reply = yield from command(stage, f"HELO {client_name}".encode())
        if reply.positive:
            conversation.capabilities = ()
            return b""
    if not reply.positive:
        raise fail(stage, reply.raw)
    conversation.capabilities = tuple(
        harmless(line, 200).strip().upper() for line in reply.lines[1:]
    )
    return b""


def _start_tls(conversation: Conversation) -> Step:
    yield Begin(Stage.STARTTLS)
    if "STARTTLS" not in conversation.capabilities:
        said = "EHLO: " + ", ".join(conversation.capabilities)
        raise fail(Stage.STARTTLS, said, Cause.STARTTLS_NOT_OFFERED)
    reply = yield from command(Stage.STARTTLS, b"STARTTLS")
    if reply.code != 220:
        raise fail(Stage.STARTTLS, reply.raw)
    yield Done(reply.show())
    yield StartTls()
    conversation.protected = True
    # What was said before the handshake may have been said by anybody (RFC 3207 section 4.2).
    conversation.capabilities = ()
    return b""


def offered_mechanisms(capabilities: tuple[str, ...]) -> tuple[str, ...]:
    """The mechanisms of ``AUTH …`` and of the old ``AUTH=…`` that some servers still send."""
    found: list[str] = []
    for line in capabilities:
        if line.startswith(("AUTH ", "AUTH=")):
            found += line[5:].replace("=", " ").split()
    return tuple(dict.fromkeys(found))


def _log_in(login: Login, conversation: Conversation) -> Step:
    secret = login.secret
    if secret is None:
        raise TypeError("a login needs its secret")
    if not may_log_in(conversation):
        raise fail(Stage.AUTH, "AUTH", Cause.ENCRYPTION_REQUIRED)
    offered = offered_mechanisms(conversation.capabilities)
    method = sasl.choose(offered, login.method, protected=conversation.protected)
    if method is None:
        said = "AUTH " + " ".join(offered) if offered else "EHLO: no AUTH"
        raise fail(Stage.AUTH, said, Cause.AUTH_MECHANISM_UNSUPPORTED)
    verb = f"AUTH {method.upper()}"
    first = sasl.initial_response(method, login.username, secret)
    line = verb.encode() if first is None else verb.encode() + b" " + sasl.encode(first)
    reply = yield from command(Stage.AUTH, line, verb if first is None else f"{verb} {MASK}")
    why = ""
    for round_ in range(MAX_CHALLENGES):
        if reply.code != 334:
            break
        challenge = sasl.decode(reply.lines[-1])
        if method in sasl.TOKEN_METHODS:
            why = sasl.refusal(challenge)
        response = sasl.answer(method, challenge, round_, login.username, secret)
        reply = yield from command(Stage.AUTH, sasl.encode(response), MASK)
    if reply.code != 235:
        endless = Cause.PROTOCOL_ERROR if reply.code == 334 else None
        raise fail(Stage.AUTH, reply.show() + (f"\n{why}" if why else ""), endless)
    return b""


def _offer_senders(
    envelope: Envelope, conversation: Conversation
) -> Generator[Action, bytes | None, Failure | None]:
    """Offer each sender, and for it the recipient; RSET between. All are tried."""
    if not envelope.senders:
        return None
    yield Begin(Stage.MAIL_FROM)
    together = "PIPELINING" in conversation.capabilities
    offer = _offer_together if together else _offer_one_by_one
    offered = yield from offer(envelope, conversation)
    failures = [one.failure for one in offered if one.failure is not None]
    conversation.senders += [one.result for one in offered]
    refused = [one for one in failures if one.stage is Stage.MAIL_FROM]
    if refused:
        return refused[0]
    yield Done()
    if envelope.recipient is not None:
        # Asked within the turns above; some servers judge the sender only here.
        yield Begin(Stage.RCPT)
        if failures:
            return failures[0]
        yield Done(str(envelope.recipient))
    return None


@dataclass(frozen=True, slots=True)
class _Offered:
    """How one sender came out."""

    result: SenderResult
    failure: Failure | None


Offering = Generator[Action, bytes | None, list[_Offered]]


def _offer_one_by_one(envelope: Envelope, conversation: Conversation) -> Offering:
    """A command, a reply; the recipient only for a sender that was taken."""
    offered: list[_Offered] = []
    for number, sender in enumerate(envelope.senders):
        if number:
            yield from command(Stage.MAIL_FROM, RESET)
        first = yield from command(Stage.MAIL_FROM, mail_from(sender, conversation))
        second: Reply | None = None
        if first.positive and envelope.recipient is not None:
            line = rcpt_to(envelope.recipient)
            second = yield from command(Stage.RCPT, line)
        offered.append(_judge(sender, first, second))
    return offered


def _offer_together(envelope: Envelope, conversation: Conversation) -> Offering:
    """All commands at once (RFC 2920): one round trip for all senders, however many they are."""
    recipient = envelope.recipient
    for number, sender in enumerate(envelope.senders):
        if number:
            yield Send(RESET)
        yield Send(mail_from(sender, conversation))
        if recipient is not None:
            yield Send(rcpt_to(recipient))
    offered: list[_Offered] = []
    for number, sender in enumerate(envelope.senders):
        if number:
            yield from read_reply(Stage.MAIL_FROM)
        first = yield from read_reply(Stage.MAIL_FROM)
        second = None if recipient is None else (yield from read_reply(Stage.RCPT))
        offered.append(_judge(sender, first, second if first.positive else None))
    return offered


def _judge(sender: EmailAddress, first: Reply, second: Reply | None) -> _Offered:
    """Taken only when neither the sender nor its recipient is refused."""
    last = second or first
    stage = Stage.RCPT if first.positive else Stage.MAIL_FROM
    failure = None if last.positive else Failure(stage, last.show())
    return _Offered(SenderResult(str(sender), last.positive, last.show()), failure)


def mail_from(sender: EmailAddress, conversation: Conversation) -> bytes:
    """The command for a sender (RFC 5321 section 4.1.1.2)."""
    # RFC 6531 section 3.4: an address with umlauts before the @ has to be announced.
    wide = not sender.local.isascii() and "SMTPUTF8" in conversation.capabilities
    return b"MAIL FROM:" + _path(sender) + (b" SMTPUTF8" if wide else b"")


def rcpt_to(recipient: EmailAddress) -> bytes:
    """The command for a recipient (RFC 5321 section 4.1.1.3)."""
    return b"RCPT TO:" + _path(recipient)


def _path(address: EmailAddress) -> bytes:
    return b"<" + str(address).encode() + b">"
