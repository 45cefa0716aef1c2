"""What a server's certificate says, and why a handshake with it failed."""

import ssl
import warnings
from functools import lru_cache
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from wizard.diagnosis.cause import Cause
from wizard.probe.harmless import harmless
from wizard.probe.report import CertificateFault, CertificateInfo, TlsInfo

MAX_NAMES: Final = 50
MAX_CHAIN: Final = 8

# Anybody can present a certificate that is none; not all of these are ValueErrors.
_UNREADABLE: Final = (
    ValueError,
    TypeError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
# OpenSSL's verification results (openssl-verification-options(1), x509_vfy.h).
_FAULTS: Final = {
    9: CertificateFault.NOT_YET_VALID,
    10: CertificateFault.EXPIRED,
    18: CertificateFault.SELF_SIGNED,
    19: CertificateFault.UNKNOWN_AUTHORITY,
    20: CertificateFault.UNKNOWN_AUTHORITY,
    21: CertificateFault.UNKNOWN_AUTHORITY,
    62: CertificateFault.WRONG_HOST,
    64: CertificateFault.WRONG_HOST,
    66: CertificateFault.WEAK_KEY,
    67: CertificateFault.WEAK_KEY,
    68: CertificateFault.WEAK_KEY,
}
_CAUSES: Final = {
    CertificateFault.EXPIRED: Cause.CERT_EXPIRED,
    CertificateFault.NOT_YET_VALID: Cause.CERT_EXPIRED,
    CertificateFault.WRONG_HOST: Cause.CERT_HOSTNAME_MISMATCH,
    CertificateFault.WEAK_KEY: Cause.TLS_VERSION_MISMATCH,
}
# Reasons that mean: the other side did not speak TLS at all.
_NOT_TLS: Final = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "UNKNOWN_PROTOCOL",
    "BAD_RECORD_TYPE",
)
_TOO_OLD: Final = (
    "UNSUPPORTED_PROTOCOL",
    "PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "HANDSHAKE_FAILURE",
    "NO_SHARED_CIPHER",
    "DH_KEY_TOO_SMALL",
    "KEY_TOO_SMALL",
    "MD_TOO_WEAK",
    "INSUFFICIENT_SECURITY",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
)


def fault_of(problem: ssl.SSLError) -> CertificateFault | None:
    """What is wrong with the certificate, where the handshake failed for that.

    Windows and macOS verify by themselves and have words of their own; those that are not known
    mean that nobody vouches for it.
    """
    if not isinstance(problem, ssl.SSLCertVerificationError):
        return None
    known = _FAULTS.get(getattr(problem, "verify_code", 0))
    if known is not None:
        return known
    words = str(problem).lower()
    if "hostname" in words or "name mismatch" in words:
        return CertificateFault.WRONG_HOST
    if "expired" in words:
        return CertificateFault.EXPIRED
    return CertificateFault.UNKNOWN_AUTHORITY


def cause_of(problem: ssl.SSLError) -> Cause | None:
    """The cause behind a failed handshake; None where only its words can tell."""
    fault = fault_of(problem)
    if fault is not None:
        return _CAUSES.get(fault, Cause.CERT_UNTRUSTED)
    reason = problem.reason or ""
    if any(word in reason for word in _NOT_TLS):
        return Cause.TLS_ON_PLAINTEXT_PORT
    if any(word in reason for word in _TOO_OLD):
        return Cause.TLS_VERSION_MISMATCH
    return None


def fingerprint_of(tls: ssl.SSLObject) -> str:
    """The server's certificate as SHA-256 in hexadecimal."""
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(tls.getpeercert(binary_form=True) or b"").hexdigest()


def describe(
    tls: ssl.SSLObject, *, fault: CertificateFault | None = None, trusted: bool = False
) -> TlsInfo:
    """The session and the certificate. A certificate that cannot be read shows as empty."""
    cipher = tls.cipher()
    encoded = _sent_chain(tls) or (tls.getpeercert(binary_form=True) or b"",)
    version, name = tls.version() or "", cipher[0] if cipher else ""
    return read(encoded, version, name, fault=fault, trusted=trusted)


@lru_cache(maxsize=16)
def read(
    encoded: tuple[bytes, ...],
    version: str,
    name: str,
    *,
    fault: CertificateFault | None = None,
    trusted: bool = False,
) -> TlsInfo:
    """A chain in DER, in a session of this TLS version and cipher, as :func:`describe`.

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


def _sent_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """What the server sent, in DER: public from Python 3.13 on, and there before without a name."""
    holder: Any = tls if hasattr(tls, "get_unverified_chain") else getattr(tls, "_sslobj", None)
    ask = getattr(holder, "get_unverified_chain", None)
    try:
        chain = ask() if ask is not None else None
    except (ssl.SSLError, ValueError):
        return ()
    return tuple(_der(one) for one in (chain or ())[:MAX_CHAIN])


def _der(one: Any) -> bytes:
    if isinstance(one, bytes):
        return one
    encoded = one.public_bytes()  # PEM, the default of 3.10 to 3.12
    return ssl.PEM_cert_to_DER_cert(encoded) if isinstance(encoded, str) else bytes(encoded)


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
    except Exception:
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
