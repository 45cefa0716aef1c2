"""SASL (RFC 4422): which mechanism, and what it says. No sockets."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Final

from wizard.model import AuthMethod, Secret
from wizard.probe.harmless import harmless

# With a password, best first; CRAM-MD5 only where nothing better is there, since the server has to
# store the password readably for it. Without encryption it comes first: it hides the password.
PASSWORD_METHODS: Final = (AuthMethod.PLAIN, AuthMethod.LOGIN, AuthMethod.CRAM_MD5)
UNPROTECTED_METHODS: Final = (AuthMethod.CRAM_MD5, AuthMethod.PLAIN, AuthMethod.LOGIN)
TOKEN_METHODS: Final = (AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER)


def choose(
    offered: Sequence[str], wanted: AuthMethod | None, *, protected: bool
) -> AuthMethod | None:
    """The mechanism to use out of those the server names; None when there is no common one.

    Both mechanisms for tokens carry the same token: where the wanted one is missing, the other
    does. ``protected``: the connection is encrypted and verified.
    """
    known = {name.lower() for name in offered}
    if wanted is None:
        candidates = PASSWORD_METHODS if protected else UNPROTECTED_METHODS
    else:
        candidates = (wanted, *(TOKEN_METHODS if wanted in TOKEN_METHODS else ()))
    return next((method for method in candidates if method in known), None)


def initial_response(method: AuthMethod, username: str, secret: Secret) -> bytes | None:
    """What the client says first, not yet in base64; None where the server has to begin."""
    user, password = username.encode(), secret.reveal().encode()
    match method:
        case AuthMethod.PLAIN:  # RFC 4616
            return b"\0" + user + b"\0" + password
        case AuthMethod.XOAUTH2:
            return b"user=" + user + b"\x01auth=Bearer " + password + b"\x01\x01"
        case AuthMethod.OAUTHBEARER:  # RFC 7628 section 3.1; "=" and "," as RFC 5801 has it
            name = user.replace(b"=", b"=3D").replace(b",", b"=2C")
            return b"n,a=" + name + b",\x01auth=Bearer " + password + b"\x01\x01"
        case _:
            return None


def answer(
    method: AuthMethod, challenge: bytes, round_: int, username: str, secret: Secret
) -> bytes:
    """The answer to a challenge (both decoded). ``round_`` counts from 0.

    A token's mechanism gets a challenge only to be told why it was refused: the answer is empty
    (XOAUTH2) or %x01 (RFC 7628 section 3.2.3), so that the refusal itself follows.
    """
    match method:
        case AuthMethod.LOGIN:
            return username.encode() if round_ == 0 else secret.reveal().encode()
        case AuthMethod.CRAM_MD5:  # RFC 2195
            key = secret.reveal().encode()
            digest = hmac.new(key, challenge, hashlib.md5).hexdigest()
            return username.encode() + b" " + digest.encode()
        case AuthMethod.OAUTHBEARER:
            return b"\x01"
        case _:
            return b""


def refusal(challenge: bytes) -> str:
    """What a token's challenge says about the refusal (a small JSON object), made harmless."""
    try:
        said = json.loads(challenge)
    except (ValueError, RecursionError):
        return harmless(challenge, 500)
    if not isinstance(said, dict):
        return harmless(challenge, 500)
    known = ("status", "schemes", "scope", "error_description")
    return harmless(" ".join(f"{key}={said[key]}" for key in known if key in said), 500)


def encode(data: bytes) -> bytes:
    """Base64 on one line; an empty response is ``=`` as initial response elsewhere, empty here."""
    return base64.b64encode(data)


def decode(data: bytes) -> bytes:
    """Base64 from a server; what is none of it is taken as it is."""
    try:
        return base64.b64decode(data.strip(), validate=True)
    except ValueError:
        return data.strip()


def on_the_wire(username: str, secret: Secret) -> tuple[str, ...]:
    """Every form in which the secret may be echoed: clear, as quoted string, and encoded."""
    clear = secret.reveal()
    payloads = [clear.encode()]
    for method in (AuthMethod.PLAIN, *TOKEN_METHODS):
        payload = initial_response(method, username, secret)
        if payload is not None:
            payloads.append(payload)
    quoted = clear.replace("\\", "\\\\").replace('"', '\\"')
    return (clear, quoted, *(encode(payload).decode().rstrip("=") for payload in payloads))
