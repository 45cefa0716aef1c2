"""What was found about the mail service: being asked, one sentence, its servers, doubts, sources.

It shows; what is looked up, and when, does not belong in here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.widgets.announcing import announce
from ui.widgets.folding import Folding
from ui.widgets.notice import Notice
from ui.widgets.provider_request import ProviderRequest
from ui.widgets.rows import line
from ui.widgets.source_answers import SourceAnswers
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.discovery.report import Check, Outcome, SourceAnswer, Verdict
from wizard.flow import StepState
from wizard.model import to_unicode
from wizard.readiness import Severity
from wizard.texts import message

if TYPE_CHECKING:
    from wizard.discovery.report import Detection, Offer
    from wizard.setup import Setup
    from wizard.texts import Texts


_LOOKS = {
    Check.WORKING: StepState.DONE,
    Check.FAILED: StepState.ATTENTION,
    Check.UNTRIED: StepState.OPEN,
}


class Finding(QWidget):
    """Busy, or at rest with a result or without one."""

    again_wanted = Signal()
    cancel_wanted = Signal()
    ispdb_wanted = Signal(bool)

    def __init__(self, texts: Texts, *, ispdb_asked: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._cancelled = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID * 3 // 2)
        self._found = StateLabel(StepState.OPEN, "")
        self._found.setObjectName("service-found")
        self._doubts = Notice(Severity.WARNING, "")
        self._doubts.setObjectName("service-doubts")
        self._doubts.hide()
        self._incoming, self._outgoing = (
            self._build_server("service-incoming"),
            self._build_server("service-outgoing"),
        )
        self._request = ProviderRequest(texts)
        self._request.hide()
        for widget in (
            self._found,
            self._incoming,
            self._outgoing,
            self._doubts,
            self._build_busy(),
            self._request,
        ):
            column.addWidget(widget)
        self._evidence = Folding(texts("service_page.how"), "service-evidence")
        self._answers = SourceAnswers(texts, ispdb_asked=ispdb_asked)
        self._answers.ispdb_wanted.connect(self.ispdb_wanted)
        self._evidence.show_content(self._answers)
        self._again = QPushButton(texts("service_page.again"))
        self._again.setObjectName("service-again")
        self._again.setAutoDefault(False)
        self._again.clicked.connect(self.again_wanted)
        beside = line()
        beside.addWidget(self._evidence, 1)
        beside.addWidget(self._again, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(beside)

    @property
    def busy(self) -> bool:
        return not self._busy.isHidden()

    def begin(self) -> None:
        """A search runs from now on."""
        self._cancelled = False
        self._busy.show()

    def end(self) -> None:
        """The search is over, however it ended."""
        self._busy.hide()

    def announce(self) -> None:
        """Say aloud what has come out, to whom cannot see it."""
        announce(self._found if self._found.isVisible() else self._doubts)

    def show_setup(self, setup: Setup) -> None:
        """Bring everything in line with the set-up and the search."""
        detection = setup.service.detection
        domain = to_unicode(setup.domain) if setup.domain else ""
        current = detection is not None and detection.domain == setup.domain
        self._again.setVisible(bool(domain) and not self.busy)
        self._evidence.setVisible(bool(domain))
        self._doubts.hide()
        self._request.hide()
        self._found.show()
        self._show_server(self._incoming, None)
        self._show_server(self._outgoing, None)
        found = detection is not None and current and detection.outcome is Outcome.FOUND
        if not domain:
            self._found.show_state("missing", self._texts("service_page.no_domain"))
        elif self.busy and not found:
            said = self._texts("service_page.searching", domain=domain)
            self._found.show_state("running", said)
        elif detection is not None and current and (found or detection.finished):
            self._show_detection(detection, domain, own=_is_own(detection, setup))
        elif self._cancelled:
            self._found.show_state(StepState.OPEN, self._texts("service_page.cancelled"))
        else:
            self._found.show_state(StepState.OPEN, self._texts("service_page.not_searched"))
        answers = detection.answers if detection is not None and current else ()
        self._answers.show_answers(answers if self.busy else tuple(map(_at_rest, answers)))

    def _show_detection(self, detection: Detection, domain: str, *, own: bool) -> None:
        reasons = [self._texts.render(one.message) for one in detection.evidence]
        doubts = "\n".join(self._texts.render(one) for one in detection.warnings)
        self._doubts.set_text(doubts)
        self._doubts.setVisible(bool(doubts))
        servers = bool(detection.incoming and detection.outgoing)
        # A name nobody has is mistyped: then there is nobody to write to, and nothing more to say.
        mistyped = any(one.key == "discovery.no_domain" for one in detection.warnings)
        match detection.outcome:
            case Outcome.FOUND:
                known = bool(detection.provider) or servers
                sure = known and all(one.trusted for one in detection.evidence[:1])
                state = StepState.DONE if sure else StepState.ATTENTION
                self._found.show_state(state, reasons[0] if reasons else domain)
            case Outcome.NOTHING:
                said = self._texts("service_page.nothing", domain=domain)
                self._found.show_state(StepState.ATTENTION, said)
                self._found.setVisible(own and not mistyped)
            case Outcome.NO_ANSWER:
                # Nothing is known then: that is no finding, and must not look like one.
                self._found.hide()
        if own:
            self._show_server(self._incoming, next(iter(detection.incoming), None))
            self._show_server(self._outgoing, next(iter(detection.outgoing), None))
        answered = detection.finished and detection.outcome is not Outcome.NO_ANSWER
        if answered and own and not mistyped and not servers:
            self._request.show_domain(domain)
            self._request.show()

    def _build_server(self, name: str) -> StateLabel:
        label = StateLabel(StepState.OPEN, "")
        label.setObjectName(name)
        label.hide()
        return label

    def _show_server(self, label: StateLabel, offer: Offer | None) -> None:
        """The best server of a direction, and whether it answers."""
        label.setVisible(offer is not None)
        if offer is None:
            return
        checked = self._texts(f"discovery.check.{offer.check}")
        if offer.problem is not None:
            checked = f"{checked}: {self._texts.render(offer.problem)}"
        said = self._texts(
            "service_page.server",
            direction=self._texts(label.objectName().replace("service-", "service_page.")),
            protocol=offer.protocol.upper(),
            host=offer.host,
            port=str(offer.port),
            security=self._texts(f"form.security_choice.{offer.security}"),
            checked=checked,
        )
        label.show_state(_LOOKS[offer.check], said)

    def _build_busy(self) -> QWidget:
        self._busy = QWidget()
        row = QHBoxLayout(self._busy)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID * 2)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self._texts("service_page.searching_name"))
        cancel = QPushButton(self._texts("service_page.cancel"))
        cancel.setObjectName("service-cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self._cancel)
        row.addWidget(bar, 1)
        row.addWidget(cancel)
        self._busy.hide()
        return self._busy

    def _cancel(self) -> None:
        self._cancelled = True
        self.cancel_wanted.emit()


def _at_rest(answer: SourceAnswer) -> SourceAnswer:
    """Nobody is being asked any more: who had not answered by the end was not heard."""
    if answer.verdict is not Verdict.ASKING:
        return answer
    return replace(answer, verdict=Verdict.NOT_ASKED, message=message("discovery.cancelled"))


def _is_own(detection: Detection, setup: Setup) -> bool:
    """Are its servers those of the service that is chosen?"""
    return setup.service.provider == detection.provider
