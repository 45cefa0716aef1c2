"""The practice company in a process of its own, as the window runs it.

The window stays small and its event loop undisturbed. The process is ``mail-wizard practice
--registrar``: it ends when its standard input does, so it cannot outlive the window.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

import msgspec

import wizard
from wizard.practice.facts import Account, PracticeFacts, ZoneEntry, ZoneRecord, network_to
from wizard.practice.listen import PracticeError
from wizard.texts import message

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 5.0
MAX_ANSWER: Final = 64 << 10
MODULE: Final = "wizard.cli"


class PracticeApart:
    """A running process with the practice company, and the way to it."""

    def __init__(self, facts: PracticeFacts, process: subprocess.Popen[bytes]) -> None:
        self.network = network_to(facts)
        self._facts = facts
        self._process = process

    @classmethod
    async def start(cls, language: str = "en") -> Self:
        """Start it and wait until every port is open. Raises :class:`PracticeError`.

        ``language`` is for the reason when it cannot start.
        """
        # Threads and no pipes of asyncio: those would have to be closed on this very loop.
        return cls(*await asyncio.to_thread(_start, language))

    @property
    def address(self) -> str:
        return self._facts.address

    @property
    def accounts(self) -> tuple[Account, ...]:
        return self._facts.accounts

    def facts(self) -> PracticeFacts:
        """How to reach it, for people and programs."""
        return self._facts

    def publish_later(self, records: Iterable[ZoneRecord], seconds: float) -> None:
        """Be the registrar: enter records after a while, in place of those they replace."""
        entry = ZoneEntry(tuple(records), seconds)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError, ValueError):  # it has ended
                self._process.stdin.write(msgspec.json.encode(entry) + b"\n")
                self._process.stdin.flush()

    async def stop(self) -> None:
        """Close every port and remove the folder. May be called again."""
        await asyncio.to_thread(_end, self._process)


def _start(language: str) -> tuple[PracticeFacts, subprocess.Popen[bytes]]:
    # A frozen program has no interpreter to hand a module to; it is its own command line.
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", MODULE]
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*program, "practice", "--registrar", "--json", "--lang", language],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise PracticeError(message("practice.error.no_process", reason=reason)) from problem
    too_late = threading.Timer(START_SECONDS, process.kill)
    too_late.start()
    try:
        return _facts_from(process), process
    except BaseException:
        _end(process)
        raise
    finally:
        too_late.cancel()


def _environment() -> dict[str, str]:
    """The child finds the same modules, wherever this program was started from."""
    root = str(Path(wizard.__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _facts_from(process: subprocess.Popen[bytes]) -> PracticeFacts:
    """The document it prints when all is open; else the reason it gives on standard error."""
    if process.stdout is None or process.stderr is None:
        raise ValueError("the process needs pipes")
    document = b""
    while not document.endswith(b"\n}\n") and len(document) < MAX_ANSWER:
        line = process.stdout.readline(MAX_ANSWER)
        if not line:
            break
        document += line
    try:
        return msgspec.json.decode(document, type=PracticeFacts)
    except msgspec.DecodeError as problem:
        said = process.stderr.read(MAX_ANSWER).decode("utf-8", "replace").strip()
        reason = said.splitlines()[-1] if said else str(problem)
        raise PracticeError(message("practice.error.no_process", reason=reason)) from problem


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
