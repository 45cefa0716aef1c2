"""Memory of the window after a full tour, ÷ memory of a bare PySide6 window (resident set)."""

import sys

from measure import run_python, verdict

BOUND = 2.0

RESIDENT = """
import json, sys
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20
"""
BARE = (
    RESIDENT
    + """
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.setCentralWidget(QLabel("openAPPone Mail Wizard"))
window.resize(1100, 760)
window.show(); app.processEvents()
print(json.dumps({"mib": resident()}))
"""
)
TOUR = (
    RESIDENT
    + """
import contextlib, io
from ui.imports import import_ordinarily
import_ordinarily()
from ui.tour import run_tour
from ui.tour_arguments import TourOptions
with contextlib.redirect_stdout(io.StringIO()):
    status = run_tour(TourOptions(None, "en", "light", (1100, 760)))
print(json.dumps({"mib": resident(), "status": status}))
"""
)


def main() -> int:
    bare, tour = run_python(BARE)["mib"], run_python(TOUR)
    ours = tour["mib"]
    good = verdict(
        "memory after the tour ÷ bare window", ours / bare, BOUND, f"{ours:.0f} / {bare:.0f} MiB"
    )
    return 0 if good and tour["status"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
