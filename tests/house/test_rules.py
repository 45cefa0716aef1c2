"""The borders of the house."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DECIDES = (
    "wizard/model.py",
    "wizard/setup.py",
    "wizard/flow.py",
    "wizard/texts.py",
    "wizard/presets.py",
    "wizard/readiness.py",
    "wizard/summary.py",
    "wizard/erp/forms.py",
    "wizard/erp/senders.py",
)
TOUCHES_THE_WORLD = {"asyncio", "socket", "ssl", "dns", "httpx", "keyring", "subprocess", "time"}


def imports_of(path: Path) -> set[str]:
    """The top-level packages a module imports anywhere."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_import_contracts() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", DECIDES)
def test_what_decides_touches_nothing(name: str) -> None:
    assert not imports_of(ROOT / name) & TOUCHES_THE_WORLD


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
