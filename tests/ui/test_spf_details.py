"""What the window says about an SPF record: ways out, effect, costs, and both values to copy."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QToolButton, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from ui.widgets.record_row import RecordRow, ShownRecord
from ui.widgets.spf_details import SpfDetails, SpfTree
from ui.widgets.state import StateLabel
from wizard.model import Who
from wizard.records.plan import PlannedRecord, Purpose, RecordAction, RecordNeed, RecordState
from wizard.records.spf.edit import split_strings
from wizard.records.spf.report import (
    Effect,
    SpfReport,
    SpfResult,
    TreeNode,
    Verdict,
    WayOut,
    Whose,
)
from wizard.records.spf.warning import SpfWarning
from wizard.texts import LANGUAGES, Texts, message

OLD = "v=spf1 mx -all"
NEW = "v=spf1 mx include:_spf.appone.cloud -all"
LEAF = TreeNode("include:n1.example", "n1.example", 1, False, None)
DEAD = TreeNode(
    "include:gone.example", "gone.example", 1, True, SpfWarning.INCLUDE_NO_SPF, claimable=True
)
TREE = (TreeNode("include:g.example", "g.example", 12, False, None, (LEAF,) * 11), DEAD)
PASS, FAIL = Verdict(SpfResult.PASS, ("include:x",)), Verdict(SpfResult.FAIL, ("-all",))
EFFECTS = (
    Effect(Whose.INCLUDE, "_spf.appone.cloud", "198.51.100.1", FAIL, PASS),
    Effect(Whose.SERVER, "mail.acme.example", "192.0.2.1", PASS, PASS),
    Effect(Whose.STRANGER, "", "240.0.0.1", FAIL, FAIL),
)
WAY = WayOut(
    SpfWarning.TOO_MANY_LOOKUPS,
    (message("spf.way.too_many_lookups.total", n=13, domain="acme.example"),),
    Who.DNS_ADMIN,
    "v=spf1 mx -all",
)
REPORT = SpfReport(1, 2, 0, 0, TREE, EFFECTS, (WAY,))


def child(parent: QObject, kind: type[QObject], name: str) -> QObject:
    found = parent.findChild(kind, name)
    assert found is not None, name
    return found


def record(**changes: object) -> PlannedRecord:
    plain = PlannedRecord(
        purpose=Purpose.SPF,
        type="TXT",
        name="acme.example",
        value=NEW,
        strings=(NEW,),
        ttl=3600,
        need=RecordNeed.REQUIRED,
        why=message("record.why.spf.platform"),
        state=RecordState.WRONG,
        action=RecordAction.REPLACE,
        old_value=OLD,
        problems=(),
        published=(),
        visible=(),
        spf=REPORT,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_is_said_in_words(qtbot: QtBot, language: str) -> None:
    details = SpfDetails(REPORT, "records-spf", Texts.load(language))
    qtbot.addWidget(details)
    labels = [label.text() for label in details.findChildren(QLabel)]
    assert not [text for text in labels if text.startswith(("spf.", "cli.", "records_page."))]
    assert any(text.startswith("1. ") for text in labels)


def test_green_is_only_what_holds_now(qtbot: QtBot) -> None:
    details = SpfDetails(REPORT, "records-spf", Texts.load("en"))
    qtbot.addWidget(details)
    said = [child(details, StateLabel, f"records-spf-effect-{n}") for n in (1, 2, 3)]
    states = [label._state for label in said if isinstance(label, StateLabel)]
    assert states == ["wrong", "ok", "unknown"]


def test_a_proposal_has_no_copy_button(qtbot: QtBot) -> None:
    details = SpfDetails(REPORT, "records-spf", Texts.load("en"))
    qtbot.addWidget(details)
    proposal = child(details, QPlainTextEdit, "records-spf-way-1-proposal")
    assert isinstance(proposal, QPlainTextEdit)
    assert proposal.isReadOnly()
    assert proposal.toPlainText() == "v=spf1 mx -all"
    assert "Proposal" in proposal.accessibleName()
    assert details.findChildren(QPushButton) == []


def test_the_tree_shows_costs_and_is_open_where_they_are_the_trouble(qtbot: QtBot) -> None:
    details = SpfDetails(REPORT, "records-spf", Texts.load("en"))
    qtbot.addWidget(details)
    details.resize(600, 600)
    details.show()
    tree = child(details, SpfTree, "records-spf-tree")
    assert isinstance(tree, SpfTree)
    assert tree.isVisible()
    first, second = (tree.topLevelItem(n) for n in (0, 1))
    assert isinstance(first, QTreeWidgetItem)
    assert isinstance(second, QTreeWidgetItem)
    assert (first.text(0), first.text(1), first.childCount()) == ("include:g.example", "12", 11)
    assert second.text(0).split("\n")[1] == "has no SPF record; domain not registered"
    assert not second.icon(0).isNull()
    whole = tree.height()
    first.setExpanded(False)
    assert tree.height() < whole
    fold = child(details, QToolButton, "records-spf-tree-fold")
    assert isinstance(fold, QToolButton)
    assert fold.text() == "Term by term"
    assert "DNS look-ups: 1 now, 2 then, of 10 allowed" in {
        label.text() for label in details.findChildren(QLabel)
    }
    fold.click()
    assert not tree.isVisible()


def test_both_values_can_be_copied(qtbot: QtBot) -> None:
    row = RecordRow(ShownRecord("spf", record(), "@", NEW, 3600), Texts.load("en"))
    qtbot.addWidget(row)
    for name, value in (("records-spf-old-copy", OLD), ("records-spf-copy", NEW)):
        button = child(row, QPushButton, name)
        assert isinstance(button, QPushButton)
        button.click()
        assert QGuiApplication.clipboard().text() == value


def test_a_form_that_wants_quotes_gets_them_and_the_difference_stays_true(qtbot: QtBot) -> None:
    quoted = f'"{NEW}"'
    row = RecordRow(ShownRecord("spf", record(), "@", quoted, 3600), Texts.load("en"))
    qtbot.addWidget(row)
    added = child(row, QLabel, "records-spf-added")
    assert isinstance(added, QLabel)
    assert added.text().endswith(" include:_spf.appone.cloud")
    assert row.findChild(QLabel, "records-spf-old-removed") is None
    button = child(row, QPushButton, "records-spf-copy")
    assert isinstance(button, QPushButton)
    button.click()
    assert QGuiApplication.clipboard().text() == quoted


@pytest.mark.parametrize("action", [RecordAction.CREATE, RecordAction.REPLACE])
def test_a_long_value_is_also_shown_in_strings(qtbot: QtBot, action: RecordAction) -> None:
    long = "v=spf1 " + " ".join(f"ip4:203.0.113.{n}" for n in range(20)) + " -all"
    strings = split_strings(long)
    planned = record(value=long, strings=strings, action=action)
    row = RecordRow(ShownRecord("spf", planned, "@", long, 3600), Texts.load("en"))
    qtbot.addWidget(row)
    field = child(row, QPlainTextEdit, "records-spf-strings-value")
    assert isinstance(field, QPlainTextEdit)
    assert field.toPlainText() == f'"{strings[0]}" "{strings[1]}"'
