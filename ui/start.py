"""The program's front door: the window without arguments, else the command line.

Imports neither Qt nor anything slow before it is known to be needed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

CANNOT = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] == "tour":
        return _tour(given[1:])
    if given:
        from wizard.cli.main import main as command_line  # noqa: PLC0415

        return command_line(given)
    return _window()


def _window() -> int:
    from ui.preflight import missing  # noqa: PLC0415

    problem = missing(display=True)
    if problem is not None:
        sys.stderr.write(f"mail-wizard: {problem}\n")
        return CANNOT
    from ui.app import run_window  # noqa: PLC0415

    return run_window()


def _tour(arguments: list[str]) -> int:
    from ui.tour_arguments import parse_tour  # noqa: PLC0415

    options = parse_tour(arguments)
    if isinstance(options, int):
        return options
    from ui.preflight import missing  # noqa: PLC0415

    problem = missing(display=False)
    if problem is not None:
        sys.stderr.write(f"mail-wizard tour: {problem}\n")
        return CANNOT
    from ui.tour import run_tour  # noqa: PLC0415

    return run_tour(options)


if __name__ == "__main__":
    sys.exit(main())
