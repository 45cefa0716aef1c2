"""Which addresses a stranger may lead this program to: the rule of the user's word.

Names in other people's files, records and redirects may point into the user's own network. An
address in there is used only on the *user's word*, and these are the user's word:

- what a resolver says that the user gave (``--nameserver``, the practice company);
- this computer's hosts file;
- what the system's resolver says about hosts within the domain that the user entered, as long as
  it is a private network's address: a company's own DNS shows its servers from inside.

A literal address and ``localhost`` are nobody's word but the stranger's, and loopback or
link-local is never another computer of the company. Decides only.
"""

import ipaddress
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from wizard.discovery.suffix import is_within
from wizard.resolver import Answer, Found, NoAnswer, Origin, Silence, Vet

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Who names more has a reason that is not ours.
MAX_ADDRESSES: Final = 4

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Place(Enum):
    """Where an address is: in the world, in somebody's own network, or no other computer."""

    OUTSIDE = auto()
    PRIVATE = auto()
    HERE = auto()


def place_of(address: str) -> Place:
    """Where this is; an IPv4 address wrapped into IPv6 is where the IPv4 address is."""
    ip = _unwrapped(ipaddress.ip_address(address))
    if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast:
        return Place.HERE
    site_local = isinstance(ip, ipaddress.IPv6Address) and ip.is_site_local
    return Place.OUTSIDE if ip.is_global and not site_local else Place.PRIVATE


def leads_inside(host: str) -> bool:
    """Is this a literal address inside, or a name for this very computer (RFC 6761)?"""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return place_of(host) is not Place.OUTSIDE
    except ValueError:
        return False


def vet_for(domain: str, *, given: bool) -> Vet:
    """The rule for a search about ``domain``; ``given``: the user named the resolvers."""

    def vet(host: str, answer: Found[str], origin: Origin) -> Answer[str]:
        kept = tuple(one for one in answer.values if _may(one, host, origin))
        if not kept:
            return NoAnswer(Silence.INSIDE, ", ".join(answer.values[:3]))
        return replace(answer, values=kept[:MAX_ADDRESSES])

    def _may(address: str, host: str, origin: Origin) -> bool:
        place = place_of(address)
        if place is Place.OUTSIDE:
            return True
        match origin:
            case Origin.NAME:
                return False
            case Origin.HOSTS_FILE:
                return True
            case Origin.DNS:
                return given or (place is Place.PRIVATE and is_within(host, domain))

    return vet


def _unwrapped(ip: IpAddress) -> IpAddress:
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        return inner or ip
    return ip
