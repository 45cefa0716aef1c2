"""DNS data as a table, answered to our evaluation and to pyspf alike, without any network."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import spf as pyspf

from wizard.records.spf.evaluate import Answers, Asking, Kind, Question, Sender
from wizard.records.spf.report import Verdict
from wizard.records.spf.snapshot import Snapshot
from wizard.resolver import Absent, Answer, Found, Mx, NoAnswer, Silence, Txt

SILENT = "silent.example"


@dataclass
class Table:
    """Values by type and name. Names below ``silent.example`` never answer."""

    txt: dict[str, list[str]] = field(default_factory=dict)
    a: dict[str, list[str]] = field(default_factory=dict)
    aaaa: dict[str, list[str]] = field(default_factory=dict)
    mx: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    ptr: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, question: Question) -> Answer[object]:
        name = question.name
        if name.endswith(SILENT):
            return NoAnswer(Silence.TIMEOUT)
        values: Sequence[object]
        match question.kind:
            case Kind.TXT:
                values = [Txt((text.encode("latin-1"),)) for text in self.txt.get(name, [])]
            case Kind.A:
                values = self.a.get(name, [])
            case Kind.AAAA:
                values = self.aaaa.get(name, [])
            case Kind.MX:
                values = [Mx(*pair) for pair in self.mx.get(name, [])]
            case Kind.PTR:
                values = self.ptr.get(name, [])
        return Found(tuple(values), 60, name) if values else Absent(name_exists=True)

    def snapshot(self, domain: str) -> Snapshot:
        """All that the table holds, for the edit and the count."""
        hosts: dict[str, Answer[str]] = {}
        txt: dict[str, Answer[Txt]] = {}
        mx: dict[str, Answer[Mx]] = {}
        for name in NAMES:
            four = self.answer(Question(Kind.A, name))
            six = self.answer(Question(Kind.AAAA, name))
            txt[name] = self.answer(Question(Kind.TXT, name))  # type: ignore[assignment]
            mx[name] = self.answer(Question(Kind.MX, name))  # type: ignore[assignment]
            hosts[f"a {name}"] = four  # type: ignore[assignment]
            hosts[name] = four if isinstance(four, Found) else six  # type: ignore[assignment]
        return Snapshot(
            domain=domain,
            txt=txt,
            hosts=hosts,
            mx=mx,
            alias=None,
            parent_exists=True,
            type99=False,
            wildcard=False,
        )


NAMES = (
    "acme.example",
    "b.example",
    "c.example",
    "d.example",
    "gone.example",
    "h.example",
    SILENT,
    "_spf.appone.cloud",
)


def run(asking: Asking[Verdict], table: Table) -> Verdict:
    """Answer every question out of the table."""
    answers: Answers = ()
    try:
        questions = next(asking)
        while True:
            answers = tuple(map(table.answer, questions))
            questions = asking.send(answers)
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict


def pyspf_result(sender: Sender, table: Table) -> tuple[str, bool]:
    """What pyspf says, fed from the same table; and whether a limit of its own was passed."""

    def look_up(name: str, kind: str, *_: object) -> list[tuple[tuple[str, str], object]]:
        answer = table.answer(Question(Kind(kind), name.lower().rstrip(".")))
        if isinstance(answer, NoAnswer):
            raise pyspf.TempError("DNS time-out")
        values = answer.values if isinstance(answer, Found) else ()
        return [((name, kind), _for_pyspf(value)) for value in values]

    pyspf.DNSLookup = look_up
    query = pyspf.query(
        i=str(sender.address),
        s=f"{sender.local}@{sender.domain}",
        h=sender.helo,
        strict=True,
        timeout=20,
    )
    result: str = query.check()[0]
    return result, query.lookups > 10 or query.void_lookups > 2


def _for_pyspf(value: object) -> object:
    if isinstance(value, Txt):
        return value.strings
    if isinstance(value, Mx):
        return value.preference, value.host
    return value


def reverse(address: str) -> str:
    return ipaddress.ip_address(address).reverse_pointer


def table_of(zone: Mapping[str, Mapping[str, list[object]]]) -> Table:
    """A table out of ``{name: {type: values}}``."""
    table = Table()
    for name, entry in zone.items():
        for kind, values in entry.items():
            getattr(table, kind.lower())[name] = list(values)
    return table
