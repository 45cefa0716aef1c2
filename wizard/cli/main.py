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
from typing import Final

from wizard.cli.arguments import PROGRAM, build_parser

EXIT_OK: Final = 0
EXIT_FOUND: Final = 1
EXIT_USAGE: Final = 2
EXIT_CANNOT: Final = 3
EXIT_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = build_parser()
    try:
        options = parser.parse_args(arguments)
        return _run(options)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader went away; keep the interpreter from failing once more at its flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FOUND


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
