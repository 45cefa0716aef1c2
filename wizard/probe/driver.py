"""A probe from its first look-up to its report, and what is tried when it fails.

After a failure there may be a second look, never with a secret: at the certificate that was not
accepted, or at other ports of the host. The whole keeps its bound.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import EmailAddress, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.alternatives import (
    may_be_wrong,
    wants_tls_at_once,
    worth_looking,
)
from wizard.probe.dialogue import Conversation, Envelope, Errand
from wizard.probe.record import Listeners, OnBegin, OnStage
from wizard.probe.report import Alternative, CertificateFault, Failure, ProbeReport
from wizard.probe.run import (
    NOTHING_TO_SEND,
    STAGES_IN_ALL,
    Purpose,
    Run,
    Trust,
)
from wizard.probe.second_looks import SecondLooks

__all__ = ["STAGES_IN_ALL", "converse", "probe"]

# A server that has not answered in this part of a stage is asked elsewhere meanwhile, so that the
# answer is there when the stage is over.
PATIENCE: Final = 1 / 3
_WAITING: Final = (Stage.CONNECT, Stage.GREETING)


async def probe(
    settings: ServerSettings,
    secret: Secret | None,
    network: Network,
    *,
    senders: Sequence[EmailAddress] = (),
    recipient: EmailAddress | None = None,
    on_stage: OnStage | None = None,
    on_begin: OnBegin | None = None,
    looks: SecondLooks | None = None,
) -> ProbeReport:
    """Talk to a server as far as a mail program would, without sending or changing anything.

    Each stage is bounded by ``network.stage_timeout`` seconds, the whole by four times that.
    Cancelling closes the connection at once. ``looks`` is for tests that share their second looks.
    """
    return await converse(
        settings,
        secret,
        network,
        envelope=Envelope(tuple(senders), recipient),
        on_stage=on_stage,
        on_begin=on_begin,
        looks=looks,
    )


async def converse(
    settings: ServerSettings,
    secret: Secret | None,
    network: Network,
    *,
    envelope: Envelope = NOTHING_TO_SEND,
    errand: Errand | None = None,
    seconds: float | None = None,
    on_stage: OnStage | None = None,
    on_begin: OnBegin | None = None,
    looks: SecondLooks | None = None,
) -> ProbeReport:
    """The same as :func:`probe`, or with an errand behind the login.

    ``seconds`` bounds the whole of a conversation that is meant to last.
    """
    purpose, listeners = Purpose(envelope, errand, seconds), Listeners(on_stage, on_begin)
    by_hand = settings.fingerprint and settings.security is not Security.NONE
    trust = Trust.FINGERPRINT if by_hand else Trust.AUTHORITIES
    async with AsyncExitStack() as stack:
        if looks is None:
            looks = await stack.enter_async_context(SecondLooks())
        talk = _Talk(Run(settings, secret, network, trust, listeners), network, looks)
        await talk.run_to_its_end(purpose)
        if talk.run.fault is CertificateFault.CHANGED:
            # It may have a proper certificate by now.
            again = _Talk(Run(settings, secret, network, listeners=listeners), network, looks)
            await again.run_to_its_end(purpose)
            talk = again if again.run.fault is None else talk
        return await talk.report()


class _Talk:
    """One conversation, watched: when it is stuck, other ways are tried meanwhile."""

    def __init__(self, run: Run, network: Network, looks: SecondLooks) -> None:
        self.run = run
        settings = run.settings
        self.conversation = Conversation(settings.security is Security.TLS, settings.plain_login)
        self._failure: Failure | None = None
        self._network = network
        self._looks = looks
        self._found: tuple[Alternative, ...] = ()

    async def run_to_its_end(self, purpose: Purpose) -> None:
        settings, network = self.run.settings, self._network
        # An errand goes to a server that was tested: nobody asks for other ways to it.
        tested = purpose.errand is not None
        talking = asyncio.create_task(self.run.converse(self.conversation, purpose))
        try:
            await asyncio.wait({talking}, timeout=network.stage_timeout * PATIENCE)
            stage = self.run.stage
            stuck = not talking.done() and stage in _WAITING and may_be_wrong(settings, stage)
            if stuck and not tested:
                self._looks.begin_alternatives(settings, stage, network, self._seconds())
            self._failure = await talking
        finally:
            if not talking.done():
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)
        failure = self._failure
        if failure is not None and not tested and worth_looking(settings, failure):
            seconds = self._seconds()
            look = self._looks.alternatives(settings, failure.stage, network, seconds)
            self._found = await look

    def _seconds(self) -> float:
        """For other ways: what is left of a stage behind our patience, within the whole's bound."""
        return min(self.run.seconds_left(), self._network.stage_timeout * (1 - PATIENCE))

    async def report(self) -> ProbeReport:
        run, failure = self.run, self._failure
        if failure is not None and wants_tls_at_once(run.settings, failure, self._found):
            failure = replace(failure, cause=Cause.PLAINTEXT_ON_TLS_PORT)
        if run.tls is not None:
            by_hand = run.fault is None and not run.tls.trusted
            run.tls = replace(run.tls, by_hand=by_hand, fault=run.fault)
        elif run.fault is not None:
            seconds = run.seconds_left()
            look = self._looks.certificate(run.settings, run.fault, self._network, seconds)
            run.tls = await look
        return replace(run.report(self.conversation, failure), alternatives=self._found)
