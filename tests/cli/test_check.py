"""``check``: many domains in order, broken lines as results, memory bounded, Ctrl-C."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servers.zones import serve

ROOT = Path(__file__).parent.parent.parent
ZONE: dict[str, Any] = {
    "_spf.appone.cloud": {"TXT": [["v=spf1 ip4:198.51.100.0/26 -all"]]},
    "ihrerp._domainkey.appone.cloud": {
        "TXT": [["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]]
    },
    "mx.acme.example": {"A": ["192.0.2.1"]},
    "acme.example": {
        "TXT": [["v=spf1 mx include:_spf.appone.cloud -all"]],
        "MX": [[10, "mx.acme.example"]],
    },
    "ihrerp._domainkey.acme.example": {"CNAME": "ihrerp._domainkey.appone.cloud"},
    "todo.example": {"TXT": [["v=spf1 mx -all"]], "MX": [[10, "mx.acme.example"]]},
    "xn--bro-hoa.example": {"TXT": [["v=spf1 mx -all"]], "MX": [[10, "mx.acme.example"]]},
    "silent.example": {"_servfail": ["TXT", "MX", "CNAME", "NS", "A", "AAAA", "SPF"]},
    "ihrerp._domainkey.silent.example": {"_servfail": ["TXT", "CNAME"]},
}


async def check(
    file: str, port: int, *options: str, given: bytes = b""
) -> tuple[int, list[dict[str, Any]], str]:
    import asyncio

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ui.start", "check", file,
        "--nameserver", f"127.0.0.1:{port}", "--timeout", "2", "--lang", "en", *options,
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(given), 60)
    assert b"Traceback" not in err
    assert process.returncode is not None
    return process.returncode, [json.loads(line) for line in out.splitlines()], err.decode()


async def test_results_in_order_and_broken_lines_among_them(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(
        "\ufeffKunde;domain\r\nA;acme.example\r\nB;kein name\r\nC;Büro.Example.\r\n\r\n"
        "D;silent.example\r\nE;\r\nF;todo.example\r\n".encode()
    )
    async with serve(ZONE) as (_, port):
        status, found, said = await check(str(file), port, "--json")
    assert status == 1
    assert [(one["line"], one["domain"], one["status"]) for one in found] == [
        (2, "acme.example", 0),
        (3, None, 2),
        (4, "xn--bro-hoa.example", 1),
        (6, "silent.example", 3),
        (7, None, 2),
        (8, "todo.example", 1),
    ]
    assert found[1]["error"]
    assert found[1]["records"] == []
    spf = next(one for one in found[5]["records"] if one["purpose"] == "spf")
    assert spf["value"] == "v=spf1 mx include:_spf.appone.cloud -all"
    assert "6 lines: 1 domain has all that is required" in said


async def test_it_says_what_dns_says() -> None:
    import asyncio

    async with serve(ZONE) as (_, port):
        _, (found,), _ = await check("-", port, given=b"todo.example\n")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ui.start", "dns", "todo.example", "--json", "--lang", "en",
            "--nameserver", f"127.0.0.1:{port}", cwd=ROOT, stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
    alone = json.loads(out)
    for name in set(alone) - {"elapsed_ms"}:
        assert found[name] == alone[name], name
    assert found["status"] == process.returncode


async def test_statuses() -> None:
    async with serve(ZONE) as (_, port):
        assert (await check("-", port, given=b"acme.example\n"))[0] == 0
        assert (await check("-", port, given=b"silent.example\n"))[0] == 3
        assert (await check("-", port, given=b""))[:2] == (0, [])
        assert (await check("-", port, given=b"acme.example\n???\n"))[0] == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("list.csv", "name,host\nA,b\n", "no column"), ("gone.csv", None, "cannot be read")],
)
async def test_wrong_usage_is_one_line(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    status, found, said = await check(str(tmp_path / name), 9)
    assert (status, found) == (2, [])
    assert words in said
    assert said.count("\n") == 1
    status, _, said = await check("-", 9, "--platform", "nonsense")
    assert (status, said.count("\n")) == (2, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that opens and cannot be read")
async def test_a_list_that_cannot_be_read_to_its_end() -> None:
    status, found, said = await check("/proc/self/mem", 9)
    assert (status, found) == (3, [])
    assert said.count("\n") == 1 and "/proc/self/mem cannot be read" in said


async def test_a_result_comes_before_the_next_line_does_and_control_c_ends() -> None:
    import asyncio

    async with serve(ZONE) as (_, port):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ui.start", "check", "-", "--nameserver", f"127.0.0.1:{port}",
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"acme.example\n")
        first = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert first["domain"] == "acme.example"
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 10) == 130
        assert await process.stderr.read() == b""
