"""``check`` of many domains against checkdmarc on the same zones, 30 ms for each DNS query.

checkdmarc is not a dependency of anything else: ``pip install --group benchmarks``.
"""

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dns_server import Zone, slow_dns
from measure import ROOT, run_python, verdict

MANY, FEW, SAMPLE = 1_000, 100, 12
WANTED = 25
MEMORY_BOUND = 1.3
MOST_AT_ONCE = 100

CHECKDMARC = """
import json, logging, sys, time
import checkdmarc, dns.nameserver, dns.resolver
logging.disable(logging.CRITICAL)
server = dns.nameserver.Do53Nameserver("127.0.0.1", int(sys.argv[1]))
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [server]
names = [f"d{n}.example" for n in range(int(sys.argv[2]))]
begun = time.perf_counter()
found = checkdmarc.check_domains(names, nameservers=[server], resolver=resolver)
elapsed = time.perf_counter() - begun
good = sum(bool(one["spf"]["valid"] and one["dmarc"]["valid"]) for one in found)
print(json.dumps({"per_second": len(found) / elapsed, "good": good}))
"""


def zone() -> Zone:
    """Small companies at one large provider and a few hosters, as a consultant has them."""
    table: Zone = {
        "_spf.appone.cloud": {"TXT": [["v=spf1 ip4:198.51.100.0/26 -all"]]},
        "ihrerp._domainkey.appone.cloud": {
            "TXT": [["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]]
        },
        "_spf.google.com": {"TXT": [["v=spf1 include:_n1.google.com include:_n2.google.com ~all"]]},
        "_n1.google.com": {"TXT": [["v=spf1 ip4:192.0.2.0/26 ~all"]]},
        "_n2.google.com": {"TXT": [["v=spf1 ip4:192.0.2.64/26 ~all"]]},
        "smtp.google.com": {"A": ["192.0.2.9"]},
        "ns1.hoster.example": {"A": ["127.0.0.1"]},
        "ns2.hoster.example": {"A": ["127.0.0.1"]},
    }
    for number in range(MANY):
        name = f"d{number}.example"
        table[name] = {
            "TXT": [["v=spf1 mx include:_spf.google.com -all"]],
            "MX": [[1, "smtp.google.com"]],
            "A": ["192.0.2.10"],
            "NS": ["ns1.hoster.example.", "ns2.hoster.example."],
        }
        table[f"_dmarc.{name}"] = {"TXT": [["v=DMARC1; p=none; rua=mailto:d@" + name]]}
        if number % 2:
            table[f"ihrerp._domainkey.{name}"] = {"CNAME": "ihrerp._domainkey.appone.cloud"}
    return table


def check(port: int, count: int) -> tuple[float, float]:
    """Domains a second, the program's start included; and its greatest memory in MiB."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "domains.txt"
        file.write_text("".join(f"d{number}.example\n" for number in range(count)))
        command = [sys.executable, "-m", "ui.start", "check", str(file)]
        begun = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--nameserver", f"127.0.0.1:{port}"],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        with process.stdout as output:
            lines = sum(1 for _ in output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        elapsed = time.perf_counter() - begun
    if (lines, process.returncode) != (count, 1):
        raise RuntimeError(f"{lines} lines, status {process.returncode}")
    return count / elapsed, _mebibytes(usage)


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> int:
    good = True
    with slow_dns(zone()) as (port, counts):
        _, few_memory = check(port, FEW)
        ours, memory = check(port, MANY)
    with slow_dns(zone()) as (port, _):
        theirs = None
        if importlib.util.find_spec("checkdmarc"):
            theirs = run_python(CHECKDMARC, str(port), str(SAMPLE))["per_second"]
    rate = f"({ours:.1f} domains/s)"
    if theirs is None:
        sys.stdout.write(f"skip {WANTED} × checkdmarc ÷ check {rate}: not installed\n")
    else:
        detail = f"({theirs:.2f} and {ours:.1f} domains/s: {ours / theirs:.0f} ×)"
        good &= verdict(f"{WANTED} × checkdmarc ÷ check", WANTED * theirs / ours, 1.0, detail)
    detail = f"({memory:.0f} ÷ {few_memory:.0f} MiB)"
    good &= verdict(f"memory of {MANY} ÷ {FEW} domains", memory / few_memory, MEMORY_BOUND, detail)
    asked = f"({counts['asked'] / (MANY + FEW):.1f} for each domain)"
    good &= verdict("questions under way at most", counts["most"], MOST_AT_ONCE, asked)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
