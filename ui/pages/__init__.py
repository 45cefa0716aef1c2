"""One module for each step, and the table that says which.

The table names modules instead of importing them: only the first page is needed for the first
paint. A test sees to it that every step has its page.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, cast

from wizard.steps import Step

if TYPE_CHECKING:
    from ui.page import Page

PAGES: Final[dict[Step, str]] = {
    Step.COMPANY: "company:CompanyPage",
    Step.SERVICE: "service:ServicePage",
    Step.SENDING: "sending:SendingPage",
    Step.RECEIVING: "receiving:ReceivingPage",
    Step.RECORDS: "records:RecordsPage",
    Step.PLATFORM: "platform:PlatformPage",
    Step.PROOF: "proof:ProofPage",
    Step.SUMMARY: "summary:SummaryPage",
}


def page_class(step: Step) -> type[Page]:
    """The class of a step's page; its module is imported now."""
    module, _, name = PAGES[step].partition(":")
    return cast("type[Page]", getattr(importlib.import_module(f"ui.pages.{module}"), name))
