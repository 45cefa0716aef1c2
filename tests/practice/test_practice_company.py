"""The practice company, visited by clients that are not ours: Python's own mail libraries."""

import asyncio
import imaplib
import json
import logging
import smtplib
import socket
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

import msgspec
import pytest

from wizard.model import EmailAddress, Protocol, Secret, Security, ServerSettings
from wizard.practice.company import PORTS, PracticeCompany
from wizard.practice.facts import PASSWORD, facts_lines
from wizard.practice.listen import HOST, PracticeError
from wizard.probe.driver import probe
from wizard.texts import LANGUAGES, Texts

T = TypeVar("T")
INFO = "info@practice.test"


@pytest.fixture
async def company() -> AsyncIterator[PracticeCompany]:
    started = await PracticeCompany.start()
    yield started
    await started.stop()


def port(company: PracticeCompany, protocol: Protocol, security: Security) -> int:
    return next(
        server.port
        for server in company.facts().servers
        if (server.protocol, server.security) == (protocol, security)
    )


def trusting(company: PracticeCompany) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=company.facts().ca_file)


def submit(company: PracticeCompany, security: Security) -> smtplib.SMTP:
    """A protected connection, before the login."""
    number = port(company, Protocol.SMTP, security)
    if security is Security.TLS:
        return smtplib.SMTP_SSL("localhost", number, context=trusting(company), timeout=5)
    client = smtplib.SMTP("localhost", number, timeout=5)
    client.starttls(context=trusting(company))
    return client


def fetch(company: PracticeCompany, security: Security) -> imaplib.IMAP4:
    """A protected connection, before the login."""
    number = port(company, Protocol.IMAP, security)
    if security is Security.TLS:
        return imaplib.IMAP4_SSL("localhost", number, ssl_context=trusting(company), timeout=5)
    client = imaplib.IMAP4("localhost", number, timeout=5)
    client.starttls(trusting(company))
    return client


def letter(sender: str, recipient: str, subject: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, recipient, subject
    made.set_content("Grüße\n.\n..line with dots\n")
    return made


def send(company: PracticeCompany, security: Security, *letters: EmailMessage) -> None:
    with submit(company, security) as client:
        client.login(INFO, PASSWORD)
        for one in letters:
            client.send_message(one)


def subjects_found(company: PracticeCompany, mailbox: str, subject: str) -> list[bytes]:
    """The whole letters with this subject in a mailbox."""
    with fetch(company, Security.TLS) as client:
        client.login(mailbox, PASSWORD)
        client.select("INBOX", readonly=True)
        _, (numbers,) = client.search(None, "SUBJECT", f'"{subject}"')
        return [
            client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in numbers.split()
        ]


async def away(work: Callable[..., T], *given: object) -> T:
    return await asyncio.to_thread(work, *given)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_a_letter_that_is_sent_arrives(
    company: PracticeCompany, security: Security, mechanism: str
) -> None:
    def write() -> None:
        with submit(company, security) as client:
            client.ehlo()
            assert set(client.esmtp_features["auth"].split()) == {"PLAIN", "LOGIN"}
            client.user, client.password = INFO, PASSWORD
            client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
            client.send_message(letter(INFO, "sales@practice.test", "An order"))

    await away(write)
    (found,) = await away(subjects_found, company, "sales@practice.test", "An order")
    assert found.startswith(b"Return-Path: <info@practice.test>\r\n")
    assert b"Delivered-To: sales@practice.test\r\n" in found
    assert found.endswith(b"\r\n.\r\n..line with dots\r\n")


async def test_unknown_addresses_are_caught(company: PracticeCompany) -> None:
    await away(send, company, Security.TLS, letter(INFO, "Nobody-Known@Practice.Test", "Lost"))
    (found,) = await away(subjects_found, company, "catchall@practice.test", "Lost")
    assert b"Delivered-To: Nobody-Known@Practice.Test\r\n" in found
    assert await away(subjects_found, company, INFO, "Lost") == []


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("password", ["wrong", "", "übung"])
async def test_wrong_passwords_are_refused_by_smtp(
    company: PracticeCompany, security: Security, password: str
) -> None:
    def try_login() -> bytes:
        with submit(company, security) as client:
            code, _ = client.ehlo()
            token = f"\0{INFO}\0{password}"
            client.user, client.password = INFO, password
            code, said = client.docmd("AUTH PLAIN")
            assert code == 334
            code, said = client.docmd(b64encode(token.encode()).decode())
            assert code == 535
            return said

    assert (await away(try_login)).startswith(b"5.7.8 Error: authentication failed")


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("name", [INFO, "nobody@practice.test"])
async def test_wrong_logins_are_refused_by_imap(
    company: PracticeCompany, security: Security, name: str
) -> None:
    def try_login(password: bytes) -> None:
        with fetch(company, security) as client:
            client.authenticate("PLAIN", lambda _: b"\0" + name.encode() + b"\0" + password)

    for password in (b"wrong", "übung".encode()):
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            await away(try_login, password)


async def test_no_login_without_tls(company: PracticeCompany) -> None:
    def look() -> None:
        with smtplib.SMTP("localhost", port(company, Protocol.SMTP, Security.STARTTLS)) as client:
            client.ehlo()
            assert not client.has_extn("auth")
            assert client.docmd("AUTH PLAIN")[0] == 530
        with imaplib.IMAP4("localhost", port(company, Protocol.IMAP, Security.STARTTLS)) as imap:
            assert {"STARTTLS", "LOGINDISABLED"} <= set(imap.capabilities)
            with pytest.raises(imaplib.IMAP4.error):
                imap.login(INFO, PASSWORD)

    await away(look)


async def test_sender_policy(company: PracticeCompany) -> None:
    def answers(login: str, senders: list[str]) -> list[tuple[int, bytes]]:
        with submit(company, Security.TLS) as client:
            client.ehlo()
            assert client.mail(INFO)[0] == 530
            client.login(login, PASSWORD)
            given = []
            for sender in senders:
                given.append(client.mail(sender))
                client.rset()
            return given

    asked = ["catchall@practice.test", "", "boss@elsewhere.example", "x@evil-practice.test"]
    assert [code for code, _ in await away(answers, INFO, asked)] == [250, 250, 553, 553]
    own = "sales@practice.test"
    (allowed, _), (refused, said) = await away(answers, own, [own, INFO])
    assert (allowed, refused) == (250, 553)
    assert said == (
        b"5.7.1 <info@practice.test>: Sender address rejected: "
        b"not owned by user sales@practice.test"
    )


async def test_nothing_leaves(company: PracticeCompany) -> None:
    def offer() -> tuple[int, bytes]:
        with submit(company, Security.TLS) as client:
            client.login(INFO, PASSWORD)
            client.mail(INFO)
            return client.rcpt("somebody@elsewhere.example")

    code, said = await away(offer)
    assert (code, said[:5]) == (550, b"5.1.2")


@pytest.mark.parametrize(("text", "reason"), [(b"x" * 900 + b"\r\n", b"data"), (b"\r\n", b"5.3.4")])
async def test_letters_are_bounded(company: PracticeCompany, text: bytes, reason: bytes) -> None:
    size = (1 << 20) + 1 if reason == b"data" else 50_000

    def write() -> tuple[int, bytes]:
        with submit(company, Security.TLS) as client:
            client.login(INFO, PASSWORD)
            client.mail(INFO)
            client.rcpt(INFO)
            return client.data(b"Subject: long\r\n\r\n" + text * (size // len(text) + 1))

    code, said = await away(write)
    assert code == 552
    assert reason in said


async def test_full_mailboxes_say_so(
    company: PracticeCompany, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.practice.mailstore.MAX_MESSAGES", 1)
    await away(send, company, Security.TLS, letter(INFO, INFO, "First"))
    with pytest.raises(smtplib.SMTPDataError, match=r"452.*mailbox is full"):
        await away(send, company, Security.TLS, letter(INFO, INFO, "Second"))


async def test_imap_can_be_watched_and_tidied(company: PracticeCompany) -> None:
    """What a proof does: look, wait, mark, remove."""

    def tidy() -> None:
        with fetch(company, Security.STARTTLS) as client:
            client.login(INFO, PASSWORD)
            client.select("INBOX")
            client.store("1", "+FLAGS", r"(\Seen \Deleted)")
            assert client.expunge()[1] == [b"1"]
            assert client.status("INBOX", "(MESSAGES)")[1] == [b"INBOX (MESSAGES 1)"]

    await away(send, company, Security.TLS, letter(INFO, INFO, "Old"))
    reader, writer = await asyncio.open_connection(
        HOST,
        port(company, Protocol.IMAP, Security.TLS),
        ssl=trusting(company),
        server_hostname="imap.practice.test",
    )

    async def until(mark: bytes) -> bytes:
        async with asyncio.timeout(5):
            while not (line := await reader.readline()).endswith(mark):
                assert line
            return line

    writer.write(f'a LOGIN {INFO} "{PASSWORD}"\r\nb SELECT INBOX\r\nc IDLE\r\n'.encode())
    await until(b"+ Idling.\r\n")
    await away(send, company, Security.TLS, letter(INFO, INFO, "New"))
    assert await until(b"EXISTS\r\n") == b"* 2 EXISTS\r\n"
    writer.write(b"DONE\r\nd LOGOUT\r\n")
    await until(b"Logout successful.\r\n")
    writer.close()
    await writer.wait_closed()
    await away(tidy)
    assert await away(subjects_found, company, INFO, "Old") == []
    assert len(await away(subjects_found, company, INFO, "New")) == 1


async def test_imap_takes_no_letters_from_clients(company: PracticeCompany) -> None:
    def hand_in() -> None:
        with fetch(company, Security.TLS) as client:
            client.login(INFO, PASSWORD)
            client.append("INBOX", "", "", b"Subject: own\r\n\r\n")

    with pytest.raises(imaplib.IMAP4.error):
        await away(hand_in)


async def test_huge_literals_end_the_conversation(
    company: PracticeCompany, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await asyncio.open_connection(
        HOST,
        port(company, Protocol.IMAP, Security.TLS),
        ssl=trusting(company),
        server_hostname="imap.practice.test",
    )
    writer.write(b"a LOGIN {999999999+}\r\n" + b"x" * 4096)
    async with asyncio.timeout(5):
        assert (await reader.read()).count(b"\r\n") == 1
    writer.close()
    await writer.wait_closed()
    assert not caplog.records


async def test_autoconfiguration(company: PracticeCompany) -> None:
    address = company.facts().autoconfig_url.replace("autoconfig.practice.test", "localhost")

    def get(path: str) -> ElementTree.Element:
        base = address.removesuffix("/mail/config-v1.1.xml")
        with urllib.request.urlopen(base + path, context=trusting(company), timeout=5) as answer:
            return ElementTree.fromstring(answer.read())

    first = await away(get, "/mail/config-v1.1.xml?emailaddress=info%40practice.test")
    second = await away(get, "/.well-known/autoconfig/mail/config-v1.1.xml")
    for found in (first, second):
        servers = [
            (one.get("type"), one.findtext("socketType"), int(one.findtext("port") or 0))
            for one in found.iter()
            if one.tag in {"incomingServer", "outgoingServer"}
        ]
        assert sorted(servers) == sorted(
            (str(s.protocol), "SSL" if s.security is Security.TLS else "STARTTLS", s.port)
            for s in company.facts().servers
        )
    with pytest.raises(urllib.error.HTTPError, match="404"):
        await away(get, "/secret")


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("protocol", [Protocol.SMTP, Protocol.IMAP])
async def test_the_wizard_gets_in(
    company: PracticeCompany, protocol: Protocol, security: Security
) -> None:
    server = next(
        s for s in company.facts().servers if (s.protocol, s.security) == (protocol, security)
    )
    settings = ServerSettings(protocol, server.host, server.port, security, INFO)
    senders = (EmailAddress("bounce", "practice.test"),) if protocol is Protocol.SMTP else ()
    recipient = EmailAddress("catchall", "practice.test")
    good = await probe(
        settings, Secret(PASSWORD), company.network, senders=senders, recipient=recipient
    )
    assert good.ok, good.failure
    assert good.tls is not None and good.tls.trusted
    bad = await probe(settings, Secret("wrong"), company.network)
    assert bad.failure is not None and bad.failure.stage == "auth"


async def test_the_wizard_sees_a_refused_sender(company: PracticeCompany) -> None:
    server = company.facts().servers[1]
    settings = ServerSettings(
        server.protocol, server.host, server.port, server.security, "sales@practice.test"
    )
    senders = tuple(EmailAddress(name, "practice.test") for name in ("sales", "catchall"))
    report = await probe(
        settings,
        Secret(PASSWORD),
        company.network,
        senders=senders,
        recipient=EmailAddress("catchall", "practice.test"),
    )
    assert [sender.accepted for sender in report.senders] == [True, False]
    assert "553 5.7.1" in report.senders[1].reply


async def test_clients_that_do_not_trust_it_leave_no_trace(
    company: PracticeCompany, caplog: pytest.LogCaptureFixture
) -> None:
    def come() -> None:
        distrusting = ssl.create_default_context()
        for protocol in (Protocol.SMTP, Protocol.IMAP):
            with pytest.raises(ssl.SSLError):
                number = port(company, protocol, Security.TLS)
                with socket.create_connection((HOST, number), 5) as raw:
                    distrusting.wrap_socket(raw, server_hostname="localhost")
        with smtplib.SMTP("localhost", port(company, Protocol.SMTP, Security.STARTTLS)) as client:
            with pytest.raises(ssl.SSLError):
                client.starttls(context=distrusting)
            client.close()

    caplog.set_level(logging.WARNING)
    await away(come)
    await away(send, company, Security.STARTTLS, letter(INFO, INFO, "Still here"))
    assert not caplog.records


async def test_two_companies_side_by_side(company: PracticeCompany) -> None:
    other = await PracticeCompany.start()
    try:
        await away(send, other, Security.TLS, letter(INFO, INFO, "Only there"))
        assert len(await away(subjects_found, other, INFO, "Only there")) == 1
        assert await away(subjects_found, company, INFO, "Only there") == []
        with pytest.raises(ssl.SSLError):
            await away(
                lambda: smtplib.SMTP_SSL(
                    "localhost",
                    port(other, Protocol.SMTP, Security.TLS),
                    context=trusting(company),
                    timeout=5,
                )
            )
    finally:
        await other.stop()


def ports_of(company: PracticeCompany) -> list[int]:
    facts = company.facts()
    return [
        *(server.port for server in facts.servers),
        int(facts.nameserver.rpartition(":")[2]),
        int(facts.autoconfig_url.split(":")[2].partition("/")[0]),
    ]


async def test_stop_ends_everything_even_with_clients_inside() -> None:
    company = await PracticeCompany.start()
    numbers = ports_of(company)
    inside = [await asyncio.open_connection(HOST, number) for number in numbers]
    client = await away(submit, company, Security.STARTTLS)
    folder = Path(company.facts().ca_file).parent
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == ["practice-authority.pem"]
    later = company.publish_later((), 3600)
    await company.stop()
    assert later.cancelled()
    assert not folder.exists()
    for number in numbers:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, number)
    with pytest.raises((smtplib.SMTPServerDisconnected, OSError)):
        await away(client.noop)
    client.close()
    for _, writer in inside:
        writer.transport.abort()
    await company.stop()


def free_row() -> int:
    """The first of a row of ports that are free right now."""
    for start in range(20_000, 60_000, 97):
        probes = []
        try:
            row = range(start, start + PORTS)
            probes.extend(socket.create_server((HOST, number)) for number in row)
        except OSError:
            continue
        else:
            return start
        finally:
            for one in probes:
                one.close()
    raise AssertionError("no free ports")


async def test_ports_can_be_chosen_and_a_taken_one_is_named() -> None:
    start = free_row()
    company = await PracticeCompany.start(start)
    try:
        assert ports_of(company) == list(range(start, start + PORTS))
    finally:
        await company.stop()
    for offset, kind in ((3, socket.SOCK_STREAM), (4, socket.SOCK_DGRAM)):
        with socket.socket(socket.AF_INET, kind) as taken:
            taken.bind((HOST, start + offset))
            if kind is socket.SOCK_STREAM:
                taken.listen()
            with pytest.raises(PracticeError) as refused:
                await PracticeCompany.start(start)
        for language in LANGUAGES:
            said = Texts.load(language).render(refused.value.message)
            assert str(start + offset) in said
            assert "practice." not in said
    again = await PracticeCompany.start(start)
    await again.stop()


async def test_facts_can_be_printed_and_written(company: PracticeCompany) -> None:
    facts = company.facts()
    document = json.loads(msgspec.json.encode(facts))
    assert document["nameserver"] == facts.nameserver
    assert document["servers"][1]["security"] == "tls"
    for language in LANGUAGES:
        said = "\n".join(Texts.load(language).render(line) for line in facts_lines(facts))
        assert f"--nameserver {facts.nameserver} --ca-file {facts.ca_file}" in said
        assert "practice.facts" not in said
