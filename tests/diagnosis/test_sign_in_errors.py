"""Every error of a sign-in service that is known by name has its own remedy, with words for it."""

import pytest

from wizard.diagnosis.circumstances import Circumstances
from wizard.diagnosis.diagnose import DiagnosisProtocol, diagnose
from wizard.diagnosis.remedies_oauth import _ROWS
from wizard.diagnosis.rules_oauth import AADSTS
from wizard.model import Stage
from wizard.texts import LANGUAGES, Texts


def first_remedy(text: str, provider: str) -> str:
    diagnosis = diagnose(
        text,
        protocol=DiagnosisProtocol.OAUTH,
        stage=Stage.TOKEN,
        circumstances=Circumstances(provider=provider),
    )
    return diagnosis.remedies[0].message.key.removeprefix("remedy.")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("invalid_client: AADSTS7000222: The provided client secret keys", "oauth_secret_expired"),
        ("AADSTS50011: The redirect URI 'https://x/' specified", "oauth_redirect"),
        ("unauthorized_client: AADSTS700016: Application with identifier", "oauth_client_id"),
        ("AADSTS90002: Tenant 'x' not found", "oauth_tenant"),
        ("AADSTS50194: Application is not configured as multi-tenant", "oauth_multitenant"),
        ("AADSTS50020: User account from identity provider", "oauth_other_organisation"),
        ("AADSTS7000218: The request body must contain client_secret", "oauth_enter_secret"),
        ("AADSTS700025: Client is public", "oauth_web_redirect"),
        ("AADSTS50105: The signed in user is not assigned to a role", "oauth_assign_user"),
        ("AADSTS7000112: Application is disabled", "oauth_enable_app"),
        ("AADSTS65005: misconfigured application", "oauth_permission"),
        ("AADSTS53003: Access has been blocked by Conditional Access", "oauth_sign_in_log"),
        ("AADSTS50076: must use multi-factor authentication", "oauth_finish_mfa"),
        ("access_denied: AADSTS65004: User declined to consent", "oauth_agree"),
        ("AADSTS54005: OAuth2 Authorization code was already redeemed", "oauth_code_once"),
    ],
)
def test_microsofts_errors(text: str, remedy: str) -> None:
    assert first_remedy(text, "microsoft") == remedy


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("Error 400: redirect_uri_mismatch", "oauth_redirect"),
        ("invalid_client: The OAuth client was not found.", "oauth_client_id"),
        ("Error 401: deleted_client", "oauth_client_id"),
        ("Error 400: admin_policy_enforced", "google_trust_app"),
        ("Error 403: org_internal", "google_internal_user"),
    ],
)
def test_googles_errors(text: str, remedy: str) -> None:
    assert first_remedy(text, "google") == remedy


def test_every_row_is_reached_and_has_words() -> None:
    for row in _ROWS:
        for code in LANGUAGES:
            assert f"remedy.{row.remedy.id}" in Texts.load(code), row.remedy.id
        for number in row.numbers:
            # A number without a cause would be judged by its words alone.
            assert number in AADSTS, number
            assert first_remedy(f"AADSTS{number}: words", "microsoft") == row.remedy.id
