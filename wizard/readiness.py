"""What cannot work, or needs preparation, before a password is asked for.

Decides from facts and the set-up alone; no look-up, no sentence.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wizard.current import signs_in, wanted_addresses, wanted_mailboxes
from wizard.erp.senders import SenderScope, sender_settings
from wizard.flow import Step
from wizard.model import (
    AuthMethod,
    Invalid,
    PlainLogin,
    Protocol,
    Route,
    Security,
    parse_address,
    parse_port,
    readable,
)
from wizard.setup import LoginMode, Purpose, ReceivingWay, Setup
from wizard.signin.client import Audience
from wizard.signin.grants import service_of
from wizard.signin.service import Erp
from wizard.steps import Severity as Severity
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog, PasswordLogin, Provider
    from wizard.server_form import ServerForm


# The alias that the family's CRM makes for itself.
_CRM_ALIAS: Final = "info"
# Forwarding to the outside is blocked there unless a policy allows it (550 5.7.520).
_BLOCKS_FORWARDING: Final = "microsoft"
_FORWARDING_PAGE: Final = "https://security.microsoft.com/antispam"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to know before going on, at the step where it can be changed."""

    step: Step
    message: Message
    severity: Severity
    url: str = ""


def cautions(setup: Setup, catalog: Catalog) -> tuple[Caution, ...]:
    """Everything to warn of, in the order of the steps."""
    provider = catalog.providers.get(setup.service.provider or "")
    found = [*_sending(setup, catalog), *_receiving(setup)]
    if provider is not None:
        found += _provider(setup, provider, catalog)
    order = list(Step)
    return tuple(sorted(found, key=lambda caution: order.index(caution.step)))


def _provider(setup: Setup, provider: Provider, catalog: Catalog) -> list[Caution]:
    from wizard.catalog import Hosting, PasswordLogin, ProviderKind  # noqa: PLC0415

    found: list[Caution] = []
    if provider.kind is ProviderKind.CONSUMER:
        said = message("caution.consumer", provider=provider.name)
        found.append(Caution(Step.SERVICE, said, Severity.WARNING))
    platform = catalog.platforms.get(setup.company.platform)
    online = platform is not None and platform.hosting is Hosting.ONLINE
    submits = setup.sending.route in (Route.PROVIDER, Route.BOTH)
    sending_login = provider.password_login(Protocol.SMTP)
    ends = sending_login in (PasswordLogin.ENDING, PasswordLogin.RETIRED)
    by_password = not setup.sending.form.by_token
    if submits and online and ends and by_password:
        # The manual: usable with self-hosted; outside hosts may not send there as things are.
        said = message(
            "caution.online_password",
            provider=provider.name,
            platform=platform.name if platform else "",
        )
        found.append(Caution(Step.SERVICE, said, Severity.IMPOSSIBLE))
    found += _sign_in(setup, platform.name if platform else "", catalog)
    if submits and by_password:
        found += _login_caution(Step.SENDING, sending_login, provider)
    if setup.receiving.way is ReceivingWay.FORWARD and provider.oauth == _BLOCKS_FORWARDING:
        said = message("caution.forward_blocked", provider=provider.name)
        found.append(Caution(Step.RECEIVING, said, Severity.WARNING, _FORWARDING_PAGE))
    reads = setup.receiving.way is ReceivingWay.READ
    if reads and not setup.receiving.form.by_token:
        receiving_login = provider.password_login(setup.receiving.protocol)
        found += _login_caution(Step.RECEIVING, receiving_login, provider)
    return found


def _sign_in(setup: Setup, platform: str, catalog: Catalog) -> list[Caution]:
    """What the platform's own connection can, which is less than what the wizard tests."""
    service = service_of(setup, catalog)
    if service is None or not service.erp or not signs_in(setup):
        return []
    found: list[Caution] = []
    form, receiving = setup.sending.form, setup.receiving
    sends = form.by_token and setup.sending.route in (Route.PROVIDER, Route.BOTH)
    if sends and form.security is not Security.STARTTLS:
        said = message("caution.oauth_starttls", platform=platform)
        found.append(Caution(Step.SENDING, said, Severity.WARNING))
    if receiving.form.by_token and receiving.protocol is Protocol.POP3:
        said = message("caution.oauth_pop3", platform=platform)
        found.append(Caution(Step.RECEIVING, said, Severity.WARNING))
    if service.erp is Erp.GMAIL and setup.signin.client.audience is Audience.TESTING:
        said = message("caution.oauth_testing", platform=platform)
        step = Step.SENDING if sends else Step.RECEIVING
        found.append(Caution(step, said, Severity.WARNING))
    return found


def _login_caution(step: Step, login: PasswordLogin, provider: Provider) -> list[Caution]:
    from wizard.catalog import PasswordLogin  # noqa: PLC0415

    match login:
        case PasswordLogin.WORKS:
            return []
        case PasswordLogin.APP_PASSWORD:
            severity = Severity.HINT
        case PasswordLogin.ENDING:
            severity = Severity.WARNING
        case PasswordLogin.RETIRED:
            severity = Severity.IMPOSSIBLE
    said = message(f"caution.login.{login}", provider=provider.name)
    return [Caution(step, said, severity, provider.app_password)]


def _sending(setup: Setup, catalog: Catalog) -> list[Caution]:
    if setup.sending.route is Route.PLATFORM:
        return []
    form = setup.sending.form
    platform = catalog.platforms.get(setup.company.platform)
    port = parse_port(form.port)
    found: list[Caution] = []
    if platform and not isinstance(port, Invalid) and port in platform.blocked_ports:
        said = message("caution.blocked_port", platform=platform.name, port=str(port))
        found.append(Caution(Step.SENDING, said, Severity.IMPOSSIBLE))
    if form.security is Security.NONE and form.auth is not AuthMethod.NONE:
        found += _unencrypted(Step.SENDING, form)
    return found + _senders(setup)


def _senders(setup: Setup) -> list[Caution]:
    """A server for one sender refuses what the platform sends, unless it is told of that one."""
    settings = sender_settings(setup)
    if settings is None or settings.scope not in (SenderScope.SINGLE, SenderScope.NONE):
        return []
    refused = ", ".join(map(readable, settings.refused))
    if settings.scope is SenderScope.NONE:
        said = message("caution.sender_none", refused=refused)
        return [Caution(Step.SENDING, said, Severity.IMPOSSIBLE)]
    said = message(
        "caution.sender_single",
        address=readable(settings.visible),
        refused=refused,
        filter=settings.from_filter,
        sender=settings.default_from,
    )
    return [Caution(Step.SENDING, said, Severity.WARNING)]


def _unencrypted(step: Step, form: ServerForm) -> list[Caution]:
    """What was allowed by hand stands at the form itself, with a button to take it back."""
    given = form.exempted
    if given is not None and given.plain_login is PlainLogin.ALLOWED:
        return []
    return [Caution(step, message("caution.no_encryption"), Severity.WARNING)]


def _receiving(setup: Setup) -> list[Caution]:
    if setup.receiving.way is not ReceivingWay.READ:
        said = message(f"caution.way.{setup.receiving.way}")
        return [Caution(Step.RECEIVING, said, Severity.HINT)]
    found: list[Caution] = []
    if setup.receiving.form.security is Security.NONE:
        found += _unencrypted(Step.RECEIVING, setup.receiving.form)
    if setup.receiving.form.security is Security.STARTTLS:
        # The family's incoming form knows implicit TLS or nothing (fetchmail.server.is_ssl).
        said = message("caution.receiving_starttls")
        found.append(Caution(Step.RECEIVING, said, Severity.WARNING))
    if setup.receiving.protocol is Protocol.POP3:
        found.append(Caution(Step.RECEIVING, message("caution.pop3_deletes"), Severity.WARNING))
    entries = wanted_addresses(setup)
    domain = setup.domain or "example.com"
    locals_by_purpose = {entry.purpose: entry.local.strip().lower() for entry in entries}
    catchall = locals_by_purpose.get(Purpose.CATCHALL)
    bounced = bool(catchall) and catchall == locals_by_purpose.get(Purpose.BOUNCE)
    if bounced:
        # The platform takes every mail for a bounce then and drops it, replies too.
        said = message("caution.catchall_is_bounce")
        found.append(Caution(Step.RECEIVING, said, Severity.IMPOSSIBLE))
    count = Counter(entry.local.strip().lower() for entry in entries)
    for local, times in count.items():
        if times > 1 and not (bounced and local == catchall and times == 2):
            said = message("caution.same_address", address=readable(f"{local}@{domain}"))
            found.append(Caution(Step.RECEIVING, said, Severity.WARNING))
        if isinstance(parse_address(f"{local}@{domain}"), Invalid):
            said = message("caution.mailbox_local", text=local)
            found.append(Caution(Step.RECEIVING, said, Severity.IMPOSSIBLE))
    found += [
        Caution(Step.RECEIVING, message(f"caution.missing.{purpose}"), Severity.WARNING)
        for purpose in (Purpose.CATCHALL, Purpose.BOUNCE)
        if purpose not in locals_by_purpose
    ]
    return found + _personal(setup) + _unread_aliases(setup, locals_by_purpose)


def _personal(setup: Setup) -> list[Caution]:
    """A person's own mailbox: the platform takes everything unread and marks it as read."""
    own = str(setup.address or "").lower()
    form, entries = setup.receiving.form, wanted_mailboxes(setup)
    if setup.receiving.login is LoginMode.SHARED:
        read = {form.username.strip().lower()} if entries else set()
    else:
        read = {f"{entry.local.strip()}@{setup.domain}".lower() for entry in entries}
    if not own or own not in read:
        return []
    return [
        Caution(
            Step.RECEIVING,
            message("caution.persons_mailbox", address=readable(own)),
            Severity.WARNING,
        )
    ]


def _unread_aliases(setup: Setup, locals_by_purpose: dict[Purpose, str]) -> list[Caution]:
    """Aliases that answers go to and nobody reads: a fresh CRM has one of its own."""
    read = {entry.local.strip().lower() for entry in wanted_addresses(setup)}
    if Purpose.SALES not in locals_by_purpose or _CRM_ALIAS in read:
        return []
    domain = setup.domain or "example.com"
    said = message(
        "caution.crm_alias",
        address=readable(f"{_CRM_ALIAS}@{domain}"),
        sales=readable(f"{locals_by_purpose[Purpose.SALES]}@{domain}"),
    )
    return [Caution(Step.RECEIVING, said, Severity.HINT)]
