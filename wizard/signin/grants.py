"""Which sign-in serves which login of a set-up, and what has to be asked for. Decides, no I/O.

The signed-in person and the mailbox are two things: a person's token opens every mailbox that the
person may read, and the form's user name says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.model import Invalid, Protocol, Route, Secret
from wizard.signin.client import (
    SignedIn,
    parse_client_id,
    parse_erp_address,
    parse_tenant,
)
from wizard.signin.registration import NO_SECRET, Registration, tenant_of
from wizard.signin.token import missing_scopes
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.setup import Setup
    from wizard.signin.service import OAuthService

SENDING: Final = "sending"
RECEIVING: Final = "receiving"
# The vault's name for the client's own secret.
CLIENT: Final = "client"


def token_purpose(purpose: str) -> str:
    """The vault's name for the lasting token of a purpose."""
    return f"token:{purpose}"


def service_of(setup: Setup, catalog: Catalog) -> OAuthService | None:
    """Who signs people in for the set-up's provider; None where passwords are the only way."""
    provider = catalog.providers.get(setup.service.provider or "")
    return catalog.oauth.get(provider.oauth) if provider is not None else None


def by_token(setup: Setup, purpose: str) -> bool:
    """Does the login of this purpose take a token?"""
    form = setup.sending.form if purpose == SENDING else setup.receiving.form
    return form.by_token


def protocol_of(setup: Setup, purpose: str) -> Protocol:
    return Protocol.SMTP if purpose == SENDING else setup.receiving.protocol


def scopes_to_ask(setup: Setup, service: OAuthService) -> tuple[str, ...]:
    """Everything this set-up needs, so that one sign-in serves sending and receiving."""
    sends = setup.sending.route in (Route.PROVIDER, Route.BOTH)
    protocols = (Protocol.SMTP,) if sends else ()
    return service.scopes_for((*protocols, setup.receiving.protocol))


def grant_for(setup: Setup, purpose: str, service: OAuthService) -> SignedIn | None:
    """Whose token a purpose uses: its own sign-in, else the shared one, else that of sending.

    One made with another client or service counts no more, nor one that may not do this.
    """
    needed = service.scopes.for_protocol(protocol_of(setup, purpose))
    client_id = setup.signin.client.client_id.strip()
    for candidate in dict.fromkeys((purpose, RECEIVING, SENDING)):
        found = setup.signin.signed_in(candidate)
        if found is None or (found.service, found.client_id) != (service.id, client_id):
            continue
        if not missing_scopes(needed, found.scopes):
            return found
    return None


def registration_of(
    setup: Setup, service: OAuthService, secret: Secret | None
) -> Registration | tuple[Message, ...]:
    """The client, ready to be used; or what has to be entered first."""
    client = setup.signin.client
    client_id = parse_client_id(client.client_id)
    tenant = tenant_of(service, client, setup.domain or "")
    parsed = parse_tenant(tenant) if service.has_tenant else tenant
    problems = [one.message for one in (client_id, parsed) if isinstance(one, Invalid)]
    if service.secret_needed and not secret:
        problems.append(message("input.client_secret.empty"))
    if problems or isinstance(client_id, Invalid) or isinstance(parsed, Invalid):
        return tuple(problems)
    return Registration(service, client_id, parsed, secret or NO_SECRET)


def erp_redirect(setup: Setup, service: OAuthService) -> str | Invalid:
    """Where the platform's own sign-in comes back to: has to be registered exactly so."""
    address = parse_erp_address(setup.platform.address)
    return address if isinstance(address, Invalid) else address + service.callback


def own_redirect(service: OAuthService, port: int = 0) -> str:
    """Where the wizard's sign-in comes back to; without a port as it has to be registered.

    A service with a port of its own compares octet by octet. The others leave the port out of the
    comparison, and Entra's portal takes no path.
    """
    if service.redirect_port:
        return f"http://{service.redirect_host}:{service.redirect_port}/"
    return f"http://{service.redirect_host}" + (f":{port}" if port else "")
