"""``dns``: the document of the contract, formats, statuses, and the watch in virtual time."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servers.knot import two_servers
from servers.nameservers import Authority, name_servers
from wizard.cli import dns as command
from wizard.cli.arguments import build_parser
from wizard.cli.call import CannotDoError, make_call
from wizard.records.watch import Clocks, Pause

ROOT = Path(__file__).parent.parent.parent
D = "acme.test"
TARGET = "ihrerp._domainkey.appone.cloud"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
OLD = "v=spf1 mx -all"
NEW = "v=spf1 mx include:_spf.appone.cloud -all"

HEAD = """$TTL 300
@ SOA ns1.acme.test. hostmaster 1 3600 600 86400 60
@ NS ns1.acme.test.
@ NS ns2.acme.test.
"""
BEFORE = f"""{HEAD}
ns1 A 127.0.0.1
ns2 A 127.0.0.2
mail A 192.0.2.25
@ MX 10 mail
@ TXT "{OLD}"
"""
AFTER = BEFORE.replace(OLD, NEW) + f"ihrerp._domainkey CNAME {TARGET}.\n"
APPONE = f"""{HEAD}
_spf TXT "v=spf1 ip4:198.51.100.0/26 -all"
ihrerp._domainkey TXT "{KEY}"
"""


@pytest.fixture(scope="module")
def lagging() -> Iterator[int]:
    """Two real servers; the second does not have the new records yet."""
    first = {D: AFTER, "appone.cloud": APPONE}
    with two_servers(first, {**first, D: BEFORE}) as port:
        yield port


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ui.start", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def document(port: int, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = run("dns", D, "--json", "--nameserver", f"127.0.0.1:{port}", *arguments)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.servers
def test_the_document_of_a_zone_whose_servers_disagree(lagging: int) -> None:
    status, said = document(lagging)
    assert status == 1
    assert set(said) >= {"domain", "dns_host", "nameservers", "records", "elapsed_ms"}
    assert said["nameservers"] == ["ns1.acme.test", "ns2.acme.test"]
    records = {record["purpose"]: record for record in said["records"]}
    spf, dkim = records["spf"], records["dkim"]
    wanted = {
        *("purpose", "type", "name", "host_field", "value", "ttl", "need", "why", "state"),
        *("published", "visible", "found_elsewhere", "action", "old_value", "retry_after_s"),
    }
    assert set(spf) >= wanted
    assert (spf["state"], dkim["state"]) == ("propagating", "propagating")
    assert {one["nameserver"]: one["values"] for one in dkim["published"]} == {
        "ns1.acme.test": [TARGET],
        "ns2.acme.test": [],
    }
    assert [one["resolver"] for one in spf["visible"]] == [f"127.0.0.1:{lagging}"]
    # RFC 2308: what looked too early remembers the absence for the SOA's minimum.
    assert dkim["retry_after_s"] == 61
    assert records["mx"]["state"] == "ok"
    assert (records["dmarc"]["state"], records["dmarc"]["need"]) == ("missing", "recommended")


@pytest.mark.servers
def test_formats(lagging: int) -> None:
    at = ("--nameserver", f"127.0.0.1:{lagging}", "--dmarc-reports", "reports@acme.test")
    value = "v=DMARC1; p=none; rua=mailto:reports@acme.test"
    sheet = run("dns", D, *at, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(sheet.stdout)))
    assert [(row["type"], row["name"], row["value"]) for row in rows] == [
        ("TXT", f"_dmarc.{D}", value)
    ]
    for name in ("zone", "markdown", "text"):
        done = run("dns", D, *at, "--format", name, "--lang", "de")
        assert value in done.stdout, name
        assert done.returncode == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--for", "1"), "--watch"),
        (("--watch", "--for", "0"), "minutes"),
        (("--watch", "--for", "soon"), "minutes"),
        (("--dmarc-reports", "nobody"), "nobody"),
        (("--platform", "none"), "none"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], word: str) -> None:
    done = run("dns", D, "--nameserver", "127.0.0.1:9", *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and word in done.stderr


def test_nobody_answers() -> None:
    done = run("dns", D, "--json", "--nameserver", "127.0.0.1:9", "--timeout", "1")
    assert done.returncode == 3
    assert {one["state"] for one in json.loads(done.stdout)["records"]} == {"unknown"}


def test_the_conversation_is_told_on_standard_error_only() -> None:
    done = run("dns", D, "--json", "-v", "--nameserver", "127.0.0.1:9", "--timeout", "1")
    json.loads(done.stdout)
    assert f"127.0.0.1:9 TXT {D}.: network" in done.stderr


async def test_what_stands_in_dns_does_not_reach_the_terminal_raw(
    capsys: pytest.CaptureFixture[str],
) -> None:
    zone = company(OLD, **{f"ihrerp._domainkey.{D}": {"TXT": [["\x1b[2J\r\nx"]]}})
    server = Authority(zone, [D, "appone.cloud"])
    async with name_servers({"127.0.0.1": server}) as port:
        options = build_parser().parse_args(["dns", D, "--nameserver", f"127.0.0.1:{port}"])
        assert await command.run(make_call(options)) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\r" not in shown
    assert "\\027[2J\\013\\010x" in shown


# -- the watch, in virtual time --

OUTSIDE = {
    "_spf.appone.cloud": {"TXT": [["v=spf1 -all"]]},
    TARGET: {"TXT": [[KEY]]},
    "ns1.acme.test": {"A": ["127.0.0.1"]},
}


def company(spf: str, **more: Any) -> dict[str, Any]:
    apex = {"NS": ["ns1.acme.test."], "MX": [[10, "ns1.acme.test"]], "TXT": [[spf]]}
    return {D: apex, **OUTSIDE, **more}


async def watch(
    monkeypatch: pytest.MonkeyPatch,
    zones: list[dict[str, Any]],
    *arguments: str,
) -> tuple[int, list[float]]:
    """Run the watch; the zone is the next one after each pause. Gives status and pauses."""
    server = Authority(zones[0], [D, "appone.cloud"])
    pauses: list[float] = []
    clock = 0.0

    async def sleep(pause: Pause) -> None:
        nonlocal clock
        pauses.append(pause.seconds)
        clock += pause.seconds
        server.zone = dict(zones[min(len(pauses), len(zones) - 1)])

    monkeypatch.setattr(command, "_sleep", sleep)
    monkeypatch.setattr(command, "_now", lambda: Clocks(clock, clock))
    async with name_servers({"127.0.0.1": server}) as port:
        options = build_parser().parse_args(
            ["dns", D, "--watch", "--nameserver", f"127.0.0.1:{port}", "--lang", "en", *arguments]
        )
        return await command.run(make_call(options)), pauses


async def test_the_watch_ends_when_all_required_records_are_in_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = company(NEW, **{f"ihrerp._domainkey.{D}": {"CNAME": TARGET}})
    status, pauses = await watch(monkeypatch, [company(OLD), company(OLD), company(NEW), done])
    assert (status, pauses) == (0, [5, 10, 5])
    told = capsys.readouterr().err.splitlines()
    changes = [line.split(" ", 1)[1] for line in told if "→" in line]
    assert changes == [
        f"TXT {D}: has to be changed → right",
        f"CNAME ihrerp._domainkey.{D}: missing → right",
    ]


async def test_the_watch_ends_with_status_1_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, pauses = await watch(monkeypatch, [company(OLD)], "--for", "1", "--json")
    assert status == 1
    # The last look is at the very end.
    assert pauses == [5, 10, 20, 25]
    assert json.loads(capsys.readouterr().out)["domain"] == D


async def test_a_watch_that_hears_nobody_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = {name: {"_rcode": "SERVFAIL"} for name in (D, f"_dmarc.{D}", f"ihrerp._domainkey.{D}")}
    done = company(NEW, **{f"ihrerp._domainkey.{D}": {"CNAME": TARGET}})
    status, pauses = await watch(monkeypatch, [silent, silent, done])
    assert (status, pauses) == (0, [15, 15])
    assert "nobody answered" in capsys.readouterr().err


async def test_a_time_without_a_watch_is_refused_before_any_look() -> None:
    options = build_parser().parse_args(["dns", D, "--for", "3", "--lang", "en"])
    with pytest.raises(CannotDoError) as refused:
        await command.run(make_call(options))
    assert refused.value.status == 2
