"""A sign-in service on loopback: Authlib's OAuth 2.0 and OpenID provider behind Flask, over TLS.

PKCE, refresh tokens that rotate, revocation, introspection (which Dovecot asks), device codes, the
issuer in each answer. What a test changes about it is in :class:`Behaviour`.
"""

import base64
import datetime as dt
import json
import logging
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Error, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant
from authlib.oauth2.rfc8628.models import DeviceCredentialDict
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, jsonify, request
from joserfc.jwk import OctKey
from werkzeug.serving import make_server

from servers.authority import Authority, ServerCertificate
from wizard.model import AuthMethod, Secret
from wizard.signin.service import ClientCheck, OAuthService, Scopes

CLIENT = "company-client"
SECRET = "company secret ü&="
PUBLIC = "public-client"
ERP = "https://erp.firma.test/microsoft_outlook/confirm"
SMTP = "https://outlook.office.com/SMTP.Send"
IMAP = "https://outlook.office.com/IMAP.AccessAsUser.All"
POP3 = "https://outlook.office.com/POP.AccessAsUser.All"
PEOPLE = ("anna@firma.test", "catchall@firma.test")
TENANT = "firma.test"


@dataclass
class Behaviour:
    """What a test may change; ``granted`` None: what was asked for."""

    lifetime: int = 3600
    issuer: str | None = None
    names_issuer: bool = True
    granted: str | None = None
    audience: str = "https://outlook.office.com"
    nonce: str | None = None
    interval: int = 5
    device_lifetime: int = 900
    lasting: bool = True


@dataclass
class Token:
    """One that was given out, as Authlib wants to see it."""

    access_token: str
    refresh_token: str
    client_id: str
    person: str
    scope: str
    until: float
    revoked: bool = False

    def check_client(self, client: "Client") -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope

    def get_expires_in(self) -> int:
        return int(self.until - time.time())

    def is_revoked(self) -> bool:
        return self.revoked

    def is_expired(self) -> bool:
        return self.until < time.time()

    def get_user(self) -> str:
        return self.person

    def get_client(self) -> "Client":
        return CLIENTS[self.client_id]


@dataclass(frozen=True)
class Client:
    """A registered client. Loopback addresses match at any port, as RFC 8252 section 7.3 wants."""

    client_id: str
    secret: str
    redirects: tuple[str, ...]

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirects[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        bare = redirect_uri.rstrip("/")
        for loopback in ("http://localhost", "http://127.0.0.1"):
            rest = bare.removeprefix(loopback)
            if rest != bare and loopback in self.redirects:
                return rest == "" or rest[1:].isdigit()
        return redirect_uri in self.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("client_secret_post" if self.secret else "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


CLIENTS = {
    CLIENT: Client(CLIENT, SECRET, ("http://localhost", "http://127.0.0.1", ERP)),
    PUBLIC: Client(PUBLIC, "", ("http://localhost",)),
}


@dataclass
class Grant:
    """A code that was given out."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    person: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class SignInService:
    """The running service, what it gave out, and what it was told."""

    port: int
    ca_file: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def issuer(self) -> str:
        return f"{self.url}/{TENANT}"

    def facts(self, **changes: Any) -> OAuthService:
        """What a file in ``resources/oauth`` would say about it."""
        base = f"{self.url}/{{tenant}}"
        known: dict[str, Any] = {
            "id": "loopback",
            "name": "Loopback",
            "family": "microsoft",
            "checked": dt.date(2026, 11, 26),
            "sources": (),
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "device_endpoint": f"{base}/device",
            "revocation_endpoint": f"{base}/revoke",
            "admin_consent": f"{base}/adminconsent",
            "metadata": f"{base}/.well-known/openid-configuration",
            "issuer": base,
            "tenant": "domain",
            "scopes": Scopes((SMTP,), (IMAP,), (POP3,)),
            "sasl": (AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER),
            "identity": ("openid", "email", "offline_access"),
            "redirect_host": "localhost",
            "client_check": ClientCheck.CLIENT_CREDENTIALS,
            "application_scope": "https://outlook.office365.com/.default",
            "callback": "/microsoft_outlook/confirm",
        }
        return OAuthService(**(known | changes))

    def give(self, person: str = PEOPLE[0], scope: str = f"{SMTP} {IMAP} {POP3}") -> Token:
        """A token without the way there, for tests of mail servers."""
        access = make_jwt(self, person, scope, self.behaviour.lifetime)
        token = Token(access, "", CLIENT, person, scope, time.time() + self.behaviour.lifetime)
        self.tokens.append(token)
        return token


def make_jwt(service: SignInService, person: str, scope: str, lifetime: int) -> str:
    """Signed by nobody: it is the introspection that counts."""
    claims = {
        "aud": service.behaviour.audience,
        "iss": service.issuer,
        "exp": int(time.time()) + lifetime,
        "scp": " ".join(one.rsplit("/", 1)[-1] for one in scope.split() if "://" in one),
        "upn": person,
        "jti": secrets.token_hex(16),
    }
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(_segment(one) for one in parts), secrets.token_urlsafe(24)])


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


class Memory:
    """A keyring for one test."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], Secret] = {}

    async def get(self, setup_id: str, purpose: str) -> Secret | None:
        return self.secrets.get((setup_id, purpose))

    async def put(self, setup_id: str, purpose: str, secret: Secret) -> None:
        self.secrets[setup_id, purpose] = secret


class Forms(HTMLParser):
    """Reads the consent page as a browser does: where its form goes, and what is in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form":
            self.action = dict(attrs).get("action") or ""


def _application(service: SignInService) -> Flask:
    app = Flask(__name__)
    behaviour = service.behaviour

    def query_client(client_id: str) -> Client | None:
        return CLIENTS.get(client_id)

    def save_token(token: dict[str, Any], asked: Any) -> None:
        if behaviour.granted is not None:
            token["scope"] = behaviour.granted
        service.tokens.append(
            Token(
                token["access_token"],
                token.get("refresh_token", ""),
                asked.client.client_id,
                asked.user or "",
                token.get("scope", ""),
                time.time() + token["expires_in"],
            )
        )

    def generate(
        client: Client, grant_type: str, user: str, scope: str, **_: Any
    ) -> dict[str, Any]:
        granted = scope if behaviour.granted is None else behaviour.granted
        token = {
            "token_type": "Bearer",
            "access_token": make_jwt(service, user or "", granted or "", behaviour.lifetime),
            "expires_in": behaviour.lifetime,
            "scope": granted,
        }
        if grant_type != "client_credentials" and behaviour.lasting:
            token["refresh_token"] = secrets.token_urlsafe(600)
        return token

    server = AuthorizationServer(app, query_client, save_token)
    server.register_token_generator("default", generate)

    class CodeGrant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            service.codes[code] = Grant(
                code,
                asked.client.client_id,
                asked.payload.redirect_uri,
                asked.payload.scope,
                asked.user,
                data.get("nonce", ""),
                data.get("code_challenge", ""),
                data.get("code_challenge_method", ""),
            )

        def query_authorization_code(self, code: str, client: Client) -> Grant | None:
            found = service.codes.get(code)
            return found if found and found.client_id == client.client_id else None

        def delete_authorization_code(self, authorization_code: Grant) -> None:
            service.codes.pop(authorization_code.code, None)

        def authenticate_user(self, authorization_code: Grant) -> str:
            return authorization_code.person

    class Identity(OpenIDCode):
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            return False

        def resolve_client_private_key(self, client: Client) -> OctKey:
            return OctKey.import_key("a key of this test, long enough for HS256")

        def get_client_algorithm(self, client: Client) -> str:
            return "HS256"

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {
                "iss": behaviour.issuer or service.issuer,
                "aud": [client.client_id],
                "exp": int(time.time()) + 3600,
            }

        def generate_user_info(self, user: str, scope: str) -> UserInfo:
            info = UserInfo(sub=user, email=user)
            if behaviour.nonce is not None:
                info["nonce"] = behaviour.nonce
            return info

    class Refresh(grants.RefreshTokenGrant):
        INCLUDE_NEW_REFRESH_TOKEN = True
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

        def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
            for one in service.tokens:
                if one.refresh_token == refresh_token and not one.revoked:
                    return one
            return None

        def authenticate_user(self, refresh_token: Token) -> str:
            return refresh_token.person

        def revoke_old_credential(self, refresh_token: Token) -> None:
            refresh_token.revoked = True

    class Alone(grants.ClientCredentialsGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

    class Device(DeviceCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post", "none")

        def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
            found = service.devices.get(device_code)
            return DeviceCredentialDict(found) if found else None

        def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
            said = service.typed.get(user_code)
            return (said, said != "no") if said else None

        def should_slow_down(self, credential: Any) -> bool:
            now, last = time.monotonic(), service.devices[credential["device_code"]]
            soon = now - last.get("asked", -1e9) < behaviour.interval
            last["asked"] = now
            return soon

    class DeviceStart(DeviceAuthorizationEndpoint):
        CLIENT_AUTH_METHODS = ("client_secret_post", "none")

        def get_verification_uri(self) -> str:
            return f"{service.url}/activate"

        def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
            data |= {
                "client_id": client_id,
                "scope": scope,
                "expires_at": int(time.time()) + behaviour.device_lifetime,
            }
            service.devices[data["device_code"]] = data

        def create_endpoint_response(self, asked: Any) -> Any:
            status, body, headers = super().create_endpoint_response(asked)
            if status == 200:
                body |= {
                    "interval": behaviour.interval,
                    "expires_in": behaviour.device_lifetime,
                }
            return status, body, headers

    class Revoke(RevocationEndpoint):
        CLIENT_AUTH_METHODS = ("client_secret_post", "none")

        def query_token(self, token_string: str, token_type_hint: str) -> Token | None:
            return next(
                (
                    one
                    for one in service.tokens
                    if token_string in (one.access_token, one.refresh_token)
                ),
                None,
            )

        def revoke_token(self, token: Token, asked: Any) -> None:
            for one in service.tokens:
                if one.person == token.person:
                    one.revoked = True

    class Named(IssuerParameter):
        def get_issuer(self) -> str | None:
            return (behaviour.issuer or service.issuer) if behaviour.names_issuer else None

    server.register_grant(CodeGrant, [CodeChallenge(required=True), Identity()])
    server.register_grant(Refresh)
    server.register_grant(Alone)
    server.register_grant(Device)
    server.register_endpoint(Revoke)
    server.register_endpoint(DeviceStart)
    server.register_extension(Named())

    @app.before_request
    def remember() -> None:
        service.requests.append(f"{request.method} {request.full_path} {dict(request.form)}")

    @app.get("/<tenant>/.well-known/openid-configuration")
    def metadata(tenant: str) -> Any:
        if tenant != TENANT:
            said = f"AADSTS90002: Tenant '{tenant}' not found."
            return jsonify({"error": "invalid_tenant", "error_description": said}), 400
        return jsonify(
            {
                "issuer": service.issuer,
                "authorization_response_iss_parameter_supported": behaviour.names_issuer,
            }
        )

    @app.route("/<tenant>/authorize", methods=["GET", "POST"])
    def authorize(tenant: str) -> Any:
        if request.args.get("prompt") == "none":
            return _silent(request.args)
        try:
            grant = server.get_consent_grant()
        except OAuth2Error as problem:
            return server.handle_error_response(server.create_oauth2_request(request), problem)
        if request.method == "GET":
            form = f'<form method="post" action="{request.full_path.replace("&", "&amp;")}">'
            return f"<html>{form}<input name=person><button name=agree></form></html>"
        user = request.form["person"] if request.form["agree"] == "yes" else None
        return server.create_authorization_response(grant=grant, grant_user=user)

    @app.post("/<tenant>/token")
    def token(tenant: str) -> Any:
        return server.create_token_response()

    @app.post("/<tenant>/revoke")
    def revoke(tenant: str) -> Any:
        return server.create_endpoint_response("revocation")

    @app.post("/<tenant>/device")
    def device(tenant: str) -> Any:
        return server.create_endpoint_response("device_authorization")

    @app.post("/introspect")
    def introspect() -> Any:
        for one in service.tokens:
            if one.access_token == request.form["token"]:
                live = not one.revoked and not one.is_expired()
                return jsonify({"active": live, "username": one.person, "scope": one.scope})
        return jsonify({"active": False})

    return app


def _silent(query: Any) -> Any:
    """Without a person: the address is answered that is registered, and no other."""
    client = CLIENTS.get(query["client_id"])
    if client is None:
        return "AADSTS700016: Application was not found", 400
    if not client.check_redirect_uri(query["redirect_uri"]):
        return "AADSTS50011: The redirect URI does not match.", 400
    answer = urlencode({"error": "login_required", "state": query["state"]})
    return Response(status=302, headers={"Location": f"{query['redirect_uri']}?{answer}"})


@pytest.fixture(scope="session")
def running_sign_in(authority: Authority) -> Iterator[SignInService]:
    certificate: ServerCertificate = authority.issue("localhost", "127.0.0.1")
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    service = SignInService(0, str(authority.ca_file))
    server = make_server(
        "127.0.0.1",
        0,
        _application(service),
        threaded=True,
        ssl_context=(str(certificate.certificate), str(certificate.key)),
    )
    service.port = server.port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sign_in_service(running_sign_in: SignInService) -> Iterator[SignInService]:
    """The service with its usual behaviour, and no memory of other tests."""
    usual = Behaviour()
    for name, value in vars(usual).items():
        setattr(running_sign_in.behaviour, name, value)
    running_sign_in.requests.clear()
    running_sign_in.tokens.clear()
    yield running_sign_in
