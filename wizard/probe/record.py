"""What is written down about one connection: its stages with their times, and the transcript.

Secrets are masked as it is written. Nothing here touches the network.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from wizard.model import ServerSettings, Stage
from wizard.probe.dialogue import Conversation
from wizard.probe.harmless import Mask
from wizard.probe.report import Failure, ProbeReport, SenderResult, StageResult, TlsInfo

MAX_TRANSCRIPT_LINES: Final = 500
MAX_TRANSCRIPT_LINE: Final = 1_000

OnStage = Callable[[StageResult], None]
OnBegin = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who hears of stages as they begin and end."""

    on_stage: OnStage | None = None
    on_begin: OnBegin | None = None


class Record:
    """Grows as the conversation goes on. ``stage`` is the one that began last."""

    def __init__(self, secrets: tuple[str, ...], listeners: Listeners) -> None:
        """``secrets`` are all forms in which the secret may be echoed."""
        self.stage = Stage.RESOLVE
        self.mask = Mask(secrets)
        self._listeners = listeners
        self._started = time.monotonic()
        self._stage_started = self._started
        self._stages: list[StageResult] = []
        self._transcript: list[str] = []

    def begin(self, stage: Stage) -> None:
        self.stage = stage
        self._stage_started = time.monotonic()
        if self._listeners.on_begin is not None:
            self._listeners.on_begin(stage)

    def end(self, *, ok: bool, detail: str = "") -> None:
        """The stage that began last is over."""
        ms = _ms_since(self._stage_started)
        result = StageResult(self.stage, ok, ms, self.mask(detail))
        self._stages.append(result)
        if self._listeners.on_stage is not None:
            self._listeners.on_stage(result)

    def end_with(self, failure: Failure) -> Failure:
        """The conversation is over; the failure as it may be shown."""
        words = self.mask(failure.words) if failure.words.strip() else "an empty line"
        shown = Failure(failure.stage, words, failure.cause)
        if self.stage is not shown.stage:
            self.begin(shown.stage)
        self.end(ok=False, detail=shown.words)
        return shown

    def write(self, who: str, text: str) -> None:
        """One line of the conversation; ``who`` is ``C`` or ``S``. Ours come in masked."""
        if len(self._transcript) < MAX_TRANSCRIPT_LINES:
            # One entry is one line: none can pretend to be the next.
            line = (self.mask(text) if who == "S" else text).replace("\n", "\u240a")
            self._transcript.append(f"{who}: {line[:MAX_TRANSCRIPT_LINE]}")

    def seconds(self) -> float:
        """Since the connection was begun."""
        return time.monotonic() - self._started

    def seconds_of_stage(self) -> float:
        """Since the present stage began."""
        return time.monotonic() - self._stage_started

    def report(
        self,
        settings: ServerSettings,
        conversation: Conversation,
        failure: Failure | None,
        tls: TlsInfo | None,
    ) -> ProbeReport:
        return ProbeReport(
            settings=settings,
            stages=tuple(self._stages),
            tls=tls,
            capabilities=conversation.capabilities,
            senders=tuple(
                SenderResult(one.sender, one.accepted, self.mask(one.reply))
                for one in conversation.senders
            ),
            failure=failure,
            transcript=tuple(self._transcript),
            elapsed_ms=_ms_since(self._started),
            finished=datetime.now(UTC),
        )


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
