"""Knot DNS of the system, started once per run: an authoritative server with a zone of its own."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import dns.message
import dns.query
import pytest

from servers.needs import free_ports, program

ZONE = """
$ORIGIN firma.test.
$TTL 300
@ SOA ns1 hostmaster 1 3600 600 86400 60
@ NS ns1
ns1 A 127.0.0.1
@ MX 10 mail
mail A 127.0.0.1
autoconfig A 127.0.0.1
@ TXT "google-site-verification=abc"
@ TXT "v=spf1 mx include:_spf.hoster" ".firma.test -all"
_spf.hoster TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc TXT "v=DMARC1; p=none"
_imaps._tcp SRV 0 1 993 mail
_pop3s._tcp SRV 0 0 0 .
alias CNAME mail
"""
APPONE = """
$ORIGIN appone.cloud.
$TTL 300
@ SOA ns1.firma.test. hostmaster 1 3600 600 86400 60
@ NS ns1.firma.test.
_spf TXT "v=spf1 ip4:198.51.100.0/26 -all"
ihrerp._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
"""


@dataclass(frozen=True)
class DnsServer:
    """Where it listens, UDP and TCP."""

    address: str
    port: int


@pytest.fixture(scope="session")
def dns_server() -> Iterator[DnsServer]:
    """An authoritative server for firma.test and appone.cloud on 127.0.0.1."""
    (port,) = free_ports(1)
    with serving({"firma.test": ZONE, "appone.cloud": APPONE}, port):
        yield DnsServer("127.0.0.1", port)


@contextlib.contextmanager
def two_servers(first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[int]:
    """Servers at 127.0.0.1 and 127.0.0.2 that share a port, each with zones of its own."""
    (port,) = free_ports(1)
    with serving(first, port), serving(second, port, "127.0.0.2"):
        yield port


@contextlib.contextmanager
def serving(zones: Mapping[str, str], port: int, address: str = "127.0.0.1") -> Iterator[None]:
    """Serve these zones (name → master file) until the end of the block."""
    knotd = program("knotd", "knot")
    folder = Path(tempfile.mkdtemp(prefix="knot-"))
    for name, text in zones.items():
        (folder / f"{name}.zone").write_text(text)
    config = folder / "knot.conf"
    config.write_text(f"""
server:
    rundir: "{folder}"
    listen: {address}@{port}
database:
    storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
    file: "%s.zone"
    zonefile-sync: -1
    journal-content: none
zone:
{"".join(f"  - domain: {name}{chr(10)}" for name in zones)}log:
  - target: stderr
    any: error
""")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(knotd), "-c", str(config)], stdout=log, stderr=log)
    try:
        _wait_until_it_answers(address, port, next(iter(zones)))
        yield
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_it_answers(address: str, port: int, domain: str) -> None:
    query = dns.message.make_query(domain, "SOA")
    until = time.monotonic() + 15
    while True:
        try:
            if dns.query.udp(query, address, port=port, timeout=0.5).answer:
                return
        except (OSError, dns.exception.DNSException):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
