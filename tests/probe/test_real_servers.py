"""Conversations with Dovecot and Postfix, right and wrong."""

from dataclasses import replace
from pathlib import Path

import pytest

from servers.authority import Authority
from servers.mail import DOMAIN, PASSWORDS, MailServer
from wizard.diagnosis.cause import Cause
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
from wizard.probe.driver import probe
from wizard.probe.report import ProbeReport

pytestmark = pytest.mark.servers
ANNA = f"anna@{DOMAIN}"


@pytest.fixture
def network(authority: Authority) -> Network:
    return Network(ca_files=(authority.ca_file,), stage_timeout=10)


def settings(server: MailServer, protocol: Protocol, security: Security) -> ServerSettings:
    port = {
        (Protocol.SMTP, Security.TLS): server.submissions,
        (Protocol.SMTP, Security.STARTTLS): server.submission,
        (Protocol.IMAP, Security.TLS): server.imaps,
        (Protocol.IMAP, Security.STARTTLS): server.imap,
        (Protocol.POP3, Security.TLS): server.pop3s,
        (Protocol.POP3, Security.STARTTLS): server.pop3,
    }[protocol, security]
    return ServerSettings(protocol, "localhost", port, security, ANNA)


def stages(report: ProbeReport) -> list[str]:
    return [stage.stage.value for stage in report.stages]


BOTH = [Security.TLS, Security.STARTTLS]
LAST = {Protocol.SMTP: ["mail_from", "rcpt"], Protocol.IMAP: ["select"], Protocol.POP3: ["stat"]}


@pytest.mark.parametrize("security", BOTH)
@pytest.mark.parametrize("protocol", list(Protocol))
@pytest.mark.parametrize("user", list(PASSWORDS))
async def test_every_password_arrives_unharmed(
    mail_server: MailServer, network: Network, protocol: Protocol, security: Security, user: str
) -> None:
    account = replace(settings(mail_server, protocol, security), username=user)
    report = await probe(account, Secret(PASSWORDS[user]), network)
    assert report.failure is None, report.transcript
    head = (
        ["resolve", "connect", "tls", "greeting", "capability", "auth"]
        if security is Security.TLS
        else ["resolve", "connect", "greeting", "capability", "starttls", "tls", "auth"]
    )
    tail = [] if protocol is Protocol.SMTP else LAST[protocol]
    assert stages(report) == head + tail
    assert report.tls is not None
    assert report.tls.trusted
    assert "localhost" in report.tls.names
    shown = "\n".join(report.transcript)
    assert PASSWORDS[user] not in shown.replace("sales@firma.test", "")
    assert "********" in shown


@pytest.mark.parametrize("method", [AuthMethod.PLAIN, AuthMethod.LOGIN, AuthMethod.CRAM_MD5])
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_every_mechanism_logs_in(
    mail_server: MailServer, network: Network, protocol: Protocol, method: AuthMethod
) -> None:
    account = replace(settings(mail_server, protocol, Security.TLS), auth=method)
    report = await probe(account, Secret(PASSWORDS[ANNA]), network)
    assert report.ok, report.transcript


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_a_wrong_password_fails_at_the_login(
    mail_server: MailServer, network: Network, protocol: Protocol
) -> None:
    account = settings(mail_server, protocol, Security.STARTTLS)
    report = await probe(account, Secret("falsch"), network)
    assert report.failure is not None
    assert report.failure.stage is Stage.AUTH
    assert stages(report)[-1] == "auth"
    assert "uthentication failed" in report.failure.words


async def test_senders_are_offered_one_by_one(mail_server: MailServer, network: Network) -> None:
    account = settings(mail_server, Protocol.SMTP, Security.STARTTLS)
    senders = [
        EmailAddress("anna", DOMAIN),
        EmailAddress("ceo", "other.test"),
        EmailAddress("bounce", DOMAIN),
    ]
    report = await probe(
        account,
        Secret(PASSWORDS[ANNA]),
        network,
        senders=senders,
        recipient=EmailAddress("catchall", DOMAIN),
    )
    assert [one.accepted for one in report.senders] == [True, False, True]
    assert "not owned by user" in report.senders[1].reply
    assert report.failure is not None
    assert report.failure.stage is Stage.MAIL_FROM

    report = await probe(
        account,
        Secret(PASSWORDS[ANNA]),
        network,
        senders=senders[:1],
        recipient=EmailAddress("nobody", DOMAIN),
    )
    assert report.failure is not None
    assert report.failure.stage is Stage.RCPT
    assert stages(report)[-2:] == ["mail_from", "rcpt"]


async def test_nothing_is_said_to_a_server_nobody_vouches_for(mail_server: MailServer) -> None:
    before = mail_server.log_text()
    for protocol in Protocol:
        for security in BOTH:
            account = settings(mail_server, protocol, security)
            report = await probe(account, Secret(PASSWORDS[ANNA]), Network())
            assert report.failure is not None
            assert (report.failure.stage, report.failure.cause) == (
                Stage.TLS,
                Cause.CERT_UNTRUSTED,
            )
            assert report.tls is not None
            assert not report.tls.trusted
            assert report.tls.names == ("localhost", "mail.firma.test", "127.0.0.1")
            assert "********" not in "\n".join(report.transcript)
    assert ANNA not in mail_server.log_text().removeprefix(before)


async def test_a_certificate_for_another_name(
    mail_server: MailServer, network: Network, tmp_path: Path
) -> None:
    account = replace(settings(mail_server, Protocol.IMAP, Security.TLS), host="sub.localhost")
    report = await probe(account, Secret("x"), network)
    assert report.failure is not None
    assert report.failure.cause is Cause.CERT_HOSTNAME_MISMATCH


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_tls_on_a_plain_port_is_recognised(
    mail_server: MailServer, network: Network, protocol: Protocol
) -> None:
    plain = settings(mail_server, protocol, Security.STARTTLS)
    report = await probe(replace(plain, security=Security.TLS), Secret("x"), network)
    assert report.failure is not None
    assert report.failure.cause is Cause.TLS_ON_PLAINTEXT_PORT


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_without_encryption_no_password_is_sent(
    mail_server: MailServer, network: Network, protocol: Protocol
) -> None:
    plain = settings(mail_server, protocol, Security.STARTTLS)
    report = await probe(replace(plain, security=Security.NONE), Secret("geheim"), network)
    assert report.failure is not None
    assert report.failure.stage is Stage.AUTH
    assert report.failure.cause is Cause.ENCRYPTION_REQUIRED
    assert not any(line.startswith("C:") and "AUTH" in line for line in report.transcript)


@pytest.mark.parametrize("protocol", [Protocol.IMAP, Protocol.POP3])
async def test_no_password_goes_in_the_clear_by_the_servers_own_log(
    mail_server: MailServer, network: Network, protocol: Protocol
) -> None:
    """Dovecot takes plain text from its own computer: only our caution keeps the password back."""
    plain = replace(settings(mail_server, protocol, Security.STARTTLS), security=Security.NONE)
    secret, before = Secret(PASSWORDS[ANNA]), mail_server.log_text()
    report = await probe(plain, secret, network)
    assert report.failure is not None
    assert report.failure.cause is Cause.ENCRYPTION_REQUIRED

    allowed = replace(plain, plain_login=PlainLogin.ALLOWED)
    report = await probe(allowed, secret, network)
    assert report.ok, report.transcript
    logins = [
        line
        for line in mail_server.log_text().removeprefix(before).splitlines()
        if f"Login: user=<{ANNA}>" in line
    ]
    # The log does tell of a login: of the one that was allowed, and of no other.
    assert len(logins) == 1
    assert "TLS" not in logins[0]
    assert "method=CRAM-MD5" in logins[0]
