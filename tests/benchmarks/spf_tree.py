"""An SPF record with everything behind it, 30 ms for each DNS query.

Elapsed time of what ``spf`` does (walk, edit, effect) divided by what its deepest chain of
questions costs; and with one name that never answers, divided by the bound that was given.
"""

import asyncio
import sys
import time

from dns_server import DELAY_S, Zone, slow_dns
from measure import verdict

APPONE = "_spf.appone.cloud"
BOUND = 1.25
SILENT_BOUND = 1.1
TIMEOUT_S = 1.0
RUNS = 7


def tree(depth: int, lookups: int) -> Zone:
    """A record of so many look-ups, the platform's not among them; its longest chain is ``depth``.

    The chain begins with the record itself; what the chain does not use stands beside it.
    """
    chain = depth - 1
    beside = [f"include:w{n}.acme.example" for n in range(lookups - chain - 2)]
    texts = {
        "acme.example": " ".join(["v=spf1 a mx include:c1.acme.example", *beside, "-all"]),
        APPONE: "v=spf1 ip4:198.51.100.0/26 -all",
        **{f"w{n}.acme.example": "v=spf1 ip4:192.0.2.0/28 -all" for n in range(len(beside))},
        **{
            f"c{n}.acme.example": f"v=spf1 include:c{n + 1}.acme.example -all"
            for n in range(1, chain)
        },
        f"c{chain}.acme.example": "v=spf1 ip4:192.0.2.64/28 -all",
    }
    zone: Zone = {name: {"TXT": [[text]]} for name, text in texts.items()}
    zone["acme.example"] |= {"A": ["192.0.2.1"], "MX": [[10, "mx.acme.example"]]}
    zone["mx.acme.example"] = {"A": ["192.0.2.2"]}
    return zone


async def look(port: int) -> tuple[float, int | None, bool]:
    """Seconds, the look-ups after the edit (None when unknown), and whether it is unknown."""
    from wizard.records.spf.edit import edit_spf
    from wizard.records.spf.effect import report_on
    from wizard.records.spf.snapshot import take_snapshot
    from wizard.records.spf.warning import SpfWarning
    from wizard.resolver import Nameserver, Resolver

    resolver = Resolver([Nameserver("127.0.0.1", port)], timeout=TIMEOUT_S)
    begun = time.perf_counter()
    snapshot = await take_snapshot("acme.example", [APPONE], resolver)
    edit = edit_spf(snapshot, [APPONE])
    await report_on(snapshot, edit, [APPONE], resolver)
    elapsed = time.perf_counter() - begun
    return elapsed, edit.lookups_after, SpfWarning.DNS_TEMPERROR in edit.warnings


def main() -> int:
    good = True
    for depth, lookups in ((2, 9), (3, 9), (7, 9), (2, 8), (3, 8), (7, 8)):
        with slow_dns(tree(depth, lookups)) as (port, _):
            asyncio.run(look(port))  # imports and first use
            runs = [asyncio.run(look(port)) for _ in range(RUNS)]
        best = min(elapsed for elapsed, _, _ in runs)
        if {count for _, count, _ in runs} != {lookups + 1}:
            sys.stdout.write(f"WRONG count: {runs}\n")
            return 1
        detail = f"× {depth} × 30 ms ({best * 1000:.0f} ms)"
        name = f"SPF of {lookups + 1} look-ups, depth {depth}"
        good &= verdict(name, best / (depth * DELAY_S), BOUND, detail)
    silent = tree(3, 9)
    silent["w1.acme.example"] = {"_silent": True}
    with slow_dns(silent) as (port, _):
        runs = [asyncio.run(look(port)) for _ in range(3)]
    unknown = all(count is None and silence for _, count, silence in runs)
    best = min(elapsed for elapsed, _, _ in runs)
    detail = f"× {TIMEOUT_S:.0f} s, unknown for now: {'yes' if unknown else 'NO'}"
    good &= verdict("SPF with a silent name", best / TIMEOUT_S, SILENT_BOUND, detail) and unknown
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
