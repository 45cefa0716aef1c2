"""What this computer's own configuration says about names: its resolvers and its hosts file."""

import os
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import dns.resolver

from wizard.answers import is_address
from wizard.exchange import Nameserver

MAX_HOSTS_FILE_BYTES: Final = 1 << 20


def system_servers() -> tuple[Nameserver, ...]:
    """The system's resolvers; none when it has no configuration."""
    try:
        system = dns.resolver.Resolver(configure=True)
    except (dns.resolver.NoResolverConfiguration, OSError):
        return ()
    return tuple(
        Nameserver(one, system.port)
        for one in system.nameservers
        if isinstance(one, str) and is_address(one)
    )


def hosts_file() -> Mapping[str, Sequence[str]]:
    """The system's hosts file: name to addresses; unreadable or odd lines are passed over."""
    path = (
        Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32/drivers/etc/hosts"
        if sys.platform == "win32"
        else Path("/etc/hosts")
    )
    try:
        state = path.stat()
    except OSError:
        return {}
    return read_hosts(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)
def read_hosts(path: Path, _changed_ns: int, _size: int) -> Mapping[str, Sequence[str]]:
    """A hosts file, read anew only when it has changed: some hold a hundred thousand lines."""
    known: dict[str, list[str]] = {}
    try:
        with path.open("rb") as file:
            content = file.read(MAX_HOSTS_FILE_BYTES).decode("utf-8", "replace")
    except OSError:
        return known
    for line in content.splitlines():
        address, *names = line.split("#", 1)[0].split() or [""]
        if is_address(address):
            for name in names:
                known.setdefault(name.lower(), []).append(address)
    return known
