"""``practice``: runs the practice company until it is interrupted."""

import asyncio
import contextlib
import signal
import sys
import threading
from typing import Final

import msgspec

from wizard.cli.call import Call, CannotDoError
from wizard.practice.company import PracticeCompany
from wizard.practice.facts import ZoneEntry, facts_lines
from wizard.practice.listen import PracticeError

MAX_LINE: Final = 64 << 10


async def run(call: Call) -> int:
    """Runs until Ctrl-C, or until standard input ends; status 3 when a port is taken."""
    try:
        company = await PracticeCompany.start(call.options.port_base)
    except PracticeError as problem:
        raise CannotDoError(call.render(problem.message)) from None
    try:
        facts = company.facts()
        over = asyncio.Event()
        if call.options.registrar:
            _take_entries(call, company, over)
        call.emit(facts)
        for line in facts_lines(facts):
            call.say(call.render(line))
        call.say(call.texts("cli.practice.running"))
        # Whoever ends it politely gets no folder left behind.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
        await over.wait()
    finally:
        await company.stop()
    return 0


def _take_entries(call: Call, company: PracticeCompany, over: asyncio.Event) -> None:
    """Read standard input on a thread: no event loop can wait for it on every system."""
    loop = asyncio.get_running_loop()

    def refuse(problem: BaseException) -> None:
        call.tell(call.texts("cli.practice.no_entry", reason=str(problem)))

    def entered(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (problem := task.exception()) is not None:
            refuse(problem)

    def enter(line: bytes) -> None:
        try:
            entry = msgspec.json.decode(line, type=ZoneEntry)
        except ValueError as problem:
            refuse(problem)
        else:
            company.publish_later(entry.records, entry.after_s).add_done_callback(entered)

    def read() -> None:
        with contextlib.suppress(RuntimeError, OSError):  # the loop ended first
            while line := sys.stdin.buffer.readline(MAX_LINE):
                loop.call_soon_threadsafe(enter, line)
            loop.call_soon_threadsafe(over.set)

    threading.Thread(target=read, name="registrar", daemon=True).start()
