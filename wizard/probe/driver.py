"""A probe from its first look-up to its report, and what is tried when it fails.

After a failure there may be a second look, never with a secret: at the certificate that was not
accepted, or at other ports of the host. The whole keeps its bound.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import EmailAddress, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.alternatives import (
    may_be_wrong,
    try_alternatives,
    wants_tls_at_once,
    worth_looking,
)
from wizard.probe.dialogue import Conversation, Envelope, Errand
from wizard.probe.report import Alternative, CertificateFault, Failure, ProbeReport, TlsInfo
from wizard.probe.run import (
    NOTHING_TO_SEND,
    STAGES_IN_ALL,
    Listeners,
    OnBegin,
    OnStage,
    Purpose,
    Run,
    Trust,
    without_login,
)

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
) -> ProbeReport:
    """Talk to a server as far as a mail program would, without sending or changing anything.

    Each stage is bounded by ``network.stage_timeout`` seconds, the whole by four times that.
    Cancelling closes the connection at once.
    """
    return await converse(
        settings,
        secret,
        network,
        envelope=Envelope(tuple(senders), recipient),
        on_stage=on_stage,
        on_begin=on_begin,
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
) -> ProbeReport:
    """The same as :func:`probe`, or with an errand behind the login.

    ``seconds`` bounds the whole of a conversation that is meant to last.
    """
    purpose, listeners = Purpose(envelope, errand, seconds), Listeners(on_stage, on_begin)
    by_hand = settings.fingerprint and settings.security is not Security.NONE
    trust = Trust.FINGERPRINT if by_hand else Trust.AUTHORITIES
    talk = _Talk(Run(settings, secret, network, trust, listeners), network, purpose)
    await talk.run_to_its_end()
    if talk.run.fault is CertificateFault.CHANGED:
        # It may have a proper certificate by now.
        again = _Talk(Run(settings, secret, network, listeners=listeners), network, purpose)
        await again.run_to_its_end()
        if again.run.fault is None:
            talk = again
    return await talk.report()


class _Talk:
    """One conversation, watched: when it is stuck, other ways are tried meanwhile."""

    def __init__(self, run: Run, network: Network, purpose: Purpose) -> None:
        self.run = run
        self.failure: Failure | None = None
        settings = run.settings
        self.conversation = Conversation(settings.security is Security.TLS, settings.plain_login)
        self._network = network
        self._purpose = purpose
        self._found: tuple[Alternative, ...] = ()

    async def run_to_its_end(self) -> None:
        talking = asyncio.create_task(self.run.converse(self.conversation, self._purpose))
        scouting: asyncio.Task[tuple[Alternative, ...]] | None = None
        try:
            await asyncio.wait({talking}, timeout=self._network.stage_timeout * PATIENCE)
            if not talking.done() and self._purpose.errand is None and self._is_stuck():
                scouting = self._scout()
            self.failure = await talking
            # An errand goes to a server that was tested: nobody asks for other ways to it.
            tested = self._purpose.errand is not None
            if self.failure is None or tested:
                return
            if worth_looking(self.run.settings, self.failure):
                self._found = await (scouting or self._scout())
        finally:
            for task in (talking, scouting):
                if task is not None and not task.done():
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    def _is_stuck(self) -> bool:
        stage = self.run.stage
        return stage in _WAITING and may_be_wrong(self.run.settings, stage)

    def _scout(self) -> asyncio.Task[tuple[Alternative, ...]]:
        seconds = min(self.run.seconds_left(), self._network.stage_timeout * (1 - PATIENCE))
        settings, stage = self.run.settings, self.run.stage
        return asyncio.create_task(try_alternatives(settings, stage, self._network, seconds))

    async def report(self) -> ProbeReport:
        failure, settings = self.failure, self.run.settings
        if failure is not None and wants_tls_at_once(settings, failure, self._found):
            failure = replace(failure, cause=Cause.PLAINTEXT_ON_TLS_PORT)
        if self.run.fault is not None and self.run.tls is None:
            self.run.tls = await self._look_at_certificate()
        elif self.run.tls is not None:
            by_hand = self.run.fault is None and not self.run.tls.trusted
            self.run.tls = replace(self.run.tls, by_hand=by_hand, fault=self.run.fault)
        return replace(self.run.report(self.conversation, failure), alternatives=self._found)

    async def _look_at_certificate(self) -> TlsInfo | None:
        """A second connection that verifies nothing and says nothing, to show what is wrong."""
        looking = Run(without_login(self.run.settings), None, self._network, Trust.ANYBODY)
        looking.fault = self.run.fault
        try:
            async with asyncio.timeout(max(self.run.seconds_left(), 0)):
                return await looking.look()
        except TimeoutError:
            return None
