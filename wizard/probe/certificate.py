"""Why a handshake failed, and what the certificate of one that did not says.

A certificate that somebody has to judge is read by ``chain``.
"""

import hashlib
import ssl
from datetime import UTC, datetime
from typing import Any, Final

from wizard.diagnosis.cause import Cause
from wizard.probe.harmless import harmless
from wizard.probe.report import MAX_CHAIN, MAX_NAMES, CertificateFault, TlsInfo

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
    return hashlib.sha256(tls.getpeercert(binary_form=True) or b"").hexdigest()


def describe(
    tls: ssl.SSLObject, *, fault: CertificateFault | None = None, trusted: bool = False
) -> TlsInfo:
    """The session and the certificate. A certificate that cannot be read shows as empty.

    Of a trusted one Python has read what is worth telling; ``key`` and ``chain`` are there only
    where they are looked at. The library that reads them costs 60 ms and 12 MiB.
    """
    cipher = tls.cipher()
    version, name = tls.version() or "", cipher[0] if cipher else ""
    # Empty where another than OpenSSL verified.
    words = tls.getpeercert() if trusted else None
    if words:
        return TlsInfo(
            version=version,
            cipher=name,
            subject=_common_name(words.get("subject", ())),
            names=_names(words),
            issuer=_common_name(words.get("issuer", ())),
            not_before=_date(words.get("notBefore")),
            not_after=_date(words.get("notAfter")),
            fingerprint=fingerprint_of(tls),
            trusted=True,
            fault=fault,
        )
    from wizard.probe.chain import read  # noqa: PLC0415

    encoded = _sent_chain(tls) or (tls.getpeercert(binary_form=True) or b"",)
    return read(encoded, version, name, fault=fault, trusted=trusted)


# -- what ssl.SSLSocket.getpeercert() gives --


def _common_name(name: Any) -> str:
    """A distinguished name: a row of sets of pairs."""
    pairs = [pair for part in name for pair in part]
    for wanted in ("commonName", "organizationName"):
        for kind, value in pairs:
            if kind == wanted:
                return harmless(value, 200)
    return harmless(",".join(f"{kind}={value}" for kind, value in pairs), 200)


def _names(words: Any) -> tuple[str, ...]:
    wanted = ("DNS", "IP Address")
    names = [value for kind, value in words.get("subjectAltName", ()) if kind in wanted]
    return tuple(harmless(name.strip(), 253) for name in names[:MAX_NAMES])


def _date(text: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


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
