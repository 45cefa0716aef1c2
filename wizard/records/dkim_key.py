"""A DKIM key record (RFC 6376 section 3.6.1): is it one, and can receivers use it? Pure."""

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from wizard.records.tags import TagList, parse_tags

# RFC 8301 section 3.2: verifiers must not use less; signers should use more.
LEAST_RSA_BITS: Final = 1024
GOOD_RSA_BITS: Final = 2048
ED25519_OCTETS: Final = 32
MAX_KEY_OCTETS: Final = 4096


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
        public = load_der_public_key(octets[:MAX_KEY_OCTETS])
    except (ValueError, UnsupportedAlgorithm):
        return 0, (KeyFlaw.UNREADABLE,)
    if not isinstance(public, RSAPublicKey):
        return 0, (KeyFlaw.UNREADABLE,)
    if public.key_size < LEAST_RSA_BITS:
        return public.key_size, (KeyFlaw.TOO_SHORT,)
    return public.key_size, () if public.key_size >= GOOD_RSA_BITS else (KeyFlaw.WEAK,)


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
