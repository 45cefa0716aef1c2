"""The proof on real servers: out through Postfix, in from Dovecot, by IMAP and by POP3."""

import pytest

from servers.authority import Authority
from servers.mail import DOMAIN, PASSWORDS, MailServer
from wizard.model import EmailAddress, Protocol, Secret, Security, ServerSettings, Stage
from wizard.network import Network
from wizard.proof.letter import new_token, read_headers, write_letter
from wizard.proof.prove import ProofWay, prove
from wizard.proof.report import ProofOutcome, ProofPhase, ProofProgress
from wizard.texts import Texts

pytestmark = pytest.mark.servers
ANNA, CATCHALL = f"anna@{DOMAIN}", f"catchall@{DOMAIN}"


def way(server: MailServer, protocol: Protocol) -> ProofWay:
    port = server.imaps if protocol is Protocol.IMAP else server.pop3s
    return ProofWay(
        sender=EmailAddress("anna", DOMAIN),
        recipient=EmailAddress("catchall", DOMAIN),
        outgoing=ServerSettings(
            Protocol.SMTP, "localhost", server.submission, Security.STARTTLS, ANNA
        ),
        outgoing_secret=Secret(PASSWORDS[ANNA]),
        incoming=ServerSettings(protocol, "localhost", port, Security.TLS, CATCHALL),
        incoming_secret=Secret(PASSWORDS[CATCHALL]),
    )


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_a_message_goes_out_and_comes_back(
    mail_server: MailServer, authority: Authority, protocol: Protocol
) -> None:
    network = Network(ca_files=(authority.ca_file,))
    heard: list[ProofProgress] = []
    report = await prove(way(mail_server, protocol), network, Texts.load("de"), heard.append)
    assert report.outcome is ProofOutcome.ARRIVED, report.transcript
    assert heard[0].phase is ProofPhase.SENDING
    assert heard[-1].phase is ProofPhase.WAITING
    # Looking must not mark anything as read.
    assert not any(" STORE " in line or "DELE" in line for line in report.transcript)


async def test_a_message_that_does_not_come_is_given_up(
    mail_server: MailServer, authority: Authority
) -> None:
    network = Network(ca_files=(authority.ca_file,))
    there = way(mail_server, Protocol.IMAP)
    elsewhere = ProofWay(
        sender=there.sender,
        recipient=EmailAddress("sales", DOMAIN),
        outgoing=there.outgoing,
        outgoing_secret=there.outgoing_secret,
        incoming=there.incoming,
        incoming_secret=there.incoming_secret,
    )
    report = await prove(elsewhere, network, Texts.load("en"), lambda _: None, wait_seconds=1.0)
    assert report.outcome is ProofOutcome.NOT_FOUND
    assert report.elapsed_ms >= 900


async def test_a_refused_message_was_not_sent(
    mail_server: MailServer, authority: Authority
) -> None:
    network = Network(ca_files=(authority.ca_file,))
    there = way(mail_server, Protocol.IMAP)
    wrong = ProofWay(
        sender=EmailAddress("ceo", "other.test"),
        recipient=there.recipient,
        outgoing=there.outgoing,
        outgoing_secret=there.outgoing_secret,
        incoming=there.incoming,
        incoming_secret=there.incoming_secret,
    )
    report = await prove(wrong, network, Texts.load("en"), lambda _: None)
    assert report.outcome is ProofOutcome.NOT_SENT
    assert report.failure is not None
    assert report.failure.stage is Stage.MAIL_FROM


def test_a_letter_is_known_by_its_token_only() -> None:
    from datetime import UTC, datetime

    token = new_token()
    sender, recipient = EmailAddress("jürgen", "a.example"), EmailAddress("b", "b.example")
    letter = write_letter(
        EmailAddress("a", "a.example"), recipient, token, datetime.now(UTC), Texts.load("de")
    )
    found = read_headers(letter)
    assert found is not None
    assert found.token == token
    assert read_headers(b"Subject: hello\r\n\r\n") is None
    assert read_headers(b"X-openAPPone-Mail-Wizard: \x00\xff\r\n\r\n") is None
    assert str(sender)
