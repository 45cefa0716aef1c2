"""Saved set-ups: one JSON file each, versioned, written in one step; never a secret in them.

A file that cannot be read is set aside under another name and said so; it is never overwritten
and never a reason to stop.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import platformdirs

from wizard.server_form import ServerTest
from wizard.setup import Setup
from wizard.texts import Message, message

APP: Final = "openappone-mail-wizard"
VERSION: Final = 1
MAX_BYTES: Final = 4 << 20
MAX_FILES: Final = 2_000
_ID: Final = re.compile(r"[0-9a-f]{32}")

# What turns the content of version N into that of version N + 1.
UPGRADES: Final[dict[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}


@dataclass(frozen=True, slots=True)
class SavedSetup:
    """A set-up as it was saved; ``saved`` is UTC."""

    setup: Setup
    saved: datetime


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that could not be read, and where it lies now."""

    path: Path
    message: Message


@dataclass(frozen=True, slots=True)
class NotSaved:
    """Saving failed: the disk is full, the folder is read-only …"""

    message: Message


class _Envelope(msgspec.Struct, frozen=True):
    version: int
    saved: datetime
    setup: Setup


class SetupStore:
    """The folder of saved set-ups."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(platformdirs.user_data_dir(APP, appauthor=False)) / "setups"

    def save(self, setup: Setup, now: datetime | None = None) -> SavedSetup | NotSaved:
        """Write a set-up in one step: either the old file or the new one is there, never half."""
        saved = SavedSetup(setup, now or datetime.now(UTC))
        content = _encoded(saved)
        if len(content) > MAX_BYTES:
            # Servers that talk without end must not make a file that is not read again.
            content = _encoded(replace(saved, setup=without_transcripts(setup)))
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_whole(self._path(setup.id), content)
        except OSError as problem:
            return NotSaved(message("store.not_saved", reason=problem.strerror or str(problem)))
        return saved

    def load_all(self) -> tuple[tuple[SavedSetup, ...], tuple[Damaged, ...]]:
        """Every set-up, newest first, and the files that could not be read."""
        saved: list[SavedSetup] = []
        damaged: list[Damaged] = []
        try:
            paths = sorted(self.folder.glob("*.json"))[:MAX_FILES]
        except OSError:
            paths = []
        for path in paths:
            match self.load(path):
                case SavedSetup() as good:
                    saved.append(good)
                case Damaged() as bad:
                    damaged.append(bad)
        return tuple(sorted(saved, key=lambda one: one.saved, reverse=True)), tuple(damaged)

    def load(self, path: Path) -> SavedSetup | Damaged:
        """Read one file; a damaged one is set aside."""
        match read_setup(path):
            case Damaged(message=Message(key="store.too_large" | "store.damaged") as said):
                return self._set_aside(path, said)
            case read:
                return read

    def delete(self, setup_id: str) -> None:
        """Remove a set-up; the caller also removes its secrets from the vault."""
        self._path(setup_id).unlink(missing_ok=True)

    def _path(self, setup_id: str) -> Path:
        if not _ID.fullmatch(setup_id):
            raise ValueError("a set-up's id is 32 hexadecimal digits")
        return self.folder / f"{setup_id}.json"

    def _set_aside(self, path: Path, said: Message) -> Damaged:
        aside = path.with_suffix(".damaged")
        if aside.exists():
            # One that was set aside earlier is somebody's work as well.
            aside = path.with_suffix(f".{os.urandom(4).hex()}.damaged")
        with contextlib.suppress(OSError):
            path.replace(aside)
            return Damaged(aside, said)
        return Damaged(path, said)


def read_setup(path: Path) -> SavedSetup | Damaged:
    """Read one file, and leave it where and as it is."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        return Damaged(path, message("store.unreadable", file=path.name, reason=reason))
    if len(content) > MAX_BYTES:
        return Damaged(path, message("store.too_large", file=path.name))
    try:
        tree = msgspec.json.decode(content, type=dict[str, Any])
        version = msgspec.convert(tree.get("version"), int)
        if version > VERSION:
            # Made by a newer program: left in place for it.
            return Damaged(path, message("store.newer", file=path.name))
        for old in range(version, VERSION):
            tree = UPGRADES[old](tree)
        envelope = msgspec.convert(tree, _Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, RecursionError) as problem:
        reason = str(problem)[:200]
        return Damaged(path, message("store.damaged", file=path.name, reason=reason))
    return SavedSetup(envelope.setup, envelope.saved)


def without_transcripts(setup: Setup) -> Setup:
    """The set-up without what was said in its tests; how they came out stays."""

    def bare(test: ServerTest | None) -> ServerTest | None:
        return test and replace(test, report=replace(test.report, transcript=()))

    mailboxes = tuple(replace(one, test=bare(one.test)) for one in setup.receiving.mailboxes)
    letters = tuple(replace(one, transcript=()) for one in setup.proof.letters)
    return replace(
        setup,
        sending=replace(setup.sending, test=bare(setup.sending.test)),
        receiving=replace(setup.receiving, mailboxes=mailboxes),
        proof=replace(setup.proof, letters=letters),
    )


def _encoded(saved: SavedSetup) -> bytes:
    envelope = _Envelope(VERSION, saved.saved, saved.setup)
    return msgspec.json.format(msgspec.json.encode(envelope), indent=1)


def _write_whole(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
