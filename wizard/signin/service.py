"""A sign-in service: its endpoints, scopes and habits. One file each in ``resources/oauth``."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from wizard.model import AuthMethod, Protocol


class Erp(StrEnum):
    """Which of the platform's own connections is made with this service, if any."""

    NONE = ""
    GMAIL = "gmail"
    OUTLOOK = "outlook"


class ClientCheck(StrEnum):
    """How it can be found out without a person whether a client and its secret are right.

    ``CLIENT_CREDENTIALS``: the client signs in for itself (RFC 6749 section 4.4), the token is
    thrown away. ``CODE``: a made-up code is redeemed; who is refused for the code, and not as a
    client, was known.
    """

    NONE = "none"
    CLIENT_CREDENTIALS = "client_credentials"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Scopes:
    """What has to be asked for, for each protocol; empty: cannot be had."""

    smtp: tuple[str, ...] = ()
    imap: tuple[str, ...] = ()
    pop3: tuple[str, ...] = ()

    def for_protocol(self, protocol: Protocol) -> tuple[str, ...]:
        match protocol:
            case Protocol.SMTP:
                return self.smtp
            case Protocol.IMAP:
                return self.imap
            case Protocol.POP3:
                return self.pop3


@dataclass(frozen=True, slots=True)
class OAuthService:
    """Who signs people in for a provider.

    ``{tenant}`` in an endpoint stands for the organisation. ``tenant`` is its usual value;
    ``domain`` means the company's mail domain, empty that there is none. ``identity`` are the
    scopes that tell who signed in and give a refresh token. ``redirect_port`` 0: any free one;
    else the service allows only the port that was registered. ``family`` as in the diagnosis.
    """

    id: str
    name: str
    family: str
    checked: dt.date
    sources: tuple[str, ...]
    authorization_endpoint: str
    token_endpoint: str
    issuer: str
    scopes: Scopes
    sasl: tuple[AuthMethod, ...]
    redirect_host: str
    redirect_port: int = 0
    device_endpoint: str = ""
    revocation_endpoint: str = ""
    metadata: str = ""
    admin_consent: str = ""
    application_scope: str = ""
    tenant: str = ""
    identity: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    secret_needed: bool = False
    client_check: ClientCheck = ClientCheck.NONE
    console: str = ""
    erp: Erp = Erp.NONE
    callback: str = ""
    uncertain: tuple[str, ...] = ()

    @property
    def has_tenant(self) -> bool:
        """Does the company have to say which organisation it is?"""
        return self.tenant == "domain"

    def offers(self, protocol: Protocol) -> bool:
        return bool(self.scopes.for_protocol(protocol))

    def scopes_for(self, protocols: tuple[Protocol, ...]) -> tuple[str, ...]:
        """The scopes of these protocols, each once."""
        wanted = [scope for protocol in protocols for scope in self.scopes.for_protocol(protocol)]
        return tuple(dict.fromkeys(wanted))
