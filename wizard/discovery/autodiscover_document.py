"""Exchange Autodiscover's plain XML: the question, and what an answer says. No look-ups.

Sources: MS-OXDSCLI sections 2.2.3 and 2.2.4, and Microsoft's "POX Autodiscover XML elements".
"""

from dataclasses import dataclass
from html import escape
from typing import Final

from wizard.discovery.clientconfig import MAX_SERVERS, usable_host, usable_username
from wizard.discovery.markup import Element
from wizard.discovery.offers import best_first
from wizard.discovery.person import Person
from wizard.discovery.report import Offer, Source
from wizard.model import (
    STANDARD_PORTS,
    Invalid,
    Protocol,
    Security,
    parse_port,
    port_for_security,
    security_for_port,
)

ROOT: Final = "Autodiscover"
_REQUEST: Final = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
_RESPONSE: Final = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_PROTOCOLS: Final = {"IMAP": Protocol.IMAP, "POP3": Protocol.POP3, "SMTP": Protocol.SMTP}
_ENCRYPTION: Final = {"SSL": Security.TLS, "TLS": Security.STARTTLS, "NONE": Security.NONE}
_OFF: Final = {"off", "false", "no", "0"}


@dataclass(frozen=True, slots=True)
class Servers:
    """The answer names servers, or none that we can use. ``exchange``: an Exchange stands there."""

    offers: tuple[Offer, ...]
    exchange: bool


@dataclass(frozen=True, slots=True)
class AskAt:
    """Ask again at this address of the web; it is foreign text still."""

    url: str


@dataclass(frozen=True, slots=True)
class AskFor:
    """Ask again for this mail address; it is foreign text still."""

    address: str


DocumentAnswer = Servers | AskAt | AskFor


def question(address: str) -> bytes:
    """The request for an address."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<Autodiscover xmlns="{_REQUEST}"><Request>'
        f"<EMailAddress>{escape(address)}</EMailAddress>"
        f"<AcceptableResponseSchema>{_RESPONSE}</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    ).encode()


def read_answer(root: Element, person: Person, asked_for: str) -> DocumentAnswer:
    """What an answer says. ``asked_for`` is the address of the question.

    A login name that only repeats it becomes the person's own address.
    """
    accounts = [account for response in root.all("Response") for account in response.all("Account")]
    offers: list[Offer] = []
    exchange = False
    for account in accounts:
        if url := account.text_of("RedirectUrl") or account.text_of("RedirectURL"):
            return AskAt(url)
        if address := account.text_of("RedirectAddr"):
            return AskFor(address)
        for section in account.all("Protocol"):
            kind = (section.text_of("Type") or section.attributes.get("Type", "")).upper()
            exchange = exchange or kind in ("EXCH", "EXPR", "EXHTTP", "MAPIHTTP")
            protocol = _PROTOCOLS.get(kind)
            offer = _offer(section, protocol, person, asked_for) if protocol else None
            if offer is not None and len(offers) < MAX_SERVERS:
                offers.append(offer)
    return Servers(best_first(offers), exchange)


def _offer(section: Element, protocol: Protocol, person: Person, asked_for: str) -> Offer | None:
    host = usable_host(section.text_of("Server"))
    if host is None:
        return None
    security, port = _security(section), parse_port(section.text_of("Port"))
    if isinstance(port, Invalid):
        if section.text_of("Port"):
            return None
        port = port_for_security(protocol, security or Security.TLS)
    if security is None:
        security = security_for_port(protocol, port) or Security.TLS
    elif security is Security.TLS and STANDARD_PORTS[protocol].get(port) is Security.STARTTLS:
        # "SSL on" with a port that begins in clear text is Outlook's way to say STARTTLS.
        security = Security.STARTTLS
    username = _login_name(section, person, asked_for)
    return Offer(protocol, host, port, security, (), username, Source.AUTODISCOVER)


def _security(section: Element) -> Security | None:
    """``Encryption`` outdoes ``SSL``, which is on unless said otherwise; None: by the port."""
    encryption = section.text_of("Encryption").upper()
    if encryption:
        return _ENCRYPTION.get(encryption)
    return Security.NONE if section.text_of("SSL").lower() in _OFF else Security.TLS


def _login_name(section: Element, person: Person, asked_for: str) -> str:
    name = usable_username(section.text_of("LoginName"))
    if not name or name.lower() == asked_for.lower():
        return person.address
    domain = section.text_of("DomainName")
    required = section.text_of("DomainRequired").lower() in ("on", "true", "yes", "1")
    return usable_username(f"{domain}\\{name}") if required and domain else name
