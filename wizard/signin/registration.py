"""A client at a service, ready to be used. Light: it is not here that the protocol is spoken."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from wizard.model import Secret
from wizard.signin.client import OAuthClient
from wizard.signin.service import OAuthService

NO_SECRET: Final = Secret("")


@dataclass(frozen=True, slots=True)
class Registration:
    """A client at a service, ready to be used: parsed entries and its secret."""

    service: OAuthService
    client_id: str
    tenant: str
    secret: Secret = NO_SECRET

    def endpoint(self, template: str) -> str:
        """An endpoint with the organisation put in."""
        return template.replace("{tenant}", self.tenant)


def tenant_of(service: OAuthService, client: OAuthClient, domain: str) -> str:
    """The organisation to ask: as entered, else as the service has it, else the mail domain."""
    if not service.has_tenant:
        return service.tenant
    return client.tenant.strip() or domain


def admin_consent_url(registration: Registration, scopes: tuple[str, ...]) -> str:
    """What the organisation's administrator opens to agree for everybody; empty: not there."""
    service = registration.service
    if not service.admin_consent:
        return ""
    query = {
        "client_id": registration.client_id,
        "scope": " ".join(scopes),
        "redirect_uri": f"http://{service.redirect_host}",
        "state": "consent",
    }
    return registration.endpoint(service.admin_consent) + "?" + urlencode(query)
