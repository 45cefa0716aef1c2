"""Which part of a host name somebody can register: the Public Suffix List, as it was packaged.

The first question reads the list, some 50 ms: have it read beside the event loop (:func:`load`).
"""

import threading
from functools import cache, lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

_READING: Final = threading.Lock()


def load() -> None:
    """Read the list, for a thread of its own."""
    _suffixes()


@lru_cache(maxsize=2_000)
def base_domain(host: str) -> str:
    """The registrable domain above a host, ``example.co.uk`` for ``mx.example.co.uk``.

    A name that is a public suffix itself, or an IP address, is its own base.
    """
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return _suffixes().privatesuffix(host) or host


def is_within(host: str, domain: str) -> bool:
    """Is the host the domain itself or below it?"""
    return host == domain or host.endswith(f".{domain}")


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()


def _suffixes() -> PublicSuffixList:
    # Who comes second waits for the first instead of reading it again.
    with _READING:
        return _list()
