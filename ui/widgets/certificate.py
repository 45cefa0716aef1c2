"""A server's certificate: what stands in it, to be compared and copied. It judges nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from ui.widgets.copying import CopyButton, FixedText, Value
from ui.widgets.folding import Folding
from ui.widgets.labels import Body, Subheading
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.diagnosis.certificate_lines import certificate_lines, certificate_text, chain_lines

if TYPE_CHECKING:
    from wizard.probe.report import TlsInfo


class CertificateBox(QFrame):
    """Names, issuer, dates, key, fingerprint and chain; all of it with one copy button."""

    def __init__(self, tls: TlsInfo, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        texts = words()
        self._tls = tls
        self.setObjectName(f"{prefix}-certificate")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        title = texts("certificate.heading")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        head = line()
        head.addWidget(Subheading(title), 1)
        copy = CopyButton(lambda: certificate_text(tls, texts), title)
        copy.setObjectName(f"{prefix}-certificate-copy")
        head.addWidget(copy)
        column.addLayout(head)
        column.addLayout(self._rows(prefix))
        chain = chain_lines(tls, texts)
        if chain:
            folding = Folding(texts("certificate.chain", n=len(chain)), f"{prefix}-chain")
            field = FixedText("\n\n".join(chain))
            field.setObjectName(f"{prefix}-chain-text")
            field.setAccessibleName(texts("certificate.chain", n=len(chain)))
            folding.show_content(field)
            column.addWidget(folding)

    def _rows(self, prefix: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID * 2)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(1, 1)
        *plain, (name, fingerprint) = certificate_lines(self._tls, words())
        for row, (caption, value) in enumerate(plain):
            grid.addWidget(QLabel(caption), row, 0)
            shown = Body(value)
            shown.setAccessibleName(f"{caption}: {value}")
            grid.addWidget(shown, row, 1)
        if self._tls.fingerprint:
            grid.addWidget(QLabel(name), len(plain), 0)
            field = Value(fingerprint, name, f"{prefix}-fingerprint")
            grid.addWidget(field, len(plain), 1)
        return grid
