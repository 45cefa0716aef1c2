"""Reads a chain of certificates that somebody has to judge (RFC 5280). No look-ups.

Apart, because the library for it is slow to come and large: most handshakes need none of it.
"""

import warnings
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from wizard.probe.harmless import harmless
from wizard.probe.report import (
    MAX_CHAIN,
    MAX_NAMES,
    CertificateFault,
    CertificateInfo,
    TlsInfo,
)

# Anybody can present a certificate that is none; not all of these are ValueErrors.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@lru_cache(maxsize=16)
def read(
    encoded: tuple[bytes, ...],
    version: str,
    name: str,
    *,
    fault: CertificateFault | None = None,
    trusted: bool = False,
) -> TlsInfo:
    """A chain in DER, in a session of this TLS version and cipher.

    Fifty mailboxes at one server see the same chain: it is read once.
    """
    try:
        with warnings.catch_warnings():
            # What is odd about a server's certificate is nothing for our error output.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            certificate = x509.load_der_x509_certificate(encoded[0])
            own = _info(certificate)
            chain = (own, *_read_rest(encoded[1:MAX_CHAIN]))
            names = _names(certificate)
            if fault is CertificateFault.UNKNOWN_AUTHORITY:
                fault = _nobody_vouches(certificate, encoded)
        return TlsInfo(
            version=version,
            cipher=name,
            subject=own.subject,
            names=names,
            issuer=own.issuer,
            not_before=own.not_before,
            not_after=own.not_after,
            fingerprint=own.fingerprint,
            trusted=trusted,
            key=own.key,
            fault=fault,
            chain=chain,
        )
    except _UNREADABLE:
        fault = None if trusted else CertificateFault.UNREADABLE
        return TlsInfo(version, name, "", (), "", None, None, "", trusted, fault=fault)


def _nobody_vouches(certificate: x509.Certificate, encoded: tuple[bytes, ...]) -> CertificateFault:
    """Tell the certificate of one's own, of an authority that nobody knows, and a gap between.

    A public authority says where its own certificate lies (RFC 5280 section 4.2.2.1); where the
    last one sent does so, what is missing is a certificate in between.
    """
    if certificate.subject == certificate.issuer:
        return CertificateFault.SELF_SIGNED
    try:
        last = x509.load_der_x509_certificate(encoded[-1])
        access = last.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (*_UNREADABLE, x509.ExtensionNotFound):
        return CertificateFault.UNKNOWN_AUTHORITY
    public = last.subject != last.issuer and any(
        one.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(one.access_location, x509.UniformResourceIdentifier)
        and one.access_location.value.startswith("http")
        for one in access
    )
    return CertificateFault.INCOMPLETE_CHAIN if public else CertificateFault.UNKNOWN_AUTHORITY


def _read_rest(encoded: tuple[bytes, ...]) -> list[CertificateInfo]:
    found = []
    for one in encoded:
        try:
            found.append(_info(x509.load_der_x509_certificate(one)))
        except _UNREADABLE:
            continue
    return found


def _info(certificate: x509.Certificate) -> CertificateInfo:
    return CertificateInfo(
        subject=_common_name(certificate.subject),
        issuer=_common_name(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
        key=_key(certificate),
    )


def _key(certificate: x509.Certificate) -> str:
    try:
        match certificate.public_key():
            case rsa.RSAPublicKey() as key:
                return f"RSA {key.key_size}"
            case ec.EllipticCurvePublicKey() as key:
                return f"EC {key.curve.name}"
            case dsa.DSAPublicKey() as key:
                return f"DSA {key.key_size}"
            case ed25519.Ed25519PublicKey():
                return "Ed25519"
            case ed448.Ed448PublicKey():
                return "Ed448"
    except Exception:  # A key of a kind or curve that the library lacks; it names no common type.
        return ""
    return ""


def _common_name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return harmless(attribute.value, 200)
    return harmless(name.rfc4514_string(), 200)


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        return ()
    hosts = extension.value.get_values_for_type(x509.DNSName)
    addresses = map(str, extension.value.get_values_for_type(x509.IPAddress))
    return tuple(harmless(name, 253) for name in [*hosts, *addresses][:MAX_NAMES])
