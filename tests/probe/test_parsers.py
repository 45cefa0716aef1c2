"""Whatever octets a server sends, in whatever pieces: every parser ends, and ends in an outcome."""

import asyncio
import base64
import socket
import ssl
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from servers.authority import Authority
from servers.scripted import Peer, scripted
from wizard.model import (
    AuthMethod,
    EmailAddress,
    PlainLogin,
    Protocol,
    Secret,
    Security,
    ServerSettings,
    Stage,
)
from wizard.network import Network
from wizard.probe import chain, sasl
from wizard.probe.dialogue import (
    Conversation,
    Dialogue,
    Envelope,
    Login,
    Receive,
    Send,
    StartTls,
)
from wizard.probe.driver import probe
from wizard.probe.harmless import Mask, harmless
from wizard.probe.imap import imap_dialogue
from wizard.probe.pop3 import pop3_dialogue
from wizard.probe.report import Failure
from wizard.probe.smtp import smtp_dialogue
from wizard.probe.stream import LineTooLongError, Stream, TooMuchError

USER = "anna@firma.test"
PASSWORD = "Geheim4711"
# No dialogue answers one line with more than a few actions.
STEPS_PER_LINE = 20

# What servers really say, so that the dialogues get further than their greeting.
KNOWN = {
    Protocol.SMTP: [
        b"220 mail.test ESMTP",
        b"250-mail.test",
        b"250-STARTTLS",
        b"250-AUTH=PLAIN LOGIN",
        b"250 AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2",
        b"250 ok",
        b"220 go",
        b"334 VXNlcm5hbWU6",
        b"334 eyJzdGF0dXMiOiI0MDAifQ==",
        b"334 ===",
        b"235 2.7.0 welcome",
        b"354 go",
        b"500 what",
        b"535 5.7.8 no",
    ],
    Protocol.IMAP: [
        b"* OK ready",
        b"* OK [CAPABILITY IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN AUTH=LOGIN] hi",
        b"* PREAUTH hi",
        b"* BYE bye",
        b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN AUTH=CRAM-MD5 AUTH=XOAUTH2",
        b"* CAPABILITY IMAP4rev1",
        *(b"a%d OK done" % number for number in range(1, 8)),
        b"a2 NO no",
        b"a3 BAD what",
        b"+ ",
        b"+ eyJzdGF0dXMiOjF9",
        b"* SEARCH 1 2 99999999999999999999",
        b"* 1 FETCH (UID 1 BODY[HEADER] {12}\r\nX-Proof: 123)",
        b"* 1 FETCH (BODY[HEADER] {999999}\r\n)",
        b"* 3 EXISTS",
    ],
    Protocol.POP3: [
        b"+OK ready",
        b"+OK",
        b"STLS",
        b"SASL PLAIN LOGIN CRAM-MD5 XOAUTH2",
        b"USER",
        b".",
        b"+ ",
        b"+ eyJzdGF0dXMiOjF9",
        b"+OK 3 300",
        b"+OK 99999999999999999999 1",
        b"+OK -1 x",
        b"-ERR [AUTH] no",
        b"X-Proof: 123",
    ],
}
SECURITIES = [Security.STARTTLS, Security.NONE, Security.TLS]
METHODS = [None, *AuthMethod]


def lines_of(protocol: Protocol) -> st.SearchStrategy[list[bytes]]:
    wild = st.binary(max_size=60)
    known = st.sampled_from(KNOWN[protocol])
    damaged = st.tuples(known, st.integers(0, 12), wild).map(
        lambda parts: parts[0][: parts[1]] + parts[2]
    )
    return st.lists(st.one_of(known, known, known, damaged, wild), max_size=40)


def dialogue_of(
    protocol: Protocol, security: Security, login: Login, conversation: Conversation
) -> Dialogue:
    match protocol:
        case Protocol.SMTP:
            sender = EmailAddress("anna", "firma.test")
            envelope = Envelope((sender, sender), sender)
            return smtp_dialogue(security, login, envelope, "[127.0.0.1]", conversation)
        case Protocol.IMAP:
            return imap_dialogue(security, login, conversation)
        case Protocol.POP3:
            return pop3_dialogue(security, login, conversation)


def holds_secret(line: bytes) -> bool:
    forms = [line, *map(sasl.decode, line.split())]
    return any(PASSWORD.encode() in form for form in forms)


def assert_harmless(text: str) -> None:
    assert not [one for one in text if one != "\n" and unicodedata.category(one)[0] == "C"]


@pytest.mark.parametrize("protocol", list(Protocol))
@given(data=st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_dialogue_ends(protocol: Protocol, data: st.DataObject) -> None:
    """Drives the dialogue by hand, line by line; when the lines are over the server is gone."""
    security = data.draw(st.sampled_from(SECURITIES))
    method = data.draw(st.sampled_from(METHODS))
    secret = Secret(PASSWORD + data.draw(st.sampled_from(["", "\r\nDELE 1", "ß", "\0"])))
    lines = iter(data.draw(lines_of(protocol)))
    conversation = Conversation(security is Security.TLS)
    dialogue = dialogue_of(protocol, security, Login(USER, secret, method), conversation)
    protected = conversation.protected
    answer: bytes | None = None
    ended: Failure | None = None
    given_lines = actions = 0
    literal = secret.reveal().encode()
    while True:
        try:
            action = dialogue.send(answer)
        except StopIteration as end:
            ended = end.value
            break
        answer = None
        actions += 1
        assert actions <= STEPS_PER_LINE * (given_lines + 1)
        match action:
            case Receive():
                answer = next(lines, None)
                if answer is None:
                    dialogue.close()
                    break
                given_lines += 1
            case StartTls():
                protected = True
            case Send(line, shown):
                # Only a literal of IMAP may hold line ends: its size was told before.
                assert b"DELE" not in line or (protocol is Protocol.IMAP and line == literal)
                if holds_secret(line):
                    assert protected
                    assert shown is not None
                    assert PASSWORD not in shown
    assert conversation.protected == protected
    if ended is not None:
        assert_harmless(ended.words)
    for word in conversation.capabilities:
        assert_harmless(word)


@pytest.mark.parametrize("protocol", list(Protocol))
@pytest.mark.parametrize(
    "line", [b"", b"\0", b"+", b"* ", b"250-x", b"a1 OK", b"* 1 EXISTS", b"+OK"]
)
def test_a_line_without_end_of_repetition_ends(protocol: Protocol, line: bytes) -> None:
    """The same line for ever: no dialogue listens for ever."""
    conversation = Conversation(protected=True)
    login = Login(USER, Secret(PASSWORD), None)
    for greeting in KNOWN[protocol][0], line:
        dialogue = dialogue_of(protocol, Security.TLS, login, conversation)
        answer, received = None, 0
        with pytest.raises(StopIteration):
            while received < 30_000:
                action = dialogue.send(answer)
                answer = None
                if isinstance(action, Receive):
                    answer = line if received else greeting
                    received += 1


def test_a_line_end_in_a_password_begins_no_command() -> None:
    """USER and PASS cannot quote it; without another mechanism there is no login."""
    login = Login(USER, Secret(PASSWORD + "\r\nDELE 1"), None)
    dialogue = dialogue_of(Protocol.POP3, Security.TLS, login, Conversation(protected=True))
    lines = iter([b"+OK", b"-ERR", b"+OK", b"+OK"])
    sent, answer = [], None
    while True:
        try:
            action = dialogue.send(answer)
        except StopIteration as end:
            assert end.value.stage is Stage.AUTH
            break
        answer = next(lines) if isinstance(action, Receive) else None
        if isinstance(action, Send):
            sent.append(action.line)
    assert sent == [b"CAPA"]


pieces = st.lists(st.binary(min_size=1, max_size=40), max_size=20)


@given(parts=pieces)
@settings(max_examples=150, deadline=None)
@example(parts=[b"a\r", b"\nb\n", b"\r\r\n"])
def test_lines_do_not_depend_on_the_pieces(parts: list[bytes]) -> None:
    async def read_all() -> tuple[list[bytes], bytes]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        stream = Stream(ours)
        read: list[bytes] = []
        try:
            sent = b""
            for part in parts:
                theirs.send(part)
                sent += part
                # Whole lines are taken as they come, so that the cuts of the pieces matter.
                while len(read) < sent.count(b"\n"):
                    line = await stream.read_line(1 << 16, 1 << 20)
                    read.append(line)
            theirs.close()
            while True:
                read.append(await stream.read_line(1 << 16, 1 << 20))
        except EOFError:
            return read, stream.unread
        finally:
            stream.close()
            theirs.close()

    whole = b"".join(parts)
    *expected, rest = whole.split(b"\n")
    read, unread = asyncio.run(read_all())
    assert read == [line.removesuffix(b"\r") for line in expected]
    assert unread == rest


async def test_a_stream_has_bounds() -> None:
    for data, error in ((b"x" * 300, LineTooLongError), (b"x\n" * 300, TooMuchError)):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        stream = Stream(ours)
        theirs.send(data)
        with pytest.raises(error):
            for _ in range(400):
                await stream.read_line(100, 400)
        stream.close()
        theirs.close()


@pytest.mark.parametrize("protocol", list(Protocol))
@given(data=st.data())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_every_conversation_ends_in_a_report(protocol: Protocol, data: st.DataObject) -> None:
    """The same over a socket, with the literals of IMAP and cuts at any place."""
    raw = b"\r\n".join([*data.draw(lines_of(protocol)), b""])
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    parts = [raw[start:end] for start, end in zip([0, *cuts], [*cuts, len(raw)], strict=True)]

    async def talk(peer: Peer) -> None:
        for part in parts:
            await peer.say(part)
            await asyncio.sleep(0)

    async def run() -> None:
        async with scripted(talk) as server:
            account = ServerSettings(
                protocol,
                "localhost",
                server.port,
                Security.NONE,
                USER,
                plain_login=PlainLogin.ALLOWED,
            )
            report = await probe(
                account,
                Secret(PASSWORD),
                Network(stage_timeout=2),
                senders=[EmailAddress("anna", "firma.test")],
            )
        assert report.elapsed_ms < 2_000
        assert report.stages[-1].ok == report.ok
        text = "".join(report.transcript)
        assert PASSWORD not in text
        assert_harmless(text)

    asyncio.run(run())


@given(st.one_of(st.binary(max_size=3_000), st.text(max_size=3_000)), st.integers(1, 2_100))
@settings(max_examples=300, deadline=None)
@example(b"\xff\xfe\x00\x1b[31m", 2_000)
@example("\u202e\u2066\ufeff\U000e0001\ud800", 2_000)
def test_anything_is_made_harmless(text: bytes | str, limit: int) -> None:
    shown = harmless(text, limit)
    assert_harmless(shown)
    assert len(shown) <= limit + 2


SECRETS = st.text(min_size=6, max_size=40)


@given(SECRETS, st.text(max_size=50), st.text(max_size=50), st.integers(0, 2))
@settings(max_examples=400, deadline=None)
@example('a"\\b\u200b', "", "", 0)
def test_a_secret_is_masked_wherever_it_is(secret: str, before: str, after: str, form: int) -> None:
    try:
        clear = secret.encode()
    except UnicodeEncodeError:
        return
    mask = Mask(sasl.on_the_wire(USER, Secret(secret)))
    echoes = (
        secret.encode(),
        base64.b64encode(clear),
        base64.b64encode(b"\0" + USER.encode() + b"\0" + clear),
    )
    octets = (
        before.encode("utf-8", "replace")
        + b" "
        + echoes[form]
        + b" "
        + after.encode("utf-8", "replace")
    )
    shown = mask(harmless(octets))
    if form:
        assert echoes[form].rstrip(b"=").decode() not in shown
    elif secret not in before + after:
        assert harmless(secret) not in shown or harmless(secret) in "********"


@given(st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
@settings(max_examples=300, deadline=None)
@example(b"[" * 100_000)
@example(b'{"status": "' + b"9" * 5_000 + b'"}')
@example(b'{"status": ' + b"9" * 5_000 + b"}")
def test_challenges_never_surprise(challenge: bytes) -> None:
    assert_harmless(sasl.refusal(sasl.decode(challenge)))
    for method in AuthMethod:
        assert b"\n" not in sasl.encode(sasl.answer(method, challenge, 0, USER, Secret(PASSWORD)))


@pytest.fixture(scope="module")
def encoded(authority: Authority) -> bytes:
    issued = authority.issue("localhost", "127.0.0.1")
    return ssl.PEM_cert_to_DER_cert(Path(issued.certificate).read_text())


@given(changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=4))
@settings(max_examples=600, deadline=None)
def test_a_damaged_certificate_shows_as_what_can_be_read(
    encoded: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(encoded)
    for place, octet in changes:
        damaged[place % len(damaged)] = octet
    seen = chain.read((bytes(damaged),), "TLSv1.3", "cipher")
    assert not seen.trusted
    for text in (seen.subject, seen.issuer, *seen.names):
        assert_harmless(text)


def test_every_single_octet_of_a_certificate_may_be_wrong(encoded: bytes) -> None:
    for place in range(len(encoded)):
        for octet in (0, 1, 9, 0x7F, 0xFF, encoded[place] ^ 1, encoded[place] ^ 0x20):
            damaged = encoded[:place] + bytes([octet]) + encoded[place + 1 :]
            chain.read((damaged,), "TLSv1.3", "cipher")
