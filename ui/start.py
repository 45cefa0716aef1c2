"""The program's front door: the window without a command, else the command line.

Imports neither Qt nor anything slow before it is known to be needed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

CANNOT = 3
WINDOW_OPTIONS = ("--lang", "--theme")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] == "tour":
        return _tour(given[1:])
    if _for_window(given):
        return _window(given)
    from wizard.cli.main import main as command_line  # noqa: PLC0415

    return command_line(given)


def _for_window(given: list[str]) -> bool:
    """No command, and no option but the window's own."""
    rest = list(given)
    while rest:
        name, equals, _ = rest.pop(0).partition("=")
        if name not in WINDOW_OPTIONS:
            return False
        if not equals and rest:
            rest.pop(0)
    return True


def _window(given: list[str]) -> int:
    language = theme = None
    if given:
        from wizard.cli.arguments import PROGRAM, Parser  # noqa: PLC0415

        parser = Parser(prog=PROGRAM)
        parser.add_argument("--lang", choices=("de", "en"))
        parser.add_argument("--theme", choices=("light", "dark"))
        try:
            options = parser.parse_args(given)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else CANNOT
        language, theme = options.lang, options.theme

    from ui.preflight import missing  # noqa: PLC0415

    problem = missing(display=True)
    if problem is not None:
        sys.stderr.write(f"mail-wizard: {problem}\n")
        return CANNOT
    from ui.imports import import_ordinarily  # noqa: PLC0415

    import_ordinarily()
    from ui.app import run_window  # noqa: PLC0415

    return run_window(language, theme)


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
    from ui.imports import import_ordinarily  # noqa: PLC0415

    import_ordinarily()
    from ui.tour import run_tour  # noqa: PLC0415

    return run_tour(options)


if __name__ == "__main__":
    sys.exit(main())
