"""Letters on the whole way: submission, MX with its checks, mailbox, and back by IMAP and POP3."""

import imaplib
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from servers.way import DOMAIN, FORWARDED, GONE, LOGIN, MANY, PASSWORD, Way
from wizard.model import Protocol, Secret, Security, ServerSettings
from wizard.network import Network
from wizard.probe.driver import converse
from wizard.proof.authentication import Method, Verdict
from wizard.proof.imap_watch import watch
from wizard.proof.job import Account, Bounds, ProofJob
from wizard.proof.letter import new_token
from wizard.proof.lookout import Lookout, Memory
from wizard.proof.patience import Patience, Pauses
from wizard.proof.pop3_look import look
from wizard.proof.prove import prove
from wizard.proof.remove import remove_letters
from wizard.proof.report import (
    Activity,
    Fate,
    LetterKind,
    LetterState,
    Place,
    ProofLetter,
    Watch,
)
from wizard.texts import Texts

pytestmark = pytest.mark.servers
TEXTS = Texts.load("en")
QUICK = Bounds(
    wait=20.0,
    retries=(0.2, 0.5, 1.0, 1.0, 1.0, 1.0),
    patience=Patience(Pauses(0.1, 1.3, 1.0), Pauses(0.2, 1.5, 2.0)),
    grace=0.3,
)


@pytest.fixture
def network(way: Way) -> Network:
    return Network(ca_files=(way.authority.ca_file,), stage_timeout=10)


def account(way: Way, name: str, protocol: Protocol = Protocol.IMAP) -> Account:
    port = way.imaps if protocol is Protocol.IMAP else way.pop3s
    settings = ServerSettings(protocol, "localhost", port, Security.TLS, f"{name}@{DOMAIN}")
    return Account(settings, Secret(PASSWORD))


def letter(recipient: str, mailbox: str, sender: str = LOGIN) -> ProofLetter:
    address = recipient if "@" in recipient else f"{recipient}@{DOMAIN}"
    return ProofLetter(
        new_token(), LetterKind.MAILBOX, sender, f"bounce@{DOMAIN}", address, mailbox
    )


def job(way: Way, letters: Sequence[ProofLetter], protocol: Protocol = Protocol.IMAP) -> ProofJob:
    outgoing = ServerSettings(Protocol.SMTP, "localhost", way.submission, Security.STARTTLS, LOGIN)
    mailboxes = {one.mailbox: account(way, one.mailbox, protocol) for one in letters}
    mailboxes["bounce"] = account(way, "bounce", protocol)
    return ProofJob(
        tuple(letters), Account(outgoing, Secret(PASSWORD)), mailboxes, frozenset({"bounce"})
    )


async def run(
    way: Way,
    network: Network,
    letters: Sequence[ProofLetter],
    protocol: Protocol = Protocol.IMAP,
    bounds: Bounds = QUICK,
) -> dict[str, ProofLetter]:
    events: list[ProofLetter | Watch] = []
    done = await prove(job(way, letters, protocol), network, TEXTS, events.append, bounds)
    assert {one.token: one for one in events if isinstance(one, ProofLetter)} == {
        one.token: one for one in done
    }
    return {one.recipient.partition("@")[0]: one for one in done}


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_letters_arrive_and_tell_of_their_way(
    way: Way, network: Network, protocol: Protocol
) -> None:
    done = await run(way, network, [letter("sales", "sales"), letter("info", "info")], protocol)
    for one in done.values():
        assert one.state is LetterState.ARRIVED, one
        assert one.arrival is not None
        assert one.arrival.place is Place.INBOX
        fates = {header.name: header.fate for header in one.arrival.recipients}
        assert fates["To"] is Fate.KEPT
        assert fates["Delivered-To"] is Fate.KEPT
        assert not one.rewritten
        read = one.arrival.authentication
        assert read is not None, one
        assert read.verdict(Method.SPF) is Verdict.PASS
        assert read.verdict(Method.DKIM) is Verdict.PASS
        assert read.verdict(Method.DMARC) is Verdict.PASS
        assert f"{DOMAIN}" in read.server


async def test_the_junk_folder_is_looked_into_and_named(way: Way, network: Network) -> None:
    done = await run(way, network, [letter("junk", "sales")])
    arrival = done["junk"].arrival
    assert arrival is not None
    assert (arrival.place, arrival.folder) == (Place.JUNK, "Junk")
    assert {one.name: one.fate for one in arrival.recipients}["Delivered-To"] is Fate.CHANGED


async def test_a_catch_all_takes_what_has_no_mailbox(way: Way, network: Network) -> None:
    done = await run(way, network, [letter("nobody-made-it", "catchall")])
    arrival = done["nobody-made-it"].arrival
    assert arrival is not None
    fates = {one.name: one for one in arrival.recipients}
    assert fates["To"].fate is Fate.KEPT
    assert fates["Delivered-To"].fate is Fate.CHANGED
    assert "catchall" in fates["Delivered-To"].value


async def test_a_letter_that_a_catch_all_took_is_said_to_be_elsewhere(
    way: Way, network: Network
) -> None:
    """The mailbox of its own was never created: the catch-all has it."""
    astray = letter("never-created", "info")
    wanted = job(way, [astray, letter("catchall", "catchall")])
    wanted = replace(wanted, to_the_end=frozenset({"bounce", "catchall"}))
    done = await prove(wanted, network, TEXTS, lambda _: None, QUICK)
    one, other = done
    assert one.arrival is not None
    assert one.arrival.elsewhere == "catchall"
    assert other.arrival is not None
    assert other.arrival.elsewhere == ""


async def test_greylisting_is_waited_out(way: Way, network: Network) -> None:
    one = letter("grey", "grey")
    done = await run(way, network, [one])
    assert done["grey"].state is LetterState.ARRIVED
    assert any(triplet.endswith(f"grey@{DOMAIN}") for triplet in way.greylisted)


async def test_a_slow_one_keeps_nobody_waiting(way: Way, network: Network) -> None:
    order: list[str] = []
    letters = [letter("slow", "slow"), letter("sales", "sales")]

    def note(event: ProofLetter | Watch) -> None:
        if isinstance(event, ProofLetter) and event.state is LetterState.ARRIVED:
            order.append(event.mailbox)

    await prove(job(way, letters), network, TEXTS, note, QUICK)
    assert order == ["sales", "slow"]


async def test_a_forward_that_puts_its_own_sender_in_is_seen(way: Way, network: Network) -> None:
    done = await run(way, network, [letter(FORWARDED, "final")])
    one = done["forwarded"]
    assert one.state is LetterState.ARRIVED
    assert one.arrival is not None
    assert one.rewritten
    assert one.arrival.return_path == "srs0-bounce@forwarder.test"
    read = one.arrival.authentication
    assert read is not None
    # The forward's own mail passes for its own domain only, and it broke the signature.
    assert read.verdict(Method.DMARC) is not Verdict.PASS


async def test_a_bounce_is_read_in_the_bounce_mailbox(way: Way, network: Network) -> None:
    done = await run(way, network, [letter(GONE, "info"), letter("sales", "sales")])
    one = done["gone"]
    assert one.state is LetterState.BOUNCED
    assert one.bounce is not None
    assert one.bounce.recipient == GONE
    assert one.bounce.status == "5.1.1"
    assert "User doesn't exist" in one.bounce.words
    assert done["sales"].state is LetterState.ARRIVED


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_many_big_reports_of_others_do_not_end_the_look(
    way: Way, network: Network, protocol: Protocol
) -> None:
    mailbox = "box97" if protocol is Protocol.IMAP else "box96"
    report = b"Return-Path: <>\r\nSubject: Undelivered\r\n\r\n" + 800 * (
        b"no such user " * 5 + b"\r\n"
    )
    trusting = ssl.create_default_context(cafile=way.authority.ca_file)
    with imaplib.IMAP4_SSL("localhost", way.imaps, ssl_context=trusting) as box:
        box.login(f"{mailbox}@{DOMAIN}", PASSWORD)
        for _ in range(40):
            assert box.append("INBOX", None, None, report)[0] == "OK"
    wanted = job(way, [letter(mailbox, mailbox)], protocol)
    wanted = replace(wanted, to_the_end=frozenset())
    (one,) = await prove(wanted, network, TEXTS, lambda _: None, QUICK)
    assert one.state is LetterState.ARRIVED, one.failure


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_nobody_writes_down_what_stands_in_messages(
    way: Way, network: Network, protocol: Protocol
) -> None:
    sent = letter("box94", "box94")
    await run(way, network, [sent], protocol)
    box = account(way, "box94", protocol)
    seen: list[str] = []
    lookout = Lookout(
        since=datetime.now(UTC),
        tokens=lambda: frozenset({sent.token}),
        goes_on=lambda: not seen,
        found=lambda sighting: seen.append(sighting.letter.token),
        bounced=lambda *_: None,
        doing=lambda *_: None,
    )
    errand = partial(look, lookout, Memory())
    if protocol is Protocol.IMAP:
        errand = partial(watch, lookout, Memory(), QUICK.patience, stays=False)
    report = await converse(box.settings, box.secret, network, errand=errand)
    assert seen == [sent.token]
    written = "\n".join(report.transcript)
    assert "FETCH" in written or "TOP" in written
    assert sent.token not in written


async def test_a_sender_that_is_not_permitted_is_refused_alone(way: Way, network: Network) -> None:
    foreign = replace(letter("info", "info"), sender="ceo@other.test", envelope="ceo@other.test")
    done = await run(way, network, [foreign, letter("sales", "sales")])
    assert done["info"].state is LetterState.NOT_SENT
    assert done["info"].failure is not None
    assert "not owned by user" in done["info"].failure.words
    assert done["sales"].state is LetterState.ARRIVED


async def test_a_wrong_password_is_tried_once(way: Way, network: Network) -> None:
    wanted = job(way, [letter(f"box{number}", f"box{number}") for number in range(20)])
    wrong = replace(wanted, outgoing=replace(wanted.outgoing, secret=Secret("wrong")))
    before = way.log.read_text(errors="replace").count("SASL PLAIN authentication failed")
    done = await prove(wrong, network, TEXTS, lambda _: None, QUICK)
    assert {one.state for one in done} == {LetterState.NOT_SENT}
    after = way.log.read_text(errors="replace").count("SASL PLAIN authentication failed")
    assert after - before == 1


async def test_a_mailbox_that_vanishes_in_between_ends_as_not_readable(
    way: Way, network: Network
) -> None:
    # It goes to another mailbox, so it would be waited for until patience is over.
    waiting = letter("info", "vanish")
    seen: set[str] = set()

    def vanish(event: ProofLetter | Watch) -> None:
        told = event.state if isinstance(event, ProofLetter) else event.activity
        mailboxes = (event.mailbox,) if isinstance(event, ProofLetter) else event.mailboxes
        if "vanish" in mailboxes:
            seen.add(told)
        if told is Activity.LISTENING and LetterState.WAITING in seen:
            # Again each time: Dovecot looks once a second whether its list of users has changed.
            way.write_users(without="vanish")
            way.doveadm("kick", f"vanish@{DOMAIN}")

    try:
        (one,) = await prove(job(way, [waiting]), network, TEXTS, vanish, QUICK)
    finally:
        way.write_users()
    assert one.state is LetterState.NOT_READABLE
    assert one.protocol is Protocol.IMAP
    assert one.failure is not None
    assert "uthentication failed" in one.failure.words


async def test_what_does_not_come_is_given_up_and_can_be_looked_for_again(
    way: Way, network: Network
) -> None:
    stray = letter("sales", "info")
    (lost,) = await prove(job(way, [stray]), network, TEXTS, lambda _: None, replace(QUICK, wait=4))
    assert lost.state is LetterState.NOT_FOUND
    # The same letter, waited for where it really went: nothing is sent a second time.
    again = replace(lost, state=LetterState.WAITING, mailbox="sales")
    (found,) = await prove(job(way, [again]), network, TEXTS, lambda _: None, QUICK)
    assert found.state is LetterState.ARRIVED
    assert found.sent == lost.sent


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_only_our_own_letters_are_removed_and_no_other_is_touched(
    way: Way, network: Network, protocol: Protocol
) -> None:
    mailbox = "box99" if protocol is Protocol.IMAP else "box98"
    address = f"{mailbox}@{DOMAIN}"
    mine, others = letter(address, mailbox), letter(address, mailbox)
    await run(way, network, [others], protocol)
    done = await run(way, network, [mine], protocol)
    flags = way.doveadm("fetch", "-u", address, "flags", "mailbox", "INBOX")
    assert "\\Seen" not in flags
    accounts = {mailbox: account(way, mailbox, protocol)}
    removed = await remove_letters(list(done.values()), accounts, network)
    assert removed == {mine.token}
    left = way.doveadm("fetch", "-u", address, "hdr", "mailbox", "INBOX")
    assert others.token in left
    assert mine.token not in left


async def test_a_letter_that_lies_elsewhere_is_removed_there(way: Way, network: Network) -> None:
    """As where a catch-all took it; a mailbox that is gone by now is left out."""
    lost = letter("box95", "info")
    wanted = replace(job(way, [lost, letter("catchall", "box95")]), to_the_end=frozenset({"box95"}))
    found, _ = await prove(wanted, network, TEXTS, lambda _: None, replace(QUICK, wait=6))
    assert found.arrival is not None
    assert found.arrival.elsewhere == "box95"
    gone = replace(letter("sales", "gone"), state=LetterState.ARRIVED)
    accounts = {name: account(way, name) for name in ("info", "box95")}
    assert await remove_letters([found, gone], accounts, network) == {found.token}


async def test_a_hundred_mailboxes_take_turns(way: Way, network: Network) -> None:
    letters = [letter(f"box{number}", f"box{number}") for number in range(MANY)]
    bounds = replace(QUICK, wait=90.0)
    done = await run(way, network, letters, bounds=bounds)
    assert {one.state for one in done.values()} == {LetterState.ARRIVED}
