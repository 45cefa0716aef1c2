"""Programs of the system that tests need. A missing one fails in CI, elsewhere it is named."""

import os
import shutil
import socket
import sys
import time
from pathlib import Path

import pytest

# Exim cannot be installed beside Postfix: the bootstrap unpacks it into the environment.
_UNPACKED = Path(sys.prefix) / "exim" / "usr" / "sbin"
_PATH = os.environ.get("PATH", "") + f":/usr/sbin:/usr/local/sbin:/sbin:{_UNPACKED}"


def program(name: str, package: str) -> Path:
    """The path of a program; without it the test fails in CI and is skipped elsewhere."""
    found = shutil.which(name, path=_PATH)
    if found is None:
        text = f"{name} is missing: apt-get install {package}"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return Path(found)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for_port(port: int, seconds: float = 15.0) -> None:
    """Until something listens there; a started program tells nobody when it is ready."""
    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return
