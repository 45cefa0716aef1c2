"""The parts of the records page: the countdown, the marked terms, and a word for every state."""

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ui.widgets.record_watch import RecordWatch, clock
from ui.widgets.spf_difference import Change, Term, new_terms, old_terms
from wizard.erp.standing import Standing
from wizard.records.plan import Purpose, RecordAction, RecordNeed, RecordState
from wizard.texts import LANGUAGES, Texts

OLD = "v=spf1 mx ip4:198.51.100.0/24 -all"
NEW = "v=spf1 mx ip4:198.51.100.0/24 include:_spf.appone.cloud -all"


def shown(parent: QObject, name: str) -> str:
    found = parent.findChild(QLabel, name)
    assert found is not None, name
    return found.text()


def test_counts_down_and_asks_for_the_next_look(qtbot: QtBot) -> None:
    watch = RecordWatch(Texts.load("en"))
    qtbot.addWidget(watch)
    watch.show()
    watch.rest("", 15)
    assert "0:15" in shown(watch, "records-clock")
    with qtbot.waitSignal(watch.look_wanted):
        watch.rest("", 0)
    assert not watch.counts


def test_no_countdown_when_the_page_is_left(qtbot: QtBot) -> None:
    watch = RecordWatch(Texts.load("en"))
    qtbot.addWidget(watch)
    watch.rest("", 0)
    watch.stop()
    with qtbot.assertNotEmitted(watch.look_wanted, wait=600):
        assert not watch.counts


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (300, "5:00")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_terms_are_marked_where_they_stand() -> None:
    assert [term for term in new_terms(OLD, NEW) if term.change is not Change.KEPT] == [
        Term("include:_spf.appone.cloud", Change.ADDED)
    ]
    assert " ".join(term.text for term in new_terms(OLD, NEW)) == NEW
    assert all(term.change is Change.KEPT for term in old_terms(OLD, NEW))
    assert old_terms("v=spf1 a a -all", "v=spf1 a -all")[1:3] in (
        (Term("a", Change.KEPT), Term("a", Change.REMOVED)),
        (Term("a", Change.REMOVED), Term("a", Change.KEPT)),
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_its_words(language: str) -> None:
    """Keys that are made from an enum's value."""
    texts = Texts.load(language)
    keys = [
        *(f"records_page.state.{state}" for state in RecordState),
        "records_page.state.absent",
        *(f"records_page.group.{need}" for need in RecordNeed),
        *(f"records_page.purpose.{purpose}" for purpose in Purpose),
        *(f"records_page.action.{action}" for action in set(RecordAction) - {RecordAction.NONE}),
        *(f"records_page.{change}" for change in set(Change) - {Change.KEPT}),
        *(f"records_page.{cell}" for cell in ("type", "host", "value", "old", "new", "found")),
        *(f"platform_page.{one}" for one in set(Standing) - {Standing.NOT_TESTABLE}),
    ]
    assert [key for key in keys if key not in texts] == []
