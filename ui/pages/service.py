"""Step 2: which service holds the mail, why we believe it, and what to switch on there first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ui.page import Page
from ui.widgets.cards import Card
from ui.widgets.folding import Folding
from ui.widgets.labels import Body, Heading, LinkLabel, Muted, Subheading
from ui.widgets.notice import Notice
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.discovery.report import Outcome
from wizard.flow import Step
from wizard.model import to_unicode
from wizard.readiness import Severity, cautions
from wizard.setup import choose_provider, take_detection, tick_preparation

if TYPE_CHECKING:
    from ui.background import Progress
    from ui.session import Session
    from wizard.catalog import Catalog, Provider
    from wizard.discovery.report import Detection
    from wizard.setup import Setup

GOOGLE = "google-workspace"
MICROSOFT = "microsoft-365"
MAX_HITS = 200


class ServicePage(Page):
    """Recognises the service by itself; the user may know better."""

    step = Step.SERVICE

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._searched_for: str | None = None
        self._shown: tuple[object, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 3, GRID * 3, GRID * 3, GRID * 3)
        self._column.setSpacing(GRID * 2)
        self._column.addWidget(Heading(self.text("service_page.title")))
        self._build_finding()
        self._build_cards()
        self._build_search()
        self._about = QWidget()
        self._column.addWidget(self._about)
        self._column.addStretch(1)

    def refresh(self, setup: Setup) -> None:
        catalog = self.session.catalog
        if catalog is None:
            return
        self._show_finding(setup)
        self._show_choice(setup, catalog)
        facts = (setup.service, setup.company, setup.sending.route, setup.receiving.protocol)
        if facts != self._shown:
            self._shown = facts
            self._about = swap(self._column, self._about, self._build_about(setup, catalog))

    def enter(self) -> None:
        detection = self.session.setup.service.detection
        if detection is None or detection.domain != self.session.setup.domain:
            self._search()

    # -- finding --

    def _build_finding(self) -> None:
        self._found = Body()
        self._found.setObjectName("service-found")
        self._column.addWidget(self._found)
        self._busy = QWidget()
        row = QHBoxLayout(self._busy)
        row.setContentsMargins(0, 0, 0, 0)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setAccessibleName(self.text("service_page.searching_name"))
        cancel = QPushButton(self.text("service_page.cancel"))
        cancel.setObjectName("service-cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.leave)
        row.addWidget(bar, 1)
        row.addWidget(cancel)
        self._busy.hide()
        self._column.addWidget(self._busy)
        line = QHBoxLayout()
        self._evidence = Folding(self.text("service_page.how"), "service-evidence")
        line.addWidget(self._evidence, 1)
        self._again = QPushButton(self.text("service_page.again"))
        self._again.setObjectName("service-again")
        self._again.setAutoDefault(False)
        self._again.clicked.connect(self._search)
        line.addWidget(self._again, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(line)

    def _search(self) -> None:
        entry, session = self.session.setup.company.entry, self.session
        if session.setup.domain is None or session.catalog is None:
            return
        self._busy.show()
        self._again.setEnabled(False)
        catalog = session.catalog

        async def find(_: Progress) -> Detection:
            from wizard.discovery.search import detect  # noqa: PLC0415

            return await detect(entry, catalog, session.network())

        self.run(find, succeeded=self._take, finished=self._over)
        self._show_finding(session.setup)

    def _take(self, detection: Detection) -> None:
        self.update_setup(lambda setup: take_detection(setup, detection))

    def _over(self) -> None:
        self._busy.hide()
        self._again.setEnabled(True)
        self._show_finding(self.session.setup)

    def _show_finding(self, setup: Setup) -> None:
        detection = setup.service.detection
        domain = to_unicode(setup.domain or "")
        if not self._busy.isHidden():
            self._found.setText(self.text("service_page.searching", domain=domain))
            return
        if detection is None or detection.domain != setup.domain:
            self._found.setText(self.text("service_page.not_searched"))
            self._evidence.show_lines([])
            return
        said = [self.say(one) for one in detection.warnings]
        reasons = [self.say(one.message) for one in detection.evidence]
        match detection.outcome:
            case Outcome.FOUND:
                first = reasons[0] if reasons else ""
                self._found.setText(" ".join([first, *said]))
            case Outcome.NOTHING:
                nothing = self.text("service_page.nothing", domain=domain)
                self._found.setText(" ".join([*said, nothing]))
            case Outcome.NO_ANSWER:
                self._found.setText(" ".join(said))
        self._evidence.show_lines(reasons)

    # -- choice --

    def _build_cards(self) -> None:
        row = QHBoxLayout()
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
        self._column.addLayout(row)

    def _build_search(self) -> None:
        line = QHBoxLayout()
        label = QLabel(self.text("service_page.not_listed"))
        self._search_field = QLineEdit()
        self._search_field.setObjectName("service-search")
        self._search_field.setClearButtonEnabled(True)
        self._search_field.textChanged.connect(self._filter)
        label.setBuddy(self._search_field)
        line.addWidget(label)
        line.addWidget(self._search_field, 1)
        self._column.addLayout(line)
        self._hits = QListWidget()
        self._hits.setObjectName("service-hits")
        self._hits.setAccessibleName(self.text("service_page.hits"))
        self._hits.setMaximumHeight(GRID * 20)
        self._hits.itemClicked.connect(self._choose_hit)
        self._hits.itemActivated.connect(self._choose_hit)
        self._hits.hide()
        self._column.addWidget(self._hits)

    def _filter(self, text: str) -> None:
        catalog = self.session.catalog
        self._hits.clear()
        self._hits.setVisible(bool(text.strip()))
        if catalog is None or not text.strip():
            return
        for provider in catalog.search(text)[:MAX_HITS]:
            item = QListWidgetItem(provider.name)
            item.setData(Qt.ItemDataRole.UserRole, provider.id)
            self._hits.addItem(item)
        if not self._hits.count():
            item = QListWidgetItem(self.text("service_page.no_hit"))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._hits.addItem(item)

    def _choose_hit(self, item: QListWidgetItem) -> None:
        provider = item.data(Qt.ItemDataRole.UserRole)
        if provider:
            self._search_field.clear()
            self._choose(provider)

    def _choose(self, provider: str | None) -> None:
        self.update_setup(lambda setup: choose_provider(setup, provider))

    def _show_choice(self, setup: Setup, catalog: Catalog) -> None:
        with QSignalBlocker(self._search_field):
            self._search_field.setPlaceholderText(
                self.text("service_page.search", n=len(catalog.search("")))
            )
        chosen = catalog.providers.get(setup.service.provider or "")
        decided = setup.service.picked or setup.service.detection is not None
        found = setup.service.detection.provider if setup.service.detection else None
        cards = ((self._google, GOOGLE), (self._microsoft, MICROSOFT))
        for card, provider in cards:
            card.say(self.text("service_page.found") if found == provider else "")
            if chosen is not None and chosen.id == provider:
                card.setChecked(True)
        other = chosen is not None and chosen.id not in (GOOGLE, MICROSOFT)
        self._other.say(chosen.name if other and chosen else "")
        if other or (chosen is None and decided):
            self._other.setChecked(True)

    # -- what to do there --

    def _build_about(self, setup: Setup, catalog: Catalog) -> QWidget:
        about = QWidget()
        column = QVBoxLayout(about)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for caution in cautions(setup, catalog):
            if caution.step in (Step.SERVICE, Step.SENDING, Step.RECEIVING):
                if caution.step is not Step.SERVICE and caution.severity is Severity.HINT:
                    continue
                if caution.step is Step.SERVICE or caution.message.key.startswith("caution.login"):
                    said = self.say(caution.message)
                    if caution.step is not Step.SERVICE:
                        said = f"{self.text(f'step.{caution.step}')}: {said}"
                    column.addWidget(Notice(caution.severity, said))
        gateway = setup.service.detection.gateway if setup.service.detection else None
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
            box = QCheckBox(self.text(f"preparation.{preparation.id}"))
            box.setObjectName(f"service-preparation-{preparation.id}")
            box.setChecked(preparation.id in setup.service.ticked)
            box.toggled.connect(partial(self._tick, preparation.id))
            row.addWidget(box, 1)
            if preparation.url:
                link = LinkLabel(self.text("service_page.open_page"), preparation.url)
                link.setAccessibleName(f"{self.text('service_page.open_page')}: {box.text()}")
                row.addWidget(link)
            column.addLayout(row)
        column.addWidget(
            Muted(self.text("service_page.checked", date=provider.checked.isoformat()))
        )

    def _tick(self, preparation: str, done: bool) -> None:
        self.update_setup(lambda setup: tick_preparation(setup, preparation, done=done))
