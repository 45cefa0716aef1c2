"""Would a message from this server pass? The check of RFC 7208 sections 4 to 7, without any I/O.

:func:`check_host` yields the questions it has for DNS and is sent the answers; who asks, and
whom, does not belong in here. Limits are the standard's: ten look-ups, two voids, ten MX hosts,
ten names behind a PTR.
"""

import ipaddress
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeVar

from wizard.records.spf.count import MAX_LOOKUPS, MAX_VOIDS
from wizard.records.spf.macro import EXPLANATION_LETTERS, fill_macro, fill_name, parse_macro
from wizard.records.spf.parse import SpfRecord, Term, TermKind, can_exist, is_spf, parse_spf
from wizard.records.spf.report import SpfResult, Verdict
from wizard.records.spf.snapshot import MAX_MX_HOSTS
from wizard.records.spf.warning import SpfWarning
from wizard.resolver import Absent, Answer, Found, Mx, NoAnswer, Txt

MAX_PTR_NAMES: Final = 10
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
T = TypeVar("T")


QUALIFIED: Final = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the address of the server, the envelope's sender, the name in EHLO.

    An empty ``local`` stands for "postmaster" (section 4.3).
    """

    address: IpAddress
    domain: str
    local: str = "postmaster"
    helo: str = ""

    @property
    def seen(self) -> IpAddress:
        """The address to compare: an IPv4 address within IPv6 is that IPv4 address (section 5)."""
        mapped = self.address.ipv4_mapped if self.address.version == 6 else None
        return mapped or self.address


class Kind(StrEnum):
    """What is asked for; the values are DNS types."""

    TXT = "TXT"
    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"


@dataclass(frozen=True, slots=True)
class Question:
    """One look-up; the name is in lower case, without final dot."""

    kind: Kind
    name: str


Answers = tuple[Answer[object], ...]
Asking = Generator[tuple[Question, ...], Answers, T]


class _StopError(Exception):
    """Ends an evaluation at any depth. Never leaves this module."""

    def __init__(self, result: SpfResult, why: SpfWarning) -> None:
        super().__init__(result)
        self.verdict = Verdict(result, why=why)


def check_host(sender: Sender, domain: str) -> Asking[Verdict]:
    """Evaluate ``domain`` for a sender. Yields questions that may be asked all at once."""
    try:
        return (yield from _Evaluation(sender).check(domain, (), explains=True))
    except _StopError as stopped:
        return stopped.verdict


@dataclass
class _Evaluation:
    """One evaluation; its limits hold over the whole tree."""

    sender: Sender
    _lookups: int = 0
    _voids: int = 0
    _validated: list[str] | None = None
    _family: Kind = field(init=False)

    def __post_init__(self) -> None:
        self._family = Kind.A if self.sender.seen.version == 4 else Kind.AAAA

    def check(self, domain: str, above: tuple[str, ...], *, explains: bool) -> Asking[Verdict]:
        """The record at a name; ``above`` are the terms that led there."""
        record = yield from self._record(domain)
        if record is None:
            return Verdict(SpfResult.NONE)
        for term in record.terms:
            if term.is_mechanism and (yield from self._matches(term, domain)):
                result = QUALIFIED[term.qualifier]
                said = None
                if explains and result is SpfResult.FAIL:
                    said = yield from self._explanation(record, domain)
                return Verdict(result, (*above, term.text), explanation=said)
        if record.redirect is None:
            return Verdict(SpfResult.NEUTRAL, above)
        self._count()
        name = yield from self._name(record.redirect, domain)
        path = (*above, record.redirect.text)
        verdict = yield from self.check(name, path, explains=explains)
        if verdict.result is SpfResult.NONE:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.INCLUDE_NO_SPF)
        return verdict

    def _record(self, domain: str) -> Asking[SpfRecord | None]:
        """Sections 4.3 to 4.6: the one record of a name; None where there is none."""
        if not can_exist(domain) or "." not in domain:
            return None
        answer = yield from self._ask(Kind.TXT, domain)
        if not isinstance(answer, Found):
            return None
        texts = [one.text for one in answer.values if isinstance(one, Txt) and is_spf(one.text)]
        if len(texts) > 1:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.MULTIPLE_RECORDS)
        if not texts:
            return None
        record = parse_spf(texts[0])
        if not record.sound:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.SYNTAX_ERROR)
        return record

    def _matches(self, term: Term, domain: str) -> Asking[bool]:
        match term.kind:
            case TermKind.ALL:
                return True
            case TermKind.IP4 | TermKind.IP6:
                return self.sender.seen in ipaddress.ip_network(term.target, strict=False)
        self._count()
        name = yield from self._name(term, domain)
        match term.kind:
            case TermKind.INCLUDE:
                return (yield from self._included(name))
            case TermKind.A:
                answer = yield from self._ask(self._family, name)
                self._note_void(answer)
                return self._is_in(answer, term)
            case TermKind.MX:
                return (yield from self._is_exchanger(name, term))
            case TermKind.PTR:
                names = yield from self._validated_names()
                return any(one == name or one.endswith(f".{name}") for one in names)
            case _:
                answer = yield from self._ask(Kind.A, name)
                self._note_void(answer)
                return isinstance(answer, Found)

    def _included(self, name: str) -> Asking[bool]:
        """Section 5.2: only a pass within matches; nothing there is an error."""
        verdict = yield from self.check(name, (), explains=False)
        if verdict.result is SpfResult.NONE:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.INCLUDE_NO_SPF)
        return verdict.result is SpfResult.PASS

    def _is_exchanger(self, name: str, term: Term) -> Asking[bool]:
        answer = yield from self._ask(Kind.MX, name)
        self._note_void(answer)
        if not isinstance(answer, Found):
            return False
        hosts = [mx.host for mx in answer.values if isinstance(mx, Mx) and mx.host]
        if len(hosts) > MAX_MX_HOSTS:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.TOO_MANY_MX)
        if not hosts:
            return False
        answers = yield tuple(Question(self._family, host) for host in hosts)
        if any(self._is_in(one, term) for one in answers):
            return True
        if any(isinstance(one, NoAnswer) for one in answers):
            raise _StopError(SpfResult.TEMPERROR, SpfWarning.DNS_TEMPERROR)
        return False

    def _validated_names(self) -> Asking[list[str]]:
        """Section 5.5: names behind the address that point back to it. Silence finds none."""
        if self._validated is not None:
            return self._validated
        self._validated = []
        reverse = self.sender.seen.reverse_pointer
        (answer,) = yield (Question(Kind.PTR, reverse),)
        if isinstance(answer, Found):
            names = [str(name).lower() for name in answer.values[:MAX_PTR_NAMES]]
            names = [name for name in names if can_exist(name)]
            answers: Answers = ()
            if names:
                answers = yield tuple(Question(self._family, name) for name in names)
            self._validated = [
                name
                for name, one in zip(names, answers, strict=True)
                if isinstance(one, Found)
                and any(ipaddress.ip_address(str(ip)) == self.sender.seen for ip in one.values)
            ]
        return self._validated

    def _explanation(self, record: SpfRecord, domain: str) -> Asking[str | None]:
        """Section 6.2: whatever is wrong with it, there is then no explanation."""
        exp = next((term for term in record.terms if term.kind is TermKind.EXP), None)
        if exp is None:
            return None
        name = yield from self._name(exp, domain)
        if not can_exist(name):
            return None
        (answer,) = yield (Question(Kind.TXT, name),)
        if not isinstance(answer, Found) or len(answer.values) != 1:
            return None
        text = getattr(answer.values[0], "text", "")
        parts = parse_macro(text, EXPLANATION_LETTERS)
        if parts is None:
            return None
        value = yield from self._values(text, domain)
        return fill_macro(parts, value)

    def _name(self, term: Term, domain: str) -> Asking[str]:
        """The name a term asks about (section 4.8)."""
        if "%" not in term.target:
            return term.name(domain)
        value = yield from self._values(term.target, domain)
        return fill_name(parse_macro(term.target) or (), value)

    def _values(self, text: str, domain: str) -> Asking[Callable[[str], str]]:
        """What the letters stand for (section 7.2)."""
        validated = "unknown"
        if "%{p" in text.lower():
            names = yield from self._validated_names()
            below = [name for name in names if name.endswith(f".{domain}")]
            validated = domain if domain in names else next(iter([*below, *names]), "unknown")
        sender, seen = self.sender, self.sender.seen
        local = sender.local or "postmaster"
        four = seen.version == 4
        known = {
            "s": f"{local}@{sender.domain}",
            "l": local,
            "o": sender.domain,
            "d": domain,
            "i": str(seen) if four else ".".join(seen.exploded.replace(":", "")),
            "p": validated,
            "v": "in-addr" if four else "ip6",
            "h": sender.helo or sender.domain,
            "c": str(seen),
            "r": "unknown",
            "t": str(int(time.time())),
        }
        return known.__getitem__

    def _ask(self, kind: Kind, name: str) -> Asking[Answer[object]]:
        """One answer; none at all is a temporary error (section 2.6.6)."""
        if not can_exist(name):
            return Absent(name_exists=False)
        (answer,) = yield (Question(kind, name),)
        if isinstance(answer, NoAnswer):
            raise _StopError(SpfResult.TEMPERROR, SpfWarning.DNS_TEMPERROR)
        return answer

    def _is_in(self, answer: Answer[object], term: Term) -> bool:
        if not isinstance(answer, Found):
            return False
        bits = term.four if self._family is Kind.A else term.six
        networks = (ipaddress.ip_network(f"{ip}/{bits}", strict=False) for ip in answer.values)
        return any(self.sender.seen in network for network in networks)

    def _count(self) -> None:
        self._lookups += 1
        if self._lookups > MAX_LOOKUPS:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.TOO_MANY_LOOKUPS)

    def _note_void(self, answer: Answer[object]) -> None:
        self._voids += isinstance(answer, Absent)
        if self._voids > MAX_VOIDS:
            raise _StopError(SpfResult.PERMERROR, SpfWarning.TOO_MANY_VOIDS)
