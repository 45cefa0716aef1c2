"""A proof of twenty mailboxes against the server's own delivery time of the slowest.

The floor hands the same letters to the same server over as many connections and looks at the
mailboxes' folders on disk until the last one is there: that is how long the server takes by itself.
Once with a server that is as fast as it can be, once with one mailbox that is slow.
"""

import asyncio
import smtplib
import ssl
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from measure import ROOT, verdict

sys.path.insert(0, str(ROOT / "tests"))

from servers.authority import Authority
from servers.way import DOMAIN, LOGIN, PASSWORD, Way, running_way
from wizard.model import EmailAddress, Protocol, Secret, Security, ServerSettings
from wizard.network import Network
from wizard.proof.job import Account, ProofJob
from wizard.proof.letter import new_token, write_letter
from wizard.proof.prove import SUBMISSIONS_AT_ONCE, prove
from wizard.proof.report import LetterKind, LetterState, ProofLetter
from wizard.texts import Texts

MAILBOXES = 20
RUNS = 5
BOUND = 1.5
SLOW_SECONDS = 2.0
SENDER = EmailAddress("info", DOMAIN)


def names(*, slow: bool) -> list[str]:
    usual = [f"box{number}" for number in range(MAILBOXES)]
    return [*usual[1:], "slow"] if slow else usual


def floor(way: Way, mailboxes: list[str]) -> float:
    """Seconds from the first command until the last letter lies in its folder."""
    before = {name: count(way, name) for name in mailboxes}
    started = time.perf_counter()
    threads = [
        threading.Thread(target=submit, args=(way, mailboxes[start::SUBMISSIONS_AT_ONCE]))
        for start in range(SUBMISSIONS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    while any(count(way, name) <= before[name] for name in mailboxes):
        time.sleep(0.005)
    took = time.perf_counter() - started
    for thread in threads:
        thread.join()
    return took


def submit(way: Way, mailboxes: list[str]) -> None:
    context = ssl.create_default_context(cafile=str(way.authority.ca_file))
    texts = Texts.load("en")
    with smtplib.SMTP("localhost", way.submission) as server:
        server.starttls(context=context)
        server.login(LOGIN, PASSWORD)
        for name in mailboxes:
            recipient = EmailAddress(name, DOMAIN)
            letter = write_letter(SENDER, recipient, new_token(), datetime.now(UTC), texts)
            server.sendmail(LOGIN, [str(recipient)], letter)


def count(way: Way, name: str) -> int:
    folder = way.folder / "mail" / f"{name}@{DOMAIN}" / "new"
    cur = folder.parent / "cur"
    return sum(len(list(one.iterdir())) for one in (folder, cur) if one.is_dir())


def ours(way: Way, network: Network, mailboxes: list[str]) -> float:
    """Seconds until every letter is found by IMAP."""

    def account(name: str) -> Account:
        settings = ServerSettings(
            Protocol.IMAP, "localhost", way.imaps, Security.TLS, f"{name}@{DOMAIN}"
        )
        return Account(settings, Secret(PASSWORD))

    letters = tuple(
        ProofLetter(new_token(), LetterKind.MAILBOX, LOGIN, LOGIN, f"{name}@{DOMAIN}", name)
        for name in mailboxes
    )
    outgoing = ServerSettings(Protocol.SMTP, "localhost", way.submission, Security.STARTTLS, LOGIN)
    job = ProofJob(
        letters,
        Account(outgoing, Secret(PASSWORD)),
        {name: account(name) for name in [*mailboxes, "bounce"]},
        frozenset({"bounce"}),
    )
    started = time.perf_counter()
    done = asyncio.run(prove(job, network, Texts.load("en"), lambda _: None))
    took = time.perf_counter() - started
    if {letter.state for letter in done} != {LetterState.ARRIVED}:
        raise RuntimeError("a letter did not arrive")
    return took


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="authority-"))
    good = True
    with running_way(Authority(folder)) as way:
        way.slow_s = SLOW_SECONDS
        network = Network(ca_files=(way.authority.ca_file,))
        for slow in (False, True):
            mailboxes = names(slow=slow)
            floor(way, mailboxes)
            pairs = [(ours(way, network, mailboxes), floor(way, mailboxes)) for _ in range(RUNS)]
            ratio = statistics.median(mine / theirs for mine, theirs in pairs)
            seconds = [statistics.median(column) for column in zip(*pairs, strict=True)]
            what = f"proof of {MAILBOXES} mailboxes{', one slow' if slow else ''} ÷ delivery"
            detail = f"({seconds[0]:.2f} s ÷ {seconds[1]:.2f} s)"
            good = verdict(what, ratio, BOUND, detail) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
