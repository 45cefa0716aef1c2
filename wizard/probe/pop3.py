"""The POP3 dialogue (RFC 1939, 2449, 2595, 5034): greeting to STAT, no RETR or DELE. No sockets."""

from collections.abc import Generator
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, Secret, Security, Stage
from wizard.probe import sasl
from wizard.probe.dialogue import (
    Action,
    Begin,
    Conversation,
    Dialogue,
    DialogueError,
    Done,
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
from wizard.probe.report import Failure

MAX_CAPABILITIES: Final = 100
MAX_CHALLENGES: Final = 4
MAX_COMMAND: Final = 253  # RFC 2449 section 4: 255 octets with the line end


def read_status(stage: Stage) -> Step:
    """A status line: ``+OK …`` or ``-ERR …`` or the ``+ …`` of a challenge."""
    line = yield from receive()
    if not line.startswith((b"+OK", b"-ERR", b"+ ")) and line != b"+":
        raise fail(stage, line, Cause.PROTOCOL_ERROR)
    return line


def command(stage: Stage, line: bytes, shown: str | None = None) -> Step:
    """Send one command and read its status line."""
    yield Send(line, shown)
    return (yield from read_status(stage))


def pop3_dialogue(
    security: Security, login: Login, conversation: Conversation, errand: Errand | None = None
) -> Dialogue:
    """Greeting, CAPA, STLS if wanted, login, STAT. QUIT is sent, not waited for.

    An ``errand`` takes the place of STAT.
    """
    try:
        yield Begin(Stage.GREETING)
        greeting = yield from receive()
        if not greeting.startswith(b"+OK"):
            known = greeting.startswith(b"-ERR")
            cause = None if known else Cause.PROTOCOL_ERROR
            return Failure(Stage.GREETING, harmless(greeting), cause)
        yield Done(harmless(greeting, 200))

        yield Begin(Stage.CAPABILITY)
        yield from _ask_capabilities(Stage.CAPABILITY, conversation)
        yield Done(" · ".join(conversation.capabilities))

        if security is Security.STARTTLS:
            yield from _start_tls(conversation)
            # The stage "tls" is over by now: what is missing here is missing for the login.
            yield from _ask_capabilities(Stage.AUTH, conversation)

        if login.method is not AuthMethod.NONE and login.secret is not None:
            yield Begin(Stage.AUTH)
            yield from _log_in(login, login.secret, conversation)
            yield Done()
            failure = yield from (_stat() if errand is None else errand(conversation))
            if failure is not None:
                return failure
        yield Farewell(b"QUIT")
    except DialogueError as end:
        return end.failure
    return None


def _stat() -> Dialogue:
    yield Begin(Stage.STAT)
    line = yield from command(Stage.STAT, b"STAT")
    if not line.startswith(b"+OK"):
        return Failure(Stage.STAT, harmless(line))
    yield Done(harmless(line[3:], 40).strip())
    return None


def _ask_capabilities(stage: Stage, conversation: Conversation) -> Step:
    """CAPA (RFC 2449); a server that does not know it simply has none to tell."""
    status = yield from command(stage, b"CAPA")
    found: list[str] = []
    if status.startswith(b"+OK"):
        while (line := (yield from receive())) != b".":
            if len(found) >= MAX_CAPABILITIES:
                raise fail(stage, line, Cause.PROTOCOL_ERROR)
            found.append(harmless(line, 200).strip().upper())
    conversation.capabilities = tuple(found)
    return b""


def _start_tls(conversation: Conversation) -> Step:
    yield Begin(Stage.STARTTLS)
    if conversation.capabilities and "STLS" not in conversation.capabilities:
        said = "CAPA " + ", ".join(conversation.capabilities)
        raise fail(Stage.STARTTLS, said, Cause.STARTTLS_NOT_OFFERED)
    status = yield from command(Stage.STARTTLS, b"STLS")
    if not status.startswith(b"+OK"):
        raise fail(Stage.STARTTLS, status)
    yield Done(harmless(status, 200))
    yield StartTls()
    conversation.protected = True
    conversation.capabilities = ()
    return b""


def _log_in(login: Login, secret: Secret, conversation: Conversation) -> Step:
    if not may_log_in(conversation):
        raise fail(Stage.AUTH, "USER", Cause.ENCRYPTION_REQUIRED)
    offered: list[str] = []
    for capability in conversation.capabilities:
        if capability.startswith("SASL "):
            offered = capability.split()[1:]
    method = sasl.choose(offered, login.method, protected=conversation.protected)
    if method is not None:
        yield from _authenticate(method, login, secret)
    elif login.method in (None, AuthMethod.PLAIN, AuthMethod.LOGIN) and _on_one_line(login, secret):
        status = yield from command(Stage.AUTH, b"USER " + login.username.encode())
        if status.startswith(b"+OK"):
            line = b"PASS " + secret.reveal().encode()
            status = yield from command(Stage.AUTH, line, f"PASS {MASK}")
        if not status.startswith(b"+OK"):
            raise fail(Stage.AUTH, status)
    else:
        said = "CAPA " + ", ".join(conversation.capabilities)
        raise fail(Stage.AUTH, said, Cause.AUTH_MECHANISM_UNSUPPORTED)
    return b""


def _on_one_line(login: Login, secret: Secret) -> bool:
    """USER and PASS have no quoting: a line end in a value would begin another command."""
    return not any(end in login.username + secret.reveal() for end in "\r\n\0")


def _authenticate(
    method: AuthMethod, login: Login, secret: Secret
) -> Generator[Action, bytes | None, bytes]:
    """AUTH (RFC 5034), with the initial response where it fits into a line.

    A token follows the ``+``: Microsoft takes it only there.
    """
    verb = f"AUTH {method.upper()}"
    first = sasl.initial_response(method, login.username, secret)
    line = verb.encode() + b" " + sasl.encode(first or b"")
    if method is AuthMethod.PLAIN and len(line) <= MAX_COMMAND:
        first = None
        status = yield from command(Stage.AUTH, line, f"{verb} {MASK}")
    else:
        status = yield from command(Stage.AUTH, verb.encode())
    why, round_ = "", 0
    for _ in range(MAX_CHALLENGES):
        if status.startswith((b"+OK", b"-ERR")):
            break
        if first is not None:
            answer, first = first, None
        else:
            challenge = sasl.decode(status[1:])
            if method in sasl.TOKEN_METHODS:
                why = sasl.refusal(challenge)
            answer = sasl.answer(method, challenge, round_, login.username, secret)
            round_ += 1
        status = yield from command(Stage.AUTH, sasl.encode(answer), MASK)
    if not status.startswith(b"+OK"):
        endless = None if status.startswith(b"-ERR") else Cause.PROTOCOL_ERROR
        raise fail(Stage.AUTH, harmless(status) + (f"\n{why}" if why else ""), endless)
    return b""
