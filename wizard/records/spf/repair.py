"""How a wrong term was probably meant: the same term as the standard wants it written. Pure.

A suggestion for a person to look at, never applied to a record by the program.
"""

import difflib
import ipaddress
import re
from collections.abc import Callable
from typing import Final

import idna

from wizard.records.spf.octets import decoded

# Longer terms are no slip of anybody's.
MAX_TERM: Final = 400
_NAMES: Final = (
    "all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists", "redirect", "exp",
)  # fmt: skip
_OTHER_NAMES: Final = {"ip": "ip4", "ipv4": "ip4", "ipv6": "ip6", "inc": "include"}
# A dash that a text program made out of "-", and other look-alikes.
_LOOK_ALIKES: Final = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u02dc\u223c\uff5e", "~"),
        **dict.fromkeys("\u00a0\u200b\u2060\ufeff\u00ad\t\r\n", ""),
        **dict.fromkeys("\u201c\u201d\u201e\u2018\u2019\"'`", ""),
        "\uff1a": ":",
    }
)
_TERM: Final = re.compile(r"([+\-~?]?)([a-z0-9_]+)([:=/].*)?", re.IGNORECASE | re.DOTALL)


def suggest(text: str, sound: Callable[[str], bool]) -> str | None:
    """A sound way to write a wrong term, None where nobody can know. ``sound`` judges."""
    if len(text) > MAX_TERM:
        return None
    seen = decoded(text)
    parts = [part for part in re.split(r"[\s,;]+", seen) if part]
    if len(parts) > 1 and all(map(sound, parts)):
        return " ".join(parts)
    for written in _candidates(seen.translate(_LOOK_ALIKES).strip(",;")):
        if written and written != text and written.isascii() and sound(written):
            return written
    return None


def _candidates(text: str) -> list[str]:
    """Ways to write a term, the likeliest first."""
    written = [text, text.rstrip(".,;:")]
    if address := _network(text.lstrip("+-~?"), text[:1]):
        written.append(address)
    found = _TERM.fullmatch(text)
    if found is None:
        return written
    sign, name, rest = found[1], found[2].lower(), found[3] or ""
    target = rest[1:]
    known = _OTHER_NAMES.get(name) or next(
        iter(difflib.get_close_matches(name, _NAMES, 1, 0.7)), ""
    )
    if not known:
        return written
    if address := _network(target, sign):
        written.append(address)
    if known in ("redirect", "exp"):
        return [*written, f"{known}={_host(target)}"]
    if known == "all":
        return [*written, f"{sign}all"]
    if rest[:1] == "/":
        return [*written, f"{sign}{known}{rest}"]
    if not target:
        return [*written, f"{sign}{known}"]
    written.append(f"{sign}{known}:{target}")
    return written if known.startswith("ip") else [*written, f"{sign}{known}:{_host(target)}"]


def _network(text: str, sign: str) -> str | None:
    """``ip4:`` or ``ip6:`` with an address or network that was written another way."""
    sign = sign if sign in ("+", "-", "~", "?") else ""
    bare = text.strip("[]").replace("\\", "/")
    bare = re.sub(r"\.\*(?=/|$)", ".0", bare) if bare.endswith(".*") else bare
    whole = f"{bare}/24" if text.endswith(".*") and bare.count(".") == 3 else bare
    # Leading zeros are decimal for whoever typed them.
    whole = re.sub(r"(?<![\da-f:])0+(?=\d)", "", whole) if "." in whole else whole
    try:
        network = ipaddress.ip_network(whole, strict=False)
    except ValueError:
        return None
    address = whole.split("/")[0].lower()
    bits = "" if network.prefixlen == network.max_prefixlen else f"/{network.prefixlen}"
    return f"{sign}ip{network.version}:{address}{bits}"


def _host(text: str) -> str:
    """A host name out of an address, a URL or a name with umlauts."""
    name = re.sub(r"^[a-z]+:/+", "", text, flags=re.IGNORECASE)
    name = name.rsplit("@", 1)[-1].split("/")[0].strip("[]").strip(".")
    try:
        return name if name.isascii() else idna.encode(name.lower(), uts46=True).decode("ascii")
    except idna.IDNAError:
        return name
