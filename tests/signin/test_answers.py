"""Hostile and odd answers of sign-in services: parsed, bounded, judged without an exception."""

import base64
import datetime as dt
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.catalog import Catalog
from wizard.diagnosis.cause import Cause
from wizard.http import HttpAnswer
from wizard.model import AuthMethod, Invalid, Protocol, Route, Secret
from wizard.setup import Setup, new_setup
from wizard.signin.answer import (
    LONGEST_SECONDS,
    UNSAID_SECONDS,
    Code,
    DeviceCode,
    Issuer,
    Pending,
    Stray,
    Tokens,
    judge_callback,
    judge_poll,
    judge_tokens,
    parse_device_code,
    parse_issuer,
    parse_tokens,
    refused,
)
from wizard.signin.client import (
    OAuthClient,
    SignedIn,
    parse_client_id,
    parse_erp_address,
    parse_tenant,
    secret_reminder,
)
from wizard.signin.findings import Check, Standing, judge_client, judge_redirect, judge_tenant
from wizard.signin.grants import erp_redirect, grant_for, registration_of, scopes_to_ask
from wizard.signin.login import SigninFailure
from wizard.signin.registration import Registration, admin_consent_url
from wizard.signin.request import authorization_url, begin_attempt
from wizard.signin.token import missing_scopes, read_token
from wizard.updates import drop_sign_in, edit_client, edit_sending, take_sign_in

CATALOG = Catalog.load()
MICROSOFT = CATALOG.oauth["microsoft"]
GOOGLE = CATALOG.oauth["google"]
NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
ATTEMPT = begin_attempt(
    Registration(MICROSOFT, "client", "acme.example", Secret("s")),
    MICROSOFT.scopes.smtp,
    "http://localhost:1",
)
ISSUER = Issuer("https://login.microsoftonline.com/1/v2.0")


def answer(fields: object, status: int = 200) -> HttpAnswer:
    return HttpAnswer(status, (), json.dumps(fields).encode())


def callback(**fields: str) -> str:
    return "/?" + urlencode({"state": ATTEMPT.state} | fields)


@given(st.text(max_size=300))
def test_any_target_is_judged(target: str) -> None:
    assert isinstance(judge_callback("/?" + target, ATTEMPT, ISSUER), Stray)
    judged = judge_callback(f"/?state={ATTEMPT.state}&{target}", ATTEMPT, ISSUER)
    assert isinstance(judged, Stray | SigninFailure | Code)


def test_callbacks() -> None:
    good = judge_callback(callback(code="abc"), ATTEMPT, ISSUER)
    assert isinstance(good, Code)
    assert good.value.reveal() == "abc"
    assert "abc" not in repr(good)
    empty = judge_callback(callback(), ATTEMPT, ISSUER)
    assert isinstance(empty, SigninFailure)
    twice = f"/?state={ATTEMPT.state}&code=a&code=b"
    assert isinstance(judge_callback(twice, ATTEMPT, ISSUER), Stray)
    many = "/?" + "&".join(f"a{n}=1" for n in range(500))
    assert isinstance(judge_callback(many, ATTEMPT, ISSUER), Stray)


@pytest.mark.parametrize(
    ("said", "named", "right"),
    [
        (None, False, True),
        (None, True, False),
        (ISSUER.name, False, True),
        (ISSUER.name, True, True),
        (ISSUER.name + "/", True, False),
        ("https://evil.test", False, False),
        ("", False, True),
    ],
)
def test_the_issuer_is_compared_as_it_stands(said: str | None, named: bool, right: bool) -> None:
    target = callback(code="a") if said is None else callback(code="a", iss=said)
    judged = judge_callback(target, ATTEMPT, replace(ISSUER, named=named))
    assert isinstance(judged, Code) == right


@pytest.mark.parametrize(
    ("fields", "cause", "admin"),
    [
        ({"error": "access_denied"}, Cause.OAUTH_CONSENT_REQUIRED, True),
        (
            {"error": "access_denied", "error_description": "AADSTS65004: User declined"},
            Cause.OAUTH_CONSENT_REQUIRED,
            True,
        ),
        (
            {"error": "invalid_client", "error_description": "AADSTS7000222: expired"},
            Cause.OAUTH_SECRET_INVALID,
            False,
        ),
        (
            {"error": "consent_required", "error_description": "AADSTS90094: admin"},
            Cause.OAUTH_CONSENT_REQUIRED,
            True,
        ),
        ({"error": "invalid_grant"}, Cause.OAUTH_GRANT_EXPIRED, False),
        ({"error": "redirect_uri_mismatch"}, Cause.OAUTH_APP_MISCONFIGURED, False),
        ({"error": "admin_policy_enforced"}, Cause.ACCESS_POLICY_BLOCKED, True),
        ({"error": "org_internal"}, Cause.OAUTH_APP_MISCONFIGURED, False),
        ({"error": "\x1b[31m" * 900}, Cause.UNKNOWN, False),
        ({"error": 7, "error_description": None}, Cause.UNKNOWN, False),
    ],
)
def test_refusals_have_a_cause(fields: dict[str, object], cause: Cause, admin: bool) -> None:
    failure = refused(fields, MICROSOFT)
    assert failure.cause is cause, failure
    assert failure.admin_may_agree == admin
    assert "\x1b" not in failure.words
    assert len(failure.words) < 1_100


def test_a_person_who_refuses_at_google_is_no_case_for_the_administrator() -> None:
    assert not refused({"error": "access_denied"}, GOOGLE).admin_may_agree
    assert refused({"error": "admin_policy_enforced"}, GOOGLE).admin_may_agree


GOOD = {"access_token": "a", "token_type": "Bearer", "expires_in": 60, "scope": "x y"}


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": "a\r\nAUTH x"},
        {"access_token": "ä"},
        {"access_token": 7},
        {"access_token": None},
        {"access_token": "a" * 40_000},
        {"token_type": "mac"},
        {"token_type": None},
    ],
)
def test_tokens_that_are_none(changes: dict[str, object]) -> None:
    parsed = parse_tokens(answer(GOOD | changes), GOOGLE, ())
    assert isinstance(parsed, SigninFailure)
    assert parsed.cause is Cause.PROTOCOL_ERROR


@pytest.mark.parametrize(
    ("expires", "lifetime"),
    [
        (3599, 3599),
        ("3599", 3599),
        (3599.7, 3599),
        (None, UNSAID_SECONDS),
        (-5, UNSAID_SECONDS),
        (True, UNSAID_SECONDS),
        ("²", UNSAID_SECONDS),
        ([], UNSAID_SECONDS),
        (10**11, LONGEST_SECONDS),
        (0.2, 1),
    ],
)
def test_lifetimes(expires: object, lifetime: int) -> None:
    parsed = parse_tokens(answer(GOOD | {"expires_in": expires}), GOOGLE, ())
    assert isinstance(parsed, Tokens)
    assert parsed.lifetime == lifetime
    assert parsed.refresh is None
    assert "Secret(" in repr(parsed)


@given(st.one_of(st.binary(max_size=500), st.text(max_size=500).map(str.encode)), st.integers())
def test_any_body_is_parsed(body: bytes, status: int) -> None:
    given_answer = HttpAnswer(status, (), body)
    for parsed in (
        parse_tokens(given_answer, GOOGLE, ()),
        parse_device_code(given_answer, MICROSOFT),
        judge_poll(given_answer, MICROSOFT, ()),
        parse_issuer(given_answer, MICROSOFT),
    ):
        assert isinstance(parsed, SigninFailure)
    judge_tenant(given_answer, MICROSOFT)
    list(judge_client(given_answer, MICROSOFT, with_secret=True))
    judge_redirect(Check.OWN_REDIRECT, given_answer, "http://localhost", MICROSOFT)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists))
def test_any_json_is_parsed(value: object) -> None:
    fields = dict.fromkeys(
        (
            "access_token",
            "token_type",
            "expires_in",
            "scope",
            "id_token",
            "refresh_token",
            "device_code",
            "user_code",
            "verification_uri",
            "interval",
            "issuer",
            "error",
        ),
        value,
    )
    for status in (200, 400):
        parse_tokens(answer(fields, status), GOOGLE, ())
        parse_device_code(answer(fields, status), MICROSOFT)
        judge_poll(answer(fields, status), MICROSOFT, ())
        parse_issuer(answer(fields, status), MICROSOFT)


def test_an_error_is_one_whatever_the_status_says() -> None:
    for status in (200, 400, 401, 500):
        failure = parse_tokens(answer(GOOD | {"error": "invalid_grant"}, status), GOOGLE, ())
        assert isinstance(failure, SigninFailure)
        assert failure.cause is Cause.OAUTH_GRANT_EXPIRED
    busy = parse_tokens(HttpAnswer(429, (), b"<html>"), GOOGLE, ())
    assert isinstance(busy, SigninFailure)
    assert busy.cause is Cause.RATE_LIMITED


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, ""),
        ({"iss": ISSUER.name.removeprefix("https://")}, ""),
        ({"iss": "https://evil.test"}, "iss"),
        ({"aud": ["client", "another"]}, ""),
        ({"aud": "another"}, "aud"),
        ({"nonce": "old"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": 1_000}, "exp"),
    ],
)
def test_the_identity_has_to_be_for_this_attempt(changes: dict[str, object], wrong: str) -> None:
    claims = {
        "iss": ISSUER.name,
        "aud": "client",
        "nonce": ATTEMPT.nonce,
        "exp": 2_000_000_000,
        "preferred_username": "anna@acme.example",
    }
    fields = GOOD | {
        "scope": MICROSOFT.scopes.smtp[0],
        "id_token": jwt(claims | changes).reveal(),
    }
    judged = judge_tokens(answer(fields), ATTEMPT, ISSUER, 1_900_000_000)
    if wrong:
        assert isinstance(judged, SigninFailure)
        assert wrong in judged.words
    else:
        assert isinstance(judged, Tokens), judged
        assert judged.person == "anna@acme.example"


def test_deep_json_is_refused() -> None:
    deep = HttpAnswer(200, (), b"[" * 100_000)
    assert isinstance(parse_tokens(deep, GOOGLE, ()), SigninFailure)


def jwt(claims: object) -> Secret:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return Secret(f"e30.{middle}.x")


@given(st.text(max_size=200))
def test_any_token_is_read(text: str) -> None:
    read_token(Secret(text))
    read_token(Secret(f"a.{text}.b"))


def test_claims_of_the_wrong_kind_are_left_out() -> None:
    facts = read_token(jwt({"aud": [1, "x", None], "scp": 4, "exp": "soon", "upn": ["a"]}))
    assert facts is not None
    assert (facts.audience, facts.scopes, facts.expires, facts.person) == (("x",), (), 0, "")
    assert read_token(jwt([1])) is None
    assert read_token(Secret("ya29.opaque")) is None


def test_scopes_are_compared_as_microsoft_writes_them() -> None:
    wanted = ("https://outlook.office.com/SMTP.Send", "https://mail.google.com/")
    assert missing_scopes(wanted, ("smtp.send", "https://mail.google.com/")) == ()
    office365 = ("https://outlook.office365.com/SMTP.Send",)
    assert missing_scopes(wanted[:1], office365) == ()
    assert missing_scopes(wanted, ("https://graph.microsoft.com/SMTP.Send",)) == wanted


def test_device_codes() -> None:
    good = {"device_code": "d", "user_code": "AB-12", "verification_uri": "https://x.test/dev"}
    parsed = parse_device_code(answer(good), MICROSOFT)
    assert isinstance(parsed, DeviceCode)
    assert (parsed.interval, parsed.lifetime) == (5, UNSAID_SECONDS)
    plain = good | {"verification_uri": "http://x.test/dev"}
    assert isinstance(parse_device_code(answer(plain), MICROSOFT), SigninFailure)
    assert judge_poll(answer({"error": "slow_down"}, 400), MICROSOFT, ()) == Pending(slower=True)


def test_addresses_of_the_platform() -> None:
    for text, parsed in {
        "erp.acme.example": "https://erp.acme.example",
        " https://ERP.Acme.example/web#menu ": "https://erp.acme.example",
        "https://erp.acme.example:8443/": "https://erp.acme.example:8443",
        "https://müller.example": "https://xn--mller-kva.example",
        "http://localhost:8069": "http://localhost:8069",
    }.items():
        assert parse_erp_address(text) == parsed, text
    for text in (
        "",
        "http://erp.acme.example",
        "https://",
        "ftp://x.example",
        "https://u@x.test",
        "https://x.test:99999",
        "https://[::1",
        "https://a b.test",
    ):
        assert isinstance(parse_erp_address(text), Invalid), text


def test_entries_of_the_client() -> None:
    assert parse_client_id(" abc-1 \u200b") == "abc-1"
    for text in ("", "a b c", "ü-client", "x\ny"):
        assert isinstance(parse_client_id(text), Invalid), text
    guid = "0A1B2C3D-0000-1111-2222-333344445555"
    assert parse_tenant(guid) == guid.lower()
    assert parse_tenant("Acme.onmicrosoft.com") == "acme.onmicrosoft.com"
    assert isinstance(parse_tenant("common/../x"), Invalid)


def test_the_end_of_the_secret_is_told_in_time() -> None:
    today = NOW.date()
    for days, key in ((-1, "ended"), (0, "ends"), (30, "ends"), (31, None)):
        client = OAuthClient(secret_ends=today + dt.timedelta(days=days))
        said = secret_reminder(client, today)
        assert (said.key if said else None) == (f"signin.secret_{key}" if key else None)
    assert secret_reminder(OAuthClient(), today) is None


# -- findings --------------------------------------------------------------------------------


def client_says(fields: dict[str, str], *, service: str = "microsoft") -> dict[Check, Standing]:
    findings = judge_client(answer(fields, 400), CATALOG.oauth[service], with_secret=True)
    return {one.check: one.standing for one in findings}


def test_what_the_token_endpoint_says_of_a_client() -> None:
    right = judge_client(answer({"access_token": "x"}), MICROSOFT, with_secret=True)
    assert [(one.check, one.standing) for one in right] == [
        (Check.CLIENT, Standing.RIGHT),
        (Check.SECRET, Standing.RIGHT),
    ]
    unknown = {"error": "unauthorized_client", "error_description": "AADSTS700016: not found"}
    assert client_says(unknown) == {Check.CLIENT: Standing.WRONG}
    secret = {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid secret"}
    assert client_says(secret) == {Check.CLIENT: Standing.RIGHT, Check.SECRET: Standing.WRONG}
    google = {"error": "invalid_client", "error_description": "Unauthorized"}
    assert client_says(google, service="google") == {
        Check.CLIENT: Standing.UNKNOWN,
        Check.SECRET: Standing.WRONG,
    }
    gone = {"error": "invalid_client", "error_description": "The OAuth client was not found."}
    assert client_says(gone, service="google") == {Check.CLIENT: Standing.WRONG}
    code = {"error": "invalid_grant", "error_description": "Malformed auth code."}
    assert client_says(code, service="google") == {
        Check.CLIENT: Standing.RIGHT,
        Check.SECRET: Standing.RIGHT,
    }
    assert client_says({"error": "server_error"}) == {Check.CLIENT: Standing.UNKNOWN}
    other = {"error": "invalid_grant", "error_description": "AADSTS9002313: malformed"}
    assert client_says(other) == {Check.CLIENT: Standing.UNKNOWN}


REDIRECT = "https://erp.acme.example/google_gmail/confirm"


def redirect_says(status: int, location: str = "", body: str = "") -> Standing:
    headers = (("location", location),) if location else ()
    given_answer = HttpAnswer(status, headers, body.encode())
    return judge_redirect(Check.ERP_REDIRECT, given_answer, REDIRECT, GOOGLE).standing


def test_whether_an_address_is_registered() -> None:
    error = base64.urlsafe_b64encode(b"\n\x15redirect_uri_mismatch\x12\x9a").decode().rstrip("=")
    page = "https://accounts.google.com/signin/oauth/error?authError="
    assert redirect_says(302, f"{REDIRECT}?error=login_required&state=check") is Standing.RIGHT
    assert redirect_says(302, f"{REDIRECT}?error=invalid_scope") is Standing.UNKNOWN
    assert redirect_says(302, f"{REDIRECT}.evil?error=login_required") is Standing.UNKNOWN
    assert redirect_says(302, page + error) is Standing.WRONG
    assert redirect_says(302, "https://accounts.google.com/v3/signin/identifier?x=y") is (
        Standing.UNKNOWN
    )
    assert redirect_says(400, body="Error 400: redirect_uri_mismatch") is Standing.WRONG
    assert redirect_says(200, body="<p>AADSTS50011: The redirect URI") is Standing.WRONG
    assert redirect_says(200, body="<p>redirect_uri is a parameter</p>") is Standing.UNKNOWN
    assert redirect_says(500, body="") is Standing.UNKNOWN


# -- which sign-in serves what ---------------------------------------------------------------


def setup_for(provider: str) -> Setup:
    setup = new_setup(NOW)
    setup = replace(
        setup,
        company=replace(setup.company, entry="info@acme.example"),
        service=replace(setup.service, provider=provider, picked=True),
    )
    return edit_client(setup, lambda client: replace(client, client_id="client"))


def person(purpose: str, *scopes: str, client_id: str = "client") -> SignedIn:
    return SignedIn(
        purpose, f"{purpose}@acme.example", "microsoft", client_id, scopes, NOW, lasting=True
    )


def test_one_sign_in_serves_everything_it_may() -> None:
    setup = setup_for("microsoft-365")
    asked = scopes_to_ask(setup, MICROSOFT)
    assert [scope.rsplit("/", 1)[1] for scope in asked] == ["SMTP.Send", "IMAP.AccessAsUser.All"]
    own = replace(setup, sending=replace(setup.sending, route=Route.PLATFORM))
    assert scopes_to_ask(own, MICROSOFT) == MICROSOFT.scopes.imap
    assert grant_for(setup, "sending", MICROSOFT) is None
    setup = take_sign_in(setup, person("sending", *asked))
    for purpose in ("sending", "receiving", "mailbox:bounce"):
        found = grant_for(setup, purpose, MICROSOFT)
        assert found is not None
        assert found.purpose == "sending"
    setup = take_sign_in(setup, person("mailbox:bounce", *MICROSOFT.scopes.imap))
    found = grant_for(setup, "mailbox:bounce", MICROSOFT)
    assert found is not None
    assert found.purpose == "mailbox:bounce"
    # Without the permission, or with another client, it serves nothing.
    setup = take_sign_in(setup, person("sending", *MICROSOFT.scopes.smtp))
    assert grant_for(setup, "receiving", MICROSOFT) is None
    other = edit_client(setup, lambda client: replace(client, client_id="other"))
    assert grant_for(other, "sending", MICROSOFT) is None


def test_a_sign_in_makes_results_stale() -> None:
    setup = setup_for("microsoft-365")
    signed = take_sign_in(setup, person("sending"))
    assert signed.sending.form != setup.sending.form
    assert signed.receiving.form != setup.receiving.form
    gone = drop_sign_in(signed, "sending")
    assert gone.signin.people == ()
    assert gone.sending.form != signed.sending.form
    assert drop_sign_in(gone, "sending") == gone


def test_who_signed_in_is_the_user_name_unless_one_stands_there() -> None:
    setup = setup_for("microsoft-365")
    signed = take_sign_in(setup, person("sending"))
    assert signed.sending.form.username == "sending@acme.example"
    assert signed.receiving.form.username == ""
    shared = edit_sending(setup, lambda form: replace(form, username="shared@acme.example"))
    signed = take_sign_in(shared, person("sending"))
    assert signed.sending.form.username == "shared@acme.example"


def test_what_has_to_be_entered_first() -> None:
    google = setup_for("google-workspace")
    missing = registration_of(google, GOOGLE, None)
    assert isinstance(missing, tuple)
    assert [one.key for one in missing] == ["input.client_secret.empty"]
    ready = registration_of(google, GOOGLE, Secret("s"))
    assert isinstance(ready, Registration)
    microsoft = registration_of(setup_for("microsoft-365"), MICROSOFT, None)
    assert isinstance(microsoft, Registration)
    assert microsoft.tenant == "acme.example"
    empty = registration_of(
        replace(google, signin=replace(google.signin, client=OAuthClient())), GOOGLE, Secret("s")
    )
    assert isinstance(empty, tuple)
    assert isinstance(erp_redirect(google, GOOGLE), Invalid)
    at = replace(google, platform=replace(google.platform, address="erp.acme.example"))
    assert erp_redirect(at, GOOGLE) == REDIRECT


# -- the facts -------------------------------------------------------------------------------


def test_every_sign_in_service_is_whole() -> None:
    for service in CATALOG.oauth.values():
        assert service.sources, service.id
        assert dt.date(2026, 1, 1) <= service.checked <= dt.date.today(), service.id
        assert set(service.uncertain) <= set(type(service).__slots__), service.id
        assert service.sasl and set(service.sasl) <= {AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER}
        assert service.offers(Protocol.SMTP) and service.offers(Protocol.IMAP), service.id
        assert service.redirect_host in ("127.0.0.1", "localhost")
        assert service.redirect_port == 0 or 1024 < service.redirect_port < 49152
        for url in (
            service.authorization_endpoint,
            service.token_endpoint,
            service.device_endpoint,
            service.revocation_endpoint,
            service.metadata,
            service.admin_consent,
            service.issuer,
            service.console,
        ):
            assert not url or url.startswith("https://"), service.id
            assert ("{tenant}" in url) <= bool(service.tenant), service.id
        # The device grant is a fall-back for Microsoft only: Google allows it no mail.
        assert not service.device_endpoint or service.family == "microsoft"
    for provider in CATALOG.providers.values():
        assert not provider.oauth or provider.oauth in CATALOG.oauth, provider.id


@pytest.mark.parametrize("name", sorted(CATALOG.oauth))
def test_addresses_for_the_browser(name: str) -> None:
    service = CATALOG.oauth[name]
    tenant = "acme.example" if service.has_tenant else service.tenant
    attempt = begin_attempt(
        Registration(service, "client id&", tenant, Secret("hush")),
        service.scopes.smtp,
        "http://127.0.0.1:1/",
        "anna+x@acme.example",
    )
    url = authorization_url(attempt)
    assert "{" not in url
    assert "hush" not in url
    assert attempt.verifier.reveal() not in url
    query = parse_qs(urlsplit(url).query)
    assert query["client_id"] == ["client id&"]
    assert query["login_hint"] == ["anna+x@acme.example"]
    assert query["state"] == [attempt.state]
    assert "consent" not in query.get("prompt", [""])[0]
    assert len(query["code_challenge"][0]) == 43
    assert set(service.scopes.smtp) <= set(query["scope"][0].split())
    consent = admin_consent_url(attempt.registration, attempt.scopes)
    assert bool(consent) == bool(service.admin_consent)
    assert "hush" not in consent
