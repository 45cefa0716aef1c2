"""Parses the command line, runs one command, ends with its status; never with a traceback.

Status: 0 all is well, 1 something wrong was found, 2 wrong usage, 3 the job could not be done,
130 interrupted. What a command does is in the module of its name.
"""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from wizard.cli.arguments import PROGRAM, build_parser

EXIT_FOUND: Final = 1
EXIT_USAGE: Final = 2
EXIT_CANNOT: Final = 3
EXIT_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    _open_missing_streams()
    parser = build_parser()
    try:
        options = parser.parse_args(arguments)
        return _run(options)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return EXIT_FOUND
    except OSError as problem:
        # A full disk behind standard output, mostly: what else can fail is an outcome of its own.
        sys.stderr.write(f"{PROGRAM}: {problem.strerror or problem}\n")
        _give_up_output()
        return EXIT_CANNOT


def _open_missing_streams() -> None:
    """Who starts the program with a stream closed gives it nothing to read, and reads nothing."""
    nowhere = Path(os.devnull)
    sys.stdin = sys.stdin or nowhere.open(encoding="utf-8")
    sys.stdout = sys.stdout or nowhere.open("w", encoding="utf-8")
    sys.stderr = sys.stderr or nowhere.open("w", encoding="utf-8")


def _give_up_output() -> None:
    """Nobody takes it: keep the interpreter from failing once more at its last flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(options: argparse.Namespace) -> int:
    import asyncio  # noqa: PLC0415 - --help needs none of it
    import gc  # noqa: PLC0415

    from wizard.cli.call import CannotDoError, make_call  # noqa: PLC0415

    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")
    try:
        call = make_call(options)
        command = importlib.import_module(f"wizard.cli.{options.command}")
        # What is imported by now stays to the end: collecting it again only costs time.
        gc.freeze()
        status: int = asyncio.run(command.run(call))
    except CannotDoError as problem:
        sys.stderr.write(f"{PROGRAM}: {problem}\n")
        return problem.status
    return status
