"""A server's form: host, port, security, user name; judged without nagging. No secret in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QCompleter,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.labels import Muted
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.state import StateLabel
from ui.words import words
from wizard.model import STANDARD_PORTS, AuthMethod, Protocol, Security
from wizard.server_form import FormField, ServerForm

PAUSE_MS = 900

Change = Callable[[ServerForm], ServerForm]


class ServerFormBox(QWidget):
    """``changed`` carries a function from form to form, never a whole form."""

    changed = Signal(object)

    def __init__(self, prefix: str, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._protocol: Protocol | None = None
        self._form = ServerForm()
        self._lines: dict[FormField, QLineEdit] = {}
        self._problems: dict[FormField, StateLabel] = {}
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(GRID)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.host = self._line(FormField.HOST, f"{prefix}-host")
        self._usual = Muted()
        self._usual.setObjectName(f"{prefix}-usual-ports")
        self.port = self._line(FormField.PORT, f"{prefix}-port", beside=self._usual)
        self.port.setMaximumWidth(self.port.fontMetrics().averageCharWidth() * 14)
        self.security = QComboBox()
        self.security.setObjectName(f"{prefix}-security")
        for security in Security:
            self.security.addItem(words()(f"form.security_choice.{security}"), str(security))
        self.security.activated.connect(self._security_chosen)
        self._add("form.security", self.security, self.security)
        self.username = self._line(FormField.USERNAME, f"{prefix}-username")
        self.username_shown = True
        self.host.textEdited.connect(self._host_edited)
        self.port.textEdited.connect(self._port_edited)
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
        if protocol is self._protocol:
            return
        self._protocol = protocol
        usual = [str(port) for port in STANDARD_PORTS[protocol]]
        self._usual.setText(words()("form.usual_ports", ports=", ".join(usual)))
        self.port.setAccessibleDescription(self._usual.text())
        completer = QCompleter(usual, self)
        # A completion sets the text without the signal that typing has.
        completer.activated.connect(self._port_edited)
        if (old := self.port.completer()) is not None:
            old.deleteLater()
        self.port.setCompleter(completer)

    def set_row_visible(self, widget: QWidget, *, shown: bool) -> None:
        """Show or hide a row with its label."""
        self._layout.setRowVisible(widget, shown)

    def show_username(self, *, shown: bool) -> None:
        """With or without the row for a login of its own."""
        self.username_shown = shown
        self._layout.setRowVisible(self._whole(self.username), shown)

    def judge_all(self) -> None:
        """Say what cannot be used, empty fields among it: a test was asked for."""
        self._say_problems(empty_too=True)
        for field, problem in self._problems.items():
            if not problem.isHidden():
                self._lines[field].setFocus()
                return

    def judge(self) -> None:
        """Say what cannot be used; an empty field is only not filled in yet."""
        self._say_problems(empty_too=False)

    def show_form(self, form: ServerForm) -> None:
        """Bring the fields in line; a field with the same text keeps its cursor."""
        same, self._form = form == self._form, form
        for field, text in self._typed().items():
            line_edit = self._lines[field]
            if line_edit.text() != text:
                with QSignalBlocker(line_edit):
                    line_edit.setText(text)
        with QSignalBlocker(self.security):
            self.security.setCurrentIndex(self.security.findData(str(form.security)))
        if not same and not self._pause.isActive():
            self.judge()

    def _typed(self) -> dict[FormField, str]:
        return {
            FormField.HOST: self._form.host,
            FormField.PORT: self._form.port,
            FormField.USERNAME: self._form.username,
        }

    def _line(self, field: FormField, object_name: str, beside: Muted | None = None) -> QLineEdit:
        """A field with its problem below it, in one row of the form."""
        edit = QLineEdit()
        edit.setObjectName(object_name)
        edit.setMaxLength(400)
        if field is not FormField.USERNAME:
            # Names of hosts and numbers are read from left to right in every language.
            edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        edit.editingFinished.connect(self.judge)
        problem = StateLabel("wrong", "")
        problem.setObjectName(f"{object_name}-problem")
        problem.hide()
        self._lines[field], self._problems[field] = edit, problem
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        if beside is None:
            column.addWidget(edit)
        else:
            row: QBoxLayout = line()
            row.addWidget(edit, 1)
            row.addWidget(beside, 3)
            column.addLayout(row)
        column.addWidget(problem)
        self._add(f"form.{field}", whole, edit)
        return edit

    def _add(self, key: str, row: QWidget, control: QWidget) -> None:
        label = QLabel(words()(key))
        label.setBuddy(control)
        control.setAccessibleName(words()(key).replace("&", ""))
        self._layout.addRow(label, row)

    def _whole(self, edit: QLineEdit) -> QWidget:
        whole = edit.parentWidget()
        return whole if whole is not None else edit

    def _host_edited(self, text: str) -> None:
        self._emit(FormField.HOST, lambda form: replace(form, host=text))

    def _port_edited(self, text: str) -> None:
        protocol = self._protocol or Protocol.SMTP
        self._emit(FormField.PORT, lambda form: form.with_port(protocol, text))

    def _username_edited(self, text: str) -> None:
        self._emit(FormField.USERNAME, lambda form: replace(form, username=text))

    def _security_chosen(self) -> None:
        security = Security(self.security.currentData())
        protocol = self._protocol or Protocol.SMTP
        self._emit(FormField.PORT, lambda form: form.with_security(protocol, security))

    def _emit(self, field: FormField, change: Change) -> None:
        self._say(field, "")
        self._pause.start()
        self.changed.emit(change)

    def _say_problems(self, *, empty_too: bool) -> None:
        self._pause.stop()
        parsed = self._form.parse(self._protocol or Protocol.SMTP)
        found = {one.field: one.message for one in parsed} if isinstance(parsed, tuple) else {}
        for field, typed in self._typed().items():
            asked = empty_too or bool(typed.strip())
            if field is FormField.USERNAME:
                asked = asked and self.username_shown and self._form.auth is not AuthMethod.NONE
            said = words().render(found[field]) if field in found and asked else ""
            self._say(field, said)

    def _say(self, field: FormField, said: str) -> None:
        problem = self._problems[field]
        if problem.text() != said:
            problem.show_state("wrong", said)
            usual = self._usual.text() if field is FormField.PORT else ""
            self._lines[field].setAccessibleDescription(said or usual)
        problem.setVisible(bool(said))
