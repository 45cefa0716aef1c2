"""A field that finds a provider by name, other name or domain, and the list of its hits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.texts import Texts

MAX_ROWS: Final = 6
_TAKE: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ProviderSearch(QWidget):
    """``chosen`` carries a provider's id."""

    chosen = Signal(str)

    def __init__(self, texts: Texts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = texts
        self._catalog: Catalog | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        label = QLabel(texts("service_page.not_listed"))
        self._field = QLineEdit()
        self._field.setObjectName("service-search")
        self._field.setClearButtonEnabled(True)
        self._field.textChanged.connect(self._filter)
        self._field.installEventFilter(self)
        label.setBuddy(self._field)
        line = QHBoxLayout()
        line.setSpacing(GRID)
        line.addWidget(label)
        line.addWidget(self._field, 1)
        column.addLayout(line)
        self._hits = QListWidget()
        self._hits.setObjectName("service-hits")
        self._hits.setAccessibleName(texts("service_page.hits"))
        self._hits.itemClicked.connect(self._take)
        self._hits.installEventFilter(self)
        self._hits.hide()
        column.addWidget(self._hits)

    def offer(self, catalog: Catalog) -> None:
        """Search in these facts."""
        if catalog is not self._catalog:
            self._catalog = catalog
            n = len(catalog.search(""))
            self._field.setPlaceholderText(self._texts("service_page.search", n=n))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down goes from the field into the list; Enter takes a hit instead of going on."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            shown = not self._hits.isHidden()
            if event.key() == Qt.Key.Key_Down and watched is self._field and shown:
                self._hits.setCurrentRow(0)
                self._hits.setFocus()
                return True
            if event.key() in _TAKE and shown:
                self._take(self._hits.currentItem() or self._hits.item(0))
                return True
        return super().eventFilter(watched, event)

    def _filter(self, text: str) -> None:
        self._hits.clear()
        self._hits.setVisible(bool(text.strip()))
        if self._catalog is None or not text.strip():
            return
        for provider in self._catalog.search(text):
            item = QListWidgetItem(provider.name)
            item.setData(Qt.ItemDataRole.UserRole, provider.id)
            self._hits.addItem(item)
        if not self._hits.count():
            item = QListWidgetItem(self._texts("service_page.no_hit"))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._hits.addItem(item)
        rows = min(self._hits.count(), MAX_ROWS)
        self._hits.setFixedHeight(rows * self._hits.sizeHintForRow(0) + GRID)

    def _take(self, item: QListWidgetItem) -> None:
        provider = item.data(Qt.ItemDataRole.UserRole)
        if provider:
            self._field.clear()
            self._field.setFocus()
            self.chosen.emit(provider)
