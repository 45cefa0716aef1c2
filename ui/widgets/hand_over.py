"""A letter to each who has to act, in the language they read, to be copied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from ui.widgets.captioned import CaptionedCopyButton
from ui.widgets.labels import Body, Muted, Subheading
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.words import words
from wizard.report.handover import Person, letter_to
from wizard.texts import LANGUAGES, Texts

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.setup import Setup


class HandOver(QWidget):
    """The letters are made when they are copied: nothing is ever older than the set-up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._setup: Setup | None = None
        self._catalog: Catalog | None = None
        self._texts = {words().language: words()}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(Subheading(words()("summary_page.hand_over")))
        column.addWidget(Body(words()("summary_page.hand_over_intro")))
        self._language = QComboBox()
        self._language.setObjectName("summary-language")
        for code in LANGUAGES:
            self._language.addItem(words()(f"language.{code}"), code)
        self._language.setCurrentIndex(LANGUAGES.index(words().language))
        label = QLabel(words()("summary_page.language"))
        label.setBuddy(self._language)
        self._language.setAccessibleName(label.text().replace("&", ""))
        choice = line()
        choice.addWidget(label)
        choice.addWidget(self._language)
        choice.addStretch(1)
        column.addLayout(choice)
        self._buttons: dict[Person, CaptionedCopyButton] = {}
        for person in Person:
            caption = words()(f"summary_page.person.{person}")
            button = CaptionedCopyButton(partial(self.letter, person), caption)
            button.setObjectName(f"summary-letter-{person}")
            self._buttons[person] = button
            # Below each other: side by side they are wider than the smallest window.
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._lacks_dns = Muted(words()("summary_page.dns_none"))
        column.addWidget(self._lacks_dns)

    @property
    def texts(self) -> Texts:
        """The words of the language that was chosen for what is handed over."""
        code = str(self._language.currentData())
        if code not in self._texts:
            self._texts[code] = Texts.load(code)
        return self._texts[code]

    def show_setup(self, setup: Setup, catalog: Catalog) -> None:
        """Know what to write about."""
        self._setup, self._catalog = setup, catalog
        self.setVisible(setup.domain is not None)
        looked_up = setup.records.plan is not None
        self._buttons[Person.DNS].setEnabled(looked_up)
        self._lacks_dns.setVisible(not looked_up)

    def letter(self, person: Person) -> str:
        if self._setup is None or self._catalog is None:
            return ""
        return letter_to(person, self._setup, self._catalog, self.texts)
