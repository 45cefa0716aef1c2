"""Can the chosen service be used from outside: a verdict per direction, with the facts' date.

Decides from the facts and from what was ticked as done; no look-up, no sentence. What to warn of
at each step is :mod:`wizard.readiness`'s.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.current import open_preparations
from wizard.model import Protocol, Route
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog, Provider
    from wizard.setup import Setup


class Readiness(StrEnum):
    """Works as it is, works once something is prepared at the service, or not in this way."""

    WORKS = "works"
    NEEDS_PREPARATION = "needs_preparation"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True)
class Direction:
    """The verdict for one direction, and why."""

    readiness: Readiness
    reason: Message


@dataclass(frozen=True, slots=True)
class ServiceReadiness:
    """The verdict on a service. ``login_name`` tells its form; ``checked``: the facts' date."""

    receiving: Direction
    sending: Direction
    login_name: Message
    checked: dt.date


def service_readiness(setup: Setup, catalog: Catalog) -> ServiceReadiness | None:
    """The chosen service's verdict; None for *other*, of which nothing is known."""
    provider = catalog.providers.get(setup.service.provider or "")
    if provider is None:
        return None
    return ServiceReadiness(
        receiving=_direction(provider, setup.receiving.protocol, setup, catalog),
        sending=_sending(provider, setup, catalog),
        login_name=message(f"readiness.login_name.{provider.username}"),
        checked=provider.checked,
    )


def _sending(provider: Provider, setup: Setup, catalog: Catalog) -> Direction:
    if setup.sending.route is Route.PLATFORM:
        return Direction(Readiness.WORKS, message("readiness.reason.platform_sends"))
    if setup.sending.route is Route.RELAY:
        return Direction(Readiness.NEEDS_PREPARATION, message("readiness.reason.relay"))
    return _direction(provider, Protocol.SMTP, setup, catalog)


def _direction(provider: Provider, protocol: Protocol, setup: Setup, catalog: Catalog) -> Direction:
    from wizard.catalog import PasswordLogin  # noqa: PLC0415 - not before the first paint

    def said(readiness: Readiness, reason: str) -> Direction:
        return Direction(
            readiness,
            message(
                f"readiness.reason.{reason}", provider=provider.name, protocol=protocol.upper()
            ),
        )

    if not provider.presets(protocol):
        return said(Readiness.NOT_POSSIBLE, "no_server")
    login = provider.password_login(protocol)
    left = open_preparations(setup, catalog)
    prepared = bool(provider.preparations) and not left
    match login:
        case PasswordLogin.RETIRED if not provider.oauth:
            return said(Readiness.NOT_POSSIBLE, "retired")
        case _ if prepared:
            return said(Readiness.WORKS, "prepared")
        case PasswordLogin.RETIRED:
            return said(Readiness.NEEDS_PREPARATION, "oauth_only")
        case PasswordLogin.ENDING:
            return said(Readiness.NEEDS_PREPARATION, "ending")
        case PasswordLogin.APP_PASSWORD:
            return said(Readiness.NEEDS_PREPARATION, "app_password")
        case _ if left:
            return said(Readiness.NEEDS_PREPARATION, "switches")
        case _:
            return said(Readiness.WORKS, "password")
