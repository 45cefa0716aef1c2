"""The throw-away certification authority: one certificate, then its own key is forgotten.

It may vouch for the practice company's names and loopback only (RFC 5280 section 4.2.1.10), so
that trusting it by mistake would harm nobody.
"""

import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from wizard.practice.facts import AUTOCONFIG_HOST, DOMAIN, IMAP_HOST, SMTP_HOST

_VALID: Final = dt.timedelta(days=30)
# Clocks differ a little, also between a virtual machine and its host.
_EARLIER: Final = dt.timedelta(days=1)
_NAMES: Final = (f"mail.{DOMAIN}", SMTP_HOST, IMAP_HOST, AUTOCONFIG_HOST, DOMAIN, "localhost")
_ADDRESSES: Final = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Credentials:
    """The servers' TLS context and the authority's PEM file, in a private folder of their own."""

    context: ssl.SSLContext
    ca_file: Path
    folder: tempfile.TemporaryDirectory[str]


def make_credentials() -> Credentials:
    """Make authority, certificate and folder. Blocks for some milliseconds; raises ``OSError``."""
    folder = tempfile.TemporaryDirectory(prefix="mail-wizard-practice-")
    ca_file = Path(folder.name) / "practice-authority.pem"
    server_file = Path(folder.name) / "server.pem"
    ca_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    ca = _authority(ca_key)
    server = _server(ca, ca_key, server_key)
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    server_file.touch(mode=0o600)
    server_file.write_bytes(
        server.public_bytes(serialization.Encoding.PEM)
        + server_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server_file)
    # The context holds the key now; nobody else needs it.
    server_file.unlink()
    return Credentials(context, ca_file, folder)


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("Mail Wizard practice authority")
    allowed = x509.NameConstraints(
        permitted_subtrees=[
            x509.DNSName(DOMAIN),
            x509.DNSName("localhost"),
            *(x509.IPAddress(ipaddress.ip_network(one)) for one in _ADDRESSES),
        ],
        excluded_subtrees=None,
    )
    return (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(allowed, critical=True)
        .sign(key, hashes.SHA256())
    )


def _server(
    ca: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in _ADDRESSES]
    return (
        _builder(_name(_NAMES[0]), ca.subject, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
