"""Sends the proof message through the tested server and waits until it can be read.

The same dialogues as the probe's, one step further: DATA here, a look into INBOX there. Nothing
but the message with our own token is looked at, and nothing is changed.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from wizard.model import EmailAddress, Secret, ServerSettings, Stage
from wizard.network import Network
from wizard.probe.dialogue import Envelope, Header
from wizard.probe.driver import converse
from wizard.probe.report import Failure
from wizard.proof.letter import TOKEN_HEADER, new_token, read_headers, write_letter
from wizard.proof.report import ProofOutcome, ProofPhase, ProofProgress, ProofReport
from wizard.texts import Texts

# Patience: greylisting takes minutes, but somebody is waiting here.
WAIT_SECONDS: Final = 180.0
FIRST_LOOK_SECONDS: Final = 0.3
SLOWEST_LOOK_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class ProofWay:
    """Out through one server, in from another."""

    sender: EmailAddress
    recipient: EmailAddress
    outgoing: ServerSettings
    outgoing_secret: Secret | None
    incoming: ServerSettings
    incoming_secret: Secret | None


async def prove(
    way: ProofWay,
    network: Network,
    texts: Texts,
    on_progress: Callable[[ProofProgress], None],
    *,
    wait_seconds: float = WAIT_SECONDS,
) -> ProofReport:
    """Send one message and wait for it. Ends by itself after ``wait_seconds``."""
    token, started = new_token(), datetime.now(UTC)
    on_progress(ProofProgress(ProofPhase.SENDING))
    letter = write_letter(way.sender, way.recipient, token, started, texts)
    envelope = Envelope((way.sender,), way.recipient, letter)
    sent = await converse(way.outgoing, way.outgoing_secret, network, envelope=envelope)
    began, header = time.monotonic(), Header(TOKEN_HEADER, token)

    def report(
        outcome: ProofOutcome,
        failure: Failure | None = None,
        transcript: tuple[str, ...] = (),
        authentication: tuple[str, ...] = (),
    ) -> ProofReport:
        return ProofReport(
            sender=str(way.sender),
            recipient=str(way.recipient),
            token=token,
            outcome=outcome,
            started=started,
            elapsed_ms=round((time.monotonic() - began) * 1000),
            failure=failure,
            authentication=authentication,
            transcript=transcript,
        )

    if sent.report.failure is not None:
        return report(ProofOutcome.NOT_SENT, sent.report.failure, sent.report.transcript)
    pause, looks = FIRST_LOOK_SECONDS, 0
    transcript: tuple[str, ...] = ()
    while (waited := time.monotonic() - began) < wait_seconds:
        on_progress(ProofProgress(ProofPhase.WAITING, looks, waited, pause))
        await asyncio.sleep(pause)
        looks += 1
        pause = min(pause * 1.6, SLOWEST_LOOK_SECONDS)
        seen = await converse(way.incoming, way.incoming_secret, network, look_for=header)
        transcript = seen.report.transcript
        if seen.report.failure is not None:
            return report(ProofOutcome.NOT_READABLE, seen.report.failure, transcript)
        for headers in seen.found:
            letter_back = read_headers(headers)
            if letter_back is not None and letter_back.token == token:
                results = letter_back.authentication
                return report(ProofOutcome.ARRIVED, None, transcript, results)
    words = f"{way.recipient}: {token}"
    return report(ProofOutcome.NOT_FOUND, Failure(Stage.FETCH, words), transcript)
