"""How the test of a server came out: works, or a diagnosis; what was tested earlier is said so.

When to test, and what a failure means, does not belong in here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.certificate import CertificateBox
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.exemption import ExemptionDialog
from ui.widgets.folding import Folding
from ui.widgets.labels import Muted
from ui.widgets.revealing import reveal
from ui.widgets.sender_table import SenderTable
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.flow import StepState
from wizard.server_form import SESSION, Freshness

if TYPE_CHECKING:
    from wizard.diagnosis.circumstances import Circumstances
    from wizard.probe.report import ProbeReport, TlsInfo
    from wizard.server_form import FormChange, ServerTest


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
        card = DiagnosisCard(diagnosis, report.transcript, self._prefix, report=report)
        card.apply.connect(lambda change: self._apply(report, change))
        self._column.addWidget(card)
        self._head = card

    def _apply(self, report: ProbeReport, change: FormChange) -> None:
        """A change of the form at once; an exemption only after its warning."""
        if change.fingerprint is None and change.plain_login is None:
            self.apply.emit(change)
            return
        dialog = ExemptionDialog(report.settings, change, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.apply.emit(change))
        dialog.open()

    def _show_details(self, report: ProbeReport) -> None:
        if report.senders:
            self._column.addWidget(SenderTable(report.senders, self._prefix))
        if report.tls is None:
            return
        if report.tls.fault is not None:
            self._column.addWidget(CertificateBox(report.tls, self._prefix))
            return
        secured = StateLabel(StepState.ATTENTION, "") if report.tls.by_hand else Muted()
        said = _tls(report.tls)
        if isinstance(secured, StateLabel):
            secured.show_state(StepState.ATTENTION, said)
        else:
            secured.setText(said)
        secured.setObjectName(f"{self._prefix}-secured")
        self._column.addWidget(secured)
        details = Folding(words()("certificate.heading"), f"{self._prefix}-certificate-details")
        details.show_content(CertificateBox(report.tls, self._prefix))
        self._column.addWidget(details)


def _stale(test: ServerTest) -> str:
    """Why an earlier result counts no more."""
    if test.session == SESSION:
        return words()("server_result.changed")
    when = f"{test.report.finished.astimezone():%Y-%m-%d %H:%M}"
    key = "server_result.worked" if test.report.ok else "server_result.failed"
    return words()(key, when=when)


def _tls(tls: TlsInfo) -> str:
    """The connection's protection in one line; who vouches for it, or that nobody does."""
    texts = words()
    issuer = tls.issuer or "–"
    until = f"{tls.not_after.astimezone():%Y-%m-%d}" if tls.not_after else "–"
    key = "server_result.tls_by_hand" if tls.by_hand else "server_result.tls"
    return texts(key, version=tls.version, issuer=issuer, until=until)
