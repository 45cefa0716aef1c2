"""A DNS server on loopback that answers after a fixed time, at next to no cost of its own.

Every answer is made before it is asked for, so that not this server is what a benchmark measures.
Run as a program it serves the zones it is given as JSON on standard input (``tests/servers/zones``
says how they look) and prints its port; it ends when standard input does. ``_silent`` names never
answer.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

Zone = dict[str, dict[str, Any]]
HERE = Path(__file__).resolve().parent
DELAY_S = 0.030


class QuickServer(asyncio.DatagramProtocol):
    """Copies the question and appends the answer's octets; nothing is parsed twice."""

    def __init__(self, answers: dict[bytes, bytes], names: set[bytes], silent: set[bytes]) -> None:
        self._answers = answers
        self._names = names
        self._silent = silent
        self._transport: asyncio.DatagramTransport | None = None
        self.asked = 0
        self.under_way = 0
        self.most_at_once = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        end = data.index(b"\0", 12) + 5
        question = data[12:end].lower()
        if question[:-4] in self._silent:
            return
        self.asked += 1
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        found = self._answers.get(question)
        if found is not None:
            reply = data[:2] + found[:10] + data[12:end] + found[10:]
        else:
            code = b"\x84\x00" if question[:-4] in self._names else b"\x84\x03"
            reply = data[:2] + code + b"\0\1\0\0\0\1\0\0" + data[12:end] + SOA
        asyncio.get_running_loop().call_later(DELAY_S, self._send, reply, address)

    def _send(self, reply: bytes, address: tuple[str, int]) -> None:
        self.under_way -= 1
        if self._transport is not None:
            self._transport.sendto(reply, address)


# Owner: the root; it only tells how long an absence may be remembered.
SOA = b"\0\0\6\0\1\0\0\1\x2c\0\x16\0\0" + b"\0\0\0\1" * 4 + b"\0\0\1\x2c"


def prepare(zone: Mapping[str, Mapping[str, Any]]) -> tuple[dict[bytes, bytes], set[bytes]]:
    """Answers by question, and all names that exist, as octets on the wire."""
    import dns.flags
    import dns.message
    import dns.name

    sys.path.insert(0, str(HERE.parent))
    from servers.zones import TableServer

    table = TableServer(zone)
    answers: dict[bytes, bytes] = {}
    names: set[bytes] = set()
    for name, entry in zone.items():
        wire = dns.name.from_text(name).to_wire()
        for place in range(len(name.split("."))):
            names.add(dns.name.Name(dns.name.from_text(name).labels[place:]).to_wire())
        kinds = ["A", "AAAA", "MX", "TXT", "NS", "CNAME"] if "CNAME" in entry else list(entry)
        for kind in kinds:
            if kind.startswith("_"):
                continue
            query = dns.message.make_query(name, kind)
            response = table.answer(query.to_wire())
            if response is None or not response.answer:
                continue
            octets = response.to_wire()
            question_end = 12 + len(wire) + 4
            answers[octets[12:question_end].lower()] = octets[2:12] + octets[question_end:]
    return answers, names


async def serve() -> None:
    zone = json.loads(sys.stdin.readline())
    answers, names = prepare(zone)
    import dns.name

    silent = {dns.name.from_text(n).to_wire() for n, entry in zone.items() if "_silent" in entry}
    server = QuickServer(answers, names, silent)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: server, local_addr=("127.0.0.1", 0))
    sys.stdout.write(f"{transport.get_extra_info('sockname')[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    sys.stdout.write(json.dumps({"asked": server.asked, "most": server.most_at_once}) + "\n")
    sys.stdout.flush()
    transport.close()


@contextlib.contextmanager
def slow_dns(zone: Zone) -> Iterator[tuple[int, dict[str, int]]]:
    """The port of such a server in a process of its own; its counts are filled in at the end."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(zone) + "\n")
    process.stdin.flush()
    counts: dict[str, int] = {}
    try:
        yield int(process.stdout.readline()), counts
        process.stdin.write("\n")
        process.stdin.flush()
        counts |= json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    asyncio.run(serve())
