"""The command line as scripts use it: documents, statuses, one clear line, never a traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ui.start", *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def practice() -> Iterator[dict[str, Any]]:
    """The practice company as ``mail-wizard practice`` runs it, ended by Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.start", "practice", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line)
            if line.rstrip() == "}":
                break
        facts: dict[str, Any] = json.loads("".join(lines))
        yield facts
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 130
        assert not Path(facts["ca_file"]).exists()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def at(practice: dict[str, Any]) -> list[str]:
    return ["--nameserver", practice["nameserver"], "--ca-file", practice["ca_file"], "--json"]


def server(practice: dict[str, Any], protocol: str, security: str) -> str:
    for one in practice["servers"]:
        if (one["protocol"], one["security"]) == (protocol, security):
            return f"{one['host']}:{one['port']}"
    raise LookupError(protocol)


def test_detect(practice: dict[str, Any]) -> None:
    done = run("detect", "info@practice.test", *at(practice))
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["domain"] == "practice.test"
    assert document["incoming"][0]["protocol"] == "imap"
    assert document["incoming"][0]["security"] == "tls"
    assert {offer["source"] for offer in document["outgoing"]} == {"srv"}
    assert done.stderr == ""


def test_detect_by_autoconfiguration(practice: dict[str, Any]) -> None:
    port = practice["autoconfig_url"].split(":")[2].split("/")[0]
    done = run("detect", "info@practice.test", "--https-port", port, "-v", *at(practice))
    document = json.loads(done.stdout)
    assert done.returncode == 0
    first = document["incoming"][0]
    assert first == first | {
        "protocol": "imap",
        "host": "imap.practice.test",
        "security": "tls",
        "username": "info@practice.test",
        "source": "autoconfig",
        "check": "working",
        "owner": "company",
    }
    assert "plain" in first["auth"]
    assert document["evidence"][0]["source"] == "autoconfig"
    assert document["evidence"][0]["trusted"] is True
    assert [one["source"] for one in document["answers"]] == [
        "preset", "autoconfig", "ispdb", "autodiscover", "srv", "mx", "guess",
    ]  # fmt: skip
    # What each source said stood on standard error as it came.
    assert "autoconfiguration" in done.stderr


def test_detect_leaves_the_public_list_alone(practice: dict[str, Any]) -> None:
    done = run("detect", "practice.test", "--no-ispdb", *at(practice))
    answers = {one["source"]: one for one in json.loads(done.stdout)["answers"]}
    assert answers["ispdb"]["verdict"] == "not_asked"
    assert json.loads(done.stdout)["address"] == ""


def test_detect_for_people(practice: dict[str, Any]) -> None:
    done = run("detect", "info@practice.test", "--lang", "de", *at(practice)[:-1])
    assert done.returncode == 0
    assert "imap imap.practice.test:" in done.stdout
    assert "antwortet" in done.stdout


def test_detect_finds_nothing(practice: dict[str, Any]) -> None:
    done = run("detect", "nowhere.practice.test", *at(practice))
    assert done.returncode == 1
    assert json.loads(done.stdout)["incoming"] == []


@pytest.mark.parametrize(("protocol", "last"), [("smtp", "rcpt"), ("imap", "select")])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_test(practice: dict[str, Any], protocol: str, last: str, security: str) -> None:
    senders = ["--sender", "info@practice.test", "--recipient", "catchall@practice.test"]
    done = run(
        "test", protocol, server(practice, protocol, security), "--security", security,
        "--user", "info@practice.test", "--password-stdin", *at(practice),
        *(senders if protocol == "smtp" else []),
        given=practice["accounts"][0]["password"] + "\n",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert document["ok"]
    stages = [stage["stage"] for stage in document["stages"]]
    head = ["resolve", "connect"]
    middle = (
        ["tls", "greeting", "capability", "auth"]
        if security == "tls"
        else ["greeting", "capability", "starttls", "tls", "auth"]
    )
    assert stages[: len(head + middle)] == head + middle
    assert stages[-1] == last
    assert document["tls"]["trusted"]
    assert practice["accounts"][0]["password"] not in done.stdout
    assert document["transcript"]


def test_a_wrong_password(practice: dict[str, Any]) -> None:
    done = run(
        "test", "imap", server(practice, "imap", "tls"), "--security", "tls",
        "--user", "info@practice.test", "--password-stdin", *at(practice), given="falsch",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert not document["ok"]
    assert document["stages"][-1] == document["stages"][-1] | {"stage": "auth", "ok": False}
    assert document["diagnosis"]["cause"] == "wrong_credentials"
    assert document["diagnosis"]["remedies"]
    assert "falsch" not in done.stdout + done.stderr


def test_spf(practice: dict[str, Any]) -> None:
    done = run("spf", "practice.test", *at(practice))
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["action"] == "update"
    assert document["record"].endswith(" include:_spf.appone.cloud -all")
    assert "".join(document["strings"]) == document["record"]
    assert document["lookups_after"] == document["lookups_before"] + 1
    assert document["tree"]["children"]


def test_dns(practice: dict[str, Any]) -> None:
    done = run("dns", "practice.test", "--route", "both", *at(practice))
    document = json.loads(done.stdout)
    assert done.returncode == 1
    spf = next(record for record in document["records"] if record["purpose"] == "spf")
    assert (spf["state"], spf["action"], spf["host_field"]) == ("wrong", "replace", "@")
    zone = run("dns", "practice.test", "--format", "zone", *at(practice)[:4])
    assert "IN\tCNAME\tihrerp._domainkey.appone.cloud." in zone.stdout


@pytest.mark.parametrize("before", [True, False])
def test_common_options_stand_before_or_behind(before: bool) -> None:
    options = ["--lang", "de", "--json"]
    command = ["diagnose", "--protocol", "smtp"]
    done = run(*(options + command if before else command + options), given="535 5.7.8 no")
    assert json.loads(done.stdout)["title"] == "Benutzername oder Passwort wird abgelehnt"


def test_diagnose() -> None:
    done = run("diagnose", "--protocol", "imap", "--json", given="a1 NO [LIMIT] too many")
    assert (done.returncode, json.loads(done.stdout)["cause"]) == (0, "rate_limited")
    done = run("diagnose", "--protocol", "smtp", "--json", given="never heard of")
    assert (done.returncode, json.loads(done.stdout)["cause"]) == (1, "unknown")
    odd = ["--stage", "nonsense", "--provider", "nobody"]
    assert run("diagnose", "--protocol", "smtp", *odd, given="250 ok").returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["detect"],
        ["detect", "not an address"],
        ["detect", "acme.example", "--https-port", "0"],
        ["test", "smtp", "smtp.acme.example"],
        ["test", "smtp", "smtp.acme.example:99999", "--security", "tls"],
        ["test", "smtp", "smtp.acme.example", "--security", "tls", "--user", "x"],
        ["spf", "x", "--nameserver", "nowhere"],
        ["spf", "acme.example", "--timeout", "-1"],
        ["spf", "acme.example", "--server", "not a host"],
        ["detect", os.fsdecode(b"a\xff@acme.example")],
        ["spf", "acme.example", "--ca-file", "/does/not/exist.pem"],
        ["dns", "acme.example", "--platform", "nonsense"],
        ["practice", "--port-base", "80"],
        ["tour", "--size", "1x1"],
    ],
)
def test_wrong_usage_is_one_clear_line(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.strip()
    assert len(done.stderr.strip().splitlines()) == 1


def test_without_any_resolver_the_job_cannot_be_done() -> None:
    nobody = ["--nameserver", "127.0.0.1:9", "--timeout", "0.5"]
    assert run("detect", "acme.example", *nobody).returncode == 3
    assert run("test", "smtp", "smtp.acme.example", "--security", "tls", *nobody).returncode == 3


@pytest.mark.skipif(sys.platform != "linux", reason="needs a POSIX shell and /dev/full")
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("check - <&-", 0),
        ("diagnose --protocol smtp <&-", 1),
        ("diagnose --protocol smtp </dev/null >&-", 1),
        ("diagnose --protocol smtp </dev/null >/dev/full", 3),
        ("nonsense 2>&-", 2),
    ],
)
def test_streams_that_are_closed_or_full(command: str, status: int) -> None:
    shell = f'exec "$0" -m ui.start {command}'
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= (2 if "usage" in done.stderr else 1)
    assert done.returncode == status


def test_help_and_version() -> None:
    assert run("--version").stdout.startswith("mail-wizard ")
    for command in ("detect", "test", "diagnose", "spf", "dns", "practice", "tour"):
        assert run(command, "--help").returncode == 0


def test_a_certificate_can_be_trusted_by_its_fingerprint(practice: dict[str, Any]) -> None:
    where = [
        "test", "imap", server(practice, "imap", "tls"), "--security", "tls",
        "--user", "info@practice.test", "--password-stdin",
        "--nameserver", practice["nameserver"], "--json",
    ]  # fmt: skip
    password = practice["accounts"][0]["password"]
    done = run(*where, given=password)
    document = json.loads(done.stdout)
    assert (done.returncode, document["diagnosis"]["cause"]) == (1, "cert_untrusted")
    assert document["tls"]["fault"] == "unknown_authority"
    options = [one["option"] for one in document["diagnosis"]["remedies"] if one["option"]]
    assert options == [f"--trust-certificate {document['tls']['fingerprint']}"]

    done = run(*where, *options[0].split(), given=password)
    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert (document["tls"]["trusted"], document["tls"]["trusted_by_hand"]) == (False, True)
    assert done.stderr.strip()
    assert run(*where, "--trust-certificate", "0" * 64, given=password).returncode == 1
    assert run(*where, "--trust-certificate", "nonsense", given=password).returncode == 2


def test_the_wrong_mode_and_what_works_instead(practice: dict[str, Any]) -> None:
    done = run(
        "test", "smtp", server(practice, "smtp", "starttls"), "--security", "tls",
        "--user", "info@practice.test", "--password-stdin", *at(practice), given="x",
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["diagnosis"]["cause"] == "tls_on_plaintext_port"
    first = document["alternatives"][0]
    assert (first["security"], first["works"]) == ("starttls", True)
    assert document["diagnosis"]["remedies"][0]["option"].endswith("--security starttls")


def test_diagnose_finds_out_the_protocol_and_what_changes_by_date() -> None:
    said = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
    done = run("diagnose", "--json", given=said)
    document = json.loads(done.stdout)
    assert (done.returncode, document["protocol"]) == (0, "smtp")
    assert document["cause"] == "smtp_auth_disabled_tenant"
    assert [one["date"] for one in document["changes"]] == ["2026-12-31"]
    assert document["others"]
