"""DKIM by CNAME: does the alias stand, and does its target publish a key (RFC 6376)?"""

import base64
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from wizard.resolver import Absent, Found, NoAnswer, Resolver, Txt


class DkimState(StrEnum):
    """How a DKIM alias stands.

    ``NO_KEY``: the alias is right but its target publishes nothing; that is the other side's
    turn. ``OCCUPIED``: something else than an alias is at the name.
    """

    OK = "ok"
    MISSING = "missing"
    NO_KEY = "no_key"
    WRONG_TARGET = "wrong_target"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A published key; ``bits`` is 0 where it cannot be read."""

    algorithm: str
    bits: int


@dataclass(frozen=True, slots=True)
class DkimFinding:
    """What is at the name; ``value`` is the alias's target or the TXT text."""

    state: DkimState
    value: str | None
    key: DkimKey | None


async def find_dkim(name: str, target: str, resolver: Resolver) -> DkimFinding:
    """Look at the alias ``name`` → ``target`` (lower-case A-labels without final dot)."""
    match await resolver.cname(name):
        case Found(values=(found, *_)):
            if found != target:
                return DkimFinding(DkimState.WRONG_TARGET, found, None)
            return await _behind(target, found, resolver)
        case NoAnswer():
            return DkimFinding(DkimState.UNKNOWN, None, None)
        case _:
            pass
    match await resolver.txt(name):
        case Found(values=(txt, *_)):
            return DkimFinding(DkimState.OCCUPIED, txt.text, read_key(txt.text))
        case NoAnswer():
            return DkimFinding(DkimState.UNKNOWN, None, None)
        case _:
            return DkimFinding(DkimState.MISSING, None, None)


async def _behind(target: str, value: str, resolver: Resolver) -> DkimFinding:
    match await resolver.txt(target):
        case Found(values=records):
            keys = [key for txt in records if (key := _key_of(txt)) is not None]
            state = DkimState.OK if keys else DkimState.NO_KEY
            return DkimFinding(state, value, keys[0] if keys else None)
        case Absent():
            return DkimFinding(DkimState.NO_KEY, value, None)
        case _:
            return DkimFinding(DkimState.UNKNOWN, value, None)


def _key_of(txt: Txt) -> DkimKey | None:
    return read_key(txt.text)


def read_key(text: str) -> DkimKey | None:
    """The key of a DKIM record (RFC 6376 section 3.6.1); None when there is none or it is revoked.

    ``v=`` is optional and an empty ``p=`` means revoked.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            tags[name.strip().lower()] = "".join(value.split())
    if tags.get("v", "DKIM1") != "DKIM1" or not tags.get("p"):
        return None
    algorithm = tags.get("k", "rsa").lower()
    try:
        encoded = base64.b64decode(tags["p"], validate=True)
        if algorithm == "ed25519":
            return DkimKey(algorithm, len(encoded) * 8)
        public = load_der_public_key(encoded)
    except (ValueError, UnsupportedAlgorithm):
        return DkimKey(algorithm, 0)
    return DkimKey(algorithm, public.key_size if isinstance(public, RSAPublicKey) else 0)
