"""DKIM key records: RFC 6376 section 3.6.1, RFC 8301 for lengths, RFC 8463 for Ed25519."""

import base64
from functools import cache

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from wizard.records.dkim_key import KeyFlaw, read_key, rsa_bits

ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


@cache
def rsa_key(bits: int) -> str:
    return _encoded(rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key())


def _encoded(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_bytes(serialization.Encoding.DER, form)).decode()


@pytest.mark.parametrize(
    ("bits", "flaws", "usable"), [(2048, (), True), (1024, (KeyFlaw.WEAK,), True)]
)
def test_rsa_keys_by_their_length(bits: int, flaws: tuple[KeyFlaw, ...], usable: bool) -> None:
    key = read_key(f"v=DKIM1; k=rsa; p={rsa_key(bits)}")
    assert key is not None
    assert (key.algorithm, key.bits, key.flaws, key.usable) == ("rsa", bits, flaws, usable)


def test_a_key_that_receivers_must_ignore() -> None:
    # Today's libraries make no key so short: any odd number will do to be measured.
    short = _encoded(rsa.RSAPublicNumbers(65537, (1 << 511) + 12345).public_key())
    key = read_key(f"p={short}")
    assert key is not None and key.bits == 512
    assert key.flaws == (KeyFlaw.TOO_SHORT,) and not key.usable


def test_ed25519_is_the_key_alone() -> None:
    key = read_key(f"v=DKIM1; k=ed25519; p={ED25519}")
    assert key is not None and key.usable and (key.algorithm, key.bits) == ("ed25519", 256)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("v=DKIM1; p=", KeyFlaw.REVOKED),
        ("v=DKIM1; p=not base64!", KeyFlaw.UNREADABLE),
        ("v=DKIM1; k=rsa; p=AAAA", KeyFlaw.UNREADABLE),
        ("v=DKIM1; k=ed25519; p=AAAA", KeyFlaw.UNREADABLE),
        (f"v=DKIM1; k=dsa; p={ED25519}", KeyFlaw.UNKNOWN_ALGORITHM),
        (f"v=DKIM1; k=ed25519; s=tlsrpt; p={ED25519}", KeyFlaw.NOT_FOR_MAIL),
        (f"v=DKIM1; k=ed25519; h=sha1; p={ED25519}", KeyFlaw.NO_SHA256),
    ],
)
def test_keys_that_cannot_be_used(text: str, flaw: KeyFlaw) -> None:
    key = read_key(text)
    assert key is not None and key.flaws == (flaw,) and not key.usable


def test_another_kind_of_key_under_a_wrong_name() -> None:
    curve = _encoded(ec.generate_private_key(ec.SECP256R1()).public_key())
    key = read_key(f"v=DKIM1; k=rsa; p={curve}")
    assert key is not None and key.flaws == (KeyFlaw.UNREADABLE,)


@pytest.mark.parametrize(
    "text",
    [
        f"k=ed25519; p={ED25519}",
        f"v=DKIM1;k=ed25519;t=s;p={ED25519};",
        f"v=DKIM1; k=ed25519; s=email:other; h=sha1:sha256; p={ED25519[:10]} {ED25519[10:]}",
        f"v=DKIM1; k=ed25519; n=a note; x=unknown; p={ED25519}",
    ],
)
def test_what_may_differ(text: str) -> None:
    key = read_key(text)
    assert key is not None and key.usable and key.flaws == ()


def test_a_test_key_is_told_but_used() -> None:
    key = read_key(f"v=DKIM1; k=ed25519; t=y:s; p={ED25519}")
    assert key is not None and key.flaws == (KeyFlaw.TESTING,) and key.usable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=spf1 -all",
        "v=DMARC1; p=none",
        f"k=ed25519; v=DKIM1; p={ED25519}",
        f"v=dkim1; p={ED25519}",
        f"v=DKIM1; p={ED25519}; p={ED25519}",
        "v=DKIM1; k=rsa",
    ],
)
def test_what_is_no_key_record(text: str) -> None:
    assert read_key(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    read_key(text)
    read_key(f"v=DKIM1; k=rsa; p={text}")


def _by_library(octets: bytes) -> int | None:
    """The size as the cryptography library reads it; None when it is no RSA key to it."""
    try:
        key = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else None


def _encodings() -> list[bytes]:
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    forms = (serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.PKCS1)
    return [public.public_bytes(serialization.Encoding.DER, form) for form in forms]


@pytest.mark.parametrize("octets", _encodings(), ids=["SubjectPublicKeyInfo", "RSAPublicKey"])
def test_both_encodings_of_a_key_are_read(octets: bytes) -> None:
    assert rsa_bits(octets) == 2048


@given(
    st.sampled_from(_encodings()),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=3),
    st.integers(0, 300),
    st.binary(max_size=2),
)
def test_no_damaged_key_is_read_that_a_library_refuses(
    octets: bytes, changes: list[tuple[int, int]], length: int, behind: bytes
) -> None:
    damaged = bytearray(octets if length == 300 else octets[:length])
    for place, value in changes:
        if place < len(damaged):
            damaged[place] = value
    damaged += behind
    try:
        read = rsa_bits(bytes(damaged))
    except ValueError:
        return
    assert _by_library(bytes(damaged)) == read
