"""The second page: what DNS says is said, silence is not called a finding, the user may differ."""

import socket
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit, QListWidget
from pytestqt.qtbot import QtBot

from servers.zones import TableServer
from ui.background import Background
from ui.session import Session
from ui.widgets.cards import Card
from ui.widgets.notice import Notice
from ui.widgets.state import StateLabel
from ui.window import MainWindow
from wizard.discovery.report import Source
from wizard.flow import Step
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver
from wizard.texts import Texts
from wizard.updates import choose_platform, choose_provider, enter_company

Served = tuple[TableServer, int]
PATIENCE_MS = 15_000
GOOGLE = {"acme.example": {"MX": [(1, "smtp.google.com")]}}


def enter(qtbot: QtBot, window: MainWindow, entry: str = "info@acme.example") -> None:
    """Type the company and wait for the end of the search on the second page."""
    window.session.apply(lambda setup: enter_company(setup, entry))
    window.go(Step.SERVICE)
    over(qtbot, window)


def over(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: pressable(window, "service-again").isVisible(), timeout=PATIENCE_MS)


def pressable(window: MainWindow, name: str) -> QAbstractButton:
    found = window.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def card(window: MainWindow, name: str) -> Card:
    found = window.findChild(Card, f"service-card-{name}")
    assert found is not None
    return found


def found(window: MainWindow) -> str:
    label = window.findChild(StateLabel, "service-found")
    assert label is not None
    return label.text() if label.isVisible() else ""


def readiness(window: MainWindow, step: Step) -> str:
    lines = window.findChildren(StateLabel, f"service-readiness-{step}")
    return " ".join(one.text() for one in lines if one.isVisible())


def notices(window: MainWindow) -> list[str]:
    return [one.text() for one in window.findChildren(Notice) if one.isVisible()]


@pytest.fixture
def silent() -> Iterator[Network]:
    """Name servers that never answer."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        yield Network(resolver=Resolver([Nameserver("127.0.0.1", port)], timeout=0.4))


def test_recognises_the_service_and_says_why(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    enter(qtbot, window)
    assert window.session.setup.service.provider == "google-workspace"
    assert "Google Workspace" in found(window)
    assert "smtp.google.com" in found(window)
    assert card(window, "google").isChecked()
    assert window.session.texts("service_page.found") in card(window, "google").accessibleName()


def test_a_name_server_that_is_silent_is_no_finding(
    qtbot: QtBot, window: MainWindow, silent: Network, dns_table: Served
) -> None:
    window.session.use_network(silent)
    enter(qtbot, window)
    assert found(window) == ""
    assert any("acme.example" in said for said in notices(window))
    assert "found" not in " ".join(notices(window)).lower()
    # It answers now: trying again is all that is needed.
    dns_table[0].zone.update(GOOGLE)
    nameserver = Nameserver("127.0.0.1", dns_table[1])
    window.session.use_network(Network(resolver=Resolver([nameserver])))
    qtbot.mouseClick(pressable(window, "service-again"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Google Workspace" in found(window), timeout=PATIENCE_MS)


def test_a_search_can_be_cancelled(qtbot: QtBot, window: MainWindow, silent: Network) -> None:
    window.session.use_network(silent)
    window.session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    window.go(Step.SERVICE)
    cancel = pressable(window, "service-cancel")
    assert cancel.isVisible()
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    over(qtbot, window)
    assert not cancel.isVisible()
    assert found(window) == window.session.texts("service_page.cancelled")
    assert window.session.setup.service.detection is None


def test_a_search_cancelled_in_the_middle_is_no_finding(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    # Some sources answer that they have nothing, some are silent.
    dns_table[0].zone["acme.example"] = {"_timeout": ["MX", "A", "AAAA"]}
    window.session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    window.go(Step.SERVICE)
    qtbot.waitUntil(lambda: window.session.setup.service.detection is not None, timeout=PATIENCE_MS)
    pressable(window, "service-cancel").click()
    over(qtbot, window)
    assert found(window) == window.session.texts("service_page.cancelled")
    pressable(window, "service-evidence").click()
    lines = [one.text() for one in window.findChildren(StateLabel) if one.isVisible()]
    assert not any(window.session.texts("discovery.verdict.asking") in line for line in lines)
    assert any(window.session.texts("discovery.cancelled") in line for line in lines)


def test_leaving_the_page_ends_the_search_and_coming_back_begins_it_again(
    qtbot: QtBot, window: MainWindow, silent: Network
) -> None:
    window.session.use_network(silent)
    window.session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    window.go(Step.SERVICE)
    window.go(Step.COMPANY)
    window.go(Step.SERVICE)
    over(qtbot, window)
    assert window.session.setup.service.detection is not None


def test_what_is_known_is_shown_while_the_search_goes_on(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    # The MX answers at once, everything else not at all.
    dns_table[0].zone["acme.example"] = {"MX": [(1, "smtp.google.com")], "_timeout": ["A", "AAAA"]}
    window.session.apply(lambda setup: enter_company(setup, "info@acme.example"))
    window.go(Step.SERVICE)
    qtbot.waitUntil(lambda: "Google Workspace" in found(window), timeout=PATIENCE_MS)
    assert pressable(window, "service-cancel").isVisible()
    assert card(window, "google").isChecked()
    detection = window.session.setup.service.detection
    assert detection is not None
    assert not detection.finished
    over(qtbot, window)
    detection = window.session.setup.service.detection
    assert detection is not None
    assert detection.finished


def test_how_we_know_has_a_line_for_each_source(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    enter(qtbot, window)
    pressable(window, "service-evidence").click()
    said = [one.text() for one in window.findChildren(StateLabel) if one.isVisible()]
    for source in Source:
        name = window.session.texts(f"discovery.source.{source}")
        assert len([line for line in said if line.startswith(f"{name}:")]) == 1


def test_the_public_list_can_be_switched_off_by_keyboard(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    enter(qtbot, window)
    assert ("autoconfig.thunderbird.net", "A") in dns_table[0].questions
    pressable(window, "service-evidence").click()
    box = window.findChild(QCheckBox, "service-ispdb")
    assert box is not None
    assert box.isChecked()
    box.setFocus()
    dns_table[0].questions.clear()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    over(qtbot, window)
    assert not window.session.asks_ispdb
    assert ("autoconfig.thunderbird.net", "A") not in dns_table[0].questions
    off = window.session.texts("discovery.ispdb.off")
    assert any(off in one.text() for one in window.findChildren(StateLabel) if one.isVisible())


def test_the_choice_about_the_public_list_is_kept(background: Background) -> None:
    Session(background, Texts.load("en")).ask_ispdb(wanted=False)
    assert not Session(background, Texts.load("en")).asks_ispdb
    # A run that keeps nothing neither reads nor changes it.
    assert Session(background, Texts.load("en"), keep=False).asks_ispdb


def test_the_best_servers_are_shown_with_what_they_say(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    enter(qtbot, window)
    line = window.findChild(StateLabel, "service-incoming")
    assert line is not None
    assert "imap.gmail.com" in line.text()
    assert window.session.texts("discovery.check.failed") in line.text()
    # Another service is chosen: its servers are not those that were found.
    card(window, "microsoft").click()
    assert not line.isVisible()


def test_another_company_is_looked_up_afresh(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    dns_table[0].zone["other.example"] = {"MX": [(10, "other-example.mail.protection.outlook.com")]}
    enter(qtbot, window)
    window.go(Step.COMPANY)
    enter(qtbot, window, "info@other.example")
    qtbot.waitUntil(lambda: "Office 365" in found(window), timeout=PATIENCE_MS)
    assert card(window, "microsoft").isChecked()


def test_a_filter_in_front_is_said_as_such(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone["acme.example"] = {"MX": [(10, "mx01.hornetsecurity.com")]}
    enter(qtbot, window)
    assert "Hornetsecurity" in found(window)
    assert any("Hornetsecurity" in said for said in notices(window))
    assert window.session.setup.service.provider is None
    assert card(window, "other").isChecked()


def test_nothing_known_is_said_with_what_to_do(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone["acme.example"] = {}
    enter(qtbot, window)
    texts = window.session.texts
    assert found(window) == texts("service_page.nothing", domain="acme.example")
    pressable(window, "service-request-copy").click()
    letter = QGuiApplication.clipboard().text()
    assert letter == texts("service_page.request", domain="acme.example")
    assert "acme.example" in letter
    # Who knows the service after all needs neither the sentence nor the letter.
    window.session.apply(lambda setup: choose_provider(setup, "ionos"))
    assert not pressable(window, "service-request-copy").isVisible()
    assert not found(window)


def test_of_a_domain_that_is_mistyped_only_that_is_said(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone["example"] = {}
    enter(qtbot, window)
    said = window.session.texts("discovery.no_domain", domain="acme.example")
    assert notices(window) == [said]
    assert not found(window)
    assert not pressable(window, "service-request-copy").isVisible()


def test_the_users_choice_stays_when_it_is_looked_up_again(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    enter(qtbot, window)
    card(window, "microsoft").setFocus()
    qtbot.keyClick(card(window, "microsoft"), Qt.Key.Key_Space)
    assert window.session.setup.service.provider == "microsoft-365"
    qtbot.mouseClick(pressable(window, "service-again"), Qt.MouseButton.LeftButton)
    over(qtbot, window)
    assert window.session.setup.service.provider == "microsoft-365"
    assert card(window, "microsoft").isChecked()


def test_a_service_is_found_by_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    enter(qtbot, window)
    search = window.findChild(QLineEdit, "service-search")
    hits = window.findChild(QListWidget, "service-hits")
    assert search is not None
    assert hits is not None
    search.setFocus()
    qtbot.keyClicks(search, "ionos")
    assert hits.isVisible()
    name = hits.item(0).text()
    qtbot.keyClick(search, Qt.Key.Key_Down)
    qtbot.keyClick(hits, Qt.Key.Key_Return)
    assert window.current is Step.SERVICE
    assert window.session.setup.service.provider == "ionos"
    assert name in card(window, "other").accessibleName()
    assert not hits.isVisible()


def test_what_is_not_in_the_facts_is_said(qtbot: QtBot, window: MainWindow) -> None:
    enter(qtbot, window)
    search = window.findChild(QLineEdit, "service-search")
    hits = window.findChild(QListWidget, "service-hits")
    assert search is not None
    assert hits is not None
    before = window.session.setup
    qtbot.keyClicks(search, "no such service")
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert hits.item(0).text() == window.session.texts("service_page.no_hit")
    assert window.session.setup == before


def test_what_is_done_at_the_provider_is_ticked_and_kept(
    qtbot: QtBot, window: MainWindow, dns_table: Served
) -> None:
    dns_table[0].zone.update(GOOGLE)
    enter(qtbot, window)
    box = window.findChild(QCheckBox, "service-preparation-imap_enabled")
    assert box is not None
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert window.session.setup.service.ticked == ("imap_enabled",)
    window.go(Step.COMPANY)
    window.go(Step.SERVICE)
    again = window.findChild(QCheckBox, "service-preparation-imap_enabled")
    assert again is not None
    assert again.isChecked()


def test_warns_before_what_cannot_work(qtbot: QtBot, window: MainWindow, dns_table: Served) -> None:
    dns_table[0].zone["acme.example"] = {"MX": [(10, "acme-example.mail.protection.outlook.com")]}
    enter(qtbot, window)
    names = [one.accessibleName() for one in window.findChildren(Notice) if one.isVisible()]
    impossible = window.session.texts("notice.impossible")
    assert any(name.startswith(impossible) and "Office 365" in name for name in names)
    # With a password; there is another way in, once it is prepared.
    assert window.session.texts("readiness.verdict.needs_preparation") in readiness(
        window, Step.SENDING
    )
    window.session.apply(lambda setup: choose_platform(setup, "openappone-self-hosted"))
    assert not any("openAPPone Online" in said for said in notices(window))
