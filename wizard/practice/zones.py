"""What the practice company's DNS says: its zones, its answers, and how records get in.

Decides only; the sockets are in :mod:`wizard.practice.nameserver`.
"""

import base64
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dns.rdtypes.ANY.TXT import TXT

from wizard.practice.facts import DOMAIN, PracticeServer, ZoneRecord

# Short, so that nobody who practises waits for a cache.
TTL: Final = 1
MAX_CHAIN: Final = 8
MAX_RECORDS_AT_NAME: Final = 50
_STRING_OCTETS: Final = 255
_COMPANY: Final = dns.name.from_text(DOMAIN)
_IN: Final = dns.rdataclass.IN
# Of these there is one record at a name; a new one takes the place of the old one.
_ONE_ONLY: Final = (b"v=spf1", b"v=dmarc1", b"v=dkim1")

_HEAD: Final = f"""$TTL {TTL}
@ SOA ns1.{DOMAIN}. hostmaster.{DOMAIN}. 1 60 60 60 {TTL}
@ NS ns1.{DOMAIN}.
"""
_COMPANY_ZONE: Final = """
@ MX 10 mail
@ TXT "practice-site-verification=4f1c2a77"
@ TXT "v=spf1 mx include:_spf.provider.practice.test -all"
_dmarc TXT "v=DMARC1; p=none"
_spf.provider TXT "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.25 ~all"
ns1 A 127.0.0.1
mail A 127.0.0.1
smtp A 127.0.0.1
imap A 127.0.0.1
autoconfig A 127.0.0.1
_pop3._tcp SRV 0 0 0 .
_pop3s._tcp SRV 0 0 0 .
"""
# The names that the platforms' records lead to: an include, and a DKIM key.
_PLATFORM_ZONES: Final = (("appone.cloud", "ihrerp"), ("odoo.com", "odoo"))
_PLATFORM_ZONE: Final = """
_spf TXT "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8:25::/48 ~all"
{selector}._domainkey TXT {key}
"""


def make_dkim_key() -> str:
    """A DKIM public key record (RFC 6376 section 3.6.1); its private half is forgotten.

    Makes a 2048-bit RSA key: tenths of a second, so not on an event loop.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


class Zones:
    """Everything this DNS knows. It is authoritative for the whole tree, so nothing is asked."""

    def __init__(self, servers: tuple[PracticeServer, ...], dkim_key: str) -> None:
        services = "".join(f"{_service(server)}\n" for server in servers)
        texts = {DOMAIN: _COMPANY_ZONE + services, ".": ""}
        key = " ".join(f'"{part.decode()}"' for part in _strings(dkim_key))
        for name, selector in _PLATFORM_ZONES:
            texts[name] = _PLATFORM_ZONE.format(selector=selector, key=key)
        zones = [
            dns.zone.from_text(_HEAD + text, origin=name, relativize=False)
            for name, text in texts.items()
        ]
        self._zones = sorted(zones, key=lambda zone: len(_origin(zone)), reverse=True)

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """The answer to a query, CNAMEs followed as a resolver would.

        Raises ``dns.exception.DNSException`` for a message that is no query.
        """
        response = dns.message.make_response(query, recursion_available=True)
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        elif query.question[0].rdclass != _IN or dns.rdatatype.is_metatype(
            query.question[0].rdtype
        ):
            response.set_rcode(dns.rcode.REFUSED)
        else:
            response.flags |= dns.flags.AA
            self._fill(response, query.question[0].name, query.question[0].rdtype)
        return response

    def publish(self, record: ZoneRecord) -> None:
        """Enter a record as the domain's DNS administrator would.

        It takes the place of what stands there: of all records of its name and type, but for TXT
        only of those of the same version tag. Raises ``ValueError`` for a record that the company's
        zone cannot hold.
        """
        try:
            name = dns.name.from_text(record.name)
            rdtype = dns.rdatatype.from_text(record.type)
            rdata = dns.rdata.from_text(
                _IN,
                rdtype,
                _presentation(record, rdtype),
                origin=dns.name.root,
                relativize=False,
            )
        except dns.exception.DNSException as problem:
            raise ValueError(f"{record}: {problem}") from problem
        if not name.is_subdomain(_COMPANY):
            raise ValueError(f"{record.name} is not in {DOMAIN}")
        zone = self._zone_of(name)
        kept = [old for old in zone.get_rdataset(name, rdtype) or () if not _replaces(rdata, old)]
        if len(kept) >= MAX_RECORDS_AT_NAME:
            raise ValueError(f"{record.name} has too many {record.type} records")
        zone.replace_rdataset(name, dns.rdataset.from_rdata_list(TTL, [*kept, rdata]))

    def _fill(
        self, response: dns.message.Message, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> None:
        for _ in range(MAX_CHAIN):
            zone = self._zone_of(name)
            found = zone.get_rdataset(name, rdtype)
            if found is not None:
                response.answer.append(_rrset(name, found))
                return
            alias = zone.get_rdataset(name, dns.rdatatype.CNAME)
            if alias is None:
                if not any(known.is_subdomain(name) for known in zone.nodes):
                    response.set_rcode(dns.rcode.NXDOMAIN)
                origin = _origin(zone)
                response.authority.append(
                    _rrset(origin, zone.find_rdataset(origin, dns.rdatatype.SOA))
                )
                return
            response.answer.append(_rrset(name, alias))
            name = alias[0].target
        response.set_rcode(dns.rcode.SERVFAIL)

    def _zone_of(self, name: dns.name.Name) -> dns.zone.Zone:
        # The root zone is the last one and holds every name.
        return next(zone for zone in self._zones if name.is_subdomain(_origin(zone)))


def _service(server: PracticeServer) -> str:
    """The SRV record of a server (RFC 6186, RFC 8314 section 5.1)."""
    names = {"smtp": "submission", "imap": "imap"}
    letter = "s" if server.security == "tls" else ""
    return f"_{names[server.protocol]}{letter}._tcp SRV 0 1 {server.port} {server.host}."


def _origin(zone: dns.zone.Zone) -> dns.name.Name:
    if zone.origin is None:
        raise ValueError("a zone without an origin")
    return zone.origin


def _rrset(name: dns.name.Name, rdataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(name, TTL, list(rdataset))


def _replaces(new: dns.rdata.Rdata, old: dns.rdata.Rdata) -> bool:
    if not (isinstance(new, TXT) and isinstance(old, TXT)):
        return True
    new_text, old_text = (b"".join(rdata.strings).lower() for rdata in (new, old))
    tag = next((tag for tag in _ONE_ONLY if new_text.startswith(tag)), None)
    return new_text == old_text if tag is None else old_text.startswith(tag)


def _presentation(record: ZoneRecord, rdtype: dns.rdatatype.RdataType) -> str:
    """The value as zone files write it (RFC 1035 section 5.1)."""
    if rdtype != dns.rdatatype.TXT:
        return record.value
    return " ".join(
        '"' + "".join(_escaped(octet) for octet in part) + '"' for part in _strings(record.value)
    )


def _strings(text: str) -> list[bytes]:
    octets = text.encode()
    starts = range(0, max(len(octets), 1), _STRING_OCTETS)
    return [octets[start : start + _STRING_OCTETS] for start in starts]


def _escaped(octet: int) -> str:
    plain = 0x20 <= octet < 0x7F and octet not in b'"\\'
    return chr(octet) if plain else f"\\{octet:03d}"
