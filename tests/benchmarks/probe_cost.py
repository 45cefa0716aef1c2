"""What a test costs with round trips of 30 ms: IMAP and submission at once, real servers.

The bound is a number of round trips and the servers' own work. Beside it stands what Python's own
clients take for the same, one after the other, in the same run.
"""

import asyncio
import contextlib
import imaplib
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measure import ROOT, verdict

sys.path.insert(0, str(ROOT / "tests"))
from servers.authority import Authority
from servers.mail import DOMAIN, PASSWORDS, MailServer, running_mail_server
from wizard.model import Protocol, Secret, Security, ServerSettings
from wizard.network import Network
from wizard.probe.driver import probe

RUNS = 9
# Nobody logs in with a token here.
NO_SIGN_IN = "http://127.0.0.1:9"
ROUND_TRIP_MS = 30
# Name, connection, TLS, greeting, EHLO or nothing, login, EXAMINE: what cannot be left out.
BOUNDS_MS = {Security.TLS: 5 * ROUND_TRIP_MS + 40, Security.STARTTLS: 7 * ROUND_TRIP_MS + 45}
# A password that Python's own clients can send.
USER = f"sales@{DOMAIN}"


@contextlib.contextmanager
def far_away(*ports: int) -> Iterator[list[int]]:
    """The same ports as if they were half of :data:`ROUND_TRIP_MS` away."""
    command = [sys.executable, str(ROOT / "tests/servers/relay.py"), str(ROUND_TRIP_MS / 2000)]
    environment = {"PYTHONPATH": str(ROOT / "tests"), "PATH": "/usr/bin:/bin"}
    process = subprocess.Popen(
        [*command, *map(str, ports)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        yield list(map(int, process.stdout.readline().split()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


async def ours(network: Network, imap: int, smtp: int, security: Security) -> float:
    """Both at once; milliseconds."""
    secret = Secret(PASSWORDS[USER])
    began = time.perf_counter()
    reports = await asyncio.gather(
        *(
            probe(ServerSettings(protocol, "localhost", port, security, USER), secret, network)
            for protocol, port in ((Protocol.IMAP, imap), (Protocol.SMTP, smtp))
        )
    )
    took = (time.perf_counter() - began) * 1000
    for report in reports:
        assert report.ok, report.transcript
    return took


def pythons_own(network: Network, imap: int, smtp: int, security: Security) -> float:
    """imaplib, then smtplib; milliseconds."""
    context, password = network.tls, PASSWORDS[USER]
    began = time.perf_counter()
    if security is Security.TLS:
        box: imaplib.IMAP4 = imaplib.IMAP4_SSL("localhost", imap, ssl_context=context)
        out: smtplib.SMTP = smtplib.SMTP_SSL("localhost", smtp, context=context)
    else:
        box = imaplib.IMAP4("localhost", imap)
        box.starttls(context)
        out = smtplib.SMTP("localhost", smtp)
        out.starttls(context=context)
    box.authenticate("PLAIN", lambda _: b"\0" + USER.encode() + b"\0" + password.encode())
    box.select("INBOX", readonly=True)
    out.ehlo_or_helo_if_needed()
    out.user, out.password = USER, password
    out.auth("PLAIN", lambda _=None: f"\0{USER}\0{password}", initial_response_ok=True)
    took = (time.perf_counter() - began) * 1000
    box.shutdown()
    out.close()
    return took


def measure(server: MailServer, network: Network) -> bool:
    good = True
    pairs = {
        Security.TLS: (server.imaps, server.submissions),
        Security.STARTTLS: (server.imap, server.submission),
    }
    for security, ports in pairs.items():
        with far_away(*ports) as (imap, smtp):
            # Other work on the machine only ever adds: the best of several runs is the cost.
            mine = min(asyncio.run(ours(network, imap, smtp, security)) for _ in range(RUNS))
            theirs = min(_quietly(network, imap, smtp, security) for _ in range(3))
        detail = f"ms; Python's own clients one after the other: {theirs:.0f} ms"
        good &= verdict(
            f"IMAP and submission at once, {security}", mine, BOUNDS_MS[security], detail
        )
    return good


def _quietly(network: Network, imap: int, smtp: int, security: Security) -> float:
    try:
        return pythons_own(network, imap, smtp, security)
    except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, UnicodeError):
        return float("nan")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        network = Network(ca_files=(authority.ca_file,))
        with running_mail_server(authority, NO_SIGN_IN) as server:
            return 0 if measure(server, network) else 1


if __name__ == "__main__":
    sys.exit(main())
