"""The proof's dialogues and parsers take any octets from a server, in any order, and end."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wizard.model import EmailAddress
from wizard.probe.dialogue import Await, Conversation, Dialogue, DialogueError, Receive, Send
from wizard.probe.report import Failure
from wizard.proof.bounce import may_be_report, read_bounce
from wizard.proof.folders import INBOX, decode_name, folders_of, quoted
from wizard.proof.imap_watch import watch
from wizard.proof.letter import new_token, read_headers, write_letter
from wizard.proof.lookout import Lookout, Memory, Sighting
from wizard.proof.patience import Patience, Pauses
from wizard.proof.pop3_look import look
from wizard.proof.removal import remove_by_imap, remove_by_pop3
from wizard.proof.report import Bounce, BounceAction, Place
from wizard.proof.submission import Counter, Posting, submit
from wizard.texts import Texts

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
TOKEN = "0123456789abcdef" * 2
ADDRESS = EmailAddress("info", "acme.example")
PATIENCE = Patience(Pauses(0, 1, 0), Pauses(0, 1, 0))
OURS = b"X-openAPPone-Mail-Wizard: " + TOKEN.encode() + b"\r\n"

IMAP = [
    b"* CAPABILITY IMAP4rev1 IDLE UIDPLUS SPECIAL-USE LIST-EXTENDED",
    b'* LIST (\\HasNoChildren \\Junk) "/" Junk',
    b"* 3 EXISTS",
    b"* OK [UIDVALIDITY 7] ok",
    b"* OK [UIDNEXT 9] ok",
    b"* SEARCH 4 5 8",
    b'* 2 FETCH (UID 8 INTERNALDATE "26-Nov-2026 12:00:00 +0000" BODY[HEADER] {%d}\r\n' % len(OURS)
    + OURS
    + b")",
    *(b"w%d OK done" % number for number in range(1, 12)),
    *(b"r%d OK done" % number for number in range(1, 9)),
    b"w6 NO no",
    b"+ idling",
    b"* BYE gone",
]
POP3 = [b"+OK", b"+OK 3 200", b"+OK 1 abc", OURS.rstrip(), b"", b".", b"-ERR no", b"..x"]
SMTP = [b"250 ok", b"250-a", b"354 go on", b"450 later", b"550 no", b"421 bye"]


def lookout(found: list[Sighting]) -> Lookout:
    left = {TOKEN}

    def find(sighting: Sighting) -> None:
        found.append(sighting)
        left.discard(sighting.letter.token)

    return Lookout(
        since=NOW,
        tokens=lambda: frozenset(left),
        goes_on=lambda: bool(left),
        found=find,
        bounced=lambda token, _: left.discard(token),
        doing=lambda *_: None,
    )


def errand(name: str, found: list[Sighting]) -> Dialogue:
    conversation = Conversation(protected=True)
    tokens = frozenset((TOKEN,))
    posting = Posting(TOKEN, ADDRESS, ADDRESS, b"Subject: x\r\n\r\n.\r\nend\r\n")
    counter = Counter(lambda _: None, lambda _: None, lambda *_: None)
    match name:
        case "watch":
            return watch(lookout(found), Memory(), PATIENCE, conversation, stays=True)
        case "look":
            return look(lookout(found), Memory(), conversation)
        case "remove_by_imap":
            return remove_by_imap(tokens, NOW, set(), conversation)
        case "remove_by_pop3":
            return remove_by_pop3(tokens, set(), conversation)
        case _:
            return submit([posting, posting], counter, conversation)


KNOWN = {
    "watch": IMAP,
    "look": POP3,
    "remove_by_imap": IMAP,
    "remove_by_pop3": POP3,
    "submit": SMTP,
}


def drive(dialogue: Dialogue, lines: list[bytes]) -> tuple[Failure | None, list[bytes]]:
    """By hand, line by line; when the lines are over the server is gone."""
    answers, sent = iter(lines), []
    answer: bytes | None = None
    try:
        while True:
            action = dialogue.send(answer)
            answer = None
            if isinstance(action, Send):
                sent.append(action.line)
            elif isinstance(action, (Receive, Await)):
                answer = next(answers, None)
                if answer is None and isinstance(action, Receive):
                    dialogue.close()
                    return None, sent
    except StopIteration as end:
        return end.value, sent
    except DialogueError as end:
        return end.failure, sent


@pytest.mark.parametrize("name", list(KNOWN))
@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_errand_ends_and_changes_nothing_unasked(name: str, data: st.DataObject) -> None:
    wild = st.binary(max_size=80)
    known = st.sampled_from(KNOWN[name])
    damaged = st.tuples(known, st.integers(0, 20), wild).map(lambda one: one[0][: one[1]] + one[2])
    lines = data.draw(st.lists(st.one_of(known, known, known, damaged, wild), max_size=40))
    # A listening errand goes on for as long as it is waited for: give it an end.
    _, sent = drive(errand(name, []), lines)
    if name in ("watch", "look"):
        said = b"\n".join(sent).upper()
        assert not any(
            word in said for word in (b"STORE", b"DELE", b"RETR", b"SELECT ", b"EXPUNGE")
        )
        assert b"BODY[" not in said


def test_a_letter_is_found_and_nothing_else_asked_for() -> None:
    found: list[Sighting] = []
    lines = [
        *(b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 9] ok", b"w1 OK [READ-ONLY] ok"),
        *(b"* SEARCH 8", b"w2 OK"),
        *(IMAP[6], b"w3 OK"),
        *(IMAP[6], b"w4 OK"),
    ]
    failure, sent = drive(errand("watch", found), lines)
    assert failure is None
    assert [(one.letter.token, one.folder) for one in found] == [(TOKEN, INBOX)]
    assert found[0].received == NOW
    assert sent[1] == b"w2 UID SEARCH SINCE 25-Nov-2026"
    fields = b"(X-OPENAPPONE-MAIL-WIZARD CONTENT-TYPE X-FAILED-RECIPIENTS RETURN-PATH)"
    assert fields in sent[2]


def test_junk_is_looked_into_and_the_inbox_listened_to() -> None:
    found: list[Sighting] = []
    lines = [
        *(b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 8] ok", b"w1 OK"),
        *(b"* SEARCH", b"w2 OK"),
        *(b"* CAPABILITY IMAP4rev1 IDLE", b"w3 OK"),
        *(b'* LIST (\\Junk) "." "Sp&AOQ-m"', b"w4 OK"),
        *(b"w5 OK",),
        *(b"* OK [UIDVALIDITY 3] ok", b"* OK [UIDNEXT 2] ok", b"w6 OK"),
        *(b"* SEARCH", b"w7 OK"),
        *(b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 8] ok", b"w8 OK"),
        *(b"+ idling", b"* 4 EXISTS", b"w9 OK"),
        *(IMAP[6], b"w10 OK"),
        *(IMAP[6], b"w11 OK"),
    ]
    failure, sent = drive(errand("watch", found), lines)
    assert failure is None
    assert [one.folder for one in found] == [INBOX]
    assert sent[4:6] == [b"w5 NOOP", b'w6 EXAMINE "Sp&AOQ-m"']
    assert sent[8:11] == [b"w9 IDLE", b"DONE", sent[10]]
    assert sent[10].startswith(b"w10 UID FETCH 8:* ")


def test_news_are_heard_with_whatever_command_they_come() -> None:
    found: list[Sighting] = []
    lines = [
        *(b"* OK [UIDNEXT 8] ok", b"w1 OK", b"* SEARCH", b"w2 OK"),
        # It came while the server was asked for something else, and it says so once only.
        *(b"* CAPABILITY IMAP4rev1 IDLE", b"* 4 EXISTS", b"w3 OK"),
        *(b"w4 OK", IMAP[6], b"w5 OK", IMAP[6], b"w6 OK"),
    ]
    failure, sent = drive(errand("watch", found), lines)
    assert failure is None
    assert len(found) == 1
    assert sent[4].startswith(b"w5 UID FETCH 8:* ")


@pytest.mark.parametrize("in_inbox", [True, False])
def test_an_archive_holds_the_inbox_too(in_inbox: bool) -> None:
    found: list[Sighting] = []
    lines = [
        *(b"* OK [UIDNEXT 8] ok", b"w1 OK", b"* SEARCH", b"w2 OK"),
        *(b"* CAPABILITY IMAP4rev1", b"w3 OK"),
        *(b'* LIST (\\All) "/" "[Gmail]/All Mail"', b"w4 OK", b"w5 OK"),
        # It came between the two looks.
        *(b"* OK [UIDNEXT 9] ok", b"w6 OK", b"* SEARCH 8", b"w7 OK"),
        *(IMAP[6], b"w8 OK", IMAP[6], b"w9 OK"),
        *(b"* OK [UIDNEXT %d] ok" % (9 if in_inbox else 8), b"w10 OK"),
        *((IMAP[6], b"w11 OK", IMAP[6], b"w12 OK") if in_inbox else ()),
    ]
    failure, _ = drive(errand("watch", found), lines)
    assert failure is None
    assert [one.folder.place for one in found] == [Place.INBOX if in_inbox else Place.ALL]


def test_a_line_that_begins_with_a_dot_gets_another() -> None:
    lines = [b"250 ok", b"250 ok", b"354 go on", b"250 ok"] * 2
    failure, sent = drive(errand("submit", []), lines)
    assert failure is None
    assert sent[3] == b"Subject: x\r\n\r\n..\r\nend\r\n."


def test_removing_needs_the_same_token_twice() -> None:
    other = OURS.replace(TOKEN.encode(), b"f" * 32)
    swapped = IMAP[6].replace(OURS, other)
    removed: set[str] = set()
    lines = [
        *(b"* CAPABILITY IMAP4rev1 UIDPLUS", b"r1 OK", b"r2 OK"),
        *(b"r3 OK", b"* SEARCH 8", b"r4 OK", IMAP[6], b"r5 OK"),
        # Between the two looks another message has taken the number.
        *(b"r6 OK", swapped, b"r7 OK"),
    ]
    conversation = Conversation(protected=True)
    dialogue = remove_by_imap(frozenset((TOKEN,)), NOW, removed, conversation)
    _, sent = drive(dialogue, lines)
    assert removed == set()
    assert not any(b"STORE" in line for line in sent)


def test_without_uidplus_nobody_elses_deleted_messages_go() -> None:
    removed: set[str] = set()
    lines = [
        *(b"* CAPABILITY IMAP4rev1", b"r1 OK", b"r2 OK"),
        *(b"r3 OK", b"* SEARCH 8", b"r4 OK", IMAP[6], b"r5 OK"),
        *(b"r6 OK", IMAP[6], b"r7 OK", b"* SEARCH 2", b"r8 OK"),
    ]
    dialogue = remove_by_imap(frozenset((TOKEN,)), NOW, removed, Conversation(protected=True))
    failure, sent = drive(dialogue, lines)
    assert failure is None
    assert removed == set()
    assert not any(b"EXPUNGE" in line for line in sent)


def test_a_letter_is_known_by_its_token_only() -> None:
    token = new_token()
    letter = write_letter(ADDRESS, EmailAddress("b", "b.example"), token, NOW, Texts.load("de"))
    found = read_headers(letter)
    assert found is not None
    assert (found.token, found.sender) == (token, "info@acme.example")
    assert read_headers(b"Subject: hello\r\n\r\n") is None
    assert read_headers(b"X-openAPPone-Mail-Wizard: \x00\xff\r\n\r\n") is None


@pytest.mark.parametrize(
    "nested",
    [
        b"Content-Type: message/rfc822\n\n" * 1_500,
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (depth, depth)
            for depth in range(800)
        ),
    ],
)
def test_a_report_of_many_layers_ends_nothing(nested: bytes) -> None:
    report = b"Subject: %b\n" % TOKEN.encode() + nested
    found = read_bounce(report, frozenset((TOKEN,)))
    assert found is None or found[0] == TOKEN


@given(st.binary(max_size=400))
def test_any_octets_are_read(content: bytes) -> None:
    read_headers(content)
    read_headers(OURS + content)
    may_be_report(content)
    read_bounce(content + TOKEN.encode(), frozenset((TOKEN,)))
    folders_of((content, b"* LIST (" + content + b') "/" x', b'* LIST () "/" ' + content))
    decode_name(content)


REPORT = f"""\
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not work.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; gone@acme.example
Action: {{action}}
Status: 5.1.1
Remote-MTA: dns; store.acme.example
Diagnostic-Code: smtp; 550 5.1.1 <gone@acme.example>
    User doesn't exist

--b
Content-Type: text/rfc822-headers

X-openAPPone-Mail-Wizard: {TOKEN}
--b--
""".replace("\n", "\r\n")


@pytest.mark.parametrize("action", list(BounceAction))
def test_a_report_is_read_by_its_fields(action: BounceAction) -> None:
    content = REPORT.format(action=action).encode()
    assert may_be_report(content)
    assert read_bounce(content, frozenset((TOKEN,))) == (
        TOKEN,
        Bounce(
            action,
            "gone@acme.example",
            "5.1.1",
            "550 5.1.1 <gone@acme.example> User doesn't exist",
            "store.acme.example",
        ),
    )
    assert read_bounce(content, frozenset(("f" * 32,))) is None


def test_a_report_of_success_is_no_bounce() -> None:
    content = REPORT.format(action="delivered").encode()
    assert read_bounce(content, frozenset((TOKEN,))) is None


def test_a_report_without_fields_quotes_the_server() -> None:
    content = (
        "Return-Path: <>\r\nX-Failed-Recipients: gone@acme.example\r\n"
        "Content-Type: text/plain\r\n\r\n"
        "This message was created automatically by mail delivery software.\r\n\r\n"
        "  gone@acme.example\r\n"
        "    host mx.acme.example [192.0.2.1]\r\n"
        "    SMTP error from remote mail server after RCPT TO:<gone@acme.example>:\r\n"
        "    550 5.1.1 no such user\r\n\r\n"
        f"------ a copy of the message ------\r\n\r\nX-openAPPone-Mail-Wizard: {TOKEN}\r\n"
    ).encode()
    found = read_bounce(content, frozenset((TOKEN,)))
    assert found is not None
    assert found[1].words == "550 5.1.1 no such user"
    assert found[1].recipient == "gone@acme.example"


@pytest.mark.parametrize(
    ("line", "name", "place"),
    [
        (b'* LIST (\\HasNoChildren \\Junk) "." "INBOX.Spam"', "INBOX.Spam", Place.JUNK),
        (b'* LIST (\\HasNoChildren) "/" "Junk E-Mail"', "Junk E-Mail", Place.JUNK),
        (b'* LIST () "." INBOX.Spamverdacht', "INBOX.Spamverdacht", Place.JUNK),
        (b'* LIST () "/" Unerw&APw-nscht', "Unerwünscht", Place.JUNK),
        (b'* LIST (\\All \\HasNoChildren) "/" "[Gmail]/All Mail"', "[Gmail]/All Mail", Place.ALL),
        (b'* LIST (\\Junk) "/" {4}\r\nSpam', "Spam", Place.JUNK),
        (b"* XLIST (\\Spam) NIL Spam", "Spam", Place.JUNK),
    ],
)
def test_folders_are_known_by_use_and_by_name(line: bytes, name: str, place: Place) -> None:
    inbox, folder = folders_of((b'* LIST () "/" INBOX', line, b'* LIST () "/" Sent'))
    assert inbox == INBOX
    assert (folder.name, folder.place) == (name, place)


def test_a_folder_with_its_use_beats_one_with_a_name() -> None:
    lines = (
        b'* LIST () "/" Spam',
        b'* LIST (\\Junk) "/" Filtered',
        b'* LIST (\\Noselect) "/" Bulk',
    )
    assert [folder.name for folder in folders_of(lines)] == ["INBOX", "Filtered"]
    assert quoted(b'a"b\\c\r\n') == b'"a\\"b\\\\c"'
