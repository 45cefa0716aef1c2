"""What a server's certificate says, and why a handshake with it failed."""

import ssl
import warnings
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from wizard.diagnosis.cause import Cause
from wizard.probe.harmless import harmless
from wizard.probe.report import TlsInfo

MAX_NAMES: Final = 50

# Anybody can present a certificate that is none; not all of these are ValueErrors.
_UNREADABLE: Final = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
# OpenSSL's verification results (openssl-verification-options(1), x509_vfy.h).
_EXPIRED: Final = {9, 10, 11, 12}
_HOST_MISMATCH: Final = {62, 64}
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


def cause_of(problem: ssl.SSLError) -> Cause | None:
    """The cause behind a failed handshake; None where only its words can tell."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        code = getattr(problem, "verify_code", 0)
        if code in _EXPIRED:
            return Cause.CERT_EXPIRED
        if code in _HOST_MISMATCH or "hostname" in str(problem).lower():
            return Cause.CERT_HOSTNAME_MISMATCH
        return Cause.CERT_UNTRUSTED
    reason = problem.reason or ""
    if any(word in reason for word in _NOT_TLS):
        return Cause.TLS_ON_PLAINTEXT_PORT
    if any(word in reason for word in _TOO_OLD):
        return Cause.TLS_VERSION_MISMATCH
    return None


def describe(tls: ssl.SSLObject, *, trusted: bool) -> TlsInfo:
    """The session and the certificate. A certificate that cannot be read shows as empty."""
    cipher = tls.cipher()
    encoded = tls.getpeercert(binary_form=True) or b""
    version, name = tls.version() or "", cipher[0] if cipher else ""
    return read(encoded, version, name, trusted=trusted)


def read(encoded: bytes, version: str, name: str, *, trusted: bool) -> TlsInfo:
    """A certificate in DER, in a session of this TLS version and cipher, as :func:`describe`."""
    try:
        with warnings.catch_warnings():
            # What is odd about a server's certificate is nothing for our error output.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            certificate = x509.load_der_x509_certificate(encoded)
        return TlsInfo(
            version=version,
            cipher=name,
            subject=_common_name(certificate.subject),
            names=_names(certificate),
            issuer=_common_name(certificate.issuer),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            trusted=trusted,
        )
    except _UNREADABLE:
        return TlsInfo(version, name, "", (), "", None, None, "", trusted)


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
