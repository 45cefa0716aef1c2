"""How the values of a platform's form stand: tested with these very entries, or not.

Which values a form has is :mod:`wizard.erp.forms`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from wizard.current import mailbox_freshness, sending_freshness, wanted_mailboxes
from wizard.erp.senders import can_send
from wizard.server_form import Freshness, ServerTest
from wizard.setup import LoginMode, Setup

# The fields that a conversation with the server proves; names and filters are the platform's own.
_PROVEN: Final = frozenset(
    {
        *("security", "smtp-host", "smtp-port", "smtp-user", "smtp-password"),
        *("type", "host", "port", "ssl", "user", "password"),
    }
)


class Standing(StrEnum):
    """Whether a form's values are proven. ``NOT_TESTABLE``: no server stands behind the form."""

    NOT_TESTABLE = "not_testable"
    UNTESTED = "untested"
    STALE = "stale"
    FAILED = "failed"
    TESTED = "tested"


@dataclass(frozen=True, slots=True)
class FormStanding:
    """How a form stands; ``when`` it was tested, and the vault's name for its secret."""

    standing: Standing
    when: datetime | None = None
    purpose: str | None = None

    def unproven(self, field_id: str) -> bool:
        """Whether a field holds something that a test has yet to prove."""
        proven = self.standing in (Standing.TESTED, Standing.NOT_TESTABLE)
        return not proven and field_id in _PROVEN


def form_standing(setup: Setup, form_id: str) -> FormStanding:
    """How the form of this id stands; an unknown id has nothing to test."""
    if form_id == "outgoing":
        standing = _standing(sending_freshness(setup), setup.sending.test, "sending")
        if standing.standing is Standing.FAILED and can_send(setup):
            return replace(standing, standing=Standing.TESTED)
        return standing
    if form_id == "client":
        # It was used for every sign-in; a form of its own has no test.
        return FormStanding(Standing.NOT_TESTABLE, purpose="client")
    for entry in wanted_mailboxes(setup):
        if form_id == f"incoming-{entry.id}":
            shared = setup.receiving.login is LoginMode.SHARED
            purpose = "receiving" if shared else f"mailbox:{entry.id}"
            return _standing(mailbox_freshness(setup, entry), entry.test, purpose)
    return FormStanding(Standing.NOT_TESTABLE)


def _standing(fresh: Freshness, test: ServerTest | None, purpose: str) -> FormStanding:
    if test is None or fresh is Freshness.NONE:
        return FormStanding(Standing.UNTESTED, purpose=purpose)
    if fresh is Freshness.STALE:
        return FormStanding(Standing.STALE, purpose=purpose)
    standing = Standing.TESTED if test.report.ok else Standing.FAILED
    return FormStanding(standing, test.report.finished, purpose)
