"""Sends the letters of a proof through the tested server, and watches the mailboxes for them.

All at once: a few connections hand in, one connection for each login looks. It ends by itself when
every letter has come to its end, or when patience is over; cancelled, it leaves each letter in the
state that was told last, and can be taken up again from there.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.diagnose import Circumstances, diagnose_failure
from wizard.model import (
    EmailAddress,
    Protocol,
    ServerSettings,
    Stage,
    parse_address,
)
from wizard.network import Network
from wizard.probe.dialogue import Errand
from wizard.probe.driver import converse
from wizard.probe.report import Failure, ProbeReport
from wizard.proof.imap_watch import watch
from wizard.proof.job import NOTHING_TO_LOG_IN_WITH, Account, Bounds, ProofJob
from wizard.proof.ledger import Ledger
from wizard.proof.letter import write_letter
from wizard.proof.lookout import Lookout, Memory, Sighting
from wizard.proof.pop3_look import look
from wizard.proof.report import Activity, LetterState, ProofLetter, Watch
from wizard.proof.submission import Counter, Posting, submit
from wizard.texts import Texts

# Microsoft takes three connections at a time for submission.
SUBMISSIONS_AT_ONCE: Final = 3
LETTERS_PER_SUBMISSION: Final = 8
SUBMISSION_SECONDS: Final = 300.0
# What is over by itself after a while.
_PASSING: Final = frozenset(
    (
        *(Cause.CONNECTION_DROPPED, Cause.PORT_BLOCKED_OR_TIMEOUT, Cause.DNS_UNAVAILABLE),
        *(Cause.RATE_LIMITED, Cause.GREYLISTED, Cause.TEMPORARILY_UNAVAILABLE),
    )
)


OnEvent = Callable[[ProofLetter | Watch], None]


async def prove(
    job: ProofJob, network: Network, texts: Texts, on_event: OnEvent, bounds: Bounds | None = None
) -> tuple[ProofLetter, ...]:
    """Bring every letter to its end; ``on_event`` gets each change of one, and each look."""
    return await _Proof(job, network, texts, on_event, bounds or Bounds()).run()


class _Proof:
    """One run."""

    def __init__(
        self, job: ProofJob, network: Network, texts: Texts, on_event: OnEvent, bounds: Bounds
    ) -> None:
        self._job = job
        self._network = network
        self._texts = texts
        self._on_event = on_event
        self._bounds = bounds
        self._ledger = Ledger(job.letters, job.to_the_end, self._tell)
        self._watchers: dict[asyncio.Task[None], frozenset[str]] = {}
        self._timers: list[asyncio.TimerHandle] = []
        self._worth_looking: dict[frozenset[str], asyncio.Event] = {}
        self._turn = asyncio.Semaphore(bounds.readers)
        earliest = [letter.sent for letter in job.letters if letter.sent]
        self._since = min(earliest, default=datetime.now(UTC))

    async def run(self) -> tuple[ProofLetter, ...]:
        self._ledger.take_up()
        try:
            async with asyncio.timeout(self._bounds.wait), asyncio.TaskGroup() as group:
                for account, mailboxes in self._places().items():
                    self._worth_looking[mailboxes] = asyncio.Event()
                    task = group.create_task(self._watch(account, mailboxes))
                    self._watchers[task] = mailboxes
                for letter in self._ledger.on_their_way():
                    self._note(letter)
                group.create_task(self._send_all())
        except TimeoutError:
            self._ledger.give_up()
        finally:
            for timer in self._timers:
                timer.cancel()
        return self._ledger.letters

    def _note(self, letter: ProofLetter) -> None:
        """A letter is out: its mailbox is worth a look, and those where it might turn up."""
        if letter.state is LetterState.WAITING:
            for mailboxes, worth in self._worth_looking.items():
                if letter.mailbox in mailboxes or mailboxes & self._job.to_the_end:
                    worth.set()

    def _tell(self, letter: ProofLetter) -> None:
        self._on_event(letter)
        self._note(letter)
        if letter.state.on_its_way:
            return
        # End the watch over mailboxes where nothing is to be waited for any more.
        for task, mailboxes in self._watchers.items():
            if task is not asyncio.current_task() and not self._ledger.goes_on(mailboxes):
                task.cancel()

    # -- sending --

    async def _send_all(self) -> None:
        """Hand in what is queued; what the server puts off is tried again, more and more slowly."""
        for pause in (0.0, *self._bounds.retries):
            if not self._ledger.queued():
                return
            await asyncio.sleep(pause)
            await self._hand_in(self._ledger.queued())
        self._ledger.send_no_more()

    async def _hand_in(self, letters: Sequence[ProofLetter]) -> None:
        """Over a few connections, the others only when the first has logged in.

        A wrong password is tried once, not once for each connection.
        """
        count = min(SUBMISSIONS_AT_ONCE, 1 + (len(letters) - 1) // LETTERS_PER_SUBMISSION)
        first, *others = [letters[start::count] for start in range(count)]
        logged_in = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self._submit(first, logged_in))
            task.add_done_callback(lambda _: logged_in.set())
            await logged_in.wait()
            refused = task.result() if task.done() else None
            for share in others:
                if refused is None:
                    group.create_task(self._submit(share, logged_in))
                else:
                    self._not_taken(share, refused)

    async def _submit(
        self, letters: Sequence[ProofLetter], logged_in: asyncio.Event
    ) -> ProbeReport | None:
        """Hand in some; returns the report when it did not get as far as the first letter."""

        def begin(token: str) -> None:
            logged_in.set()
            begun.append(token)
            self._ledger.begin(token)

        def refuse(token: str, failure: Failure, comes_again: bool) -> None:
            self._ledger.refuse(token, failure, comes_again=comes_again)

        begun: list[str] = []
        account = self._job.outgoing
        if account.lacks_secret:
            for letter in letters:
                self._ledger.refuse(letter.token, NOTHING_TO_LOG_IN_WITH)
            return None
        postings = [self._posting(letter) for letter in letters]
        report = await converse(
            account.settings,
            account.secret,
            self._network,
            errand=partial(submit, postings, Counter(begin, self._ledger.take, refuse)),
            seconds=SUBMISSION_SECONDS,
        )
        self._not_taken(letters, report)
        return report if report.failure is not None and not begun else None

    def _posting(self, letter: ProofLetter) -> Posting:
        sender, envelope, recipient = map(
            _address, (letter.sender, letter.envelope, letter.recipient)
        )
        content = write_letter(sender, recipient, letter.token, datetime.now(UTC), self._texts)
        return Posting(letter.token, envelope, recipient, content)

    def _not_taken(self, letters: Sequence[ProofLetter], report: ProbeReport) -> None:
        """If the conversation failed, it ended before some of these were taken."""
        failure = report.failure
        if failure is None:
            return
        # A server that was never reached is a wrong entry rather than a passing trouble.
        reached = failure.stage not in (Stage.RESOLVE, Stage.CONNECT)
        comes_again = reached and self._passes(failure, report.settings)
        for letter in letters:
            self._ledger.refuse(letter.token, failure, report.transcript, comes_again=comes_again)

    def _passes(self, failure: Failure, settings: ServerSettings) -> bool:
        around = Circumstances(self._job.provider)
        return diagnose_failure(failure, settings, around).cause in _PASSING

    # -- watching --

    def _places(self) -> dict[Account, frozenset[str]]:
        """Each login that is worth a look, and the mailboxes it reads."""
        wanted = {letter.mailbox for letter in self._ledger.on_their_way()}
        wanted |= self._job.to_the_end if wanted else frozenset()
        places: dict[Account, frozenset[str]] = {}
        for mailbox in sorted(wanted):
            account = self._job.mailboxes[mailbox]
            places[account] = places.get(account, frozenset()) | {mailbox}
        return places

    async def _watch(self, account: Account, mailboxes: frozenset[str]) -> None:
        """Look again and again, over one connection where the server tells of new mail.

        Not before the first letter is out: until then the server has the letters to take in.
        """
        await self._worth_looking[mailboxes].wait()
        if not any(letter.mailbox in mailboxes for letter in self._ledger.on_their_way()):
            # Only what goes wrong turns up here, and that takes its time.
            await asyncio.sleep(self._bounds.aside)
        protocol = account.settings.protocol
        if account.lacks_secret:
            self._ledger.cannot_read(mailboxes, NOTHING_TO_LOG_IN_WITH, protocol, None)
            return
        looks, failures = 0, 0

        def tell(activity: Activity, seconds: float, problem: Failure | None = None) -> None:
            nonlocal looks
            looks += activity is Activity.LOOKING
            self._on_event(Watch(tuple(sorted(mailboxes)), activity, looks, seconds, problem))

        errand, seconds = self._errand(protocol, mailboxes, tell)
        while self._ledger.goes_on(mailboxes):
            async with self._turn:
                tell(Activity.CONNECTING, 0.0)
                before = looks
                report = await converse(
                    account.settings, account.secret, self._network, errand=errand, seconds=seconds
                )
            failure = report.failure
            # One that had looked well for a while has not failed before.
            failures = 0 if failure is None else 1 if looks > before + 1 else failures + 1
            if failure is not None and not self._comes_again(failure, account, looks, failures):
                self._ledger.cannot_read(mailboxes, failure, protocol, report)
                return
            if self._ledger.goes_on(mailboxes):
                pause = self._bounds.patience.asking.after(looks)
                if failure is not None:
                    pause = self._bounds.retries[failures - 1]
                tell(Activity.PAUSING, pause, failure)
                await asyncio.sleep(pause)

    def _errand(
        self, protocol: Protocol, mailboxes: frozenset[str], tell: Callable[[Activity, float], None]
    ) -> tuple[Errand, float | None]:
        """How to look, and how long one conversation may last; None: as long as a test."""
        lookout = Lookout(
            since=self._since,
            tokens=self._ledger.tokens,
            goes_on=partial(self._ledger.goes_on, mailboxes),
            found=partial(self._find, mailboxes),
            bounced=self._ledger.bounce,
            doing=tell,
        )
        memory = Memory()
        if protocol is Protocol.POP3:
            return partial(look, lookout, memory), None
        stays = len(self._places()) <= self._bounds.readers
        errand = partial(watch, lookout, memory, self._bounds.patience, stays=stays)
        return errand, self._bounds.wait if stays else None

    def _find(self, mailboxes: frozenset[str], sighting: Sighting) -> None:
        token = sighting.letter.token
        if self._ledger.belongs(token, mailboxes):
            self._ledger.find(sighting)
            return

        def find_elsewhere() -> None:
            if token in self._ledger.tokens():
                self._ledger.find(sighting, min(mailboxes))

        timer = asyncio.get_running_loop().call_later(self._bounds.grace, find_elsewhere)
        self._timers.append(timer)

    def _comes_again(self, failure: Failure, account: Account, looks: int, failures: int) -> bool:
        """Whether another attempt makes sense: a server that was there may just be restarting."""
        if failures > len(self._bounds.retries):
            return False
        restarting = looks > 0 and failure.cause is Cause.CONNECTION_REFUSED
        return restarting or self._passes(failure, account.settings)


def _address(text: str) -> EmailAddress:
    parsed = parse_address(text)
    if not isinstance(parsed, EmailAddress):
        raise TypeError(text)
    return parsed
