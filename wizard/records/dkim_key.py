"""A DKIM key record (RFC 6376 section 3.6.1): is it one, and can receivers use it? Pure."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.records.tags import TagList, parse_tags

# RFC 8301 section 3.2: verifiers must not use less; signers should use more.
LEAST_RSA_BITS: Final = 1024
GOOD_RSA_BITS: Final = 2048
ED25519_OCTETS: Final = 32
MAX_KEY_OCTETS: Final = 4096

_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30
# 1.2.840.113549.1.1.1 and NULL behind it (RFC 3279 section 2.3.1).
_RSA_ENCRYPTION: Final = bytes.fromhex("06092a864886f70d010101") + b"\5\0"


class KeyFlaw(StrEnum):
    """What is wrong with a key. All but ``WEAK`` and ``TESTING`` make it unusable."""

    REVOKED = "revoked"
    UNREADABLE = "unreadable"
    TOO_SHORT = "too_short"
    WEAK = "weak"
    NOT_FOR_MAIL = "not_for_mail"
    NO_SHA256 = "no_sha256"
    UNKNOWN_ALGORITHM = "unknown_algorithm"
    TESTING = "testing"


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A published key; ``bits`` is 0 where it cannot be read."""

    algorithm: str
    bits: int
    flaws: tuple[KeyFlaw, ...] = ()

    @property
    def usable(self) -> bool:
        return not set(self.flaws) - {KeyFlaw.WEAK, KeyFlaw.TESTING}


def read_key(text: str) -> DkimKey | None:
    """The key in a TXT record; None when it is no DKIM key record at all.

    ``v=`` is optional but must come first and be ``DKIM1``; an empty ``p=`` means revoked.
    """
    tags = parse_tags(text)
    if "p" not in tags or tags.doubled or tags.get("v", "DKIM1") != "DKIM1":
        return None
    if "v" in tags and tags.first[0] != "v":
        return None
    algorithm = tags.get("k", "rsa").lower()
    bits, flaws = _measure(algorithm, "".join(tags.get("p").split()))
    return DkimKey(algorithm, bits, (*flaws, *_limits(tags)))


def _measure(algorithm: str, encoded: str) -> tuple[int, tuple[KeyFlaw, ...]]:
    if not encoded:
        return 0, (KeyFlaw.REVOKED,)
    if algorithm not in ("rsa", "ed25519"):
        return 0, (KeyFlaw.UNKNOWN_ALGORITHM,)
    try:
        octets = base64.b64decode(encoded, validate=True)
    except ValueError:
        return 0, (KeyFlaw.UNREADABLE,)
    if algorithm == "ed25519":
        # RFC 8463 section 4.2: the key itself, without a structure around it.
        good = len(octets) == ED25519_OCTETS
        return len(octets) * 8, () if good else (KeyFlaw.UNREADABLE,)
    return _measure_rsa(octets)


def _measure_rsa(octets: bytes) -> tuple[int, tuple[KeyFlaw, ...]]:
    try:
        bits = rsa_bits(octets[:MAX_KEY_OCTETS])
    except ValueError:
        return 0, (KeyFlaw.UNREADABLE,)
    if bits < LEAST_RSA_BITS:
        return bits, (KeyFlaw.TOO_SHORT,)
    return bits, () if bits >= GOOD_RSA_BITS else (KeyFlaw.WEAK,)


def rsa_bits(octets: bytes) -> int:
    """The size of a public RSA key in DER; ``ValueError`` when it is none.

    Keys are published as SubjectPublicKeyInfo (RFC 5280 section 4.1) and, as RFC 6376 section
    3.6.1 has it, as a bare RSAPublicKey (RFC 8017 appendix A.1.1). Read by hand: a library for
    certificates costs the window 12 MiB, and this is all that is wanted of it.
    """
    key, behind = _element(octets, _SEQUENCE)
    if key[:1] == bytes([_SEQUENCE]):
        algorithm, key = _element(key, _SEQUENCE)
        wrapped, rest = _element(key, _BIT_STRING)
        if algorithm != _RSA_ENCRYPTION or rest or wrapped[:1] != b"\0":
            raise ValueError("no RSA key")
        key, rest = _element(wrapped[1:], _SEQUENCE)
        behind += rest
    modulus, key = _element(key, _INTEGER)
    exponent, rest = _element(key, _INTEGER)
    if behind or rest or not _is_odd_and_positive(modulus) or not _is_odd_and_positive(exponent):
        raise ValueError("no RSA key")
    return int.from_bytes(modulus, "big").bit_length()


def _element(octets: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of an element with this tag, and what is behind it (X.690 section 8.1)."""
    if len(octets) < 2 or octets[0] != tag:
        raise ValueError("another element")
    length, start = octets[1], 2
    if length > 0x7F:
        start += length - 0x80
        digits = octets[2:start]
        length = int.from_bytes(digits, "big")
        # The shortest form only (section 10.1), and none of indefinite length.
        if length <= 0x7F or not digits[0]:
            raise ValueError("not DER")
    content = octets[start : start + length]
    if len(content) < length:
        raise ValueError("cut off")
    return content, octets[start + length :]


def _is_odd_and_positive(integer: bytes) -> bool:
    # Two's complement: a leading zero octet only where the next would mean a negative number.
    padded = integer[:1] == b"\0" and integer[1:2] < b"\x80"
    return bool(integer) and not padded and integer[0] < 0x80 and integer[-1] % 2 == 1


def _limits(tags: TagList) -> tuple[KeyFlaw, ...]:
    """What the record itself says against its use."""
    flaws = []
    if "*" not in _listed(tags, "s", "*") and "email" not in _listed(tags, "s", "*"):
        flaws.append(KeyFlaw.NOT_FOR_MAIL)
    if "sha256" not in _listed(tags, "h", "sha256"):
        flaws.append(KeyFlaw.NO_SHA256)
    if "y" in _listed(tags, "t", ""):
        flaws.append(KeyFlaw.TESTING)
    return tuple(flaws)


def _listed(tags: TagList, name: str, default: str) -> list[str]:
    return [one.strip().lower() for one in tags.get(name, default).split(":")]
