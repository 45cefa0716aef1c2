"""What a probe's failure leads to: remedies that fit the settings, the certificate and the day."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wizard.catalog import Catalog
from wizard.diagnosis.cause import Cause
from wizard.diagnosis.circumstances import Circumstances, circumstances, provider_name_in
from wizard.diagnosis.diagnose import (
    Diagnosis,
    DiagnosisProtocol,
    diagnose,
    diagnose_failure,
    diagnose_report,
)
from wizard.diagnosis.failure_card import failure_card
from wizard.diagnosis.recognise import recognise
from wizard.diagnosis.reply import Reply
from wizard.model import PlainLogin, Protocol, Security, ServerSettings, Stage
from wizard.probe.report import (
    Alternative,
    CertificateFault,
    CertificateInfo,
    Failure,
    ProbeReport,
    StageResult,
    TlsInfo,
)
from wizard.server_form import FormChange
from wizard.texts import LANGUAGES, Texts

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
MAIL = ServerSettings(
    Protocol.SMTP, "mail.acme.example", 587, Security.STARTTLS, "info@acme.example"
)
FINGERPRINT = "ab" * 32


def ended(
    stage: Stage,
    cause: Cause | None,
    settings: ServerSettings = MAIL,
    words: str = "no",
    **more: object,
) -> ProbeReport:
    report = ProbeReport(
        settings=settings,
        stages=(StageResult(stage, ok=False, ms=1, detail=words),),
        tls=None,
        capabilities=(),
        senders=(),
        failure=Failure(stage, words, cause),
        transcript=(),
        elapsed_ms=1,
        finished=NOW,
    )
    return replace(report, **more)  # type: ignore[arg-type]


def with_certificate(fault: CertificateFault, *names: str) -> TlsInfo:
    own = CertificateInfo("mail", "Some CA", NOW, NOW, FINGERPRINT, "RSA 2048")
    return TlsInfo(
        "TLSv1.3", "x", "mail", names, "Some CA", NOW, NOW, FINGERPRINT, trusted=False,
        key="RSA 2048", fault=fault, chain=(own,),
    )  # fmt: skip


def changes(diagnosis: Diagnosis) -> list[FormChange]:
    return [one.change for one in diagnosis.remedies if one.change is not None]


def keys(diagnosis: Diagnosis) -> list[str]:
    return [one.message.key.removeprefix("remedy.") for one in diagnosis.remedies]


def test_what_works_comes_first_and_guesses_fall_away() -> None:
    tried = (
        Alternative(465, Security.TLS),
        Alternative(2525, Security.STARTTLS, Stage.CONNECT, Cause.PORT_BLOCKED_OR_TIMEOUT),
    )
    report = ended(Stage.CONNECT, Cause.PORT_BLOCKED_OR_TIMEOUT, alternatives=tried)
    diagnosis = diagnose_report(report)
    assert diagnosis.title.key == "blocked.title"
    assert diagnosis.remedies[0].change == FormChange(port=465, security=Security.TLS)
    assert keys(diagnosis)[0] == "use_way"
    assert "other_port" not in keys(diagnosis)


def test_a_dead_host_is_called_dead() -> None:
    silent = Stage.CONNECT, Cause.PORT_BLOCKED_OR_TIMEOUT
    tried = (Alternative(465, Security.TLS, *silent), Alternative(2525, Security.STARTTLS, *silent))
    diagnosis = diagnose_report(ended(*silent, alternatives=tried))
    assert diagnosis.title.key == "dead.title"
    assert changes(diagnosis) == []
    refused = replace(tried[0], cause=Cause.CONNECTION_REFUSED)
    alive = diagnose_report(ended(*silent, alternatives=(refused, tried[1])))
    assert alive.title.key == "blocked.title"


def test_the_mode_changes_at_a_port_of_ones_own() -> None:
    own = replace(MAIL, port=10587, security=Security.TLS)
    diagnosis = diagnose_failure(Failure(Stage.TLS, "x", Cause.TLS_ON_PLAINTEXT_PORT), own)
    assert changes(diagnosis)[0] == FormChange(10587, Security.STARTTLS)


@pytest.mark.parametrize("fault", list(CertificateFault))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_certificate_has_words_and_a_way_out(
    fault: CertificateFault, language: str
) -> None:
    report = ended(Stage.TLS, Cause.CERT_UNTRUSTED, tls=with_certificate(fault, "x.example"))
    diagnosis, texts = diagnose_report(report), Texts.load(language)
    assert diagnosis.title.key == f"certificate.{fault}.title"
    assert diagnosis.remedies
    for said in (diagnosis.title, diagnosis.explanation, *(r.message for r in diagnosis.remedies)):
        assert texts.render(said) != said.key


def test_trust_is_offered_for_a_server_of_ones_own_only() -> None:
    tls = with_certificate(CertificateFault.SELF_SIGNED, "mail.acme.example")
    report = ended(Stage.TLS, Cause.CERT_UNTRUSTED, tls=tls)
    assert changes(diagnose_report(report)) == [FormChange(fingerprint=FINGERPRINT)]
    assert changes(diagnose_report(report, Circumstances("ionos"))) == []
    known = Circumstances(known_hosts=("mail.acme.example",))
    assert changes(diagnose_report(report, known)) == []


def test_only_a_providers_name_is_offered_as_a_button() -> None:
    catalog = Catalog.load()
    around = circumstances("ionos", catalog, Protocol.SMTP)
    hosts = [one.host for one in catalog.providers["ionos"].smtp]
    tls = with_certificate(CertificateFault.WRONG_HOST, hosts[0])
    good = diagnose_report(ended(Stage.TLS, Cause.CERT_HOSTNAME_MISMATCH, tls=tls), around)
    assert changes(good) == [FormChange(host=hosts[0])]
    tls = with_certificate(CertificateFault.WRONG_HOST, "attacker.example")
    bad = diagnose_report(ended(Stage.TLS, Cause.CERT_HOSTNAME_MISMATCH, tls=tls), around)
    assert changes(bad) == []


@pytest.mark.parametrize(
    ("name", "host", "covered"),
    [
        ("smtp.a.example", "smtp.a.example", True),
        ("*.a.example", "smtp.a.example", True),
        ("*.A.example", "smtp.a.example", True),
        ("*.example", "smtp.a.example", False),
        ("*.a.example", "a.example", False),
        ("a.example", "smtp.a.example", False),
        ("*", "smtp", False),
    ],
)
def test_names_cover_hosts_as_in_rfc_6125(name: str, host: str, covered: bool) -> None:
    assert (provider_name_in([name], [host]) == host) is covered


def test_the_password_may_go_unencrypted_only_where_our_caution_kept_it_back() -> None:
    refused = Stage.AUTH, Cause.ENCRYPTION_REQUIRED
    plain = replace(MAIL, security=Security.NONE)
    wanted = FormChange(plain_login=PlainLogin.ALLOWED)
    assert wanted in changes(diagnose_report(ended(*refused, plain)))
    assert wanted not in changes(diagnose_report(ended(*refused, plain), Circumstances("ionos")))
    assert wanted not in changes(diagnose_report(ended(*refused)))
    encrypts = ended(*refused, plain, capabilities=("STARTTLS", "SIZE 1"))
    assert wanted not in changes(diagnose_report(encrypts))
    allowed = replace(plain, plain_login=PlainLogin.ALLOWED)
    assert wanted not in changes(diagnose_report(ended(*refused, allowed)))


MICROSOFT_OFF = (
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
)


@pytest.mark.parametrize(
    ("today", "key"),
    [
        (dt.date(2026, 11, 26), "deadline.microsoft_smtp_password.before"),
        (dt.date(2026, 12, 31), "deadline.microsoft_smtp_password.before"),
        (dt.date(2027, 1, 1), "deadline.microsoft_smtp_password.after"),
    ],
)
def test_what_changes_by_date_hangs_on_the_day(today: dt.date, key: str) -> None:
    around = Circumstances(today=today)
    diagnosis = diagnose(MICROSOFT_OFF, circumstances=around)
    assert diagnosis.cause is Cause.SMTP_AUTH_DISABLED_TENANT
    assert [one.message.key for one in diagnosis.changes] == [key]
    for language in LANGUAGES:
        assert Texts.load(language).render(diagnosis.changes[0].message) != key


def test_google_has_removed_less_secure_apps() -> None:
    diagnosis = diagnose("535-5.7.8 Username and Password not accepted. gsmtp")
    assert [one.message.key for one in diagnosis.changes] == [
        "deadline.google_less_secure_apps.after"
    ]
    assert diagnose("535 5.7.8 no", circumstances=Circumstances("ionos")).changes == ()


def test_a_providers_pages_come_from_the_catalogue() -> None:
    catalog = Catalog.load()
    around = circumstances("fastmail", catalog, Protocol.SMTP)
    diagnosis = diagnose("535 5.7.8 app password required", circumstances=around)
    assert around.app_password in [one.url for one in diagnosis.remedies]


def test_a_failure_card_has_all_that_matters_and_no_secret() -> None:
    tls = with_certificate(CertificateFault.EXPIRED, "mail.acme.example")
    report = ended(Stage.TLS, Cause.CERT_EXPIRED, words="certificate has expired", tls=tls)
    for language in LANGUAGES:
        card = failure_card(report, diagnose_report(report), Texts.load(language))
        for piece in ("mail.acme.example:587", "STARTTLS", "2026-11-26 12:00:00 UTC", FINGERPRINT,
                      "certificate has expired", "TLS"):  # fmt: skip
            assert piece in card
        assert "{" not in card


def rows() -> list[dict[str, Any]]:
    path = Path(__file__).with_name("replies.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_without_a_protocol_the_text_tells_it() -> None:
    wrong = [
        row["id"]
        for row in rows()
        if diagnose(row["text"], circumstances=Circumstances(row["provider"])).cause
        not in (row["cause"], *row["or"])
    ]
    assert len(wrong) <= 2, wrong
    assert recognise(Reply.read("")) is DiagnosisProtocol.SMTP
