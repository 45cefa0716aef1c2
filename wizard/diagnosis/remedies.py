"""For each cause: what can be done, by whom, where, and which change of the form would do it.

Rows are data; their words are the texts ``cause.<cause>.title``, ``cause.<cause>.why`` and
``remedy.<id>``. Addresses are pages of the vendors themselves.
"""

from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import Family
from wizard.model import Who

_YOU, _MAIL, _DNS, _PROVIDER = Who.YOU, Who.MAIL_ADMIN, Who.DNS_ADMIN, Who.PROVIDER
_GOOGLE, _MICROSOFT = Family.GOOGLE, Family.MICROSOFT

GOOGLE_APP_PASSWORDS: Final = "https://myaccount.google.com/apppasswords"
GOOGLE_END_USER_ACCESS: Final = "https://admin.google.com/ac/apps/gmail/enduseraccess"
GOOGLE_ROUTING: Final = "https://admin.google.com/ac/apps/gmail/routing"
GOOGLE_CREDENTIALS: Final = "https://console.cloud.google.com/apis/credentials"
MICROSOFT_ADMIN: Final = "https://admin.microsoft.com"
MICROSOFT_CONNECTORS: Final = "https://admin.exchange.microsoft.com/#/connectors"
MICROSOFT_ENTRA: Final = "https://entra.microsoft.com/"
MICROSOFT_SMTP_AUTH: Final = (
    "https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/"
    "authenticated-client-smtp-submission"
)
MICROSOFT_TIMELINE: Final = (
    "https://techcommunity.microsoft.com/blog/exchange/"
    "updated-exchange-online-smtp-auth-basic-authentication-deprecation-timeline/4489835"
)
MICROSOFT_OAUTH: Final = (
    "https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/"
    "how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth"
)
GOOGLE_SENDER_RULES: Final = "https://support.google.com/a/answer/81126"


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """One thing to do. ``families`` empty: for every provider; else only for these."""

    id: str
    who: Who = _YOU
    url: str | None = None
    families: tuple[Family, ...] = ()


def _row(id_: str, who: Who = _YOU, url: str | None = None, *families: Family) -> RemedyRow:
    return RemedyRow(id_, who, url, families)


REMEDIES: Final[dict[Cause, tuple[RemedyRow, ...]]] = {
    Cause.NO_ERROR: (),
    Cause.WRONG_CREDENTIALS: (
        _row("check_login"),
        _row("google_app_password", _YOU, GOOGLE_APP_PASSWORDS, _GOOGLE),
        _row("microsoft_smtp_auth", _MAIL, MICROSOFT_SMTP_AUTH, _MICROSOFT),
        _row("gmx_switch", _YOU, None, Family.GMX),
        _row("app_password", _YOU, None, Family.YAHOO, Family.ICLOUD, Family.ZOHO, Family.YANDEX),
    ),
    Cause.APP_PASSWORD_REQUIRED: (
        _row("google_app_password", _YOU, GOOGLE_APP_PASSWORDS, _GOOGLE),
        _row("app_password"),
        _row("use_oauth"),
    ),
    Cause.INTERACTIVE_LOGIN_REQUIRED: (_row("sign_in_browser"), _row("app_password_or_oauth")),
    Cause.SMTP_AUTH_DISABLED_TENANT: (
        _row("microsoft_smtp_auth", _MAIL, MICROSOFT_SMTP_AUTH),
        _row("microsoft_security_defaults", _MAIL, MICROSOFT_ENTRA),
        _row("microsoft_december", _MAIL, MICROSOFT_TIMELINE),
    ),
    Cause.SMTP_AUTH_DISABLED_MAILBOX: (
        _row("microsoft_smtp_auth_mailbox", _MAIL, MICROSOFT_ADMIN),
        _row("microsoft_december", _MAIL, MICROSOFT_TIMELINE),
    ),
    Cause.BASIC_AUTH_RETIRED: (
        _row("use_oauth", _YOU, MICROSOFT_OAUTH),
        _row("microsoft_december", _MAIL, MICROSOFT_TIMELINE, _MICROSOFT),
    ),
    Cause.ACCESS_POLICY_BLOCKED: (
        _row("allow_in_policy", _MAIL),
        _row("microsoft_security_defaults", _MAIL, MICROSOFT_ENTRA, _MICROSOFT),
        _row("use_oauth"),
    ),
    Cause.IMAP_POP_DISABLED: (
        _row("google_enable_imap", _MAIL, GOOGLE_END_USER_ACCESS, _GOOGLE),
        _row("enable_imap", _YOU),
    ),
    Cause.ACCOUNT_LOCKED: (_row("wait_for_unlock"), _row("unlock_account", _MAIL)),
    Cause.LICENSE_OR_MAILBOX_MISSING: (_row("assign_license", _MAIL), _row("grant_access", _MAIL)),
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
        _row("grant_send_as", _MAIL),
        _row("verify_sender", _PROVIDER),
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
        _row("give_consent", _MAIL),
        _row("google_test_user", _MAIL, GOOGLE_CREDENTIALS, _GOOGLE),
    ),
    Cause.OAUTH_APP_MISCONFIGURED: (
        _row("check_app"),
        _row("google_web_client", _YOU, GOOGLE_CREDENTIALS, _GOOGLE),
        _row("microsoft_app", _YOU, MICROSOFT_ENTRA, _MICROSOFT),
    ),
    Cause.OAUTH_SECRET_INVALID: (_row("new_secret"),),
    Cause.OAUTH_GRANT_EXPIRED: (
        _row("connect_again"),
        _row("google_leave_testing", _YOU, GOOGLE_CREDENTIALS, _GOOGLE),
    ),
    Cause.OAUTH_TOKEN_REJECTED: (
        _row("right_scopes", _YOU, MICROSOFT_OAUTH, _MICROSOFT),
        _row("right_scopes_generic"),
        _row("same_user"),
    ),
    Cause.UNKNOWN: (_row("send_words", _PROVIDER),),
}


def remedies_for(cause: Cause, family: Family) -> tuple[RemedyRow, ...]:
    """The rows for a cause: the provider's own first, those of other providers left out."""
    rows = [row for row in REMEDIES[cause] if not row.families or family in row.families]
    return tuple(sorted(rows, key=lambda row: not row.families))
