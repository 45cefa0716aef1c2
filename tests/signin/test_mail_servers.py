"""Dovecot and Postfix with the provider's tokens: taken, expired, revoked, somebody else's."""

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from servers.mail import DOMAIN, MailServer
from servers.oauth import IMAP, PEOPLE, POP3, SMTP, SignInService
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import Circumstances
from wizard.diagnosis.diagnose import diagnose_failure
from wizard.model import (
    AuthMethod,
    EmailAddress,
    Protocol,
    Secret,
    Security,
    ServerSettings,
    Stage,
)
from wizard.network import Network
from wizard.probe.driver import probe
from wizard.probe.report import ProbeReport
from wizard.signin.token import TokenLogin, explain_refusal

pytestmark = pytest.mark.servers
NOW = dt.datetime.now(dt.UTC)
METHODS = (AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER)


def settings(server: MailServer, protocol: Protocol, method: AuthMethod) -> ServerSettings:
    ports = {
        Protocol.SMTP: server.submission,
        Protocol.IMAP: server.imap,
        Protocol.POP3: server.pop3,
    }
    return ServerSettings(
        protocol, "localhost", ports[protocol], Security.STARTTLS, PEOPLE[0], method
    )


def refused(report: ProbeReport) -> bool:
    return report.failure is not None and report.failure.stage is Stage.AUTH


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_a_token_logs_in(
    mail_server: MailServer,
    sign_in_service: SignInService,
    network: Network,
    protocol: Protocol,
    method: AuthMethod,
) -> None:
    token = sign_in_service.give()
    account = settings(mail_server, protocol, method)
    report = await probe(
        account,
        Secret(token.access_token),
        network,
        senders=[EmailAddress("anna", DOMAIN)] if protocol is Protocol.SMTP else (),
        recipient=EmailAddress("catchall", DOMAIN) if protocol is Protocol.SMTP else None,
    )
    assert report.ok, mail_server.log_text()[-3000:]
    assert token.access_token not in "\n".join(report.transcript)
    assert "********" in "\n".join(report.transcript)
    # Only the middle of a long one could still be shown.
    assert token.access_token[40:80] not in "\n".join(report.transcript)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("protocol", list(Protocol))
async def test_a_bad_token_does_not(
    mail_server: MailServer,
    sign_in_service: SignInService,
    network: Network,
    protocol: Protocol,
    method: AuthMethod,
) -> None:
    account = settings(mail_server, protocol, method)
    revoked = sign_in_service.give()
    revoked.revoked = True
    sign_in_service.behaviour.lifetime = -1
    expired = sign_in_service.give()
    for token in (revoked.access_token, expired.access_token, "made-up"):
        report = await probe(account, Secret(token), network)
        assert refused(report), report.transcript
        assert token not in "\n".join(report.transcript)
        assert report.failure is not None
        diagnosis = diagnose_failure(report.failure, account, Circumstances("microsoft"))
        assert diagnosis.cause is Cause.OAUTH_TOKEN_REJECTED, report.failure.words


async def test_somebody_elses_mailbox_is_explained(
    mail_server: MailServer, sign_in_service: SignInService, network: Network
) -> None:
    token = Secret(sign_in_service.give(PEOPLE[1]).access_token)
    account = settings(mail_server, Protocol.IMAP, AuthMethod.XOAUTH2)
    report = await probe(account, token, network)
    assert refused(report)
    said = explain_refusal(
        TokenLogin(token, sign_in_service.facts(), (IMAP,), PEOPLE[1]), account, NOW
    )
    assert said is not None
    assert said.key == "signin.refused.person_mailbox"
    assert dict(said.values) == {"person": PEOPLE[1], "mailbox": PEOPLE[0]}


@pytest.mark.parametrize(
    ("protocol", "scope", "audience", "key"),
    [
        (Protocol.SMTP, IMAP, "https://outlook.office.com", "scope"),
        (Protocol.IMAP, SMTP, "https://outlook.office.com", "scope"),
        (Protocol.POP3, f"{SMTP} {IMAP}", "https://outlook.office.com", "scope"),
        (Protocol.IMAP, IMAP, "https://graph.microsoft.com", "audience"),
        (Protocol.IMAP, IMAP, "https://outlook.office365.com", "switch_mailbox"),
        (Protocol.SMTP, SMTP, "00000002-0000-0ff1-ce00-000000000000", "switch_smtp"),
        (Protocol.POP3, POP3, "https://outlook.office.com", "switch_mailbox"),
    ],
)
def test_what_a_token_tells(
    sign_in_service: SignInService, protocol: Protocol, scope: str, audience: str, key: str
) -> None:
    sign_in_service.behaviour.audience = audience
    token = Secret(sign_in_service.give(scope=scope).access_token)
    account = ServerSettings(protocol, "localhost", 1, Security.TLS, PEOPLE[0].upper())
    login = TokenLogin(token, sign_in_service.facts(), (scope,), PEOPLE[0])
    said = explain_refusal(login, account, NOW)
    assert said is not None
    assert said.key == f"signin.refused.{key}"
    generic = replace(login, service=replace(login.service, family="yahoo"))
    other = explain_refusal(generic, account, NOW)
    assert (other is None) == key.startswith("switch")


def test_an_ended_token_says_so(sign_in_service: SignInService) -> None:
    login = TokenLogin(
        Secret(sign_in_service.give().access_token), sign_in_service.facts(), (IMAP,), PEOPLE[0]
    )
    account = ServerSettings(Protocol.IMAP, "localhost", 1, Security.TLS, PEOPLE[0])
    said = explain_refusal(login, account, NOW + dt.timedelta(hours=2))
    assert said is not None
    assert said.key == "signin.refused.expired"


def test_the_command_line_reads_a_refused_token_too(
    mail_server: MailServer, sign_in_service: SignInService
) -> None:
    token = sign_in_service.give(PEOPLE[1]).access_token
    done = subprocess.run(
        [
            *(sys.executable, "-m", "wizard.cli", "test", "imap", f"localhost:{mail_server.imaps}"),
            *("--security", "tls", "--user", PEOPLE[0], "--auth", "xoauth2", "--token-stdin"),
            *("--provider", "microsoft-365", "--ca-file", sign_in_service.ca_file, "--json", "-v"),
        ],
        input=token,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    diagnosis = json.loads(done.stdout)["diagnosis"]
    assert diagnosis["cause"] == "oauth_token_rejected"
    assert f"signed in as {PEOPLE[1]}" in diagnosis["explanation"]
    assert token not in done.stdout + done.stderr
