"""50 mailboxes at one real server at once, ÷ the time of one, with round trips of 30 ms."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from measure import verdict
from probe_cost import NO_SIGN_IN, USER, far_away

from servers.authority import Authority
from servers.mail import PASSWORDS, running_mail_server
from wizard.model import Protocol, Secret, Security, ServerSettings
from wizard.network import Network
from wizard.probe.crowd import AT_ONCE, all_at_once
from wizard.probe.driver import probe
from wizard.probe.report import ProbeReport

MAILBOXES, RUNS, BOUND = 50, 7, 2.0


async def measure(network: Network, port: int, count: int) -> float:
    """Milliseconds for so many tests."""
    settings = ServerSettings(Protocol.IMAP, "localhost", port, Security.TLS, USER)
    secret = Secret(PASSWORDS[USER])
    reports: list[ProbeReport] = []

    async def test(_: int) -> ProbeReport:
        return await probe(settings, secret, network)

    began = time.perf_counter()
    await all_at_once(range(count), test, lambda one: one, lambda _, one: reports.append(one))
    took = (time.perf_counter() - began) * 1000
    assert all(report.ok for report in reports), [r.transcript for r in reports if not r.ok]
    return took


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        network = Network(ca_files=(authority.ca_file,))
        with (
            running_mail_server(authority, NO_SIGN_IN) as server,
            far_away(server.imaps) as (port,),
        ):
            one = min(asyncio.run(measure(network, port, 1)) for _ in range(RUNS))
            many = min(asyncio.run(measure(network, port, MAILBOXES)) for _ in range(RUNS))
    detail = f"{many:.0f} / {one:.0f} ms, at most {AT_ONCE} at a time"
    return 0 if verdict(f"{MAILBOXES} mailboxes ÷ one", many / one, BOUND, detail) else 1


if __name__ == "__main__":
    sys.exit(main())
