"""A server's form: host, port, security, user name; judged without nagging. No secret in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QFormLayout, QLabel, QLineEdit, QWidget

from ui.widgets.labels import Muted
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.model import STANDARD_PORTS, AuthMethod, Protocol, Security
from wizard.setup import FormField, ServerForm

PAUSE_MS = 900

Change = Callable[[ServerForm], ServerForm]


class ServerFormBox(QWidget):
    """``changed`` carries a function from form to form, never a whole form."""

    changed = Signal(object)

    def __init__(self, prefix: str, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._protocol = protocol
        self._form = ServerForm()
        self._problems: dict[FormField, QLabel] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self.host = self._line(FormField.HOST, f"{prefix}-host")
        self.host.textEdited.connect(self._host_edited)
        self.port = self._line(FormField.PORT, f"{prefix}-port")
        self.port.setMaximumWidth(GRID * 16)
        self.port.textEdited.connect(self._port_edited)
        self.security = QComboBox()
        self.security.setObjectName(f"{prefix}-security")
        for security in Security:
            self.security.addItem(words()(f"form.security_choice.{security}"), str(security))
        self.security.activated.connect(self._security_chosen)
        label = QLabel(words()("form.security"))
        label.setBuddy(self.security)
        self._layout.addRow(label, self.security)
        self.username = self._line(FormField.USERNAME, f"{prefix}-username")
        self.username.textEdited.connect(self._username_edited)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.judge)
        self.set_protocol(protocol)

    def add_row(self, label: str, widget: QWidget) -> None:
        """One more row at the end, its label its buddy."""
        named = QLabel(label)
        named.setBuddy(widget)
        self._layout.addRow(named, widget)

    def set_protocol(self, protocol: Protocol) -> None:
        """Offer the protocol's usual ports."""
        self._protocol = protocol
        self.port.setCompleter(QCompleter([str(port) for port in STANDARD_PORTS[protocol]], self))

    def set_row_visible(self, widget: QWidget, *, shown: bool) -> None:
        """Show or hide a row with its label."""
        self._layout.setRowVisible(widget, shown)

    def show_username(self, *, shown: bool) -> None:
        self._layout.setRowVisible(self.username, shown)
        if not shown:
            self._layout.setRowVisible(self._problems[FormField.USERNAME], False)

    def judge_all(self) -> None:
        """Say what cannot be used, empty fields among it: a test was asked for."""
        self._say_problems(empty_too=True)

    def show_form(self, form: ServerForm) -> None:
        """Bring the fields in line; a field with the same text keeps its cursor."""
        self._form = form
        for line, text in (
            (self.host, form.host),
            (self.port, form.port),
            (self.username, form.username),
        ):
            if line.text() != text:
                with QSignalBlocker(line):
                    line.setText(text)
        with QSignalBlocker(self.security):
            self.security.setCurrentIndex(self.security.findData(str(form.security)))
        if not self._pause.isActive():
            self.judge()

    def _line(self, field: FormField, object_name: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(object_name)
        line.setMaxLength(400)
        line.editingFinished.connect(self.judge)
        label = QLabel(words()(f"form.{field}"))
        label.setBuddy(line)
        self._layout.addRow(label, line)
        problem = Muted()
        problem.setObjectName(f"{object_name}-problem")
        self._problems[field] = problem
        self._layout.addRow("", problem)
        self._layout.setRowVisible(problem, False)
        return line

    def _host_edited(self, text: str) -> None:
        self._emit(lambda form: replace(form, host=text))

    def _port_edited(self, text: str) -> None:
        protocol = self._protocol
        self._emit(lambda form: form.with_port(protocol, text))

    def _username_edited(self, text: str) -> None:
        self._emit(lambda form: replace(form, username=text))

    def _security_chosen(self) -> None:
        security, protocol = Security(self.security.currentData()), self._protocol
        self._emit(lambda form: form.with_security(protocol, security))

    def _emit(self, change: Change) -> None:
        for problem in self._problems.values():
            self._layout.setRowVisible(problem, False)
        self._pause.start()
        self.changed.emit(change)

    def judge(self) -> None:
        """Say what cannot be used; an empty field is only not filled in yet."""
        self._say_problems(empty_too=False)

    def _say_problems(self, *, empty_too: bool) -> None:
        self._pause.stop()
        parsed = self._form.parse(self._protocol)
        found = {one.field: one.message for one in parsed} if isinstance(parsed, tuple) else {}
        typed = {
            FormField.HOST: self._form.host,
            FormField.PORT: self._form.port,
            FormField.USERNAME: self._form.username,
        }
        for field, label in self._problems.items():
            said = (
                words().render(found[field])
                if field in found and (empty_too or typed[field].strip())
                else ""
            )
            if field is FormField.USERNAME and self._form.auth is AuthMethod.NONE:
                said = ""
            label.setText(said)
            self._layout.setRowVisible(label, bool(said))
