"""From what was found to filled-in forms, without ever overwriting what a person typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wizard.model import AuthMethod, Protocol, Route
from wizard.server_form import ServerForm
from wizard.setup import Setup
from wizard.signin.grants import service_of

if TYPE_CHECKING:
    from wizard.catalog import Catalog, ServerPreset
    from wizard.discovery.report import Offer


def fill_forms(setup: Setup, catalog: Catalog) -> Setup:
    """Fill the forms of both directions from the provider or the finding.

    A form that was edited since it was filled stays as it is; :func:`sending_choices` then still
    offers the other possibilities.
    """
    sending, receiving = setup.sending, setup.receiving
    choices = sending_choices(setup, catalog)
    if choices and _untouched(sending.form, sending.filled):
        form = _with_login(choices[0], sending.form, sending.filled, setup, catalog)
        sending = replace(sending, form=form, filled=choices[0])
    incoming = receiving_choices(setup, catalog)
    if incoming and _untouched(receiving.form, receiving.filled):
        form = _with_login(incoming[0], receiving.form, receiving.filled, setup, catalog)
        receiving = replace(receiving, form=form, filled=incoming[0])
    return replace(setup, sending=sending, receiving=receiving)


def sending_choices(setup: Setup, catalog: Catalog) -> tuple[ServerForm, ...]:
    """Every outgoing server that fits the route and the platform, best first.

    Ports that the platform cannot reach come last, not never: the user may know better.
    """
    relay = setup.sending.route is Route.RELAY
    platform = catalog.platforms.get(setup.company.platform)
    blocked = platform.blocked_ports if platform else ()
    presets = _preset_forms(setup, catalog, Protocol.SMTP, relay=relay)
    login = AuthMethod.NONE if relay else _login(setup, catalog, Protocol.SMTP)
    found = tuple(_offer_form(offer, login) for offer in _offers(setup, Protocol.SMTP))
    # What was found was tried out as well, but it is never a relay.
    forms = presets + found if relay else found + presets
    return tuple(sorted(dict.fromkeys(forms), key=lambda form: form.port in map(str, blocked)))


def receiving_choices(setup: Setup, catalog: Catalog) -> tuple[ServerForm, ...]:
    """Every incoming server for the chosen protocol, best first."""
    protocol = setup.receiving.protocol
    login = _login(setup, catalog, protocol)
    forms = tuple(_offer_form(offer, login) for offer in _offers(setup, protocol))
    forms += _preset_forms(setup, catalog, protocol, relay=False)
    return tuple(dict.fromkeys(forms))


def _untouched(form: ServerForm, filled: ServerForm | None) -> bool:
    return form.same_entry(filled or ServerForm(auth=form.auth))


def _with_login(
    new: ServerForm, old: ServerForm, filled: ServerForm | None, setup: Setup, catalog: Catalog
) -> ServerForm:
    """The preset with the way to log in that a person chose, where the provider has that way."""
    kept = replace(new, secret_revision=old.secret_revision, token_revision=old.token_revision)
    # A relay has no login, so it tells nothing of what somebody wants.
    compared = filled is not None and AuthMethod.NONE not in (old.auth, filled.auth)
    chosen = compared and filled is not None and old.auth is not filled.auth
    possible = not old.by_token or service_of(setup, catalog) is not None
    return kept.keeping_login(old) if chosen and possible else kept


def _login(setup: Setup, catalog: Catalog, protocol: Protocol) -> AuthMethod | None:
    """How to log in at the provider unless somebody chooses: by a sign-in where passwords end."""
    from wizard.catalog import PasswordLogin  # noqa: PLC0415

    provider = catalog.providers.get(setup.service.provider or "")
    service = service_of(setup, catalog)
    if provider is None or service is None or not service.offers(protocol):
        return None
    ending = provider.password_login(protocol) in (PasswordLogin.ENDING, PasswordLogin.RETIRED)
    return service.sasl[0] if ending else None


def _preset_forms(
    setup: Setup, catalog: Catalog, protocol: Protocol, *, relay: bool
) -> tuple[ServerForm, ...]:
    from wizard.catalog import ServerRole  # noqa: PLC0415 - not before the first paint
    from wizard.discovery.offers import fill_host, username_for  # noqa: PLC0415

    provider = catalog.providers.get(setup.service.provider or "")
    if provider is None or setup.domain is None:
        return ()
    detection = setup.service.detection
    mx = detection.mx[0] if detection and detection.domain == setup.domain and detection.mx else ""
    wanted = ServerRole.RELAY if relay else ServerRole.SUBMISSION
    address = str(setup.address or "")
    login = _login(setup, catalog, protocol)

    def form(preset: ServerPreset, host: str) -> ServerForm:
        return ServerForm(
            host=host,
            port=str(preset.port),
            security=preset.security,
            username="" if relay else username_for(provider.username, address),
            auth=AuthMethod.NONE if relay else login,
        )

    return tuple(
        form(preset, host)
        for preset in provider.presets(protocol)
        if preset.role is wanted and (host := fill_host(preset, domain=setup.domain, mx=mx))
    )


def _offers(setup: Setup, protocol: Protocol) -> tuple[Offer, ...]:
    """The finding's servers, unless the user picked another provider than was found."""
    detection = setup.service.detection
    if detection is None or detection.domain != setup.domain:
        return ()
    if setup.service.provider != detection.provider:
        return ()
    offers = detection.outgoing if protocol is Protocol.SMTP else detection.incoming
    return tuple(offer for offer in offers if offer.protocol is protocol)


def _offer_form(offer: Offer, login: AuthMethod | None) -> ServerForm:
    return ServerForm(
        host=offer.host,
        port=str(offer.port),
        security=offer.security,
        username="" if login is AuthMethod.NONE else offer.username,
        auth=login,
    )
