"""The window's modules are imported as Python does it."""

import subprocess
import sys

LOOKED_AT = """
import linecache
{call}
import ui.app
print(sum("/ui/" in name.replace("\\\\", "/") for name in linecache.cache))
"""


def _sources_read(call: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", LOOKED_AT.format(call=call)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


def test_no_source_is_read_to_look_for_a_feature_of_pyside6() -> None:
    call = "from ui.imports import import_ordinarily; import_ordinarily()"
    assert _sources_read(call) == 0


def test_the_hook_would_read_them_all() -> None:
    """When this fails, PySide6 has dropped the hook, and ``ui/imports.py`` may go."""
    assert _sources_read("import PySide6.QtCore") > 10
