"""The records page: what each server says, misplaced records, reports, letters, and the watch."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ui import notify
from ui.background import Background
from ui.notify import Notifier
from ui.pages.records import RecordsPage
from ui.session import Session
from ui.widgets import record_watch
from ui.widgets.notice import Notice
from ui.widgets.record_watch import RecordWatch
from wizard.catalog import Catalog
from wizard.current import plan_subject
from wizard.model import Route
from wizard.records.plan import (
    Misplaced,
    PlannedRecord,
    Purpose,
    RecordAction,
    RecordNeed,
    RecordPlan,
    RecordState,
    ServerAnswer,
    Slip,
)
from wizard.records.watch import Clocks
from wizard.texts import Texts, message
from wizard.updates import choose_dmarc_reports, choose_route, enter_company, take_plan

TARGET = "ihrerp._domainkey.appone.cloud"
NAME = "ihrerp._domainkey.acme.example"
DKIM = PlannedRecord(
    purpose=Purpose.DKIM,
    type="CNAME",
    name=NAME,
    value=TARGET,
    strings=(),
    ttl=3600,
    need=RecordNeed.REQUIRED,
    why=message("record.why.mx"),
    state=RecordState.MISSING,
    action=RecordAction.CREATE,
    old_value=None,
    problems=(),
    published=(
        ServerAnswer("ns1.acme.example", (TARGET,)),
        ServerAnswer("ns2.acme.example", None, "lame"),
    ),
    visible=(ServerAnswer("9.9.9.9", (), "", 60),),
    found_elsewhere=(Misplaced(f"{NAME}.acme.example", "CNAME", TARGET, Slip.DOUBLED_DOMAIN),),
)
DONE = replace(DKIM, state=RecordState.OK, action=RecordAction.NONE, found_elsewhere=())
SILENT = replace(
    DKIM,
    state=RecordState.UNKNOWN,
    action=RecordAction.NONE,
    published=(),
    visible=(ServerAnswer("9.9.9.9", None, "network"),),
    found_elsewhere=(),
)
DMARC = replace(
    DKIM,
    purpose=Purpose.DMARC,
    type="TXT",
    name="_dmarc.acme.example",
    value="v=DMARC1; p=none",
    need=RecordNeed.RECOMMENDED,
    found_elsewhere=(),
)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(Background(), Texts.load("en"), keep=False)
    session.catalog = Catalog.load()
    session.apply(
        lambda setup: choose_route(enter_company(setup, "info@acme.example"), Route.PLATFORM)
    )
    yield session
    session.background.stop()


@pytest.fixture
def page(qtbot: QtBot, session: Session) -> Iterator[RecordsPage]:
    page = RecordsPage(session)
    qtbot.addWidget(page)
    session.setup_changed.connect(page.refresh)
    page.refresh(session.setup)
    page.show()
    yield page
    page.leave()


def plan(session: Session, *records: PlannedRecord, **more: object) -> RecordPlan:
    subject = plan_subject(session.setup)
    assert subject is not None
    made = RecordPlan(subject, subject.domain, ("ns1.acme.example",), None, records, None, 1)
    return replace(made, **more)


def show(session: Session, *records: PlannedRecord, **more: object) -> None:
    made = plan(session, *records, **more)
    session.apply(lambda setup: take_plan(setup, made))


def part(parent: QWidget, kind: type[QWidget], name: str) -> QWidget:
    found = parent.findChild(kind, name)
    assert found is not None, name
    return found


def words(parent: QWidget) -> str:
    return "\n".join(one.text() for one in parent.findChildren(QLabel) if one.isVisible())


def status(page: QWidget) -> str:
    label = part(page, QLabel, "records-status")
    assert isinstance(label, QLabel)
    return label.text()


def test_what_each_server_says_can_be_folded_open(page: RecordsPage, session: Session) -> None:
    show(session, DKIM)
    assert "ns2.acme.example" not in words(page)
    fold = part(page, QToolButton, "records-dkim-answers")
    assert isinstance(fold, QToolButton)
    fold.click()
    said = words(page)
    assert session.texts("record.server.lame", server="ns2.acme.example") in said
    assert "ns1.acme.example (name server)" in said
    assert "9.9.9.9 (resolver): nothing there" in said


def test_where_a_record_stands_by_mistake_is_said_with_what_to_change(
    page: RecordsPage, session: Session
) -> None:
    show(session, DKIM)
    notice = part(page, Notice, "records-dkim-elsewhere-1")
    assert isinstance(notice, Notice)
    assert f"{NAME}.acme.example" in notice.text()
    assert "“ihrerp._domainkey”" in notice.text()


def test_what_is_wrong_with_the_zone_stands_above_all(page: RecordsPage, session: Session) -> None:
    problem = message("record.server.lame", server="ns2.acme.example")
    show(session, DKIM, problems=(problem,))
    notice = part(page, Notice, "records-zone-problem-1")
    assert isinstance(notice, Notice) and "ns2.acme.example" in notice.text()


@pytest.mark.parametrize(
    ("name", "part_of_it"),
    [
        ("letter-de", "Neuer Wert"),
        ("letter-en", "New value"),
        ("zone", f"IN\tCNAME\t{TARGET}."),
        ("csv", f'"{TARGET}"'),
        ("markdown", f"`{TARGET}`"),
    ],
)
def test_letters_and_exports_are_copied(
    page: RecordsPage, session: Session, name: str, part_of_it: str
) -> None:
    show(session, DKIM)
    button = part(page, QPushButton, f"records-export-{name}")
    assert isinstance(button, QPushButton)
    button.click()
    assert part_of_it in QGuiApplication.clipboard().text()


def test_a_trap_of_the_hosts_form_stands_at_the_record_it_concerns(
    page: RecordsPage, session: Session
) -> None:
    show(session, DKIM, dns_host="cloudflare")
    row = part(page, QWidget, "records-dkim")
    assert session.texts("dns_note.dns_only") in words(row)
    assert words(page).count(session.texts("dns_note.dns_only")) == 1


# -- reports --


def entry(page: RecordsPage) -> QLineEdit:
    found = part(page, QLineEdit, "records-dmarc-reports")
    assert isinstance(found, QLineEdit)
    return found


def test_an_address_for_reports_is_asked_for_while_dmarc_is_to_be_entered(
    page: RecordsPage, session: Session
) -> None:
    show(session, DKIM)
    assert not entry(page).isVisible()
    show(session, DKIM, DMARC)
    assert entry(page).isVisible()
    row = part(page, QWidget, "records-dmarc")
    assert row.isAncestorOf(entry(page))
    show(session, DKIM, replace(DMARC, state=RecordState.OK, action=RecordAction.NONE))
    assert not entry(page).isVisible()


def test_the_address_is_kept_and_makes_the_plan_stale(page: RecordsPage, session: Session) -> None:
    show(session, DKIM, DMARC)
    entry(page).setText(" reports@acme.example ")
    entry(page).editingFinished.emit()
    assert session.setup.records.dmarc_reports == "reports@acme.example"
    subject = plan_subject(session.setup)
    assert subject is not None and subject.reports == "reports@acme.example"


def test_an_entry_that_is_no_address_says_so_and_changes_nothing(
    page: RecordsPage, session: Session
) -> None:
    show(session, DKIM, DMARC)
    entry(page).setText("reports")
    entry(page).editingFinished.emit()
    problem = part(page, QLabel, "records-dmarc-reports-problem")
    assert problem.isVisible()
    assert session.setup.records.dmarc_reports == ""


def test_an_address_chosen_during_a_look_is_looked_up_next(
    page: RecordsPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    monkeypatch.setattr(page, "_look", lambda: looks.append(True))
    of_old = plan(session, DKIM, DMARC)
    page._take(of_old)
    assert looks == []
    session.apply(lambda setup: choose_dmarc_reports(setup, "reports@acme.example"))
    page._take(of_old)
    assert looks == [True]


# -- the watch --


def test_what_was_folded_open_stays_open_while_only_answers_grow_older(
    page: RecordsPage, session: Session
) -> None:
    def look(age: int, state: RecordState = RecordState.MISSING) -> None:
        seen = (ServerAnswer("9.9.9.9", (), "", 3_600 - age),)
        aged = replace(DKIM, visible=seen, retry_after_s=3_600 - age, state=state)
        page._take(replace(plan(session, aged), elapsed_ms=100 + age))

    def fold() -> QToolButton:
        found = part(page, QToolButton, "records-dkim-answers")
        assert isinstance(found, QToolButton)
        return found

    look(0)
    fold().click()
    look(20)
    assert fold().isChecked()
    look(40, RecordState.PROPAGATING)
    assert session.texts("records_page.state.propagating") in words(page)


def test_a_look_that_hears_nobody_leaves_what_was_seen(page: RecordsPage, session: Session) -> None:
    page._take(plan(session, DKIM))
    page._take(plan(session, SILENT))
    assert session.setup.records.plan == plan(session, DKIM)
    assert "no network" in status(page)
    watch = page.findChild(RecordWatch)
    assert watch is not None and watch.counts


def test_done_is_told_once_to_the_desktop(
    page: RecordsPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(page._notifier, "tell", lambda title, text: told.append(text))
    for record in (DKIM, DONE, DONE):
        page._take(plan(session, record))
    assert told == [session.texts("records_page.done", domain="acme.example")]
    watch = page.findChild(RecordWatch)
    assert watch is not None and not watch.counts


def test_the_desktop_is_told_only_when_nobody_looks(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    started: list[list[str]] = []

    def start(program: str, arguments: list[str]) -> tuple[bool, int]:
        started.append([program, *arguments])
        return True, 1

    monkeypatch.setattr(notify, "_without_display", lambda: False)
    monkeypatch.setattr(notify, "_found", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(notify.sys, "platform", "linux")
    monkeypatch.setattr(notify.QProcess, "startDetached", start)
    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    notifier = Notifier(window)
    assert not notifier.tell("title", "text")
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    assert notifier.tell("-title", "text")
    # What begins with a dash is no option of the program.
    assert [line[-3:] for line in started] == [["--", "-title", "text"]]


def test_without_any_way_to_tell_nothing_happens(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    monkeypatch.setattr(notify, "_without_display", lambda: False)
    monkeypatch.setattr(notify, "_found", lambda _: "")
    monkeypatch.setattr(notify.QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    assert not Notifier(window).tell("title", "text")


def test_a_computer_that_slept_looks_as_soon_as_it_wakes(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = {"now": Clocks(100, 1_000)}
    monkeypatch.setattr(record_watch, "now", lambda: time["now"])
    watch = RecordWatch(Texts.load("en"))
    qtbot.addWidget(watch)
    watch.rest("", 300)
    time["now"] = Clocks(101, 20_000)
    with qtbot.waitSignal(watch.look_wanted, timeout=2_000):
        pass
