"""Step 2: which service holds the mail, why we believe it, and what to switch on there first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.page import Page
from ui.widgets.cards import Card
from ui.widgets.finding import Finding
from ui.widgets.labels import Heading, LinkLabel, Subheading
from ui.widgets.notice import Notice
from ui.widgets.provider_search import ProviderSearch
from ui.widgets.readiness_lines import ReadinessLines
from ui.widgets.rows import line
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from ui.widgets.ticking import Tick
from wizard.discovery.report import Detection, Outcome
from wizard.flow import Step
from wizard.readiness import Severity, cautions
from wizard.service_readiness import service_readiness
from wizard.updates import choose_provider, take_detection, tick_preparation

if TYPE_CHECKING:
    from ui.background import Job, Progress
    from ui.session import Session
    from wizard.catalog import Catalog, Provider
    from wizard.setup import Setup

GOOGLE = "google-workspace"
MICROSOFT = "microsoft-365"


class ServicePage(Page):
    """Recognises the service by itself; the user may know better."""

    step = Step.SERVICE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._in_front = False
        self._job: Job | None = None
        self._shown: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.text("service_page.title")))
        self._finding = Finding(session.texts, ispdb_asked=session.asks_ispdb)
        self._finding.again_wanted.connect(self._search)
        self._finding.cancel_wanted.connect(self._cancel)
        self._finding.ispdb_wanted.connect(self._switch_ispdb)
        self._column.addWidget(self._finding)
        self._column.addLayout(self._build_cards())
        self._others = ProviderSearch(session.texts)
        self._others.chosen.connect(self._choose)
        self._column.addWidget(self._others)
        self._about = QWidget()
        self._column.addWidget(self._about)
        self._column.addStretch(1)
        session.catalog_ready.connect(self._catalog_came)

    def refresh(self, setup: Setup) -> None:
        self._finding.show_setup(setup)
        catalog = self.session.catalog
        if catalog is None:
            return
        self._others.offer(catalog)
        self._show_choice(setup, catalog)
        detection = setup.service.detection
        facts = (
            # Not the whole finding: it grows while the search goes on.
            setup.service.provider,
            setup.service.ticked,
            detection.gateway if detection else None,
            setup.company,
            setup.sending,
            setup.receiving.protocol,
            setup.receiving.way,
        )
        if facts != self._shown:
            self._shown = facts
            self._about = swap(self._column, self._about, self._build_about(setup, catalog))

    def enter(self) -> None:
        self._in_front = True
        if not _is_current(self.session.setup):
            self._search()

    def leave(self) -> None:
        self._in_front = False
        self._job = None
        self._finding.end()
        super().leave()

    # -- finding --

    def _catalog_came(self) -> None:
        self.refresh(self.session.setup)
        if self._in_front and not _is_current(self.session.setup):
            self._search()

    def _search(self) -> None:
        session, catalog = self.session, self.session.catalog
        if session.setup.domain is None or catalog is None or self._job is not None:
            return
        entry, asks_ispdb = session.setup.company.entry, session.asks_ispdb

        async def find(progress: Progress) -> Detection:
            from wizard.discovery.inquiry import Ispdb  # noqa: PLC0415
            from wizard.discovery.search import detect  # noqa: PLC0415

            return await detect(
                entry,
                catalog,
                session.network(),
                on_progress=progress,
                use_ispdb=Ispdb.ASK if asks_ispdb else Ispdb.LEAVE,
            )

        self._finding.begin()
        self._job = self.run(find, succeeded=self._take, progressed=self._grow, finished=self._over)
        self._finding.show_setup(session.setup)

    def _cancel(self) -> None:
        super().leave()

    def _take(self, detection: Detection) -> None:
        self.update_setup(lambda setup: take_detection(setup, detection))

    def _grow(self, detection: object) -> None:
        """What is known by now; the page fills itself while the search goes on."""
        if isinstance(detection, Detection):
            self._take(detection)

    def _switch_ispdb(self, wanted: bool) -> None:
        """Another set of sources gives another answer: look again with it."""
        self.session.ask_ispdb(wanted=wanted)
        self._cancel()
        self._job = None
        self._search()

    def _over(self) -> None:
        if self._job is not None and self._job.running:
            return  # that was an earlier one, left and begun anew meanwhile
        self._job = None
        self._finding.end()
        self._finding.show_setup(self.session.setup)
        self._finding.announce()

    # -- choice --

    def _build_cards(self) -> QBoxLayout:
        row = line()
        row.setSpacing(GRID * 2)
        self._google = Card("Google Workspace")
        self._microsoft = Card("Office 365")
        self._other = Card(self.text("service_page.other"))
        for card, name, provider in (
            (self._google, "google", GOOGLE),
            (self._microsoft, "microsoft", MICROSOFT),
            (self._other, "other", None),
        ):
            card.setObjectName(f"service-card-{name}")
            card.clicked.connect(partial(self._choose, provider))
            row.addWidget(card, 1)
        return row

    def _choose(self, provider: str | None) -> None:
        self.update_setup(lambda setup: choose_provider(setup, provider))

    def _show_choice(self, setup: Setup, catalog: Catalog) -> None:
        service = setup.service
        chosen = catalog.providers.get(service.provider or "")
        current = service.detection is not None and service.detection.domain == setup.domain
        found = service.detection.provider if service.detection and current else None
        said = self.text("service_page.found")
        for card, provider in ((self._google, GOOGLE), (self._microsoft, MICROSOFT)):
            card.say(said if found == provider else "")
            if chosen is not None and chosen.id == provider:
                card.setChecked(True)
        other = chosen is not None and chosen.id not in (GOOGLE, MICROSOFT)
        self._other.say(chosen.name if other and chosen else "")
        if other or (chosen is None and (service.picked or current)):
            self._other.setChecked(True)

    # -- what to do there --

    def _build_about(self, setup: Setup, catalog: Catalog) -> QWidget:
        about = QWidget()
        column = QVBoxLayout(about)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        ready = service_readiness(setup, catalog)
        if ready is not None:
            column.addWidget(ReadinessLines(ready, self.session.texts))
        for caution in cautions(setup, catalog):
            if caution.step is Step.SERVICE:
                column.addWidget(Notice(caution.severity, self.say(caution.message)))
        detection = setup.service.detection
        gateway = detection.gateway if detection and detection.domain == setup.domain else None
        if gateway and setup.service.provider is None:
            name = catalog.providers[gateway].name
            said = self.text("service_page.gateway", gateway=name)
            column.addWidget(Notice(Severity.HINT, said))
        provider = catalog.providers.get(setup.service.provider or "")
        if provider is not None and provider.preparations:
            self._add_checklist(column, provider, setup)
        return about

    def _add_checklist(self, column: QVBoxLayout, provider: Provider, setup: Setup) -> None:
        column.addSpacing(GRID)
        column.addWidget(Subheading(self.text("service_page.before", provider=provider.name)))
        for preparation in provider.preparations:
            row = QHBoxLayout()
            row.setSpacing(GRID * 2)
            name = f"service-preparation-{preparation.id}"
            tick = Tick(self.text(f"preparation.{preparation.id}"), name)
            tick.box.setChecked(preparation.id in setup.service.ticked)
            tick.toggled.connect(partial(self._tick, preparation.id))
            row.addWidget(tick, 1)
            if preparation.url:
                link = LinkLabel(self.text("service_page.open_page"), preparation.url)
                link.setWordWrap(False)
                link.setAccessibleName(f"{self.text('service_page.open_page')}: {tick.text()}")
                row.addWidget(link, 0, Qt.AlignmentFlag.AlignTop)
            column.addLayout(row)

    def _tick(self, preparation: str, done: bool) -> None:
        self.update_setup(lambda setup: tick_preparation(setup, preparation, done=done))


def _is_current(setup: Setup) -> bool:
    """Was the finding made for this very entry, and did DNS answer?"""
    detection = setup.service.detection
    return (
        detection is not None
        and detection.domain == setup.domain
        and detection.address == str(setup.address or "")
        and detection.outcome is not Outcome.NO_ANSWER
        and detection.finished
    )
