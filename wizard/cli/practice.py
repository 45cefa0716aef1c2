"""``practice``: runs the practice company until it is interrupted."""

import asyncio
import contextlib
import signal

from wizard.cli.call import Call, CannotDoError
from wizard.practice.company import PracticeCompany
from wizard.practice.facts import facts_lines
from wizard.practice.listen import PracticeError


async def run(call: Call) -> int:
    """Runs until Ctrl-C; status 3 when a port is taken."""
    try:
        company = await PracticeCompany.start(call.options.port_base)
    except PracticeError as problem:
        raise CannotDoError(call.render(problem.message)) from None
    try:
        facts = company.facts()
        call.emit(facts)
        for line in facts_lines(facts):
            call.say(call.render(line))
        call.say(call.texts("cli.practice.running"))
        over = asyncio.Event()
        # Whoever ends it politely gets no folder left behind.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
        await over.wait()
    finally:
        await company.stop()
    return 0
