"""What a failure means and what to do about it, with the server's own words beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.copying import CopyButton, FixedText
from ui.widgets.folding import Folding
from ui.widgets.icons import Tone, follow_palette, pixmap, text_size
from ui.widgets.labels import Body, LinkLabel, Muted, Subheading
from ui.widgets.rows import line, text_is_large
from ui.widgets.spacing import GRID
from ui.words import words

if TYPE_CHECKING:
    from wizard.diagnosis.deadlines import Change
    from wizard.diagnosis.diagnose import Diagnosis, FormChange, Remedy
    from wizard.probe.report import ProbeReport


class DiagnosisCard(QFrame):
    """``apply`` carries the change of the form that a remedy's button makes."""

    apply = Signal(object)

    def __init__(
        self,
        diagnosis: Diagnosis,
        transcript: tuple[str, ...],
        prefix: str,
        parent: QWidget | None = None,
        *,
        report: ProbeReport | None = None,
    ) -> None:
        """With the ``report`` behind it there is a copy of the whole failure as text."""
        super().__init__(parent)
        self._prefix = prefix
        self.setObjectName(f"{prefix}-diagnosis")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        texts = words()
        self._good = diagnosis.cause == "no_error"
        title, explanation = texts.render(diagnosis.title), texts.render(diagnosis.explanation)
        self.setAccessibleName(title)
        self.setAccessibleDescription(explanation)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addLayout(self._title(title))
        column.addWidget(Body(explanation))
        for change in diagnosis.changes:
            column.addLayout(self._change(change))
        if diagnosis.remedies:
            column.addLayout(self._remedies(diagnosis.remedies))
        if diagnosis.others:
            titles = [texts(f"cause.{cause}.title") for cause in diagnosis.others]
            others = Muted(texts("diagnosis.others", causes="; ".join(titles)))
            others.setObjectName(f"{prefix}-others")
            column.addWidget(others)
        if diagnosis.quoted:
            quoted = Body(texts("diagnosis.said", words=diagnosis.quoted))
            quoted.setObjectName(f"{prefix}-quoted")
            column.addWidget(quoted)
        if report is not None and report.failure is not None:
            column.addWidget(self._card_copy(report, diagnosis), 0, Qt.AlignmentFlag.AlignLeft)
        if transcript:
            self._text = "\n".join(transcript)
            self._folding = Folding(texts("diagnosis.transcript"), f"{prefix}-transcript")
            self._folding.button.toggled.connect(self._unfold)
            column.addWidget(self._folding)

    def _title(self, title: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setColumnStretch(1, 1)
        self._icon = QLabel()
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        heading = Subheading(title)
        heading.setObjectName(f"{self._prefix}-cause")
        grid.addWidget(heading, 0, 1)
        self._draw()
        follow_palette(self._draw)
        return grid

    def _draw(self) -> None:
        name, tone = ("check", Tone.GOOD) if self._good else ("cross", Tone.BAD)
        self._icon.setPixmap(pixmap(name, tone, text_size()))

    def _change(self, change: Change) -> QBoxLayout:
        """What changes by date, and where that is announced."""
        row = line()
        said = Body(words().render(change.message))
        said.setObjectName(f"{self._prefix}-change")
        row.addWidget(said, 1)
        row.addWidget(LinkLabel(words()("diagnosis.announced"), change.url))
        return row

    def _card_copy(self, report: ProbeReport, diagnosis: Diagnosis) -> CopyButton:
        from wizard.diagnosis.failure_card import failure_card  # noqa: PLC0415

        name = words()("failure_card.copy")
        copy = CopyButton(lambda: failure_card(report, diagnosis, words()), name, caption=name)
        copy.setObjectName(f"{self._prefix}-failure-copy")
        return copy

    def _remedies(self, remedies: tuple[Remedy, ...]) -> QGridLayout:
        """A numbered list: what to do, and below it who has to act, where, and a button."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(1, 1)
        for number, remedy in enumerate(remedies, 1):
            said = words().render(remedy.message)
            row = grid.rowCount()
            grid.addWidget(QLabel(f"{number}."), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Body(said), row, 1)
            below = line()
            below.setSpacing(GRID * 2)
            who = Muted(words()("diagnosis.who", who=words()(f"who.{remedy.who}")))
            who.setWordWrap(text_is_large())
            below.addWidget(who)
            if remedy.url:
                below.addWidget(LinkLabel(words()("diagnosis.open"), remedy.url))
            if remedy.change is not None:
                below.addWidget(self._button(number, remedy.change, said))
            below.addStretch(1)
            grid.addLayout(below, row + 1, 1)
        return grid

    def _button(self, number: int, change: FormChange, said: str) -> QPushButton:
        caption = _caption(change)
        button = QPushButton(caption)
        button.setObjectName(f"{self._prefix}-remedy-{number}")
        button.setAccessibleDescription(said)
        button.setAutoDefault(False)
        button.clicked.connect(partial(self.apply.emit, change))
        return button

    def _unfold(self) -> None:
        """Build the transcript when somebody wants to see it: it may be long."""
        if self.findChild(QWidget, f"{self._prefix}-transcript-text") is not None:
            return
        name = words()("diagnosis.transcript")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        field = FixedText(self._text)
        field.setObjectName(f"{self._prefix}-transcript-text")
        field.setAccessibleName(name)
        column.addWidget(field)
        copy = CopyButton(lambda: self._text, name)
        copy.setObjectName(f"{self._prefix}-transcript-copy")
        column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        self._folding.show_content(content)


def _caption(change: FormChange) -> str:
    """What the button does, in a few words; an exemption asks again before it holds."""
    if change.fingerprint is not None:
        return words()("exemption.trust.button")
    if change.plain_login is not None:
        return words()("exemption.plain.button")
    return words()("diagnosis.apply", what=_what(change))


def _what(change: FormChange) -> str:
    parts = [change.host, str(change.port) if change.port else None]
    if change.security is not None:
        parts.append(words()(f"form.security_choice.{change.security}"))
    return ", ".join(part for part in parts if part)
