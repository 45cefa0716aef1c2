"""The system's hosts file: read as it is written, whatever else is in it."""

import os
from pathlib import Path

from wizard.system_names import MAX_HOSTS_FILE_BYTES, read_hosts


def hosts(path: Path) -> dict[str, list[str]]:
    state = path.stat()
    known = read_hosts(path, state.st_mtime_ns, state.st_size)
    return {name: list(addresses) for name, addresses in known.items()}


def test_a_hosts_file(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_bytes(
        b"# comment\n\n127.0.0.1\tlocalhost\n192.0.2.1 Mail.Acme.Example mail # ours\n"
        b"2001:db8::1 mail.acme.example\nnonsense mail.acme.example\n\xff\xfe \x00\n192.0.2.9\n"
    )
    assert hosts(path) == {
        "localhost": ["127.0.0.1"],
        "mail.acme.example": ["192.0.2.1", "2001:db8::1"],
        "mail": ["192.0.2.1"],
    }


def test_it_is_read_anew_when_it_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("192.0.2.1 a.example\n")
    first = hosts(path)
    path.write_text("192.0.2.2 a.example\n")
    os.utime(path, ns=(1, 1))
    assert (first, hosts(path)) == ({"a.example": ["192.0.2.1"]}, {"a.example": ["192.0.2.2"]})
    before = read_hosts(path, 1, path.stat().st_size)
    assert read_hosts(path, 1, path.stat().st_size) is before


def test_an_endless_or_missing_one_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    assert read_hosts(path, 0, 0) == {}
    path.write_bytes(
        b"192.0.2.1 a.example\n" + b"#" * MAX_HOSTS_FILE_BYTES + b"\n192.0.2.2 b.example"
    )
    assert hosts(path) == {"a.example": ["192.0.2.1"]}
