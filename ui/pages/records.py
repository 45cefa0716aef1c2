"""Step 5: the DNS records, looked up when the page comes to the front and watched until in place.

How a record is merged, planned or compared does not belong in here, nor how long to wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.page import Page
from ui.widgets.labels import Body, Heading
from ui.widgets.practice_registrar import PracticeRegistrar
from ui.widgets.record_list import RecordList
from ui.widgets.record_watch import RecordWatch
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.flow import Step, records_freshness
from wizard.model import to_unicode
from wizard.records.export import to_enter
from wizard.records.plan import RecordNeed, RecordPlan, RecordState
from wizard.records.watch import is_complete, next_look_s
from wizard.server_form import Freshness
from wizard.setup import Setup
from wizard.updates import take_plan

if TYPE_CHECKING:
    from ui.background import Job
    from ui.session import Session

# The practice registrar takes a moment, as a real one does.
PUBLISH_S: Final = 4


class RecordsPage(Page):
    """The records of the set-up's plan, and the watch over them."""

    step: ClassVar[Step] = Step.RECORDS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._job: Job | None = None
        self._in_front = False
        self._unchanged_looks = 0
        self._looked = ""
        self._heading = Heading("")
        self._intro = Body("")
        self._watch = RecordWatch(session.texts)
        self._watch.look_wanted.connect(self._look)
        self._watch.cancel_wanted.connect(self._cancel)
        self._registrar = PracticeRegistrar(session.texts)
        self._registrar.publish_wanted.connect(self._publish)
        self._plan: RecordPlan | None = None
        self._list = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * GRID, 2 * GRID, 3 * GRID, 2 * GRID)
        self._column.setSpacing(2 * GRID)
        for widget in (self._heading, self._intro, self._watch, self._registrar, self._list):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        session.catalog_ready.connect(self._catalog_came)

    # -- the contract --

    def refresh(self, setup: Setup) -> None:
        domain = to_unicode(setup.domain) if setup.domain else None
        if domain is None:
            self._heading.setText(self.text("records_page.title_plain"))
            self._intro.setText(self.text("records_page.no_domain"))
        else:
            self._heading.setText(self.text("records_page.title", domain=domain))
            self._intro.setText(self.text("records_page.intro", domain=domain))
        self._watch.setVisible(domain is not None)
        catalog = self.session.catalog
        plan = setup.records.plan if domain is not None and catalog is not None else None
        if plan != self._plan:
            self._plan = plan
            self._show(setup)
        if self._job is None and not self._watch.counts:
            self._watch.rest(self._standing(setup), None)

    def enter(self) -> None:
        self._in_front = True
        self._unchanged_looks = 0
        self._look()

    def leave(self) -> None:
        self._in_front = False
        self._watch.stop()
        self._job = None
        super().leave()

    # -- looking --

    def _catalog_came(self) -> None:
        if self._in_front:
            self._look()

    def _look(self) -> None:
        setup, catalog = self.session.setup, self.session.catalog
        if self._job is not None or catalog is None or setup.domain is None:
            return

        async def work(_: object) -> object:
            from wizard.actions import look_up_records  # noqa: PLC0415

            return await look_up_records(setup, catalog, self.session.network())

        servers = self._plan.nameservers if self._plan else ()
        if servers:
            what = self.text("records_page.asking_servers", servers=", ".join(servers))
        else:
            what = self.text("records_page.asking", domain=to_unicode(setup.domain))
        self._watch.ask(what)
        self._job = self.run(work, succeeded=self._take, failed=self._crashed)
        self._job.cancelled.connect(self._cancelled)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _take(self, plan: object) -> None:
        if not isinstance(plan, RecordPlan):
            raise TypeError(plan)
        self._job = None
        changed = self._plan is None or self._plan.records != plan.records
        self._unchanged_looks = 0 if changed else self._unchanged_looks + 1
        self._looked = f"{datetime.now().astimezone():%H:%M:%S}"
        self.update_setup(lambda setup: take_plan(setup, plan))
        pause = None if is_complete(plan) else next_look_s(self._unchanged_looks)
        self._watch.rest(self._standing(self.session.setup), pause)

    def _cancelled(self) -> None:
        self._job = None
        self._watch.rest(self.text("records_page.cancelled"), None)

    def _crashed(self, _: object) -> None:
        self._job = None
        self._watch.rest(self.text("records_page.crashed"), None)

    # -- the practice company's registrar --

    def _publish(self) -> None:
        company, plan = self.session.practice, self._plan
        if company is None or plan is None:
            return

        async def work(_: object) -> object:
            from wizard.practice.facts import ZoneRecord  # noqa: PLC0415

            records = [
                ZoneRecord(record.name, record.type, record.value)
                for record in to_enter(plan)
                if record.value is not None
            ]
            # The company's own doing: it goes on when this page is left.
            company.publish_later(records, PUBLISH_S)
            return None

        self.run(work, succeeded=self._published)

    def _published(self, _: object) -> None:
        self._registrar.tell_published()
        if self._job is None:
            self._unchanged_looks = 0
            self._watch.rest(self._standing(self.session.setup), PUBLISH_S + 1)

    # -- showing --

    def _standing(self, setup: Setup) -> str:
        """One sentence on how the required records stand."""
        plan = setup.records.plan
        if records_freshness(setup) is Freshness.STALE:
            return self.text("records_page.stale")
        if plan is None or not self._looked:
            return ""
        left = [
            record.state
            for record in plan.records
            if record.need is RecordNeed.REQUIRED and record.state is not RecordState.OK
        ]
        if not left:
            count = self.text("records_page.complete")
        elif all(state is RecordState.UNKNOWN for state in left):
            count = self.text("records_page.unanswered", n=len(left))
        else:
            count = self.text("records_page.required", n=len(left))
        return self.text("records_page.looked", time=self._looked, count=count)

    def _show(self, setup: Setup) -> None:
        plan, catalog = self._plan, self.session.catalog
        if plan is None or catalog is None:
            new: QWidget = QWidget()
        else:
            host = catalog.dns_hosts.get(plan.dns_host or "")
            new = RecordList(plan, host, setup.records.old_spf, self.session.texts)
        if self.session.practice is not None and plan is not None and to_enter(plan):
            self._registrar.offer()
        else:
            self._registrar.hide()
        self._list = swap(self._column, self._list, new)
