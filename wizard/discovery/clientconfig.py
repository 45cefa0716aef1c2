"""Thunderbird's ``clientConfig`` document: what a domain or the ISPDB says about its servers.

The format is draft-ietf-mailmaint-autoconfig-06, "Data format". What cannot be used is left
out, one server at a time; the document is never trusted beyond its words. No look-ups.
"""

from typing import Final

from wizard.discovery.markup import Element
from wizard.discovery.offers import best_first
from wizard.discovery.person import Person
from wizard.discovery.reach import leads_inside
from wizard.discovery.report import Offer, Source
from wizard.model import (
    AuthMethod,
    Invalid,
    Protocol,
    Security,
    parse_host,
    parse_port,
    parse_username,
)

ROOT: Final = "clientConfig"
MAX_SERVERS: Final = 20
MAX_USERNAME: Final = 255

_PROTOCOLS: Final = {
    ("incomingServer", "imap"): Protocol.IMAP,
    ("incomingServer", "pop3"): Protocol.POP3,
    ("outgoingServer", "smtp"): Protocol.SMTP,
}
_SECURITY: Final = {
    "ssl": Security.TLS,
    "tls": Security.TLS,
    "starttls": Security.STARTTLS,
    "plain": Security.NONE,
}
# "plain" and "secure" are words of old, still in use.
_PASSWORD: Final = (AuthMethod.PLAIN, AuthMethod.LOGIN)
_TOKEN: Final = (AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER)
_AUTHENTICATION: Final[dict[str, tuple[AuthMethod, ...]]] = {
    "password-cleartext": _PASSWORD,
    "plain": _PASSWORD,
    "password-encrypted": (AuthMethod.CRAM_MD5,),
    "secure": (AuthMethod.CRAM_MD5,),
    "oauth2": _TOKEN,
    "none": (AuthMethod.NONE,),
    "client-ip-address": (AuthMethod.NONE,),
}


def servers_of(root: Element, person: Person, source: Source) -> tuple[Offer, ...]:
    """Every mail server of the document that can be used, best first."""
    offers: list[Offer] = []
    for provider in root.all("emailProvider"):
        for section in provider.children[: 10 * MAX_SERVERS]:
            protocol = _PROTOCOLS.get((section.name, section.attributes.get("type", "").lower()))
            offer = _offer(section, protocol, person, source) if protocol else None
            if offer is not None and len(offers) < MAX_SERVERS:
                offers.append(offer)
    return best_first(offers)


def _offer(section: Element, protocol: Protocol, person: Person, source: Source) -> Offer | None:
    host = usable_host(person.fill(section.text_of("hostname")) or "")
    port = parse_port(section.text_of("port"))
    security = _SECURITY.get(section.text_of("socketType").lower())
    auth = _methods(section, protocol)
    if host is None or isinstance(port, Invalid) or security is None or auth is None:
        return None
    username = "" if auth == (AuthMethod.NONE,) else person.fill(section.text_of("username"))
    return Offer(protocol, host, port, security, auth, usable_username(username or ""), source)


def usable_host(text: str) -> str | None:
    """A server's full name, or an IP address out in the world.

    A name of one label is none in the world's DNS; what leads inside by itself is refused.
    """
    host = parse_host(text)
    full = not isinstance(host, Invalid) and ("." in host or ":" in host)
    return host if full and isinstance(host, str) and not leads_inside(host) else None


def usable_username(text: str) -> str:
    """A login name, or nothing where it cannot be one."""
    name = parse_username(text[:MAX_USERNAME])
    return "" if isinstance(name, Invalid) else name


def _methods(section: Element, protocol: Protocol) -> tuple[AuthMethod, ...] | None:
    """The methods that we know, in the provider's order; None when it wants only others."""
    named = section.all("authentication")
    found: list[AuthMethod] = []
    for element in named:
        word = element.text.lower()
        match element.attributes.get("system", "").lower():
            case "sasl":
                found += [method for method in AuthMethod if method == word]
            case "http":
                continue
            case _:
                found += _AUTHENTICATION.get(word, ())
    if protocol is not Protocol.SMTP:
        found = [method for method in found if method is not AuthMethod.NONE]
    return tuple(dict.fromkeys(found)) if found or not named else None
