"""The borders of the house."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def test_import_contracts() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_packaging_is_no_package() -> None:
    # It would shadow the library of that name and break the test runner.
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_help_needs_neither_qt_nor_the_network() -> None:
    code = (
        "import sys; sys.argv=['mail-wizard', '--help']\n"
        "from ui.start import main\n"
        "status = main()\n"
        "bad = {'PySide6', 'asyncio', 'ssl', 'dns', 'msgspec', 'keyring'} & set(sys.modules)\n"
        "sys.exit(status or (7 if bad else 0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "detect" in done.stdout


def test_no_path_of_a_workplace_is_in_the_project() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    own = Path(__file__).name
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".json", ""} and path.name != own:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert "/home/" not in text, name
            assert f"{ROOT.parent}/" not in text or len(ROOT.parts) < 3, name
