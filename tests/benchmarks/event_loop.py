"""The longest pause of the window's event loop while 50 mailboxes are tested at once.

A third of the servers is healthy (as far as their refusal of the login), a third slow, a third
silent. They run in a process of their own, so that only the window's work is measured.
"""

import statistics
import sys

from measure import run_python, verdict

RUNS = 5
BOUND_MS = 20.0

CODE = r"""
import asyncio, json, os, subprocess, sys, time
from dataclasses import replace
SERVERS = '''
import asyncio, sys
async def healthy(r, w, pause):
    w.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\\r\\n")
    while line := await r.readline():
        await asyncio.sleep(pause)
        w.write(line.split()[0] + b" NO [AUTHENTICATIONFAILED] no\\r\\n")
async def silent(r, w):
    await r.read()
async def main():
    made = [await asyncio.start_server(lambda r, w: healthy(r, w, 0), "127.0.0.1", 0),
            await asyncio.start_server(lambda r, w: healthy(r, w, 0.3), "127.0.0.1", 0),
            await asyncio.start_server(silent, "127.0.0.1", 0)]
    print(*[one.sockets[0].getsockname()[1] for one in made], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
'''
servers = subprocess.Popen([sys.executable, "-c", SERVERS], stdout=subprocess.PIPE, text=True)
ports = servers.stdout.readline().split()
from ui.imports import import_ordinarily
import_ordinarily()
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from ui.app import make_application, make_window
from wizard.flow import Step
from wizard.model import Secret, Security
from wizard.network import Network
from wizard.probe import dialogue
from wizard.server_form import ServerForm
from wizard.updates import add_mailbox, edit_receiving, enter_company
app = make_application()
window = make_window(keep=False)
session = window.session
session.use_network(Network(stage_timeout=1.0))
window.show()
def fill(setup):
    setup = enter_company(setup, "info@acme.example")
    for number in range(48):
        setup = add_mailbox(setup, f"box{number}")
    return edit_receiving(setup, lambda _: ServerForm("127.0.0.1", ports[0], Security.NONE, "x"))
gaps, clock = [], QElapsedTimer()
beat = QTimer(interval=4, timerType=Qt.TimerType.PreciseTimer)
def tick():
    gaps.append(clock.nsecsElapsed() / 1e6 - 4)
    clock.restart()
beat.timeout.connect(tick)
# Each mailbox at its own server: the port is dealt out as the tests begin.
import wizard.actions as actions
plain = actions.mailbox_form
deal = iter(int(ports[n % 3]) for n in range(10_000))
actions.mailbox_form = lambda *given: replace(plain(*given), port=str(next(deal)))
def begin():
    session.apply(fill)
    for entry in session.setup.receiving.mailboxes:
        session.set_secret(f"mailbox:{entry.id}", Secret("x"))
    window.go(Step.RECEIVING)
    QTimer.singleShot(600, measure)
def measure():
    page = window.page(Step.RECEIVING)
    clock.start(); beat.start()
    page.test()
    def over():
        beat.stop()
        print(json.dumps({"worst": max(gaps[1:]), "beats": len(gaps)}), flush=True)
        servers.kill(); os._exit(0)
    def look():
        if not page._running:
            watch.stop()
            # What the page does with the last results, a failure explained, counts too.
            QTimer.singleShot(500, over)
    watch = QTimer(window, interval=50); watch.timeout.connect(look); watch.start()
session.catalog_ready.connect(lambda: QTimer.singleShot(300, begin))
app.exec()
"""


def main() -> int:
    worst = [run_python(CODE)["worst"] for _ in range(RUNS)]
    detail = "ms, " + " ".join(f"{one:.0f}" for one in sorted(worst))
    good = verdict("longest pause with 50 mailboxes", statistics.median(worst), BOUND_MS, detail)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
