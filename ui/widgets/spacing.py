"""The grid that everything is laid out on."""

from typing import Final

GRID: Final = 8
