"""Real replies in many wrappings, and what they mean."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.diagnose import (
    Circumstances,
    Diagnosis,
    DiagnosisProtocol,
    diagnose,
    diagnose_failure,
)
from wizard.diagnosis.remedies import REMEDIES, Page
from wizard.diagnosis.rule import Family
from wizard.model import Protocol, Security, ServerSettings, Stage
from wizard.probe.report import Failure
from wizard.texts import LANGUAGES, Texts


@dataclass(frozen=True)
class Row:
    """A reply somebody really got; ``accepted`` are all defensible causes."""

    id: str
    protocol: DiagnosisProtocol
    stage: Stage | None
    provider: str
    text: str
    cause: Cause
    accepted: frozenset[Cause]


def load() -> list[Row]:
    rows = []
    path = Path(__file__).with_name("replies.jsonl")
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows.append(
            Row(
                id=row["id"],
                protocol=DiagnosisProtocol(row["protocol"]),
                stage=next((stage for stage in Stage if stage == row["stage"]), None),
                provider=row["provider"],
                text=row["text"],
                cause=Cause(row["cause"]),
                accepted=frozenset({Cause(row["cause"]), *map(Cause, row["or"])}),
            )
        )
    return rows


ROWS = load()


def explain(row: Row, text: str | bytes | None = None) -> Diagnosis:
    return diagnose(
        row.text if text is None else text,
        protocol=row.protocol,
        stage=row.stage,
        circumstances=Circumstances(row.provider),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_known_reply(row: Row) -> None:
    diagnosis = explain(row)
    assert diagnosis.cause in row.accepted
    assert diagnosis.quoted


def test_the_best_cause_nearly_always() -> None:
    exact = sum(explain(row).cause is row.cause for row in ROWS)
    assert exact >= len(ROWS) - 3


def test_replies_that_no_rule_was_written_for() -> None:
    """The words of many servers and programs, put together after the rules were there."""
    path = Path(__file__).with_name("more_replies.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    exact, wrong = 0, []
    for row in rows:
        cause = diagnose(
            row["text"],
            protocol=DiagnosisProtocol(row["protocol"]),
            stage=Stage(row["stage"]),
            circumstances=Circumstances(row["provider"]),
        ).cause
        exact += cause == row["cause"]
        if cause not in (row["cause"], *row["or"]):
            wrong.append((row["text"], cause))
    assert not wrong
    assert exact >= len(rows) * 0.94


def wrap_bytes(text: str) -> str:
    return repr(text.encode())


def wrap_odoo(text: str) -> str:
    return f"Connection Test Failed! Here is what we got instead:\n {text}"


def wrap_odoo_server(text: str) -> str:
    return f"Server replied with following exception:\n {text}"


def wrap_odoo_german(text: str) -> str:
    return f"Der Server hat mit folgender Ausnahme geantwortet:\n {text}"


def wrap_log(text: str) -> str:
    return f"2026-11-24 12:03:11,402 ERROR mail: {text}"


def wrap_escaped(text: str) -> str:
    return text.replace("\n", "\\n")


def wrap_crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


WRAPPINGS = [
    wrap_bytes, wrap_odoo, wrap_odoo_server, wrap_odoo_german, wrap_log, wrap_escaped, wrap_crlf,
]  # fmt: skip
# A success stays one only while nothing around it says otherwise.
FAILURES = [row for row in ROWS if row.cause is not Cause.NO_ERROR]


@pytest.mark.parametrize("wrap", WRAPPINGS, ids=lambda wrap: wrap.__name__)
def test_a_wrapping_changes_nothing(wrap) -> None:  # type: ignore[no-untyped-def]
    wrong = [row.id for row in FAILURES if explain(row, wrap(row.text)).cause not in row.accepted]
    assert len(wrong) <= 3, wrong


@pytest.mark.parametrize(
    ("protocol", "text", "cause"),
    [
        ("smtp", "535 5.7.8 Error: authentication failed: (reason unavailable)", "wrong_credentials"),
        ("smtp", "535 Authentication credentials invalid", "wrong_credentials"),
        ("smtp", "554 5.7.1 <a@b.example>: Relay access denied", "relay_denied"),
        ("smtp", "550 5.1.1 <x@b.example>: Recipient address rejected: User unknown in virtual mailbox table", "recipient_rejected"),
        ("smtp", "530 5.7.0 Authentication Required. gsmtp", "auth_required"),
        ("smtp", "454 4.7.0 Temporary authentication failure: Connection lost to authentication server", "temporarily_unavailable"),
        ("smtp", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", "spam_or_reputation_block"),
        ("smtp", "503 AUTH command used when not advertised", "auth_mechanism_unsupported"),
        ("smtp", "554 Message rejected: Email address is not verified.", "sender_not_allowed"),
        ("smtp", "550 The from address does not match a verified Sender Identity.", "sender_not_allowed"),
        ("smtp", "552 5.2.2 mailbox full", "mailbox_full"),
        ("smtp", "525 5.7.1 Unauthorized IP address", "ip_not_allowlisted"),
        ("smtp", "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "smtp_auth_disabled_tenant"),
        ("imap", "a1 NO [AUTHENTICATIONFAILED] Authentication failed.", "wrong_credentials"),
        ("imap", "* BAD [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", "encryption_required"),
        ("imap", "a2 NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", "app_password_required"),
        ("imap", "a1 NO [LIMIT] Maximum number of connections from user+IP exceeded", "rate_limited"),
        ("pop3", "-ERR [AUTH] Authentication failed.", "wrong_credentials"),
        ("pop3", "-ERR [LOGIN-DELAY] minimum time between mail checks violation", "rate_limited"),
        ("tcp", "[WinError 10060] Ein Verbindungsversuch ist fehlgeschlagen, da die Gegenstelle nach einer bestimmten Zeitspanne nicht ordnungsgemäß reagiert hat", "port_blocked_or_timeout"),
        ("tcp", "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte", "connection_refused"),
        ("dns", "[Errno -2] Name or service not known", "host_not_found"),
        ("dns", "getaddrinfo ENOTFOUND smtp.acme.example", "host_not_found"),
        ("dns", "getaddrinfo EAI_AGAIN smtp.acme.example", "dns_unavailable"),
        ("tls", "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path to requested target", "cert_untrusted"),
        ("tls", "x509: certificate has expired or is not yet valid", "cert_expired"),
        ("tls", "tls: first record does not look like a TLS handshake", "tls_on_plaintext_port"),
        ("oauth", "AADSTS7000215: Invalid client secret provided.", "oauth_secret_invalid"),
        ("oauth", "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication", "interactive_login_required"),
        ("oauth", "Error 400: redirect_uri_mismatch", "oauth_app_misconfigured"),
        ("smtp", "354 End data with <CR><LF>.<CR><LF>", "no_error"),
        ("smtp", "334 VXNlcm5hbWU6", "no_error"),
        ("imap", "* BYE Logging out", "no_error"),
        ("smtp", "250 2.0.0 OK\r\n535 5.7.8 Authentication failed", "wrong_credentials"),
        ("smtp", "completely unheard of", "unknown"),
    ],
)  # fmt: skip
def test_replies_beyond_the_collection(protocol: str, text: str, cause: str) -> None:
    diagnosis = diagnose(text, protocol=DiagnosisProtocol(protocol))
    assert diagnosis.cause == cause


@given(
    st.one_of(st.binary(max_size=3000), st.text(max_size=3000)),
    st.sampled_from(list(DiagnosisProtocol)),
    st.sampled_from([None, *Stage]),
    st.one_of(st.none(), st.text(max_size=20)),
)
def test_any_text_gets_a_diagnosis(
    text: str | bytes, protocol: DiagnosisProtocol, stage: Stage | None, provider: str | None
) -> None:
    diagnosis = diagnose(
        text, protocol=protocol, stage=stage, circumstances=Circumstances(provider)
    )
    assert diagnosis.cause in Cause
    assert "\x1b" not in diagnosis.quoted


@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_words_and_a_way_out(cause: Cause, language: str) -> None:
    texts = Texts.load(language)
    assert f"cause.{cause}.title" in texts
    assert f"cause.{cause}.why" in texts
    for family in Family:
        rows = [row for row in REMEDIES[cause] if not row.families or family in row.families]
        assert rows or cause is Cause.NO_ERROR
    for row in REMEDIES[cause]:
        assert f"remedy.{row.id}" in texts
        assert row.url is None or isinstance(row.url, Page) or row.url.startswith("https://")


def test_the_providers_own_remedy_comes_first() -> None:
    text = "534-5.7.9 Application-specific password required. gsmtp"
    diagnosis = diagnose(text, protocol=DiagnosisProtocol.SMTP)
    assert diagnosis.remedies[0].message.key == "remedy.google_app_password"
    assert diagnosis.remedies[0].url == "https://myaccount.google.com/apppasswords"


def test_a_remedy_can_change_the_form() -> None:
    settings = ServerSettings(Protocol.SMTP, "smtp.acme.example", 587, Security.TLS, "a")
    failure = Failure(Stage.TLS, "wrong version number", Cause.TLS_ON_PLAINTEXT_PORT)
    changes = [one.change for one in diagnose_failure(failure, settings).remedies]
    assert [(one.port, one.security) for one in changes if one] == [
        (587, Security.STARTTLS),
        (465, Security.TLS),
    ]


def test_what_the_form_says_already_is_no_remedy() -> None:
    settings = ServerSettings(Protocol.SMTP, "smtp.acme.example", 465, Security.TLS, "a")
    failure = Failure(Stage.STARTTLS, "no", Cause.STARTTLS_NOT_OFFERED)
    keys = [one.message.key for one in diagnose_failure(failure, settings).remedies]
    assert "remedy.use_tls_port" not in keys
