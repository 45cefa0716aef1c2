"""How the test of a server came out: works, or a diagnosis; what was tested earlier is said so.

When to test, and what a failure means, does not belong in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Muted
from ui.widgets.revealing import reveal
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.flow import StepState
from wizard.server_form import SESSION, Freshness

if TYPE_CHECKING:
    from wizard.diagnosis.circumstances import Circumstances
    from wizard.probe.report import ProbeReport, SenderResult, TlsInfo
    from wizard.server_form import ServerTest

MAX_NAMES = 3


class ServerResult(QWidget):
    """The result of one test; ``apply`` carries the change of a remedy's button."""

    apply = Signal(object)

    def __init__(
        self,
        test: ServerTest,
        fresh: Freshness,
        around: Circumstances,
        prefix: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self._head: QWidget = self
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        if fresh is not Freshness.FRESH:
            self._say(StepState.STALE, _stale(test))
            return
        if test.report.failure is None:
            self._say(StepState.DONE, words()("server_result.works"))
        else:
            self._explain(test.report, around)
        if test.note is not None:
            note = StateLabel(StepState.ATTENTION, words().render(test.note))
            note.setObjectName(f"{prefix}-note")
            self._column.addWidget(note)
        self._show_details(test.report)

    def present(self) -> None:
        """It came just now: have the outcome read, and bring it into view."""
        announce(self._head)
        reveal(self)

    def _say(self, state: StepState, said: str) -> None:
        verdict = StateLabel(state, said)
        verdict.setObjectName(f"{self._prefix}-verdict")
        self._column.addWidget(verdict)
        self._head = verdict

    def _explain(self, report: ProbeReport, around: Circumstances) -> None:
        from wizard.diagnosis.diagnose import diagnose_report  # noqa: PLC0415

        diagnosis = diagnose_report(report, around)
        card = DiagnosisCard(diagnosis, report.transcript, self._prefix)
        card.apply.connect(self.apply)
        self._column.addWidget(card)
        self._head = card

    def _show_details(self, report: ProbeReport) -> None:
        for sender in report.senders:
            label = _sender(sender)
            label.setObjectName(f"{self._prefix}-sender-{sender.sender}")
            self._column.addWidget(label)
        if report.tls is not None and (report.ok or not report.tls.trusted):
            secured = Muted(_tls(report.tls))
            secured.setObjectName(f"{self._prefix}-secured")
            self._column.addWidget(secured)


def _stale(test: ServerTest) -> str:
    """Why an earlier result counts no more."""
    if test.session == SESSION:
        return words()("server_result.changed")
    when = f"{test.report.finished.astimezone():%Y-%m-%d %H:%M}"
    key = "server_result.worked" if test.report.ok else "server_result.failed"
    return words()(key, when=when)


def _sender(result: SenderResult) -> StateLabel:
    key = "server_result.accepted" if result.accepted else "server_result.refused"
    reply = " ".join(result.reply.split())
    said = words()(key, sender=result.sender, reply=reply)
    return StateLabel(StepState.DONE if result.accepted else StepState.FAILED, said)


def _tls(tls: TlsInfo) -> str:
    """The connection's protection in one line; whose certificate it is, where that is the doubt."""
    texts = words()
    issuer = tls.issuer or "–"
    until = f"{tls.not_after.astimezone():%Y-%m-%d}" if tls.not_after else "–"
    if tls.trusted:
        return texts("server_result.tls", version=tls.version, issuer=issuer, until=until)
    names = ", ".join(tls.names[:MAX_NAMES]) or tls.subject or "–"
    return texts("server_result.tls_untrusted", names=names, issuer=issuer, until=until)
