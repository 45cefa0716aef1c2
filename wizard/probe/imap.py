"""The IMAP dialogue (RFC 9051, RFC 3501): greeting to EXAMINE, nothing is changed. No sockets."""

import re
from collections.abc import Generator
from dataclasses import dataclass
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

MAX_UNTAGGED: Final = 1_000
MAX_CHALLENGES: Final = 4
_GREETING: Final = re.compile(rb"\* (OK|PREAUTH|BYE)\b ?(.*)", re.IGNORECASE | re.DOTALL)
_CODE_CAPABILITY: Final = re.compile(rb"\[CAPABILITY ([^\]]*)\]", re.IGNORECASE)
_UNTAGGED_CAPABILITY: Final = re.compile(rb"\* CAPABILITY (.*)", re.IGNORECASE)
_QUOTABLE: Final = re.compile(rb"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Response:
    """The end of a command: OK, NO, BAD or BYE, with everything that came before it."""

    status: str
    line: bytes
    untagged: tuple[bytes, ...]

    @property
    def ok(self) -> bool:
        return self.status == "OK"


Answered = Generator[Action, bytes | None, Response]


class Tags:
    """The tag of each command (RFC 9051 section 2.2.1); an errand has a letter of its own."""

    def __init__(self, letter: bytes = b"a") -> None:
        self._letter = letter
        self._count = 0

    def next(self) -> bytes:
        self._count += 1
        return self._letter + b"%d" % self._count


def read_response(stage: Stage, tag: bytes) -> Answered:
    """Read until the tagged end, or until ``+`` asks for more (status ``+``)."""
    untagged: list[bytes] = []
    while len(untagged) < MAX_UNTAGGED:
        line = yield from receive()
        if line.startswith(tag + b" "):
            word = line[len(tag) + 1 :].split(b" ", 1)[0].upper()
            if word in (b"OK", b"NO", b"BAD"):
                return Response(word.decode(), line[len(tag) + 1 :], tuple(untagged))
            raise fail(stage, line, Cause.PROTOCOL_ERROR)
        if line.startswith(b"+"):
            return Response("+", line[1:].strip(), tuple(untagged))
        if not line.startswith(b"* "):
            raise fail(stage, line, Cause.PROTOCOL_ERROR)
        if line[2:6].upper() == b"BYE ":
            return Response("BYE", line[2:], tuple(untagged))
        untagged.append(line)
    raise fail(stage, "too many untagged responses", Cause.PROTOCOL_ERROR)


def command(stage: Stage, tags: Tags, line: bytes, shown: str | None = None) -> Answered:
    """Send a command under a new tag and read its end; nothing here is to be continued."""
    tag = tags.next()
    yield Send(tag + b" " + line, None if shown is None else f"{tag.decode()} {shown}")
    response = yield from read_response(stage, tag)
    if response.status == "+":
        raise fail(stage, b"+ " + response.line, Cause.PROTOCOL_ERROR)
    return response


def imap_dialogue(
    security: Security, login: Login, conversation: Conversation, errand: Errand | None = None
) -> Dialogue:
    """Greeting, capabilities, STARTTLS if wanted, login, EXAMINE INBOX. LOGOUT has no wait.

    An ``errand`` takes the place of EXAMINE.
    """
    tags = Tags()
    try:
        yield Begin(Stage.GREETING)
        greeting = yield from receive()
        found = _GREETING.fullmatch(greeting)
        if found is None:
            return Failure(Stage.GREETING, harmless(greeting), Cause.PROTOCOL_ERROR)
        kind = found[1].upper()
        if kind == b"BYE":
            return Failure(Stage.GREETING, harmless(greeting))
        if kind == b"PREAUTH" and security is Security.STARTTLS:
            # Logged in before TLS: STARTTLS is not possible any more (RFC 9051 section 11.1).
            return Failure(Stage.GREETING, harmless(greeting), Cause.MIDDLEBOX_INTERFERENCE)
        wants_login = login.method is not AuthMethod.NONE and login.secret is not None
        if kind == b"PREAUTH" and wants_login:
            # Whose login that is nobody knows; the password would be called right untested.
            return Failure(Stage.GREETING, harmless(greeting), Cause.PROTOCOL_ERROR)
        yield Done(harmless(greeting, 200))

        yield Begin(Stage.CAPABILITY)
        conversation.capabilities = capabilities_in((greeting,))
        if not conversation.capabilities:
            yield from _ask_capabilities(Stage.CAPABILITY, tags, conversation)
        yield Done(" · ".join(conversation.capabilities))

        if security is Security.STARTTLS:
            yield from _start_tls(tags, conversation)
            # The stage "tls" is over by now: what is missing here is missing for the login.
            yield from _ask_capabilities(Stage.AUTH, tags, conversation)

        if login.method is not AuthMethod.NONE and login.secret is not None:
            yield Begin(Stage.AUTH)
            yield from _log_in(login, login.secret, tags, conversation)
            yield Done()
            failure = yield from (_examine(tags) if errand is None else errand(conversation))
            if failure is not None:
                return failure
        yield Farewell(tags.next() + b" LOGOUT")
    except DialogueError as end:
        return end.failure
    return None


def _examine(tags: Tags) -> Dialogue:
    yield Begin(Stage.SELECT)
    response = yield from command(Stage.SELECT, tags, b"EXAMINE INBOX")
    if not response.ok:
        return Failure(Stage.SELECT, harmless(response.line))
    yield Done(_count(response))
    return None


def capabilities_in(lines: tuple[bytes, ...]) -> tuple[str, ...]:
    for line in lines:
        found = _CODE_CAPABILITY.search(line) or _UNTAGGED_CAPABILITY.match(line)
        if found:
            return tuple(harmless(found[1], 4_000).upper().split())
    return ()


def _ask_capabilities(stage: Stage, tags: Tags, conversation: Conversation) -> Step:
    response = yield from command(stage, tags, b"CAPABILITY")
    if not response.ok:
        raise fail(stage, response.line)
    conversation.capabilities = capabilities_in(response.untagged)
    return b""


def _start_tls(tags: Tags, conversation: Conversation) -> Step:
    yield Begin(Stage.STARTTLS)
    if "STARTTLS" not in conversation.capabilities:
        said = "CAPABILITY " + " ".join(conversation.capabilities)
        raise fail(Stage.STARTTLS, said, Cause.STARTTLS_NOT_OFFERED)
    response = yield from command(Stage.STARTTLS, tags, b"STARTTLS")
    if not response.ok:
        raise fail(Stage.STARTTLS, response.line)
    yield Done(harmless(response.line, 200))
    yield StartTls()
    conversation.protected = True
    conversation.capabilities = ()
    return b""


def _log_in(login: Login, secret: Secret, tags: Tags, conversation: Conversation) -> Step:
    if not may_log_in(conversation):
        raise fail(Stage.AUTH, "LOGIN", Cause.ENCRYPTION_REQUIRED)
    capabilities = conversation.capabilities
    offered = tuple(name[5:] for name in capabilities if name.startswith("AUTH="))
    method = sasl.choose(offered, login.method, protected=conversation.protected)
    if method is not None:
        yield from _authenticate(method, login, secret, tags, ir="SASL-IR" in capabilities)
    elif "LOGINDISABLED" in capabilities:
        raise fail(Stage.AUTH, "CAPABILITY LOGINDISABLED", Cause.ENCRYPTION_REQUIRED)
    elif login.method in (None, AuthMethod.LOGIN, AuthMethod.PLAIN):
        yield from _login_command(login, secret, tags)
    else:
        said = "CAPABILITY " + " ".join(capabilities)
        raise fail(Stage.AUTH, said, Cause.AUTH_MECHANISM_UNSUPPORTED)
    return b""


def _authenticate(
    method: AuthMethod, login: Login, secret: Secret, tags: Tags, *, ir: bool
) -> Step:
    """AUTHENTICATE, with the initial response where the server takes one (RFC 4959)."""
    tag = tags.next()
    verb = f"AUTHENTICATE {method.upper()}"
    first = sasl.initial_response(method, login.username, secret)
    sent_first = ir and first is not None
    if sent_first and first is not None:
        yield Send(
            tag + b" " + verb.encode() + b" " + sasl.encode(first),
            f"{tag.decode()} {verb} {MASK}",
        )
    else:
        yield Send(tag + b" " + verb.encode())
    why = ""
    round_ = 0
    for _ in range(MAX_CHALLENGES):
        response = yield from read_response(Stage.AUTH, tag)
        if response.status != "+":
            break
        if first is not None and not sent_first:
            sent_first, answer = True, first
        else:
            challenge = sasl.decode(response.line)
            if method in sasl.TOKEN_METHODS:
                why = sasl.refusal(challenge)
            answer = sasl.answer(method, challenge, round_, login.username, secret)
            round_ += 1
        yield Send(sasl.encode(answer), MASK)
    if not response.ok:
        endless = Cause.PROTOCOL_ERROR if response.status == "+" else None
        raise fail(Stage.AUTH, harmless(response.line) + (f"\n{why}" if why else ""), endless)
    return b""


def _login_command(login: Login, secret: Secret, tags: Tags) -> Step:
    """The LOGIN command: quoted strings where they are possible, else literals (section 4.3)."""
    tag = tags.next()
    line = tag + b" LOGIN"
    shown = f"{tag.decode()} LOGIN {MASK} {MASK}"
    for value in (login.username.encode(), secret.reveal().encode()):
        if _QUOTABLE.fullmatch(value):
            line += b' "' + value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
            continue
        yield Send(line + b" {%d}" % len(value), shown)
        response = yield from read_response(Stage.AUTH, tag)
        if response.status != "+":
            raise fail(Stage.AUTH, response.line)
        line = value
    yield Send(line, shown)
    response = yield from read_response(Stage.AUTH, tag)
    if not response.ok:
        raise fail(Stage.AUTH, response.line)
    return b""


def _count(response: Response) -> str:
    for line in response.untagged:
        words = line.split()
        if len(words) == 3 and words[2].upper() == b"EXISTS" and words[1].isdigit():
            return words[1].decode()[:10]
    return ""
