"""The values for the platform's own forms, in its labels and its order.

A value is the very text to enter. Secrets are named, never held: a field that wants one says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.current import signs_in, wanted_addresses, wanted_mailboxes
from wizard.erp.senders import BOUNCE, CATCHALL, DEFAULT_FROM, sender_settings
from wizard.model import AuthMethod, Protocol, Route, Security, readable
from wizard.setup import LoginMode, MailboxEntry, Setup, mailbox_form
from wizard.signin.grants import erp_redirect, service_of
from wizard.signin.service import Erp
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.signin.service import OAuthService


@dataclass(frozen=True, slots=True)
class ErpField:
    """One field of a form; ``secret``: the tested password or token belongs here."""

    id: str
    label: Message
    value: str | Message
    secret: bool = False
    note: Message | None = None


@dataclass(frozen=True, slots=True)
class ErpForm:
    """One form of the platform, fields in its order. ``hint`` says where to find it.

    Titles are for people and show umlauts; values are for machines and stay in ASCII.
    """

    id: str
    title: Message
    hint: Message | None
    fields: tuple[ErpField, ...]


def platform_forms(setup: Setup, catalog: Catalog) -> tuple[ErpForm, ...]:
    """The outgoing server, the alias domain, and one incoming server for each mailbox."""
    if setup.domain is None:
        return ()
    platform = catalog.platforms.get(setup.company.platform)
    labels = _Labels(platform.labels if platform else "odoo")
    service = service_of(setup, catalog)
    # The platform's own connection, where it has one with this service.
    erp = service.erp if service is not None else Erp.NONE
    forms = [_settings_form(setup, setup.domain, labels)]
    if setup.sending.route is not Route.PLATFORM:
        forms.insert(0, _outgoing_form(setup, setup.domain, labels, erp))
    if service is not None and erp and signs_in(setup):
        forms.insert(0, _client_form(setup, service, labels))
    entries = wanted_mailboxes(setup)
    if setup.receiving.login is LoginMode.SHARED:
        # One mailbox takes in everything: two servers for it would snatch each other's mail.
        entries = entries[:1]
    forms += [_incoming_form(setup, entry, setup.domain, labels, erp) for entry in entries]
    return tuple(forms)


@dataclass(frozen=True, slots=True)
class _Labels:
    """The set of labels that a platform uses (``erp.<name>.…``)."""

    name: str

    def __call__(self, key: str, **values: str | Message) -> Message:
        return message(f"erp.{self.name}.{key}", **values)


def _client_form(setup: Setup, service: OAuthService, labels: _Labels) -> ErpForm:
    """The OAuth client: the platform signs in with the same as was tested here."""
    redirect = erp_redirect(setup, service)
    registered = None
    if isinstance(redirect, str):
        registered = message("erp.note.client_redirect", address=redirect)
    return ErpForm(
        id="client",
        title=labels("client.title"),
        hint=labels("client.hint"),
        fields=(
            ErpField("switch", labels(f"client.switch_{service.erp}"), labels("client.on")),
            ErpField("client-id", labels("client.id"), setup.signin.client.client_id.strip()),
            ErpField("client-secret", labels("client.secret"), "", secret=True, note=registered),
        ),
    )


def _outgoing_form(setup: Setup, domain: str, labels: _Labels, erp: Erp) -> ErpForm:
    form, settings = setup.sending.form, sender_settings(setup)
    host = form.host.strip()
    name = f"{host} ({domain})" if host else domain
    user = ErpField("smtp-user", labels("outgoing.user"), form.username.strip())
    by_token = form.by_token and erp is not Erp.NONE
    starttls_only = None
    if form.auth is AuthMethod.NONE:
        login_fields: tuple[ErpField, ...] = ()
    elif by_token:
        login_fields = (
            ErpField("auth", labels("outgoing.auth"), labels(f"outgoing.auth_{erp}")),
            user,
            ErpField("connect", labels("outgoing.connect"), labels(f"outgoing.connect_{erp}")),
        )
        if form.security is not Security.STARTTLS:
            starttls_only = message("erp.note.oauth_starttls")
    else:
        login_fields = (
            ErpField("auth", labels("outgoing.auth"), labels("outgoing.auth_login")),
            user,
            ErpField("smtp-password", labels("outgoing.password"), "", secret=True),
        )
    return ErpForm(
        id="outgoing",
        title=labels("outgoing.title"),
        hint=labels("outgoing.hint"),
        fields=(
            ErpField("name", labels("outgoing.name"), name),
            ErpField(
                "from-filter",
                labels("outgoing.from_filter"),
                settings.from_filter if settings else domain,
                note=message("erp.note.from_filter"),
            ),
            ErpField(
                "security",
                labels("outgoing.security"),
                labels(f"outgoing.security_{form.security}"),
                note=starttls_only,
            ),
            ErpField("smtp-host", labels("outgoing.host"), host),
            ErpField("smtp-port", labels("outgoing.port"), form.port.strip()),
            *login_fields,
        ),
    )


def _settings_form(setup: Setup, domain: str, labels: _Labels) -> ErpForm:
    by_purpose = {entry.purpose.value: entry.local.strip() for entry in wanted_addresses(setup)}
    settings = sender_settings(setup)
    default_from = settings.default_from if settings else DEFAULT_FROM
    return ErpForm(
        id="settings",
        title=labels("settings.title"),
        hint=labels("settings.hint"),
        fields=(
            ErpField("external", labels("settings.external"), labels("settings.external_on")),
            ErpField("alias-domain", labels("settings.alias_domain"), domain),
            ErpField("bounce", labels("settings.bounce"), by_purpose.get("bounce", BOUNCE)),
            ErpField("catchall", labels("settings.catchall"), by_purpose.get("catchall", CATCHALL)),
            ErpField(
                "default-from",
                labels("settings.default_from"),
                default_from,
                note=message("erp.note.default_from"),
            ),
        ),
    )


def _incoming_form(
    setup: Setup, entry: MailboxEntry, domain: str, labels: _Labels, erp: Erp
) -> ErpForm:
    form = mailbox_form(setup.receiving, entry, domain)
    address = f"{entry.local.strip()}@{domain}"
    encrypted = form.security is Security.TLS
    kind = "imap" if setup.receiving.protocol is Protocol.IMAP else "pop"
    password = ErpField("password", labels("incoming.password"), "", secret=True)
    if form.by_token and erp is not Erp.NONE:
        kind = erp.value
        password = ErpField(
            "connect", labels("outgoing.connect"), labels(f"outgoing.connect_{erp}")
        )
    return ErpForm(
        id=f"incoming-{entry.id}",
        title=labels("incoming.title", address=readable(address)),
        hint=labels("incoming.hint"),
        fields=(
            ErpField("name", labels("incoming.name"), address),
            ErpField("type", labels("incoming.type"), labels(f"incoming.type_{kind}")),
            ErpField("host", labels("incoming.host"), form.host.strip()),
            ErpField("port", labels("incoming.port"), form.port.strip()),
            ErpField(
                "ssl",
                labels("incoming.ssl"),
                message("erp.yes") if encrypted else message("erp.no"),
            ),
            ErpField("user", labels("incoming.user"), form.username.strip()),
            password,
            ErpField(
                "action",
                labels("incoming.action"),
                message("erp.empty"),
                note=labels("incoming.action_note"),
            ),
        ),
    )
