"""``mail-wizard --help``, ÷ ``python -c "import argparse, asyncio, ssl"``."""

import os
import statistics
import subprocess
import sys
import time

from measure import ROOT, verdict

RUNS = 11
BOUND = 1.6


def seconds(*arguments: str) -> float:
    environment = {key: v for key, v in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def main() -> int:
    floor_code = ("-c", "import argparse, asyncio, ssl")
    ours_code = ("-m", "ui.start", "--help")
    seconds(*floor_code)
    seconds(*ours_code)
    floor = statistics.median(seconds(*floor_code) for _ in range(RUNS))
    ours = statistics.median(seconds(*ours_code) for _ in range(RUNS))
    detail = f"{ours * 1000:.0f} / {floor * 1000:.0f} ms"
    return 0 if verdict("--help ÷ the imports alone", ours / floor, BOUND, detail) else 1


if __name__ == "__main__":
    sys.exit(main())
