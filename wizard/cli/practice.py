"""``practice``: runs the practice company until it is interrupted."""

import asyncio

from wizard.cli.call import Call, CannotDoError
from wizard.practice.company import PracticeCompany, PracticeError


async def run(call: Call) -> int:
    """Runs until Ctrl-C; status 3 when a port is taken."""
    try:
        company = await PracticeCompany.start(call.options.port_base)
    except PracticeError as problem:
        raise CannotDoError(call.render(problem.message)) from None
    try:
        facts = company.facts()
        call.emit(facts)
        call.say(call.texts("cli.practice.running"))
        await asyncio.Event().wait()
    finally:
        await company.stop()
    return 0
