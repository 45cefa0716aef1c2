"""The arguments of ``tour``, parsed before Qt is there."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from wizard.cli.arguments import Parser
from wizard.texts import system_language


@dataclass(frozen=True, slots=True)
class TourOptions:
    """How the tour is played. ``size`` is the window's width and height in pixels."""

    pictures: Path | None
    language: str
    theme: str
    size: tuple[int, int]


def parse_tour(arguments: list[str]) -> TourOptions | int:
    """The options, or the exit status after ``--help`` or wrong usage."""
    parser = Parser(
        prog="mail-wizard tour",
        description="Plays the real window against the practice company, without a display.",
    )
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save a picture of every page")
    parser.add_argument("--lang", choices=("de", "en"), default=system_language())
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", type=_size, default=(1100, 760), metavar="WxH")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    return TourOptions(options.pictures, options.lang, options.theme, options.size)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if not found or int(found[1]) < 900 or int(found[2]) < 640:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size of at least 900x640")
    return int(found[1]), int(found[2])
