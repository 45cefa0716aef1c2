"""Conversations with Exim; what it says differs from Postfix in nearly every line."""

from dataclasses import replace

import pytest

from servers.authority import Authority
from servers.exim import Exim
from servers.mail import DOMAIN, PASSWORDS
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.diagnose import diagnose_report
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

pytestmark = pytest.mark.servers
ANNA = f"anna@{DOMAIN}"


@pytest.fixture
def network(authority: Authority) -> Network:
    return Network(ca_files=(authority.ca_file,))


def settings(exim: Exim, security: Security) -> ServerSettings:
    port = exim.submissions if security is Security.TLS else exim.submission
    return ServerSettings(Protocol.SMTP, "localhost", port, security, ANNA)


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
@pytest.mark.parametrize("user", list(PASSWORDS))
async def test_every_password_arrives_unharmed(
    exim: Exim, network: Network, security: Security, user: str
) -> None:
    account = replace(settings(exim, security), username=user)
    report = await probe(account, Secret(PASSWORDS[user]), network)
    assert report.ok, report.transcript
    assert report.tls is not None
    assert report.tls.trusted


@pytest.mark.parametrize("method", [AuthMethod.PLAIN, AuthMethod.LOGIN, AuthMethod.CRAM_MD5])
async def test_every_mechanism_logs_in(exim: Exim, network: Network, method: AuthMethod) -> None:
    account = replace(settings(exim, Security.STARTTLS), auth=method)
    report = await probe(account, Secret(PASSWORDS[ANNA]), network)
    assert report.ok, report.transcript


async def test_a_wrong_password_is_told(exim: Exim, network: Network) -> None:
    report = await probe(settings(exim, Security.TLS), Secret("falsch"), network)
    assert report.failure is not None
    assert report.failure.stage is Stage.AUTH
    assert diagnose_report(report).cause is Cause.WRONG_CREDENTIALS


async def test_senders_are_offered_all_at_once(exim: Exim, network: Network) -> None:
    senders = [EmailAddress(name, DOMAIN) for name in ("anna", "ceo", "bounce")]
    report = await probe(
        settings(exim, Security.STARTTLS),
        Secret(PASSWORDS[ANNA]),
        network,
        senders=senders,
        recipient=EmailAddress("catchall", DOMAIN),
    )
    assert [one.accepted for one in report.senders] == [True, False, True]
    assert "not yours to send as" in report.senders[1].reply
    assert diagnose_report(report).cause is Cause.SENDER_NOT_ALLOWED
    # All commands went out before the first reply was waited for.
    first = report.transcript.index(f"C: MAIL FROM:<anna@{DOMAIN}>")
    assert all(line.startswith("C: ") for line in report.transcript[first : first + 8])


async def test_no_password_goes_in_the_clear_by_the_servers_own_log(
    exim: Exim, network: Network
) -> None:
    """This port would take one: only our caution keeps it back, until the user allows it."""
    secret = Secret(PASSWORDS[ANNA])
    careless = ServerSettings(Protocol.SMTP, "localhost", exim.careless, Security.NONE, ANNA)
    before = exim.log_text()
    report = await probe(careless, secret, network)
    assert report.failure is not None
    assert report.failure.cause is Cause.ENCRYPTION_REQUIRED
    said = exim.log_text().removeprefix(before)
    assert "AUTH" not in said
    assert "A=" not in said

    allowed = replace(careless, plain_login=PlainLogin.ALLOWED)
    report = await probe(allowed, secret, network)
    assert report.ok, report.transcript
    said = exim.said_since(before, "AUTH")
    # The log does tell of a login, and the one that hides the password was chosen.
    assert f"A=cram:{ANNA}" in said
    assert "X=TLS" not in said
