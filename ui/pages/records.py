"""Step 5: the DNS records, looked up when the page comes to the front and watched until in place.

How a record is merged, planned or compared does not belong in here, nor how long to wait.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.notify import Notifier
from ui.page import Page
from ui.widgets.dmarc_reports import DmarcReports
from ui.widgets.labels import Body, Heading
from ui.widgets.practice_registrar import PracticeRegistrar
from ui.widgets.record_list import RecordList
from ui.widgets.record_watch import RecordWatch
from ui.widgets.spacing import GRID
from ui.widgets.swapping import swap
from wizard.current import records_freshness
from wizard.flow import Step
from wizard.model import to_unicode
from wizard.records.export import to_enter
from wizard.records.plan import Purpose, RecordNeed, RecordPlan, RecordState
from wizard.records.watch import Outcome, Watch, looks_alike
from wizard.server_form import Freshness
from wizard.setup import Setup
from wizard.updates import choose_dmarc_reports, take_plan

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
        self._watching = Watch()
        self._looked = ""
        self._heading = Heading("")
        self._intro = Body("")
        self._watch = RecordWatch(session.texts)
        self._watch.look_wanted.connect(self._look)
        self._watch.cancel_wanted.connect(self._cancel)
        self._registrar = PracticeRegistrar(session.texts)
        self._registrar.publish_wanted.connect(self._publish)
        self._reports = DmarcReports(session.texts, self)
        self._reports.chosen.connect(self._choose_reports)
        self._notifier = Notifier(self)
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
        # What is folded open, copied or typed stays while nothing else is to be seen.
        alike = looks_alike(self._plan, plan)
        self._plan = plan
        if not alike:
            self._show(setup)
        if self._job is None and not self._watch.counts:
            self._watch.rest(self._standing(setup), None)

    def enter(self) -> None:
        self._in_front = True
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
        if self._watching.plan is not None and self._watching.plan.subject != plan.subject:
            self._watching = Watch()
        watch, outcome = self._watching.take(plan)
        news = self._watching.first_time(outcome)
        self._watching = watch
        pause = watch.pause_s(outcome)
        if outcome is Outcome.OFFLINE and watch.plan is not None:
            # Nobody was heard: what was seen before stands as it was, with its time.
            self._watch.rest(self.text("records_page.offline", time=self._looked), pause)
            return
        self._looked = f"{datetime.now().astimezone():%H:%M:%S}"
        self.update_setup(lambda setup: take_plan(setup, plan))
        if records_freshness(self.session.setup) is Freshness.STALE:
            # Something was chosen meanwhile that makes other records necessary.
            self._look()
            return
        self._watch.rest(self._standing(self.session.setup), pause)
        if news:
            domain = to_unicode(plan.subject.domain)
            self._notifier.tell(
                self.text("records_page.done_title"), self.text("records_page.done", domain=domain)
            )

    def _choose_reports(self, address: str) -> None:
        if address != self.session.setup.records.dmarc_reports:
            self.update_setup(lambda setup: choose_dmarc_reports(setup, address))
            self._look()

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
        # It outlives the rows, so that what is being typed is not lost with them.
        self._reports.setParent(self)
        self._reports.hide()
        if plan is None or catalog is None:
            new: QWidget = QWidget()
        else:
            host = catalog.dns_hosts.get(plan.dns_host or "")
            rows = RecordList(plan, host, setup.records.old_spf, self.session.texts)
            self._offer_reports(setup, plan, rows)
            new = rows
        if self.session.practice is not None and plan is not None and to_enter(plan):
            self._registrar.offer()
        else:
            self._registrar.hide()
        self._list = swap(self._column, self._list, new)

    def _offer_reports(self, setup: Setup, plan: RecordPlan, rows: RecordList) -> None:
        """An address is asked for only while a DMARC record is to be entered."""
        row = rows.row_of(Purpose.DMARC)
        if row is None or setup.domain is None or row.shown.record not in to_enter(plan):
            return
        row.add_below(self._reports)
        example = f"dmarc@{to_unicode(setup.domain)}"
        self._reports.offer(setup.records.dmarc_reports, example)
