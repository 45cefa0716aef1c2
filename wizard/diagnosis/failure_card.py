"""A failed test as text to send to somebody: all that matters, and no secret."""

from wizard.diagnosis.diagnose import Diagnosis
from wizard.probe.report import ProbeReport
from wizard.texts import Texts


def failure_card(report: ProbeReport, diagnosis: Diagnosis, texts: Texts) -> str:
    """Stage, server, TLS name, reply, time and our explanation, in the language of ``texts``."""
    failure, settings = report.failure, report.settings
    if failure is None:
        raise ValueError("a test that went well has no failure card")
    security = texts(f"form.security_choice.{settings.security}")
    server = f"{settings.protocol.upper()} {settings.host}:{settings.port} ({security})"
    addresses = next((one.detail for one in report.stages if one.stage == "connect"), "")
    rows = [
        ("server", f"{server} {addresses}".rstrip()),
        ("user", settings.username),
        ("time", f"{report.finished:%Y-%m-%d %H:%M:%S} UTC"),
        ("stage", texts(f"stage.{failure.stage}")),
        ("reply", failure.words),
    ]
    if report.tls is not None:
        names = ", ".join(report.tls.names) or report.tls.subject
        rows.append(("certificate", f"{names}; SHA-256 {report.tls.fingerprint}"))
    lines = [f"{texts(f'failure_card.{key}')}: {value}" for key, value in rows if value]
    lines += ["", texts.render(diagnosis.title), texts.render(diagnosis.explanation)]
    for number, remedy in enumerate(diagnosis.remedies, 1):
        who = texts(f"who.{remedy.who}")
        link = f" {remedy.url}" if remedy.url else ""
        lines.append(f"{number}. {texts.render(remedy.message)} ({who}){link}")
    lines += [texts.render(change.message) for change in diagnosis.changes]
    return "\n".join(lines) + "\n"
