"""Keeps the letters of a proof while it runs: every change of a state goes through here. No I/O.

What a letter's state may follow on, and who is told of it, is decided here; when to send and where
to look is :mod:`wizard.proof.prove`'s.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Protocol, Stage
from wizard.probe.report import Failure, ProbeReport
from wizard.proof.authentication import read_trace
from wizard.proof.letter import fates
from wizard.proof.lookout import Sighting
from wizard.proof.report import Arrival, Bounce, BounceAction, LetterState, ProofLetter

MAX_TRANSCRIPT: Final = 60


class Ledger:
    """``on_letter`` gets each changed letter.

    ``to_the_end`` are mailboxes that are worth a look while any letter is on its way: reports
    arrive there, or what no other mailbox takes.
    """

    def __init__(
        self,
        letters: Sequence[ProofLetter],
        to_the_end: frozenset[str],
        on_letter: Callable[[ProofLetter], None],
    ) -> None:
        self._letters = {letter.token: letter for letter in letters}
        self._to_the_end = to_the_end
        self._on_letter = on_letter
        self._taken: dict[str, float] = {}
        self._unreadable: dict[str, tuple[Failure, Protocol, tuple[str, ...]]] = {}

    @property
    def letters(self) -> tuple[ProofLetter, ...]:
        return tuple(self._letters.values())

    def on_their_way(self) -> list[ProofLetter]:
        return [letter for letter in self._letters.values() if letter.state.on_its_way]

    def queued(self) -> list[ProofLetter]:
        return [one for one in self._letters.values() if one.state is LetterState.QUEUED]

    def tokens(self) -> frozenset[str]:
        """Those that are still on their way."""
        return frozenset(letter.token for letter in self.on_their_way())

    def goes_on(self, mailboxes: frozenset[str]) -> bool:
        """Is there a letter to wait for in these, or anywhere, if it could turn up here?"""
        on_their_way = self.on_their_way()
        if self._to_the_end & mailboxes:
            return bool(on_their_way)
        return any(letter.mailbox in mailboxes for letter in on_their_way)

    def take_up(self) -> None:
        """Begin again where earlier work ended: what was being sent may well be out."""
        for letter in self.on_their_way():
            if letter.state is LetterState.SENDING:
                sent = letter.sent or datetime.now(UTC)
                self._put(replace(letter, state=LetterState.WAITING, sent=sent))

    # -- sending --

    def begin(self, token: str) -> None:
        self._put(replace(self._letters[token], state=LetterState.SENDING))

    def take(self, token: str) -> None:
        """The server has accepted it."""
        self._taken[token] = time.monotonic()
        letter = self._letters[token]
        if letter.state is not LetterState.SENDING:
            return  # seen already: a fast server delivers before it answers
        letter = replace(
            letter, state=LetterState.WAITING, sent=datetime.now(UTC), failure=None, transcript=()
        )
        self._put(self._unread(letter) if letter.mailbox in self._unreadable else letter)

    def refuse(
        self,
        token: str,
        failure: Failure,
        transcript: tuple[str, ...] = (),
        *,
        comes_again: bool = False,
    ) -> None:
        """It was not accepted; ``comes_again``: it will be tried again."""
        letter = self._letters[token]
        if letter.state in (LetterState.QUEUED, LetterState.SENDING):
            state = LetterState.QUEUED if comes_again else LetterState.NOT_SENT
            self._put(
                replace(
                    letter,
                    state=state,
                    failure=failure,
                    protocol=Protocol.SMTP,
                    transcript=transcript[-MAX_TRANSCRIPT:],
                )
            )

    def send_no_more(self) -> None:
        """What was put off again and again is not sent."""
        for letter in self.queued():
            self._put(replace(letter, state=LetterState.NOT_SENT))

    def give_up(self) -> None:
        """Patience is over."""
        late = Failure(Stage.DATA, "", Cause.PORT_BLOCKED_OR_TIMEOUT)
        for letter in self.on_their_way():
            if letter.state is LetterState.WAITING:
                self._put(replace(letter, state=LetterState.NOT_FOUND))
            else:
                failure = letter.failure or late
                self._put(replace(letter, state=LetterState.NOT_SENT, failure=failure))

    # -- watching --

    def belongs(self, token: str, mailboxes: frozenset[str]) -> bool:
        """Is this letter waited for in one of these?"""
        return self._letters[token].mailbox in mailboxes

    def find(self, sighting: Sighting, elsewhere: str = "") -> None:
        """It was seen, ``elsewhere``: in this other mailbox than the one it was waited for in."""
        letter, seen = self._letters[sighting.letter.token], sighting.letter
        arrival = Arrival(
            place=sighting.folder.place,
            folder=sighting.folder.name,
            elapsed_ms=self._elapsed_ms(letter, sighting.received),
            recipients=fates(seen, letter.recipient),
            sender=seen.sender,
            return_path=seen.return_path,
            authentication=read_trace(seen.trace),
            elsewhere=elsewhere,
        )
        sent = letter.sent or datetime.now(UTC)
        letter = replace(letter, state=LetterState.ARRIVED, sent=sent, arrival=arrival)
        self._put(replace(letter, failure=None, transcript=()))

    def bounce(self, token: str, bounce: Bounce) -> None:
        letter = self._letters[token]
        if bounce.action is BounceAction.FAILED:
            self._put(replace(letter, state=LetterState.BOUNCED, bounce=bounce))
        elif letter.bounce != bounce:
            self._put(replace(letter, bounce=bounce))

    def cannot_read(
        self,
        mailboxes: frozenset[str],
        failure: Failure,
        protocol: Protocol,
        report: ProbeReport | None,
    ) -> None:
        """Nobody can look into these; what is sent there later has come to its end too."""
        transcript = report.transcript[-MAX_TRANSCRIPT:] if report else ()
        for mailbox in mailboxes:
            self._unreadable[mailbox] = (failure, protocol, transcript)
        for letter in self.on_their_way():
            if letter.mailbox in mailboxes and letter.state is LetterState.WAITING:
                self._put(self._unread(letter))

    def _unread(self, letter: ProofLetter) -> ProofLetter:
        failure, protocol, transcript = self._unreadable[letter.mailbox]
        return replace(
            letter,
            state=LetterState.NOT_READABLE,
            failure=failure,
            protocol=protocol,
            transcript=transcript,
        )

    def _elapsed_ms(self, letter: ProofLetter, received: datetime | None) -> int:
        taken = self._taken.get(letter.token)
        if taken is not None:
            return round((time.monotonic() - taken) * 1000)
        if letter.sent is None:
            return 0
        # It arrived while nobody looked: by the mailbox's own clock.
        seen = (received or datetime.now(UTC)) - letter.sent
        return max(0, round(seen.total_seconds() * 1000))

    def _put(self, letter: ProofLetter) -> None:
        self._letters[letter.token] = letter
        self._on_letter(letter)
