"""Everything for the records page at once, with 30 ms for each DNS query.

Elapsed time divided by what the deepest chain of questions costs, each of which needs the answer
before it: SPF record → include → include → include, or name servers → their addresses → the record
there. The DNS server runs in a process of its own and the floor, one question, is measured in the
same run.
"""

import asyncio
import sys
import time
from typing import Any

from dns_server import slow_dns
from measure import ROOT, verdict

BOUND = 1.5
RUNS = 7
DOMAIN = "acme.test"


def zone(depth: int) -> dict[str, Any]:
    """A company whose records are all in place, at Google, with an SPF tree of this depth."""
    tree = {f"l{level}.acme.test": f"include:l{level + 1}.acme.test" for level in range(2, depth)}
    texts = {
        DOMAIN: "v=spf1 mx include:_spf.appone.cloud include:_spf.google.com include:l2.acme.test -all",
        "_spf.appone.cloud": "v=spf1 ip4:198.51.100.0/24 -all",
        "_spf.google.com": "v=spf1 ip4:203.0.113.0/24 -all",
        "_dmarc.acme.test": "v=DMARC1; p=none",
        "ihrerp._domainkey.appone.cloud": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        "google._domainkey.acme.test": "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        **{name: f"v=spf1 {term} -all" for name, term in tree.items()},
        f"l{depth}.acme.test": "v=spf1 ip4:192.0.2.0/24 -all",
    }
    table: dict[str, dict[str, Any]] = {name: {"TXT": [[text]]} for name, text in texts.items()}
    table[DOMAIN] |= {"MX": [[1, "mail.acme.test"]], "NS": ["ns1.acme.test.", "ns2.acme.test."]}
    table["mail.acme.test"] = {"A": ["192.0.2.25"]}
    table["ns1.acme.test"] = {"A": ["127.0.0.1"]}
    table["ns2.acme.test"] = {"A": ["127.0.0.1"]}
    table["ihrerp._domainkey.acme.test"] = {"CNAME": "ihrerp._domainkey.appone.cloud"}
    return table


async def measure(port: int) -> tuple[float, float, int]:
    """Seconds for one question and for the whole page, each the best of several; records found."""
    from wizard.catalog import Catalog
    from wizard.model import Route
    from wizard.records.lookup import look_up_plan
    from wizard.records.plan import PlanSubject, RecordState
    from wizard.resolver import Nameserver, Resolver

    catalog = Catalog.load()
    subject = PlanSubject(DOMAIN, "openappone-online", "google-workspace", Route.BOTH)
    one, page, right = [], [], 0
    for _ in range(RUNS):
        begun = time.perf_counter()
        await Resolver([Nameserver("127.0.0.1", port)]).txt(DOMAIN)
        one.append(time.perf_counter() - begun)
        resolver = Resolver([Nameserver("127.0.0.1", port)])
        begun = time.perf_counter()
        plan = await look_up_plan(subject, catalog, resolver)
        page.append(time.perf_counter() - begun)
        right = sum(record.state is RecordState.OK for record in plan.records)
    return min(one), min(page), right


def main() -> int:
    sys.path.insert(0, str(ROOT))
    worst = 0.0
    details = []
    for depth in (3, 7):
        with slow_dns(zone(depth)) as (port, _):
            one, page, right = asyncio.run(measure(port))
        if right != 5:
            raise AssertionError(f"only {right} records came out right")
        worst = max(worst, page / (depth * one))
        details.append(f"chain of {depth}: {page * 1000:.0f} ÷ {depth * one * 1000:.0f} ms")
    return not verdict("records page ÷ deepest chain", worst, BOUND, "; ".join(details))


if __name__ == "__main__":
    sys.exit(main())
