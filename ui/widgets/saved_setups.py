"""The saved set-ups: which domain, when saved, open or delete; what could not be read is said.

Where they are kept, and what opening means, does not belong in here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.model import to_unicode
from wizard.readiness import Severity

if TYPE_CHECKING:
    from wizard.store.setups import Damaged, SavedSetup
    from wizard.texts import Texts

# More rows than this are looked for by name.
MAX_SHOWN: Final = 6


class SavedSetups(QWidget):
    """A list with a filter once it is long. Both signals carry a ``Setup``."""

    open_wanted = Signal(object)
    delete_wanted = Signal(object)

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._saved: tuple[SavedSetup, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID)
        self._title = Subheading(texts("company_page.saved"))
        self._column.addWidget(self._title)
        self._find = QLineEdit()
        self._find.setObjectName("company-find")
        self._find.setPlaceholderText(texts("company_page.find"))
        self._find.setAccessibleName(texts("company_page.find"))
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._show_rows)
        self._column.addWidget(self._find)
        self._notices = QWidget()
        self._column.addWidget(self._notices)
        self._rows = QWidget()
        self._column.addWidget(self._rows)
        self.hide()

    def show_saved(self, saved: tuple[SavedSetup, ...], damaged: tuple[Damaged, ...]) -> None:
        """Show these, newest first, and say which files could not be read."""
        self._saved = saved
        self.setVisible(bool(saved or damaged))
        self._title.setVisible(bool(saved))
        self._find.setVisible(len(saved) > MAX_SHOWN)
        notices, column = _box()
        for bad in damaged:
            column.addWidget(Notice(Severity.WARNING, self._texts.render(bad.message)))
        self._notices = swap(self._column, self._notices, notices)
        self._notices.setVisible(bool(damaged))
        self._show_rows()

    def _show_rows(self) -> None:
        wanted = self._find.text().strip().casefold()
        found = [one for one in self._saved if wanted in _name_of(one).casefold()]
        rows, column = _box()
        for index, one in enumerate(found[:MAX_SHOWN]):
            column.addWidget(self._row(index, one))
        if len(found) > MAX_SHOWN:
            column.addWidget(Muted(self._texts("company_page.more", n=len(found) - MAX_SHOWN)))
        elif not found:
            column.addWidget(Muted(self._texts("company_page.none_found")))
        self._rows = swap(self._column, self._rows, rows)
        self._rows.setVisible(bool(self._saved))

    def _row(self, index: int, saved: SavedSetup) -> QWidget:
        texts, domain = self._texts, _name_of(saved)
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(Body(domain), 1)
        when = QLabel(_when(saved, texts))
        line.addWidget(when)
        open_ = QPushButton(texts("company_page.open"))
        open_.setObjectName(f"company-open-{index}")
        open_.setAccessibleName(texts("company_page.open_name", domain=domain))
        open_.clicked.connect(partial(self.open_wanted.emit, saved.setup))
        delete = QPushButton(texts("company_page.delete"))
        delete.setObjectName(f"company-delete-{index}")
        delete.setAccessibleName(texts("company_page.delete_name", domain=domain))
        delete.clicked.connect(partial(self._ask_delete, saved))
        for button in (open_, delete):
            button.setAutoDefault(False)
            line.addWidget(button)
        return row

    def _ask_delete(self, saved: SavedSetup) -> None:
        texts = self._texts
        box = QMessageBox(self)
        box.setObjectName("company-delete-box")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(texts("company_page.delete_question", domain=_name_of(saved)))
        box.setInformativeText(texts("company_page.delete_detail"))
        yes = box.addButton(
            texts("company_page.delete_yes"), QMessageBox.ButtonRole.DestructiveRole
        )
        yes.setObjectName("company-delete-yes")
        keep = box.addButton(texts("company_page.delete_no"), QMessageBox.ButtonRole.RejectRole)
        keep.setObjectName("company-delete-no")
        box.setDefaultButton(keep)
        box.setEscapeButton(keep)
        yes.clicked.connect(partial(self.delete_wanted.emit, saved.setup))
        box.open()


def _box() -> tuple[QWidget, QVBoxLayout]:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    return box, column


def _name_of(saved: SavedSetup) -> str:
    setup = saved.setup
    return to_unicode(setup.domain) if setup.domain else setup.company.entry


def _when(saved: SavedSetup, texts: Texts) -> str:
    """The time as people of this language write it, in the system's way if that is the same."""
    system, wanted = QLocale.system(), QLocale(texts.language)
    locale = system if system.language() is wanted.language() else wanted
    when = QDateTime.fromSecsSinceEpoch(int(saved.saved.timestamp()))
    return locale.toString(when, QLocale.FormatType.ShortFormat)
