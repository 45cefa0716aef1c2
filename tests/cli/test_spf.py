"""``spf``: nothing is said about what nobody told, and what strangers publish stays text."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from servers.zones import Zone, serve

ROOT = Path(__file__).parent.parent.parent
D = "acme.example"
INCLUDE = {"_spf.appone.cloud": {"TXT": [["v=spf1 ip4:198.51.100.0/26 -all"]]}}
EVERY_TYPE = ("TXT", "SPF", "MX", "CNAME", "NS", "A", "AAAA")


async def spf(zone: Zone, *options: str) -> tuple[int, str]:
    async with serve(zone) as (_, port):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ui.start", "spf", D, "--lang", "en", *options,
            "--nameserver", f"127.0.0.1:{port}", "--timeout", "1",
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
    assert b"Traceback" not in err
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.mark.parametrize("how", ["_timeout", "_servfail"])
async def test_where_nobody_answers_the_job_cannot_be_done(how: str) -> None:
    nobody: dict[str, Any] = {how: EVERY_TYPE}
    status, said = await spf(dict.fromkeys((D, "example", "*.example", "*.cloud"), nobody))
    assert status == 3
    assert "no SPF record" not in said
    assert said.startswith("Not known: DNS did not answer")


async def test_a_domain_that_fails_alone_is_something_wrong() -> None:
    status, said = await spf({D: {"_servfail": EVERY_TYPE}, **INCLUDE})
    assert status == 1
    assert said.startswith("Not known: DNS did not answer")


async def test_no_record_is_said_as_such() -> None:
    status, said = await spf({D: {"A": ["192.0.2.1"]}, **INCLUDE})
    assert status == 1
    assert said.startswith("Now: no SPF record")


async def test_a_hostile_record_does_not_move_the_cursor() -> None:
    evil = {D: {"TXT": [["v=spf1 \x1b[2J\x9b2J\u202e a:\x07 include:x\x1b[1m.example -all"]]}}
    status, said = await spf({**evil, **INCLUDE})
    assert status == 1
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(said), said
    assert "\\x1b[2J" in said
