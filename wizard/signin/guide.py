"""How a client of the company's own is registered: what to do where, what to copy there.

Steps are data; their words are ``signin.guide.<family>.<step>``. What has to be brought back is
entered as :class:`~wizard.signin.client.OAuthClient`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.model import Invalid
from wizard.signin.grants import erp_redirect, own_redirect, scopes_to_ask
from wizard.signin.service import Erp

if TYPE_CHECKING:
    from wizard.setup import Setup
    from wizard.signin.service import OAuthService

GMAIL_API: Final = "https://console.cloud.google.com/apis/library/gmail.googleapis.com"
GOOGLE_AUDIENCE: Final = "https://console.cloud.google.com/auth/audience"
GOOGLE_SCOPES: Final = "https://console.cloud.google.com/auth/scopes"
GOOGLE_CLIENTS: Final = "https://console.cloud.google.com/auth/clients"
GOOGLE_APP_ACCESS: Final = "https://admin.google.com/ac/owl/list?tab=configuredApps"


@dataclass(frozen=True, slots=True)
class GuideValue:
    """A value to copy; its name is the text ``signin.value.<id>``.

    ``value`` empty: something has to be entered first.
    """

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One thing to do there: its page, and what to copy into it."""

    id: str
    url: str = ""
    values: tuple[GuideValue, ...] = ()


def guide_for(service: OAuthService, setup: Setup) -> tuple[GuideStep, ...]:
    """The steps at this service, for this set-up."""
    redirects = _redirects(service, setup)
    match service.erp:
        case Erp.OUTLOOK:
            return _entra(service, setup, redirects)
        case Erp.GMAIL:
            return (
                GuideStep("project", service.console),
                GuideStep("api", GMAIL_API),
                GuideStep("audience", GOOGLE_AUDIENCE),
                GuideStep("scopes", GOOGLE_SCOPES, _scopes(service, setup)),
                GuideStep("client", GOOGLE_CLIENTS, redirects),
                GuideStep("trust", GOOGLE_APP_ACCESS),
            )
        case Erp.NONE:
            return (
                GuideStep("register", service.console, redirects),
                GuideStep("scopes", "", _scopes(service, setup)),
            )


def _entra(
    service: OAuthService, setup: Setup, redirects: tuple[GuideValue, ...]
) -> tuple[GuideStep, ...]:
    # In the portal permissions go by their short names.
    permissions = tuple(
        GuideValue("permission", scope.rsplit("/", 1)[-1])
        for scope in scopes_to_ask(setup, service)
    )
    return (
        GuideStep("registration", service.console, (GuideValue("name", "openAPPone Mail"),)),
        GuideStep("redirect", "", redirects),
        GuideStep("permissions", "", (*permissions, GuideValue("permission", "offline_access"))),
        GuideStep("secret"),
        GuideStep("people"),
        GuideStep("overview"),
    )


def _redirects(service: OAuthService, setup: Setup) -> tuple[GuideValue, ...]:
    own = GuideValue("own_redirect", own_redirect(service))
    if service.erp is Erp.NONE:
        return (own,)
    erp = erp_redirect(setup, service)
    return (GuideValue("erp_redirect", "" if isinstance(erp, Invalid) else erp), own)


def _scopes(service: OAuthService, setup: Setup) -> tuple[GuideValue, ...]:
    return tuple(GuideValue("scope", scope) for scope in scopes_to_ask(setup, service))
