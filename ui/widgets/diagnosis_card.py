"""What a failure means and what to do about it, with the server's own words beside it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.copying import CopyButton, FixedText
from ui.widgets.folding import Folding
from ui.widgets.labels import Body, LinkLabel, Subheading
from ui.widgets.spacing import GRID
from ui.words import words

if TYPE_CHECKING:
    from wizard.diagnosis.diagnose import Diagnosis, FormChange, Remedy


class DiagnosisCard(QFrame):
    """``apply`` carries the change of the form that a remedy's button makes."""

    apply = Signal(object)

    def __init__(
        self,
        diagnosis: Diagnosis,
        transcript: tuple[str, ...],
        prefix: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"{prefix}-diagnosis")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        texts = words()
        title = texts.render(diagnosis.title)
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addWidget(Subheading(title))
        column.addWidget(Body(texts.render(diagnosis.explanation)))
        for number, remedy in enumerate(diagnosis.remedies, 1):
            column.addLayout(self._remedy(number, remedy, prefix))
        if diagnosis.quoted:
            words_of = Body(texts("diagnosis.said", words=diagnosis.quoted))
            words_of.setObjectName(f"{prefix}-quoted")
            column.addWidget(words_of)
        if transcript:
            column.addWidget(self._transcript(transcript, prefix))

    def _remedy(self, number: int, remedy: Remedy, prefix: str) -> QHBoxLayout:
        texts = words()
        row = QHBoxLayout()
        row.setSpacing(GRID)
        said = texts.render(remedy.message)
        who = texts(f"who.{remedy.who}")
        row.addWidget(Body(texts("diagnosis.remedy", number=number, text=said, who=who)), 1)
        if remedy.url:
            row.addWidget(LinkLabel(texts("diagnosis.open"), remedy.url))
        if remedy.change is not None:
            row.addWidget(self._button(number, remedy.change, said, prefix))
        return row

    def _button(self, number: int, change: FormChange, said: str, prefix: str) -> QPushButton:
        button = QPushButton(words()("diagnosis.apply", what=_what(change)))
        button.setObjectName(f"{prefix}-remedy-{number}")
        button.setAccessibleName(said)
        button.setAutoDefault(False)
        button.clicked.connect(partial(self.apply.emit, change))
        return button

    def _transcript(self, transcript: tuple[str, ...], prefix: str) -> Folding:
        folding = Folding(words()("diagnosis.transcript"), f"{prefix}-transcript")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        text = "\n".join(transcript)
        field = FixedText(text)
        field.setAccessibleName(words()("diagnosis.transcript"))
        column.addWidget(field)
        copy = CopyButton(lambda: text, words()("diagnosis.transcript"))
        copy.setObjectName(f"{prefix}-transcript-copy")
        line = QHBoxLayout()
        line.addWidget(copy)
        line.addStretch(1)
        column.addLayout(line)
        folding.show_content(content)
        return folding


def _what(change: FormChange) -> str:
    parts = [change.host, str(change.port) if change.port else None]
    if change.security is not None:
        parts.append(words()(f"form.security_choice.{change.security}"))
    return ", ".join(part for part in parts if part)
