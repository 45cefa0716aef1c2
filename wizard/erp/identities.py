"""The route and its identities in one picture: who hands mail on, as whom, who vouches. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.current import records_freshness
from wizard.erp.senders import BOUNCE, CATCHALL, SenderScope, login_that_sends, sender_settings
from wizard.model import AuthMethod, Route, readable, to_unicode
from wizard.records.plan import PlannedRecord, Purpose, RecordState
from wizard.server_form import Freshness
from wizard.setup import Setup
from wizard.steps import StepState
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog


class Role(StrEnum):
    """What a line of the picture tells."""

    THROUGH = "through"
    VISIBLE = "visible"
    REPLY_TO = "reply_to"
    RETURN_PATH = "return_path"
    SPF = "spf"
    DKIM = "dkim"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its role, what stands there, how sure that is, and why it matters."""

    role: Role
    value: str | Message
    state: StepState
    why: Message


@dataclass(frozen=True, slots=True)
class Hand:
    """One of those who hand mail to the world on this route, and what goes out by it."""

    title: Message
    lines: tuple[Line, ...]


def route_picture(setup: Setup, catalog: Catalog) -> tuple[Hand, ...]:
    """One hand for each sender of the route; empty without a company."""
    if setup.domain is None:
        return ()
    platform = catalog.platforms.get(setup.company.platform)
    name = platform.name if platform else ""
    hands: list[Hand] = []
    if setup.sending.route is not Route.PLATFORM:
        hands.append(_provider(setup, setup.domain))
    if setup.sending.route in (Route.PLATFORM, Route.BOTH):
        hands.append(_platform(setup, setup.domain, name))
    return tuple(hands)


def _provider(setup: Setup, domain: str) -> Hand:
    settings = sender_settings(setup)
    scope = settings.scope if settings else SenderScope.UNTESTED
    sure = {
        SenderScope.UNTESTED: StepState.OPEN,
        SenderScope.NONE: StepState.FAILED,
    }.get(scope, StepState.DONE)
    visible = settings.visible if settings else ""
    envelope = settings.envelope if settings else ""
    return Hand(
        message("identity.hand.provider"),
        (
            Line(Role.THROUGH, _through(setup), sure, message("identity.why.through")),
            Line(Role.VISIBLE, readable(visible), sure, message(f"identity.visible.{scope}")),
            _reply_to(domain),
            Line(
                Role.RETURN_PATH,
                readable(envelope),
                sure,
                message(
                    "identity.return_path_bounce"
                    if envelope.startswith(f"{BOUNCE}@")
                    else "identity.return_path_login",
                    address=readable(envelope),
                ),
            ),
            _record(setup, Purpose.SPF, Role.SPF, envelope.rpartition("@")[2] or domain),
            _record(setup, Purpose.DKIM, Role.DKIM, domain, platform=False),
        ),
    )


def _through(setup: Setup) -> Message:
    """The server as it is entered, as far as it is."""
    form, login = setup.sending.form, login_that_sends(setup)
    host = to_unicode(form.host.strip())
    if not host:
        return message("identity.through_nothing")
    if form.auth is AuthMethod.NONE:
        return message("identity.through_relay", host=host)
    if not login:
        return message("identity.through_nobody", host=host)
    return message("identity.through_login", host=host, login=readable(login))


def _platform(setup: Setup, domain: str, name: str) -> Hand:
    settings = sender_settings(setup)
    single = settings is not None and settings.scope is SenderScope.SINGLE
    visible = f"{settings.default_from if settings and single else 'notifications'}@{domain}"
    envelope = f"{BOUNCE}@{domain}"
    sure = StepState.OPEN
    return Hand(
        message("identity.hand.platform", platform=name),
        (
            Line(
                Role.THROUGH,
                message("identity.through_platform", platform=name),
                sure,
                message("identity.why.platform"),
            ),
            Line(Role.VISIBLE, readable(visible), sure, message("identity.visible.platform")),
            _reply_to(domain),
            Line(
                Role.RETURN_PATH,
                readable(envelope),
                sure,
                message("identity.return_path_bounce", address=readable(envelope)),
            ),
            _record(setup, Purpose.SPF, Role.SPF, domain),
            _record(setup, Purpose.DKIM, Role.DKIM, domain, platform=True),
        ),
    )


def _reply_to(domain: str) -> Line:
    address = readable(f"{CATCHALL}@{domain}")
    return Line(Role.REPLY_TO, address, StepState.OPEN, message("identity.why.reply_to"))


def _record(
    setup: Setup, purpose: Purpose, role: Role, domain: str, *, platform: bool | None = None
) -> Line:
    """The record that vouches, and how it stands; ``platform``: whose DKIM key, None for SPF."""
    why = message(f"identity.why.{role}", domain=to_unicode(domain))
    plan = setup.records.plan
    if plan is None or records_freshness(setup) is not Freshness.FRESH:
        return Line(role, message("identity.record_unknown"), StepState.OPEN, why)
    found = [one for one in plan.records if one.purpose is purpose and _of(one, platform)]
    if not found:
        return Line(role, message("identity.record_none"), StepState.OPEN, why)
    best = next((one for one in found if one.state is RecordState.OK), found[0])
    good = best.state is RecordState.OK
    said = message("identity.record", name=best.name, state=message(f"record.state.{best.state}"))
    return Line(role, said, StepState.DONE if good else StepState.ATTENTION, why)


def _of(record: PlannedRecord, platform: bool | None) -> bool:
    """Is it a key of the platform's (or of the provider's)? The reason for it tells."""
    if platform is None:
        return True
    return record.why.key.startswith("record.why.dkim") is platform
