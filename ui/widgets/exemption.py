"""What the user allows one server by hand: asked for with a warning, and shown ever after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.copying import FixedText
from ui.widgets.labels import Body, Subheading
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.diagnosis.certificate_lines import grouped, shortened
from wizard.model import PlainLogin, Security
from wizard.server_form import FormChange
from wizard.steps import Severity

if TYPE_CHECKING:
    from wizard.model import ServerSettings
    from wizard.server_form import Exemption, ServerForm


WIDTH = GRID * 68


class ExemptionDialog(QDialog):
    """The warning before an exemption. To be shown by ``open()``; *accepted* means allowed."""

    def __init__(self, settings: ServerSettings, change: FormChange, parent: QWidget) -> None:
        super().__init__(parent)
        texts = words()
        kind = "trust" if change.fingerprint is not None else "plain"
        self.setObjectName("exemption-box")
        self.setWindowTitle(texts(f"exemption.{kind}.title"))
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        column.addWidget(Subheading(texts(f"exemption.{kind}.question", host=settings.host)))
        column.addWidget(Body(texts(f"exemption.{kind}.warning")))
        if change.fingerprint is not None:
            field = FixedText(grouped(change.fingerprint))
            field.setObjectName("exemption-fingerprint")
            field.setAccessibleName(texts("certificate.fingerprint"))
            column.addWidget(field)
        self._sure = QCheckBox(texts(f"exemption.{kind}.sure"))
        self._sure.setObjectName("exemption-sure")
        column.addWidget(self._sure)
        column.addStretch(1)
        buttons = QDialogButtonBox()
        roles = QDialogButtonBox.ButtonRole
        self._allow = buttons.addButton(texts(f"exemption.{kind}.allow"), roles.AcceptRole)
        self._allow.setObjectName("exemption-allow")
        self._allow.setEnabled(False)
        cancel = buttons.addButton(texts("exemption.cancel"), roles.RejectRole)
        cancel.setObjectName("exemption-cancel")
        cancel.setDefault(True)
        self._sure.toggled.connect(self._allow.setEnabled)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.setMinimumWidth(WIDTH)
        # As high as its texts are at this width, and no higher.
        self.resize(WIDTH, column.totalHeightForWidth(WIDTH))


class ExemptionNotice(QWidget):
    """Stands below a server's form as long as something is allowed there; ``revoked`` ends it."""

    revoked = Signal(object)

    def __init__(self, prefix: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prefix = prefix
        self._shown: tuple[Exemption | None, Security] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self.hide()

    def show_form(self, form: ServerForm) -> None:
        """Show what this form's server is allowed."""
        given = form.exempted
        if (given, form.security) == self._shown:
            return
        self._shown = (given, form.security)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if given is not None and given.fingerprint:
            said = words()(
                "exemption.trust.notice", host=given.host, fingerprint=shortened(given.fingerprint)
            )
            self._add("trust", said, FormChange(fingerprint=""))
        plain = given is not None and given.plain_login is PlainLogin.ALLOWED
        if given is not None and plain and form.security is Security.NONE:
            said = words()("exemption.plain.notice", host=given.host)
            self._add("plain", said, FormChange(plain_login=PlainLogin.REFUSED))
        self.setVisible(self._column.count() > 0)

    def _add(self, kind: str, said: str, back: FormChange) -> None:
        button = QPushButton(words()("exemption.revoke"))
        button.setObjectName(f"{self._prefix}-revoke-{kind}")
        button.setAccessibleDescription(said)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.revoked.emit(back))
        notice = Notice(Severity.WARNING, said, button=button)
        notice.setObjectName(f"{self._prefix}-exemption-{kind}")
        self._column.addWidget(notice)
