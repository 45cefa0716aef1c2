"""For each cause: what can be done, by whom, where, and which change of the form would do it.

Rows are data; their words are the texts ``cause.<cause>.title``, ``cause.<cause>.why`` and
``remedy.<id>``. Addresses are pages of the vendors themselves.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import Family
from wizard.model import Who
from wizard.probe.report import CertificateFault

_YOU, _MAIL, _DNS, _PROVIDER = Who.YOU, Who.MAIL_ADMIN, Who.DNS_ADMIN, Who.PROVIDER
_GOOGLE, _MICROSOFT = Family.GOOGLE, Family.MICROSOFT

GOOGLE_APP_PASSWORDS: Final = "https://myaccount.google.com/apppasswords"
GOOGLE_END_USER_ACCESS: Final = "https://admin.google.com/ac/apps/gmail/enduseraccess"
GOOGLE_ROUTING: Final = "https://admin.google.com/ac/apps/gmail/routing"
GOOGLE_USERS: Final = "https://admin.google.com/ac/users"
GOOGLE_APP_ACCESS: Final = "https://admin.google.com/ac/owl"
GOOGLE_CLIENTS: Final = "https://console.cloud.google.com/auth/clients"
GOOGLE_AUDIENCE: Final = "https://console.cloud.google.com/auth/audience"
MICROSOFT_USERS: Final = "https://admin.microsoft.com/Adminportal/Home#/users"
MICROSOFT_MAIL_FLOW: Final = "https://admin.exchange.microsoft.com/#/settings"
MICROSOFT_MAILBOXES: Final = "https://admin.exchange.microsoft.com/#/mailboxes"
MICROSOFT_CONNECTORS: Final = "https://admin.exchange.microsoft.com/#/connectors"
_ENTRA: Final = "https://entra.microsoft.com/#view/"
MICROSOFT_OVERVIEW: Final = _ENTRA + "Microsoft_AAD_IAM/TenantOverview.ReactView"
MICROSOFT_SIGN_INS: Final = _ENTRA + "Microsoft_AAD_IAM/SignInEventsV3Blade"
MICROSOFT_APPS: Final = _ENTRA + "Microsoft_AAD_RegisteredApps/ApplicationsListBlade"
MICROSOFT_CONSENT: Final = (
    _ENTRA + "Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview"
)
MICROSOFT_SMTP_AUTH: Final = (
    "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/"
    "authenticated-client-smtp-submission"
)
MICROSOFT_OAUTH: Final = (
    "https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/"
    "how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"
)
GOOGLE_SEND_AS: Final = "https://mail.google.com/mail/u/0/#settings/accounts"
GOOGLE_SENDER_RULES: Final = "https://support.google.com/a/answer/81126"


class Page(StrEnum):
    """A page of the provider at hand, whose address stands in the catalogue of providers."""

    APP_PASSWORD = "app_password"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One thing to do. ``families`` empty: for every provider; else only for these."""

    id: str
    who: Who = _YOU
    url: str | Page | None = None
    families: tuple[Family, ...] = ()


def _row(id_: str, who: Who = _YOU, url: str | Page | None = None, *families: Family) -> RemedyRow:
    return RemedyRow(id_, who, url, families)


# Rows for so many families are that provider's own; those for more are for all the rest.
_A_FEW: Final = 2
_OTHERS: Final = tuple(one for one in Family if one not in (_GOOGLE, _MICROSOFT))
# Whose pages stand in the catalogue of providers, if anywhere.
_NO_PAGE_OF_OURS: Final = (Family.OTHER, Family.YAHOO, Family.ICLOUD, Family.ZOHO, Family.YANDEX)
_APP_PASSWORDS: Final = (
    _row("app_password", _YOU, "https://login.yahoo.com/account/security", Family.YAHOO),
    _row("app_password", _YOU, "https://account.apple.com/", Family.ICLOUD),
    _row("app_password", _YOU, "https://accounts.zoho.com/home#security/app_password", Family.ZOHO),
    _row("app_password", _YOU, "https://id.yandex.com/security/app-passwords", Family.YANDEX),
)

REMEDIES: Final[dict[Cause, tuple[RemedyRow, ...]]] = {
    Cause.NO_ERROR: (),
    Cause.WRONG_CREDENTIALS: (
        _row("check_login"),
        _row("google_app_password", _YOU, GOOGLE_APP_PASSWORDS, _GOOGLE),
        _row("microsoft_smtp_auth", _MAIL, MICROSOFT_SMTP_AUTH, _MICROSOFT),
        _row("gmx_switch", _YOU, None, Family.GMX),
        *_APP_PASSWORDS,
    ),
    Cause.APP_PASSWORD_REQUIRED: (
        _row("google_app_password", _YOU, GOOGLE_APP_PASSWORDS, _GOOGLE),
        *_APP_PASSWORDS,
        _row("app_password", _YOU, Page.APP_PASSWORD, Family.OTHER, Family.GMX),
        _row("use_oauth"),
    ),
    Cause.INTERACTIVE_LOGIN_REQUIRED: (_row("sign_in_browser"), _row("app_password_or_oauth")),
    Cause.SMTP_AUTH_DISABLED_TENANT: (
        _row("microsoft_smtp_auth_mailbox", _MAIL, MICROSOFT_USERS),
        _row("microsoft_smtp_auth_tenant", _MAIL, MICROSOFT_MAIL_FLOW),
        _row("microsoft_security_defaults", _MAIL, MICROSOFT_OVERVIEW),
        _row("use_oauth", _YOU, MICROSOFT_OAUTH),
    ),
    Cause.SMTP_AUTH_DISABLED_MAILBOX: (
        _row("microsoft_smtp_auth_mailbox", _MAIL, MICROSOFT_USERS),
        _row("use_oauth", _YOU, MICROSOFT_OAUTH),
    ),
    Cause.BASIC_AUTH_RETIRED: (
        _row("use_oauth", _YOU, MICROSOFT_OAUTH),
        _row("microsoft_relay", _MAIL, MICROSOFT_CONNECTORS, _MICROSOFT),
    ),
    Cause.ACCESS_POLICY_BLOCKED: (
        _row("microsoft_sign_in_log", _MAIL, MICROSOFT_SIGN_INS, _MICROSOFT),
        _row("google_app_access", _MAIL, GOOGLE_APP_ACCESS, _GOOGLE),
        _row("allow_in_policy", _MAIL, Page.CONSOLE, *_NO_PAGE_OF_OURS),
        _row("microsoft_security_defaults", _MAIL, MICROSOFT_OVERVIEW, _MICROSOFT),
        _row("use_oauth"),
    ),
    Cause.IMAP_POP_DISABLED: (
        _row("google_enable_imap", _MAIL, GOOGLE_END_USER_ACCESS, _GOOGLE),
        _row("microsoft_mail_apps", _MAIL, MICROSOFT_USERS, _MICROSOFT),
        _row("enable_imap", _YOU, Page.CONSOLE, *_NO_PAGE_OF_OURS, Family.GMX),
    ),
    Cause.ACCOUNT_LOCKED: (
        _row("wait_for_unlock"),
        _row("unlock_account", _MAIL, GOOGLE_USERS, _GOOGLE),
        _row("unlock_account", _MAIL, MICROSOFT_USERS, _MICROSOFT),
        _row("unlock_account", _MAIL, Page.CONSOLE, *_NO_PAGE_OF_OURS, Family.GMX),
    ),
    Cause.LICENSE_OR_MAILBOX_MISSING: (
        _row("assign_license", _MAIL, GOOGLE_USERS, _GOOGLE),
        _row("assign_license", _MAIL, MICROSOFT_USERS, _MICROSOFT),
        _row("assign_license", _MAIL, Page.CONSOLE, *_NO_PAGE_OF_OURS, Family.GMX),
        _row("grant_access", _MAIL, MICROSOFT_MAILBOXES, _MICROSOFT),
        _row("grant_access", _MAIL, None, *_OTHERS),
    ),
    Cause.AUTH_REQUIRED: (_row("enter_login"), _row("use_submission_port")),
    Cause.ENCRYPTION_REQUIRED: (_row("use_encryption"),),
    Cause.AUTH_MECHANISM_UNSUPPORTED: (
        _row("use_submission_port"),
        _row("other_mechanism"),
        _row("relay_without_login"),
    ),
    Cause.STARTTLS_NOT_OFFERED: (_row("use_tls_port"), _row("offer_starttls", _MAIL)),
    Cause.TLS_ON_PLAINTEXT_PORT: (_row("use_starttls"), _row("use_tls_port")),
    Cause.PLAINTEXT_ON_TLS_PORT: (_row("switch_tls_on"),),
    Cause.CERT_EXPIRED: (_row("renew_certificate", _MAIL), _row("check_clock")),
    Cause.CERT_HOSTNAME_MISMATCH: (_row("use_certificate_name"), _row("issue_certificate", _MAIL)),
    Cause.CERT_UNTRUSTED: (_row("complete_chain", _MAIL), _row("install_authority")),
    Cause.TLS_VERSION_MISMATCH: (_row("raise_tls_version", _MAIL),),
    Cause.MIDDLEBOX_INTERFERENCE: (_row("disable_inspection"), _row("use_tls_port")),
    Cause.HOST_NOT_FOUND: (_row("check_spelling"), _row("ask_host_name", _PROVIDER)),
    Cause.DNS_UNAVAILABLE: (_row("check_resolver"), _row("retry")),
    Cause.CONNECTION_REFUSED: (_row("check_port"), _row("start_service", _MAIL)),
    Cause.PORT_BLOCKED_OR_TIMEOUT: (_row("other_port"), _row("open_firewall")),
    Cause.CONNECTION_DROPPED: (_row("check_tls_mode"), _row("retry")),
    Cause.SENDER_NOT_ALLOWED: (
        _row("erp_sender"),
        _row("grant_send_as", _MAIL, MICROSOFT_MAILBOXES, _MICROSOFT),
        _row("google_send_as", _YOU, GOOGLE_SEND_AS, _GOOGLE),
        _row("grant_send_as", _MAIL, None, *_OTHERS),
        _row("verify_sender", _MAIL, Page.CONSOLE),
    ),
    Cause.DOMAIN_AUTHENTICATION_FAILED: (
        _row("fix_records", _DNS),
        _row("google_sender_rules", _DNS, GOOGLE_SENDER_RULES, _GOOGLE),
    ),
    Cause.RELAY_DENIED: (_row("enter_login"), _row("allow_relay", _MAIL)),
    Cause.IP_NOT_ALLOWLISTED: (
        _row("google_relay_rule", _MAIL, GOOGLE_ROUTING, _GOOGLE),
        _row("microsoft_connector", _MAIL, MICROSOFT_CONNECTORS, _MICROSOFT),
        _row("register_address", _MAIL),
    ),
    Cause.SPAM_OR_REPUTATION_BLOCK: (_row("send_through_provider"), _row("ask_delisting", _MAIL)),
    Cause.RATE_LIMITED: (_row("wait_and_slow_down"), _row("raise_limit", _PROVIDER)),
    Cause.GREYLISTED: (_row("wait_greylisting"),),
    Cause.TEMPORARILY_UNAVAILABLE: (_row("retry"), _row("tell_provider", _PROVIDER)),
    Cause.RECIPIENT_REJECTED: (_row("check_recipient"), _row("create_mailbox", _MAIL)),
    Cause.MESSAGE_TOO_LARGE: (_row("smaller_message"), _row("raise_limit", _PROVIDER)),
    Cause.MAILBOX_FULL: (_row("free_space"), _row("raise_quota", _MAIL)),
    Cause.HELO_REJECTED: (_row("set_host_name"), _row("use_submission_port")),
    Cause.PROTOCOL_ERROR: (_row("check_host_and_port"), _row("check_tls_mode")),
    Cause.OAUTH_CONSENT_REQUIRED: (
        _row("give_consent", _MAIL, MICROSOFT_CONSENT, _MICROSOFT),
        _row("google_test_user", _MAIL, GOOGLE_AUDIENCE, _GOOGLE),
        _row("give_consent", _MAIL, None, *_OTHERS),
    ),
    Cause.OAUTH_APP_MISCONFIGURED: (
        _row("check_app"),
        _row("google_web_client", _YOU, GOOGLE_CLIENTS, _GOOGLE),
        _row("microsoft_app", _YOU, MICROSOFT_APPS, _MICROSOFT),
    ),
    Cause.OAUTH_SECRET_INVALID: (
        _row("new_secret", _YOU, MICROSOFT_APPS, _MICROSOFT),
        _row("new_secret", _YOU, GOOGLE_CLIENTS, _GOOGLE),
        _row("new_secret", _YOU, None, *_OTHERS),
    ),
    Cause.OAUTH_GRANT_EXPIRED: (
        _row("connect_again"),
        _row("google_leave_testing", _YOU, GOOGLE_AUDIENCE, _GOOGLE),
    ),
    Cause.OAUTH_TOKEN_REJECTED: (
        _row("right_scopes", _YOU, MICROSOFT_OAUTH, _MICROSOFT),
        _row("right_scopes_generic"),
        _row("same_user"),
    ),
    Cause.UNKNOWN: (_row("send_words", _PROVIDER),),
}

# Finer than the cause: what to do about a certificate hangs on what is wrong with it.
CERTIFICATES: Final[dict[CertificateFault, tuple[RemedyRow, ...]]] = {
    CertificateFault.EXPIRED: (_row("renew_certificate", _MAIL), _row("check_clock")),
    CertificateFault.NOT_YET_VALID: (_row("check_clock"), _row("certificate_too_early", _MAIL)),
    CertificateFault.WRONG_HOST: (
        _row("use_certificate_name"),
        _row("issue_certificate", _MAIL),
    ),
    CertificateFault.SELF_SIGNED: (_row("public_certificate", _MAIL), _row("trust_certificate")),
    CertificateFault.UNKNOWN_AUTHORITY: (
        _row("install_authority"),
        _row("disable_inspection"),
        _row("public_certificate", _MAIL),
        _row("trust_certificate"),
    ),
    CertificateFault.INCOMPLETE_CHAIN: (_row("complete_chain", _MAIL), _row("trust_certificate")),
    CertificateFault.WEAK_KEY: (_row("new_key", _MAIL),),
    CertificateFault.UNREADABLE: (_row("renew_certificate", _MAIL),),
    CertificateFault.CHANGED: (_row("ask_about_change", _MAIL), _row("trust_certificate")),
}


def remedies_for(cause: Cause, family: Family) -> tuple[RemedyRow, ...]:
    """The rows for a cause: the provider's own first, those of other providers left out."""
    rows = [row for row in REMEDIES[cause] if not row.families or family in row.families]
    return tuple(sorted(rows, key=lambda row: not 0 < len(row.families) <= _A_FEW))
