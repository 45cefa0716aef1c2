"""Other ways to the same host, tried without a login when the wanted one fails.

So a blocked port is told from a dead host, and a wrong TLS mode from a server that is silent.
"""

import asyncio
from dataclasses import replace
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import STANDARD_PORTS, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.dialogue import Conversation
from wizard.probe.report import Alternative, Failure
from wizard.probe.run import Purpose, Run, without_login

# Port 25 is for mail between servers: no platform should be sent there.
_NOT_OFFERED: Final = {25}
_NO_CONNECTION: Final = {
    Cause.CONNECTION_REFUSED,
    Cause.PORT_BLOCKED_OR_TIMEOUT,
    Cause.CONNECTION_DROPPED,
}
_NO_GREETING: Final = {*_NO_CONNECTION, Cause.PLAINTEXT_ON_TLS_PORT}
_WORTH_IT: Final[dict[Stage, set[Cause]]] = {
    Stage.CONNECT: _NO_CONNECTION,
    Stage.GREETING: _NO_GREETING,
    Stage.TLS: {Cause.TLS_ON_PLAINTEXT_PORT, Cause.MIDDLEBOX_INTERFERENCE},
    Stage.STARTTLS: {Cause.STARTTLS_NOT_OFFERED, Cause.MIDDLEBOX_INTERFERENCE},
}


def worth_looking(settings: ServerSettings, failure: Failure) -> bool:
    """Could another port or security be the answer to this failure?"""
    return may_be_wrong(settings, failure.stage) and failure.cause in _WORTH_IT[failure.stage]


def may_be_wrong(settings: ServerSettings, stage: Stage) -> bool:
    """Can port or security be what keeps it from coming further? Behind a handshake they cannot."""
    return stage in _WORTH_IT and (
        stage is not Stage.GREETING or settings.security is not Security.TLS
    )


def candidates(settings: ServerSettings, stage: Stage) -> tuple[tuple[int, Security], ...]:
    """What to try: this port with the other security, then the protocol's usual ports.

    Without a connection (``stage``) this port need not be tried again.
    """
    other = Security.STARTTLS if settings.security is Security.TLS else Security.TLS
    usual = [
        (port, security)
        for port, security in STANDARD_PORTS[settings.protocol].items()
        if port != settings.port and port not in _NOT_OFFERED
    ]
    here = [] if stage is Stage.CONNECT else [(settings.port, other)]
    return (*here, *usual)


async def try_alternatives(
    settings: ServerSettings, stage: Stage, network: Network, seconds: float
) -> tuple[Alternative, ...]:
    """Try all at once for so many seconds, after an end in ``stage``.

    What stands behind one that works is not waited for.
    """
    runs = [
        Run(replace(without_login(settings), port=port, security=security), None, network)
        for port, security in candidates(settings, stage)
    ]
    tasks = [asyncio.create_task(_try(run)) for run in runs]
    try:
        async with asyncio.timeout(max(seconds, 0)):
            for task in tasks:
                if (await task).works:
                    break
    except TimeoutError:
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tuple(
        _not_over(run) if task.cancelled() else task.result()
        for run, task in zip(runs, tasks, strict=True)
    )


async def _try(run: Run) -> Alternative:
    """How far a conversation without a login comes there."""
    settings = run.settings
    failure = await run.converse(Conversation(settings.security is Security.TLS), Purpose())
    if failure is None:
        return Alternative(settings.port, settings.security)
    return Alternative(settings.port, settings.security, failure.stage, failure.cause)


def _not_over(run: Run) -> Alternative:
    """As far as it came in the time there was."""
    late = Cause.PORT_BLOCKED_OR_TIMEOUT
    return Alternative(run.settings.port, run.settings.security, run.stage, late)


def wants_tls_at_once(
    settings: ServerSettings, failure: Failure, found: tuple[Alternative, ...]
) -> bool:
    """Was plain text spoken to a port that speaks TLS from the start?"""
    plain = failure.stage is Stage.GREETING and settings.security is not Security.TLS
    return plain and any(one.port == settings.port and one.speaks_tls for one in found)
