"""The language between a dialogue and its driver: what to do next, and what came back.

A dialogue is a generator without sockets. It yields :class:`Begin`, :class:`Done`, :class:`Send`,
:class:`Farewell`, :class:`Receive`, :class:`Await`, :class:`StartTls`; for ``Receive`` it is sent
the next line. An :data:`Errand` is what comes behind the login: the proof's are in its own room.
It ends by returning a :class:`~wizard.probe.report.Failure` or None. Time, size and the network
are the driver's.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import AuthMethod, EmailAddress, PlainLogin, Secret, Stage
from wizard.probe.harmless import harmless
from wizard.probe.report import Failure, SenderResult


@dataclass(frozen=True, slots=True)
class Begin:
    """A stage begins; its time runs from here."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Done:
    """The stage that began last has passed."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Send one line (without CRLF). ``shown`` stands in the transcript if it holds a secret."""

    line: bytes = field(repr=False)
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Farewell:
    """Send one last line. Nobody waits for an answer, and whether it arrives does not matter."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Receive:
    """Wait for one line; it is sent back into the dialogue without its line end.

    ``content``: it is out of somebody's message, and nobody writes it down.
    """

    content: bool = False


NEXT_LINE: Final = Receive()
LINE_OF_MESSAGE: Final = Receive(content=True)


@dataclass(frozen=True, slots=True)
class Await:
    """Wait for one line, but only so many seconds; without one, None is sent back."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StartTls:
    """Shake hands now; the driver fails the dialogue if the server is not who it should be."""


Action = Begin | Done | Send | Farewell | Receive | Await | StartTls
Step = Generator[Action, bytes | None, bytes]
Dialogue = Generator[Action, bytes | None, Failure | None]


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in and how. ``method`` None: the best that both sides know."""

    username: str
    secret: Secret | None
    method: AuthMethod | None


@dataclass(slots=True)
class Conversation:
    """What a dialogue learns on its way, for the report.

    ``protected``: TLS is on and verified.
    """

    protected: bool
    plain_login: PlainLogin = PlainLogin.REFUSED
    capabilities: tuple[str, ...] = ()
    senders: list[SenderResult] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The senders to offer and the recipient they are offered for (SMTP)."""

    senders: tuple[EmailAddress, ...] = ()
    recipient: EmailAddress | None = None


# What a conversation is for beyond its login, told what the dialogue has learned so far. It stands
# in the place of the probe's own end (senders, EXAMINE, STAT); the farewell follows it.
Errand = Callable[[Conversation], Dialogue]


class DialogueError(Exception):
    """Ends a dialogue from inside a helper; never leaves this package."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure


def receive(action: Receive = NEXT_LINE) -> Step:
    """The next line."""
    line = yield action
    if line is None:
        raise TypeError("the driver answers Receive with a line")
    return line


def fail(stage: Stage, words: bytes | str, cause: Cause | None = None) -> DialogueError:
    """The end of a dialogue, in the server's own words made harmless."""
    return DialogueError(Failure(stage, harmless(words), cause))


def may_log_in(conversation: Conversation) -> bool:
    """A secret crosses only a protected connection, unless the user allowed it for this server."""
    return conversation.protected or conversation.plain_login is PlainLogin.ALLOWED
