"""An SPF record's old and new value, with what changes marked by shape and in words.

How a record is merged does not belong in here: this only compares two finished values.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.copying import FixedText
from ui.widgets.labels import Body
from ui.widgets.rows import line
from ui.widgets.spacing import GRID

if TYPE_CHECKING:
    from ui.widgets.copying import CopyButton
    from wizard.texts import Texts


class Change(StrEnum):
    """What happens to a term."""

    KEPT = "kept"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an SPF record (RFC 7208 section 4.6.1) and what happens to it."""

    text: str
    change: Change


def old_terms(old: str, new: str) -> tuple[Term, ...]:
    """The terms of the old value, in its order: kept or removed."""
    return _terms(old, new, Change.REMOVED)


def new_terms(old: str, new: str) -> tuple[Term, ...]:
    """The terms of the new value, in its order: kept or added."""
    return _terms(new, old, Change.ADDED)


def _terms(shown: str, other: str, change: Change) -> tuple[Term, ...]:
    terms = shown.split()
    same = difflib.SequenceMatcher(None, terms, other.split(), autojunk=False)
    kept = {
        block.a + offset for block in same.get_matching_blocks() for offset in range(block.size)
    }
    return tuple(
        Term(text, Change.KEPT if index in kept else change) for index, text in enumerate(terms)
    )


class MarkedSpf(QWidget):
    """One of the two values: whole, selectable, left to right, its changed terms also said."""

    def __init__(self, terms: tuple[Term, ...], name: str, label: str, texts: Texts) -> None:
        """``name`` is the object name of the value; ``label`` says which value it is."""
        super().__init__()
        self._row = line()
        self.setLayout(self._row)
        column = QVBoxLayout()
        column.setSpacing(GRID // 2)
        shown = FixedText(" ".join(term.text for term in terms))
        _mark(shown, terms)
        shown.setObjectName(f"{name}-value")
        shown.setAccessibleName(label)
        column.addWidget(shown)
        for change in (Change.ADDED, Change.REMOVED):
            marked = " ".join(term.text for term in terms if term.change is change)
            if marked:
                said = Body(texts(f"records_page.{change}", terms=marked))
                said.setObjectName(f"{name}-{change}")
                column.addWidget(said)
        self._row.addLayout(column, 1)

    def add_copy(self, button: CopyButton) -> None:
        """Put a copy button beside the value, as the other cells have it."""
        self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)


def _mark(shown: FixedText, terms: tuple[Term, ...]) -> None:
    cursor = QTextCursor(shown.document())
    start = 0
    for term in terms:
        end = start + len(term.text)
        if term.change is not Change.KEPT:
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(_look(term.change))
        start = end + 1


def _look(change: Change) -> QTextCharFormat:
    look = QTextCharFormat()
    if change is Change.ADDED:
        look.setFontWeight(QFont.Weight.Bold)
        look.setFontUnderline(True)
    else:
        look.setFontStrikeOut(True)
    return look
