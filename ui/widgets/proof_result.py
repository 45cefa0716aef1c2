"""What there is to know about one letter of a proof: where it is, what its way did, what to do.

Why something failed is decided in :mod:`wizard.diagnosis` and :mod:`wizard.proof.mend`; only the
words are put together here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.copying import Value
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.proof_model import state_words
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from wizard.model import Protocol, ServerSettings, readable
from wizard.proof.authentication import Authentication, MethodResult
from wizard.proof.mend import mend_of
from wizard.proof.report import Arrival, Bounce, Fate, LetterState, Place, ProofLetter
from wizard.proof.standing import letter_state
from wizard.setup import Setup, mailbox_form
from wizard.updates import Update, edit_receiving, edit_sending

if TYPE_CHECKING:
    from ui.page import Page
    from wizard.server_form import FormChange

_NOT_FOUND_STEPS = ("spam", "alias", "platform", "later")


class ProofResult(QWidget):
    """One letter. Frozen like it: another letter is another widget."""

    def __init__(self, letter: ProofLetter, setup: Setup, page: Page) -> None:
        super().__init__()
        self._letter = letter
        self._setup = setup
        self._page = page
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.head = self._add_head()
        if letter.arrival is not None:
            self._add_arrival(letter.arrival)
        if letter.bounce is not None:
            self._add_bounce(letter.bounce)
        match letter.state:
            case LetterState.NOT_FOUND:
                self._add_not_found()
            case LetterState.NOT_SENT | LetterState.NOT_READABLE:
                self._add_diagnosis()
            case LetterState.QUEUED if letter.failure is not None:
                self._say(page.text("proof_page.put_off", words=letter.failure.words))

    def _say(self, text: str, name: str = "") -> None:
        label = Body(text)
        if name:
            label.setObjectName(name)
        self._column.addWidget(label)

    def _add_head(self) -> StateLabel:
        letter, page = self._letter, self._page
        sender, recipient = readable(letter.sender), readable(letter.recipient)
        self._column.addWidget(
            Subheading(page.text("proof_page.letter", sender=sender, recipient=recipient))
        )
        head = StateLabel(letter_state(self._setup, letter), state_words(letter))
        head.setObjectName("proof-result")
        self._column.addWidget(head)
        if letter.sent is not None:
            host = self._setup.sending.form.host.strip()
            when = f"{letter.sent.astimezone():%Y-%m-%d %H:%M:%S}"
            self._column.addWidget(Muted(page.text("proof_page.sent", time=when, host=host)))
        if letter.removed:
            self._column.addWidget(Muted(page.text("proof_page.was_removed")))
        return head

    # -- arrived --

    def _add_arrival(self, arrival: Arrival) -> None:
        page = self._page
        if arrival.elsewhere:
            address = self._address_of(arrival.elsewhere)
            self._say(page.text("proof_page.elsewhere", address=address), "proof-elsewhere")
        if arrival.place is Place.JUNK:
            self._say(page.text("proof_page.junk_detail", folder=arrival.folder))
        elif arrival.place is Place.ALL:
            self._say(page.text("proof_page.archived_detail", folder=arrival.folder))
        kept = [one.name for one in arrival.recipients if one.fate is Fate.KEPT]
        if kept:
            self._say(page.text("proof_page.fate.kept", names=", ".join(kept)), "proof-kept")
        else:
            self._say(page.text("proof_page.fate.none_kept"), "proof-kept")
        for one in arrival.recipients:
            if one.fate is Fate.CHANGED:
                said = page.text("proof_page.fate.changed", name=one.name, value=one.value)
                self._column.addWidget(Muted(said))
        if self._letter.rewritten:
            said = page.text(
                "proof_page.rewritten",
                sender=arrival.sender,
                envelope=arrival.return_path or arrival.sender,
            )
            self._say(said, "proof-rewritten")
        self._add_authentication(arrival.authentication)

    def _address_of(self, mailbox: str) -> str:
        entries = [one for one in self._setup.receiving.mailboxes if one.id == mailbox]
        local = entries[0].local.strip() if entries else mailbox
        return readable(f"{local}@{self._setup.domain}")

    def _add_authentication(self, read: Authentication | None) -> None:
        page = self._page
        self._column.addSpacing(GRID // 2)
        self._column.addWidget(Subheading(page.text("proof_page.authentication")))
        if read is None:
            self._say(page.text("proof_page.authentication_none"))
            return
        said_by = "said_by" if read.server else "said_by_nobody"
        self._column.addWidget(Muted(page.text(f"proof_page.{said_by}", server=read.server)))
        for one in read.results:
            self._say(self._verdict(one), f"proof-{one.method}")
        mend = mend_of(read, self._setup)
        if mend is None:
            return
        self._say(page.say(mend.message), "proof-mend")
        if mend.record is not None and mend.record.value is not None:
            name = page.text("proof_page.mend_value", type=mend.record.type)
            self._column.addWidget(Value(mend.record.value, name, "proof-mend"))

    def _verdict(self, one: MethodResult) -> str:
        page = self._page
        method = page.text(f"records_page.purpose.{one.method}")
        if one.domain:
            method = page.text("proof_page.method_for", method=method, domain=one.domain)
        result = page.text(f"proof_page.result.{one.verdict}", result=one.word)
        return page.text("proof_page.method", method=method, result=result)

    # -- not arrived --

    def _add_not_found(self) -> None:
        page, address = self._page, readable(self._letter.recipient)
        self._say(page.text("proof_page.not_found_detail"))
        for number, step in enumerate(_NOT_FOUND_STEPS, 1):
            said = page.text(f"proof_page.not_found_steps.{step}", address=address)
            self._say(f"{number}. {said}")

    def _add_bounce(self, bounce: Bounce) -> None:
        """What the report says, and what that means in the words of the diagnosis."""
        from wizard.diagnosis.diagnose import DiagnosisProtocol, diagnose  # noqa: PLC0415 - rare

        page = self._page
        key = f"proof_page.bounce.{bounce.action}"
        self._say(page.text(key, recipient=bounce.recipient or self._letter.recipient))
        said = " ".join(one for one in (bounce.status, bounce.words) if one)
        around = page.session.circumstances(Protocol.SMTP)
        diagnosis = diagnose(said, protocol=DiagnosisProtocol.SMTP, circumstances=around)
        self._column.addWidget(DiagnosisCard(diagnosis, (), "proof-bounce"))

    def _add_diagnosis(self) -> None:
        """Why it failed and what to do, for the server that refused."""
        from wizard.diagnosis.diagnose import diagnose_failure  # noqa: PLC0415

        letter, protocol = self._letter, self._letter.protocol
        settings = _settings(letter, self._setup)
        if letter.failure is None or settings is None:
            return
        page = self._page
        around = page.session.circumstances(protocol)
        diagnosis = diagnose_failure(letter.failure, settings, around)
        card = DiagnosisCard(diagnosis, letter.transcript, "proof")
        card.apply.connect(lambda change: page.update_setup(_applied(change, protocol)))
        self._column.addWidget(card)


def _applied(change: FormChange, protocol: Protocol) -> Update:
    """A remedy's button: its change in the form of the server that refused."""
    edit = edit_sending if protocol is Protocol.SMTP else edit_receiving
    return lambda setup: edit(setup, lambda form: form.changed(change))


def _settings(letter: ProofLetter, setup: Setup) -> ServerSettings | None:
    """The server that the failure speaks of, as the form has it now."""
    if letter.protocol is Protocol.SMTP:
        form = setup.sending.form
    else:
        entries = [one for one in setup.receiving.mailboxes if one.id == letter.mailbox]
        if not entries:
            return None
        form = mailbox_form(setup.receiving, entries[0], setup.domain or "")
    parsed = form.parse(letter.protocol)
    return parsed if isinstance(parsed, ServerSettings) else None
