"""Process start to first painted window, ÷ the same for a bare PySide6 window with a label."""

import sys
import time

from measure import run_python, verdict

RUNS = 9
BOUND = 1.4

PAINT = """
import json, sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
class Seen(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            print(json.dumps({{"ms": (time.time() - float(sys.argv[1])) * 1000,
                              "foreign": foreign()}}), flush=True)
            QTimer.singleShot(0, lambda: __import__("os")._exit(0))
        return False
def foreign():
    known = set(sys.stdlib_module_names) | {{"PySide6", "shiboken6", "wizard", "ui", "resources"}}
    names = {{name.partition(".")[0] for name in sys.modules}}
    return len([n for n in names - known if not n.startswith("_")
                and getattr(sys.modules.get(n), "__file__", None)
                and "site-packages" in sys.modules[n].__file__
                and "__editable__" not in n and n != "sitecustomize"])
{body}
"""
BARE = PAINT.format(
    body="""
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
app = QApplication(sys.argv[:1])
window = QMainWindow()
window.setCentralWidget(QLabel("openAPPone Mail Wizard"))
window.resize(1100, 760)
seen = Seen(); window.installEventFilter(seen)
window.show(); app.exec()
"""
)
OURS = PAINT.format(
    body="""
from ui.preflight import missing
assert missing(display=True) is None
from ui.imports import import_ordinarily
import_ordinarily()
from ui.app import make_application, make_window
app = make_application()
window = make_window(keep=False)
seen = Seen(); window.installEventFilter(seen)
window.show(); app.exec()
"""
)


def main() -> int:
    for code in (BARE, OURS):  # once for the page cache and the .pyc files
        run_python(code, str(time.time()))
    # In turns, and the best of each: other work on the machine only ever adds.
    pairs = [
        (run_python(BARE, str(time.time()))["ms"], run_python(OURS, str(time.time())))
        for _ in range(RUNS)
    ]
    ours = [own for _, own in pairs]
    floor, mine = min(bare for bare, _ in pairs), min(own["ms"] for own in ours)
    good = verdict("first paint ÷ bare window", mine / floor, BOUND, f"{mine:.0f} / {floor:.0f} ms")
    foreign = max(one["foreign"] for one in ours)
    return 0 if verdict("foreign packages before it", foreign, 0, "") and good else 1


if __name__ == "__main__":
    sys.exit(main())
