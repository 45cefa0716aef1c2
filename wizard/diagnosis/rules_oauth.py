"""Sign-in services: Microsoft's AADSTS numbers, Google's error codes, the codes of RFC 6749."""

from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import OAUTH_ONLY, Rule, rule

_CONSENT = Cause.OAUTH_CONSENT_REQUIRED
_APP = Cause.OAUTH_APP_MISCONFIGURED
_SECRET = Cause.OAUTH_SECRET_INVALID
_GRANT = Cause.OAUTH_GRANT_EXPIRED
_POLICY = Cause.ACCESS_POLICY_BLOCKED
_PERSON = Cause.INTERACTIVE_LOGIN_REQUIRED

# learn.microsoft.com/entra/identity-platform/reference-error-codes
AADSTS: Final[dict[int, Cause]] = (
    dict.fromkeys((50126, 50034, 51004, 50056, 1000031), Cause.WRONG_CREDENTIALS)
    | dict.fromkeys((50053, 50057, 500341), Cause.ACCOUNT_LOCKED)
    | dict.fromkeys(
        (16000, 50055, 50058, 50072, 50074, 50076, 50078, 50079, 50140, 50144, 50158, 50203, 81010),
        _PERSON,
    )
    | dict.fromkeys(
        (
            50005,
            50097,
            50105,
            50131,
            50177,
            53000,
            53001,
            53002,
            53003,
            53004,
            53009,
            53011,
            530002,
            530003,
            530032,
            530034,
            500014,
            501314,
            7000112,
            500571,
            50129,
            135011,
            500021,
            500022,
            530031,
            530035,
        ),
        _POLICY,
    )
    | dict.fromkeys((65001, 65004, 90008, 90094, 90095, 900941, 9002341, 500200), _CONSENT)
    | dict.fromkeys(
        (
            50001,
            50011,
            50020,
            50059,
            50128,
            50194,
            500011,
            500112,
            500113,
            500208,
            65005,
            65006,
            70001,
            70002,
            70003,
            70005,
            70007,
            70011,
            70016,
            700016,
            700025,
            700038,
            700051,
            700054,
            90002,
            90009,
            90013,
            90014,
            90015,
            90019,
            90023,
            90072,
            90130,
            900144,
            900023,
            9002313,
            9002325,
            9002326,
            9002327,
            9002332,
            901002,
            1001,
            1002012,
            5000222,
            700030,
            50049,
            650052,
            650053,
            650056,
            650057,
            7000229,
            900971,
        ),
        _APP,
    )
    | dict.fromkeys((7000215, 7000216, 7000218, 7000222, 50012, 700024, 700027, 50013), _SECRET)
    | dict.fromkeys(
        (
            50089,
            50132,
            50133,
            50173,
            54005,
            70000,
            70008,
            70018,
            70019,
            70043,
            70044,
            700082,
            700084,
            700081,
            50027,
        ),
        _GRANT,
    )
    | dict.fromkeys((50196, 90055, 50087), Cause.RATE_LIMITED)
    | dict.fromkeys((90033, 90012, 90006, 50000, 90024, 90025), Cause.TEMPORARILY_UNAVAILABLE)
)

RULES: Final[tuple[Rule, ...]] = (
    rule(
        _POLICY,
        r"admin_policy_enforced|blocked by (?:your )?(?:admin|conditional access)"
        r"|access (?:has been )?blocked by conditional access|app is blocked"
        r"|restricted by policies within your organi[sz]ation|user_restricted",
        _CONSENT,
    ),
    rule(_APP, r"org_internal|restricted to users within its organi[sz]ation", _POLICY),
    rule(
        _CONSENT,
        r"access_denied|hasn'?t given you access|has not completed the google verification"
        r"|currently being tested|need admin approval|grant requires admin"
        r"|consent_required|admin consent|authorization_declined|unverified app",
        _POLICY,
        _APP,
        protocols=OAUTH_ONLY,
    ),
    rule(
        _APP,
        r"redirect_uri_mismatch|redirect[ _]ur[il].{0,60}(?:mismatch|not match|does not match"
        r"|invalid)"
        r"|reply address|deleted_client|disabled_client|invalid_scope|unsupported_grant_type"
        r"|unsupported_response_type|invalid_resource|disallowed_useragent"
        r"|oauth client was not found|client does not exist|comply with google'?s oauth",
        protocols=OAUTH_ONLY,
    ),
    rule(
        _SECRET,
        r"client secret.{0,60}(?:expired|invalid|wrong|missing)|invalid client secret"
        r"|client_secret is missing|expired client secret",
        protocols=OAUTH_ONLY,
    ),
    rule(_SECRET, r"invalid_client", _APP, protocols=OAUTH_ONLY),
    rule(_APP, r"unauthorized_client", _GRANT, _CONSENT, protocols=OAUTH_ONLY),
    rule(
        _PERSON,
        r"interaction_required|login_required|multi-?factor|\bmfa\b|strong authentication",
        protocols=OAUTH_ONLY,
    ),
    rule(
        _GRANT,
        r"invalid_grant|expired_token|(?:refresh )?token (?:has )?(?:been )?(?:expired|revoked)"
        r"|code (?:was already redeemed|has expired)|bad_verification_code",
        protocols=OAUTH_ONLY,
    ),
    rule(Cause.NO_ERROR, r"authorization_pending", protocols=OAUTH_ONLY),
    rule(
        Cause.RATE_LIMITED,
        r"slow_down|rate_?limit|quota.{0,20}exceeded|too many requests|\b429\b",
        protocols=OAUTH_ONLY,
    ),
    rule(
        Cause.TEMPORARILY_UNAVAILABLE,
        r"temporarily_unavailable|server_error|internal_failure|service unavailable|\b50[0234]\b",
        protocols=OAUTH_ONLY,
    ),
    rule(Cause.OAUTH_TOKEN_REJECTED, r"invalid_token|insufficient_scope", protocols=OAUTH_ONLY),
    rule(_APP, r"invalid_request", protocols=OAUTH_ONLY),
    rule(Cause.NO_ERROR, r'"access_token" ?:', protocols=OAUTH_ONLY),
)
