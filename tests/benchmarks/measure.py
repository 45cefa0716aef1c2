"""What the benchmarks share: a program's own words, the best of several runs, one line a ratio."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def run_python(code: str, *arguments: str) -> dict[str, float]:
    """Run code in a fresh interpreter; it prints one JSON object of numbers."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    numbers: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return numbers


def verdict(name: str, value: float, bound: float, detail: str) -> bool:
    """Print one line; is the bound kept?"""
    good = value <= bound
    sys.stdout.write(f"{'ok  ' if good else 'OVER'} {name}: {value:.2f} (≤ {bound}) {detail}\n")
    sys.stdout.flush()
    return good
