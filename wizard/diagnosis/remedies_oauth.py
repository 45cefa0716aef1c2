"""Finer than the cause: what to do about one very error of a sign-in service.

A row is the error's own number or word and the remedy that comes before those of its cause.
"""

import re
from dataclasses import dataclass
from typing import Final

from wizard.diagnosis.remedies import (
    GOOGLE_CLIENTS,
    MICROSOFT_APPS,
    RemedyRow,
)
from wizard.diagnosis.reply import Reply
from wizard.diagnosis.rule import Family
from wizard.model import Who

GOOGLE_APP_ACCESS: Final = "https://admin.google.com/ac/owl/list?tab=configuredApps"
MICROSOFT_SIGN_IN_LOGS: Final = (
    "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/SignInEventsV3Blade"
)
GOOGLE_GMAIL_API: Final = "https://console.cloud.google.com/apis/library/gmail.googleapis.com"


@dataclass(frozen=True, slots=True)
class _Row:
    remedy: RemedyRow
    numbers: frozenset[int] = frozenset()
    words: re.Pattern[str] | None = None

    def fits(self, reply: Reply, family: Family) -> bool:
        if self.remedy.families and family not in self.remedy.families:
            return False
        if self.numbers.intersection(reply.aadsts):
            return True
        return self.words is not None and bool(self.words.search(reply.flat))


def _microsoft(
    id_: str, *numbers: int, who: Who = Who.YOU, url: str | None = MICROSOFT_APPS
) -> _Row:
    return _Row(RemedyRow(id_, who, url, (Family.MICROSOFT,)), frozenset(numbers))


def _google(id_: str, words: str, url: str | None, who: Who = Who.YOU) -> _Row:
    return _Row(RemedyRow(id_, who, url, (Family.GOOGLE,)), words=re.compile(words, re.IGNORECASE))


# learn.microsoft.com/entra/identity-platform/reference-error-codes;
# developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
_ROWS: Final = (
    _microsoft("oauth_redirect", 50011, 500112, 500113, 900971),
    _google("oauth_redirect", "redirect_uri_mismatch", GOOGLE_CLIENTS),
    _microsoft("oauth_client_id", 700016, 7000229, 700038),
    _google("oauth_client_id", "client was not found|deleted_client", GOOGLE_CLIENTS),
    _microsoft("oauth_tenant", 90002, 900023, 50059, 50128),
    _microsoft("oauth_multitenant", 50194, 700030),
    _microsoft("oauth_other_organisation", 50020, 500208, 50034, 90072),
    _microsoft("oauth_secret_expired", 7000222),
    _microsoft("oauth_enter_secret", 7000218),
    _microsoft("oauth_web_redirect", 700025, 9002325, 9002327),
    _microsoft("oauth_assign_user", 50105, who=Who.MAIL_ADMIN),
    _microsoft("oauth_enable_app", 7000112, who=Who.MAIL_ADMIN),
    _microsoft("oauth_permission", 65005, 65006, 650052, 650053, 650057, 70011, 500011),
    _microsoft(
        "oauth_sign_in_log",
        *(53000, 53001, 53002, 53003, 53004, 53011, 530002, 530003, 530031, 530032, 530034),
        *(530035, 50005, 50097, 50129, 50131, 135011, 500021, 500022),
        who=Who.MAIL_ADMIN,
        url=MICROSOFT_SIGN_IN_LOGS,
    ),
    _microsoft(
        "oauth_finish_mfa",
        *(50055, 50072, 50074, 50076, 50078, 50079, 50144, 50158, 50203),
        url="https://myaccount.microsoft.com/",
    ),
    _microsoft("oauth_agree", 65004, url=None),
    _microsoft("oauth_code_once", 54005, 70008, 70019, 70018, url=None),
    _google(
        "google_trust_app",
        "admin_policy_enforced|restricted by policies within|app is blocked",
        GOOGLE_APP_ACCESS,
        Who.MAIL_ADMIN,
    ),
    _google("google_internal_user", "org_internal|restricted to users within", None),
    _google("google_enable_api", "accessNotConfigured|SERVICE_DISABLED", GOOGLE_GMAIL_API),
)


def remedies_of_error(reply: Reply, family: Family) -> tuple[RemedyRow, ...]:
    """The remedies for the errors that a sign-in service names; empty for one without its own."""
    return tuple(row.remedy for row in _ROWS if row.fits(reply, family))
