"""How a proof came out: arrived, or where it ended and what to do about it.

Why a stage failed is decided in :mod:`wizard.diagnosis`; only the words are put together here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.flow import StepState, proof_freshness
from wizard.model import Protocol, ServerSettings
from wizard.proof.authentication import MethodResult, read_authentication
from wizard.proof.report import ProofOutcome, ProofReport
from wizard.readiness import Severity
from wizard.server_form import FormChange, Freshness
from wizard.setup import Setup, mailbox_form
from wizard.updates import Update, edit_receiving, edit_sending

if TYPE_CHECKING:
    from ui.page import Page

_NOT_FOUND_STEPS = ("spam", "alias", "later")


class ProofResult(QWidget):
    """One report. Frozen like the report: another report is another widget."""

    def __init__(self, report: ProofReport, setup: Setup, page: Page) -> None:
        super().__init__()
        self._report = report
        self._page = page
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        if proof_freshness(setup) is not Freshness.FRESH:
            self._column.addWidget(Notice(Severity.WARNING, page.text("proof_page.stale")))
        self.head = self._add_head()
        match report.outcome:
            case ProofOutcome.ARRIVED:
                self._add_arrived(setup)
            case ProofOutcome.NOT_FOUND:
                self._add_not_found()
            case ProofOutcome.NOT_SENT:
                self._add_diagnosis(setup, Protocol.SMTP)
            case ProofOutcome.NOT_READABLE:
                self._add_diagnosis(setup, setup.receiving.protocol)

    def _add_head(self) -> StateLabel:
        report, page = self._report, self._page
        arrived = report.outcome is ProofOutcome.ARRIVED
        seconds = f"{report.elapsed_ms / 1000:.1f}"
        said = page.text(f"proof_page.{report.outcome}", address=report.recipient, seconds=seconds)
        state = StateLabel(StepState.DONE if arrived else StepState.FAILED, said)
        state.setObjectName("proof-result")
        when = f"{report.started.astimezone():%Y-%m-%d %H:%M:%S}"
        self._column.addWidget(state)
        self._column.addWidget(Muted(page.text("proof_page.when", time=when)))
        return state

    def _add_arrived(self, setup: Setup) -> None:
        report, page = self._report, self._page
        host = setup.sending.form.host.strip()
        self._column.addWidget(
            Body(page.text("proof_page.arrived_detail", sender=report.sender, host=host))
        )
        self._column.addSpacing(GRID)
        self._column.addWidget(Subheading(page.text("proof_page.authentication")))
        read = read_authentication(report.authentication)
        if read is None:
            self._column.addWidget(Body(page.text("proof_page.authentication_none")))
            return
        self._column.addWidget(Muted(page.text("proof_page.said_by", server=read.server)))
        for one in read.results:
            line = Body(self._verdict(one))
            line.setObjectName(f"proof-{one.method}")
            self._column.addWidget(line)

    def _verdict(self, one: MethodResult) -> str:
        page = self._page
        method = page.text(f"records_page.purpose.{one.method}")
        if one.domain:
            method = page.text("proof_page.method_for", method=method, domain=one.domain)
        result = page.text(f"proof_page.result.{one.verdict}", result=one.word)
        return page.text("proof_page.method", method=method, result=result)

    def _add_not_found(self) -> None:
        page, address = self._page, self._report.recipient
        self._column.addWidget(Body(page.text("proof_page.not_found_detail")))
        for number, step in enumerate(_NOT_FOUND_STEPS, 1):
            said = page.text(f"proof_page.not_found_steps.{step}", address=address)
            self._column.addWidget(Body(f"{number}. {said}"))

    def _add_diagnosis(self, setup: Setup, protocol: Protocol) -> None:
        """Why it failed and what to do, for the server that refused."""
        from wizard.diagnosis.diagnose import diagnose_failure  # noqa: PLC0415

        report, page = self._report, self._page
        settings = _settings(report, setup, protocol)
        if report.failure is None or settings is None:
            return
        around = page.session.circumstances(protocol)
        diagnosis = diagnose_failure(report.failure, settings, around)
        card = DiagnosisCard(diagnosis, report.transcript, "proof")
        card.apply.connect(lambda change: page.update_setup(_applied(change, protocol)))
        self._column.addWidget(card)


def _applied(change: FormChange, protocol: Protocol) -> Update:
    """A remedy's button: its change in the form of the server that refused."""
    edit = edit_sending if protocol is Protocol.SMTP else edit_receiving
    return lambda setup: edit(setup, lambda form: form.changed(change))


def _settings(report: ProofReport, setup: Setup, protocol: Protocol) -> ServerSettings | None:
    """The server that the report speaks of, as the form has it now."""
    if protocol is Protocol.SMTP:
        form = setup.sending.form
    else:
        local = report.recipient.rpartition("@")[0]
        entries = [one for one in setup.receiving.mailboxes if one.local.strip() == local]
        if not entries:
            return None
        form = mailbox_form(setup.receiving, entries[0], setup.domain or "")
    parsed = form.parse(protocol)
    return parsed if isinstance(parsed, ServerSettings) else None
