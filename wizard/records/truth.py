"""Is a record really there? What the zone's servers publish held against what resolvers see. Pure.

A record is in place only when all of the zone's servers that answer have it right; while some do,
or while a resolver still remembers what was before, it is on its way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wizard.answers import Absent, Answer, Found, NoAnswer, Silence, content
from wizard.authoritative import Told
from wizard.records.plan import RecordState
from wizard.texts import Message, message
from wizard.visible import Seen, Visible

# What a resolver has kept is gone a second after its time to live at the latest.
MARGIN_S = 1

Right = Callable[[Answer[Any]], bool]
Same = Callable[[Answer[Any]], object]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known about one record at one name.

    ``same`` gives what two answers have to share to say the same about this record: at a name with
    other texts only some of them count.
    """

    published: tuple[Told, ...]
    visible: Visible
    same: Same = content

    @property
    def spoken(self) -> tuple[Told, ...]:
        """The servers that answered for their zone.

        One that gives an alias has not said what is behind it: only resolvers follow.
        """
        return tuple(
            one
            for one in self.published
            if not isinstance(one.answer, NoAnswer)
            and not (isinstance(one.answer, Absent) and one.answer.canonical)
        )

    @property
    def agreed(self) -> Answer[Any] | None:
        """What all servers that answer say, with the longest time to live; None when they differ
        or none answers.
        """
        answers = [one.answer for one in self.spoken]
        if not answers or self.differ:
            return None
        return max(answers, key=_lifetime)

    @property
    def corrects(self) -> bool:
        """Do the servers say something else than the resolver, that may only remember?"""
        own = self.visible.own.answer
        return self.agreed is not None and self.same(self.agreed) != self.same(own)

    @property
    def differ(self) -> bool:
        return len({self.same(one.answer) for one in self.spoken}) > 1

    @property
    def signature_suspected(self) -> bool:
        """Resolvers fail where the zone's own servers answer: so does a broken DNSSEC signature."""
        failing = [
            isinstance(one.answer, NoAnswer) and one.answer.reason is Silence.SERVER_FAILURE
            for one in self.visible.all
        ]
        answering = any(not isinstance(one.answer, NoAnswer) for one in self.visible.all)
        return bool(self.spoken) and any(failing) and not answering


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the record stands. ``retry_after_s`` is how long the old answer may still be seen."""

    state: RecordState
    retry_after_s: int | None
    problems: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


def texts_that(count: Callable[[str], bool]) -> Same:
    """Only texts of one kind count; none of them is the same as no text at all."""

    def same(answer: Answer[Any]) -> object:
        if isinstance(answer, NoAnswer):
            return NoAnswer
        values = answer.values if isinstance(answer, Found) else ()
        return frozenset(txt.text for txt in values if count(txt.text))

    return same


def judge(truth: Truth, found: RecordState, right: Right) -> Verdict:
    """The state of a record that looked like ``found`` in the answer the servers agree on, or else
    in the resolver's. ``right`` tells whether an answer is as it should be.
    """
    good = [one for one in truth.spoken if right(one.answer)]
    bad = [one for one in truth.spoken if not right(one.answer)]
    if good and bad:
        return Verdict(RecordState.PROPAGATING, _longest(bad), tuple(_behind(one) for one in bad))
    if bad:
        problems = (message("record.problem.servers_differ"),) if truth.differ else ()
        return Verdict(found, _longest([*bad, *_wrong(truth.visible.all, right)]), problems)
    if not good:
        return _by_resolvers(truth, found, right)
    if truth.signature_suspected:
        return Verdict(RecordState.UNKNOWN, None)
    return _once_published(truth, right)


def _once_published(truth: Truth, right: Right) -> Verdict:
    """All servers have it right; resolvers may remember what was before."""
    public = [one for one in truth.visible.public if not isinstance(one.answer, NoAnswer)]
    behind = _wrong(truth.visible.all, right)
    if public and not _wrong(public, right):
        # Only the machine's own resolver differs: it may have a view of its own for good.
        notes = tuple(message("record.note.own_view", resolver=one.resolver) for one in behind)
        return Verdict(RecordState.OK, None, (), notes)
    if behind:
        notes = tuple(message("record.note.remembered", resolver=one.resolver) for one in behind)
        return Verdict(RecordState.PROPAGATING, _longest(behind), (), notes)
    return Verdict(RecordState.OK, None)


def _by_resolvers(truth: Truth, found: RecordState, right: Right) -> Verdict:
    """None of the zone's servers could be asked: what resolvers say is all there is."""
    silent = all(isinstance(one.answer, NoAnswer) for one in truth.published)
    notes = (message("record.note.not_asked"),) if silent and found is RecordState.OK else ()
    behind = _wrong(truth.visible.all, right)
    seen = any(
        right(one.answer) for one in truth.visible.all if not isinstance(one.answer, NoAnswer)
    )
    if behind and seen:
        return Verdict(RecordState.PROPAGATING, _longest(behind), (), notes)
    return Verdict(found, _longest(behind), (), notes)


def _wrong(seen: Sequence[Seen], right: Right) -> list[Seen]:
    return [one for one in seen if not isinstance(one.answer, NoAnswer) and not right(one.answer)]


def _longest(behind: Sequence[Told | Seen]) -> int | None:
    lives = [_lifetime(one.answer) for one in behind]
    return max(lives) + MARGIN_S if lives and max(lives) >= 0 else None


def _lifetime(answer: Answer[Any]) -> int:
    """Seconds for which an answer is remembered (RFC 2308 for an absence); -1 when not said."""
    ttl = None if isinstance(answer, NoAnswer) else answer.ttl
    return -1 if ttl is None else ttl


def _behind(told: Told) -> Message:
    key = "old" if isinstance(told.answer, Found) else "nothing"
    server = f"{told.server} ({told.place})" if told.place else told.server
    return message(f"record.problem.server_{key}", server=server)
