"""What holds of a set-up right now: what is wanted of it, and which results are fresh.

Pure. How the steps stand by that, and what is left to do, is ``flow``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wizard.erp.senders import senders_of
from wizard.model import Invalid, Route, parse_host
from wizard.records.plan import PlanSubject
from wizard.server_form import SESSION, Freshness, freshness
from wizard.setup import MailboxEntry, ReceivingWay, Setup, mailbox_form

if TYPE_CHECKING:
    from wizard.catalog import Catalog, Preparation


def wanted_mailboxes(setup: Setup) -> tuple[MailboxEntry, ...]:
    """The mailboxes the platform is to read, without rows that have no address yet."""
    return wanted_addresses(setup) if setup.receiving.way is ReceivingWay.READ else ()


def wanted_addresses(setup: Setup) -> tuple[MailboxEntry, ...]:
    """The addresses the platform is to get mail for, whichever way that comes to it."""
    return tuple(
        entry for entry in setup.receiving.mailboxes if entry.wanted and entry.local.strip()
    )


def open_preparations(setup: Setup, catalog: Catalog) -> tuple[Preparation, ...]:
    """What is not yet ticked as done at the provider."""
    provider = catalog.providers.get(setup.service.provider or "")
    preparations = provider.preparations if provider else ()
    return tuple(one for one in preparations if one.id not in setup.service.ticked)


def plan_subject(setup: Setup) -> PlanSubject | None:
    """What the records depend on; a plan made for anything else is stale."""
    if setup.domain is None:
        return None
    return PlanSubject(
        domain=setup.domain,
        platform=setup.company.platform,
        provider=setup.service.provider,
        route=setup.sending.route,
        server=_server(setup),
        reports=setup.records.dmarc_reports,
    )


def _server(setup: Setup) -> str:
    """The host mail is handed to; none where the platform sends by itself."""
    if setup.sending.route is Route.PLATFORM:
        return ""
    host = parse_host(setup.sending.form.host)
    return "" if isinstance(host, Invalid) else host


def sending_freshness(setup: Setup) -> Freshness:
    senders = tuple(str(sender) for sender in senders_of(setup))
    return freshness(setup.sending.test, setup.sending.form, senders)


def mailbox_freshness(setup: Setup, entry: MailboxEntry) -> Freshness:
    return freshness(entry.test, mailbox_form(setup.receiving, entry, setup.domain or ""))


def records_freshness(setup: Setup) -> Freshness:
    plan = setup.records.plan
    if plan is None:
        return Freshness.NONE
    same = plan.subject == plan_subject(setup) and setup.records.session == SESSION
    return Freshness.FRESH if same else Freshness.STALE


def unproven_mailboxes(setup: Setup) -> tuple[MailboxEntry, ...]:
    """Wanted mailboxes that no letter was sent to, since a proof was made."""
    sent = {letter.mailbox for letter in setup.proof.letters}
    return tuple(entry for entry in wanted_mailboxes(setup) if entry.id not in sent)


def signs_in(setup: Setup) -> bool:
    """Does the platform log in anywhere by a sign-in instead of a password?"""
    sends = setup.sending.route in (Route.PROVIDER, Route.BOTH) and setup.sending.form.by_token
    return sends or setup.receiving.form.by_token
