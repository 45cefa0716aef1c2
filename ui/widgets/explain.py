"""Explain an error: any text from openAPPone, a bounce or a log, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.announcing import announce
from ui.widgets.diagnosis_card import DiagnosisCard
from ui.widgets.labels import Body
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from ui.words import words

if TYPE_CHECKING:
    from ui.session import Session

PROTOCOLS = ("", "smtp", "imap", "pop3", "oauth", "tls", "tcp", "dns")
TEXT_LINES = 6


class ExplainDialog(QDialog):
    """To be shown by ``open()``. The same as ``mail-wizard diagnose``."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        texts = words()
        self._session = session
        self.setObjectName("explain-box")
        self.setWindowTitle(texts("explain.title"))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addWidget(Body(texts("explain.intro")))
        self._text = QPlainTextEdit()
        self._text.setObjectName("explain-text")
        self._text.setAccessibleName(texts("explain.text"))
        self._text.setPlaceholderText(texts("explain.example"))
        self._text.setTabChangesFocus(True)
        self._text.setFixedHeight(self._text.fontMetrics().lineSpacing() * TEXT_LINES + GRID * 2)
        self._text.textChanged.connect(self._text_changed)
        column.addWidget(self._text)
        column.addLayout(self._choices())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setAccessibleName(texts("explain.result"))
        content = QWidget()
        self._results = QVBoxLayout(content)
        self._results.setContentsMargins(0, 0, GRID, 0)
        self._result: QWidget = QWidget()
        self._results.addWidget(self._result)
        self._results.addStretch(1)
        self._area.setWidget(content)
        column.addWidget(self._area, 1)
        buttons = QDialogButtonBox()
        close = buttons.addButton(
            texts("window.help_close"), QDialogButtonBox.ButtonRole.RejectRole
        )
        close.setObjectName("explain-close")
        close.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.resize(GRID * 86, GRID * 72)
        self._text.setFocus()

    def _choices(self) -> QVBoxLayout:
        """Where it is from, if that is known better than the text tells."""
        row = line()
        row.setSpacing(GRID)
        label = QLabel(words()("explain.protocol"))
        self._protocol = QComboBox()
        self._protocol.setObjectName("explain-protocol")
        self._protocol.setAccessibleName(words()("explain.protocol").replace("&", ""))
        label.setBuddy(self._protocol)
        for protocol in PROTOCOLS:
            self._protocol.addItem(words()(f"explain.protocols.{protocol or 'text'}"), protocol)
        row.addWidget(label)
        row.addWidget(self._protocol)
        row.addStretch(1)
        self._explain = QPushButton(words()("explain.explain"))
        self._explain.setObjectName("explain-explain")
        self._explain.setDefault(True)
        self._explain.setEnabled(False)
        self._explain.clicked.connect(self.explain)
        row.addWidget(self._explain)
        column = QVBoxLayout()
        column.addLayout(row)
        return column

    def _text_changed(self) -> None:
        self._explain.setEnabled(bool(self._text.toPlainText().strip()))

    def explain(self) -> None:
        """Explain what stands there now. A matter of a millisecond."""
        from wizard.diagnosis.diagnose import DiagnosisProtocol, diagnose  # noqa: PLC0415
        from wizard.model import Protocol  # noqa: PLC0415

        chosen = self._protocol.currentData()
        diagnosis = diagnose(
            self._text.toPlainText(),
            protocol=DiagnosisProtocol(chosen) if chosen else None,
            circumstances=self._session.circumstances(Protocol.SMTP),
        )
        card = DiagnosisCard(diagnosis, (), "explain")
        self._result = swap(self._results, self._result, card)
        self._area.verticalScrollBar().setValue(0)
        announce(card)
