"""A saved set-up again: what works, what changed, and the command that says so."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wizard.actions import check_up
from wizard.catalog import Catalog
from wizard.checkup import Checked, Health, Subject, compare
from wizard.model import Protocol, Route, Secret, Security
from wizard.practice.apart import PracticeApart
from wizard.practice.facts import ZoneRecord
from wizard.setup import Setup, new_setup
from wizard.store.setups import SavedSetup, SetupStore
from wizard.updates import choose_route, edit_receiving, edit_sending, enter_company

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CATALOG = Catalog.load()


@pytest.fixture
async def company() -> AsyncIterator[PracticeApart]:
    company = await PracticeApart.start()
    yield company
    await company.stop()


def setup_for(company: PracticeApart) -> Setup:
    servers = {(one.protocol, one.security): one for one in company.facts().servers}
    smtp = servers[Protocol.SMTP, Security.STARTTLS]
    imap = servers[Protocol.IMAP, Security.TLS]
    setup = choose_route(enter_company(new_setup(NOW), company.address), Route.BOTH)
    setup = edit_sending(
        setup,
        lambda form: replace(
            form,
            host=smtp.host,
            port=str(smtp.port),
            security=smtp.security,
            username=company.address,
        ),
    )
    return edit_receiving(
        setup,
        lambda form: replace(form, host=imap.host, port=str(imap.port), security=imap.security),
    )


def rows(checks: tuple[Checked, ...]) -> dict[str, tuple[Health, Health, bool]]:
    return {one.name: (one.health, one.before, one.changed) for one in checks}


async def test_what_was_finished_is_compared_with_what_is(company: PracticeApart) -> None:
    password = Secret(company.accounts[0].password)

    async def secret_of(_: str) -> Secret:
        return password

    first = await check_up(setup_for(company), CATALOG, secret_of, company.network)
    seen = compare(first, first)
    kinds = [one.subject for one in seen]
    assert kinds.count(Subject.SENDING) == 1
    assert kinds.count(Subject.SENDER) == 4
    assert kinds.count(Subject.MAILBOX) == 2
    assert not any(one.changed for one in seen)
    assert rows(seen)["bounce@practice.test"] == (Health.OK, Health.OK, False)
    assert rows(seen)["TXT practice.test"][0] is Health.WRONG

    # The registrar enters the record, and somebody changes a password.
    value = "v=spf1 mx include:_spf.appone.cloud include:_spf.provider.practice.test -all"
    company.publish_later([ZoneRecord("practice.test", "TXT", value)], 0.0)

    async def changed(purpose: str) -> Secret:
        return Secret("new") if purpose == "mailbox:bounce" else password

    for _ in range(50):
        now = await check_up(first, CATALOG, changed, company.network)
        if now.records.plan != first.records.plan:
            break
    checks = compare(first, now)
    assert rows(checks)["bounce@practice.test"] == (Health.WRONG, Health.OK, True)
    assert rows(checks)["TXT practice.test"] == (Health.OK, Health.WRONG, True)
    record = next(one for one in checks if one.name == "TXT practice.test")
    assert "appone" in record.value
    assert "appone" not in record.was


async def test_without_a_password_nothing_is_claimed(company: PracticeApart) -> None:
    async def nothing(_: str) -> None:
        return None

    setup = setup_for(company)
    checks = compare(setup, await check_up(setup, CATALOG, nothing, company.network))
    mailboxes = [one for one in checks if one.subject is Subject.MAILBOX]
    assert {(one.health, one.before) for one in mailboxes} == {(Health.UNKNOWN, Health.UNTESTED)}


def run(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    import os

    done = subprocess.run(
        [sys.executable, "-m", "ui.start", "doctor", *arguments],
        cwd=ROOT,
        env={**os.environ, "XDG_DATA_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


async def test_the_command_finds_a_set_up_by_path_id_and_domain(
    company: PracticeApart, tmp_path: Path
) -> None:
    setup = setup_for(company)
    store = SetupStore(tmp_path / "openappone-mail-wizard" / "setups")
    assert isinstance(store.save(setup), SavedSetup)
    facts = company.facts()
    at = ("--nameserver", facts.nameserver, "--ca-file", facts.ca_file, "--json")
    path = str(store.folder / f"{setup.id}.json")
    for given in (path, setup.id, "practice.test"):
        done = run(given, *at, home=tmp_path)
        document: dict[str, Any] = json.loads(done.stdout)
        assert document["setup"] == setup.id
        assert document["ok"] is False
        # The SPF record is wrong; the mailboxes have no password in any keyring.
        assert done.returncode == 1
        states = {one["subject"]: one["state"] for one in document["checks"]}
        assert states["mailbox"] == "unknown"
        assert states["record"] in ("wrong", "ok")
    said = run("practice.test", *at[:4], "--lang", "de", home=tmp_path).stdout
    assert "practice.test" in said
    assert "FALSCH" in said


def test_what_is_no_set_up_is_left_alone(tmp_path: Path) -> None:
    for name, content in (("notes.json", "{}"), ("README", "hello")):
        path = tmp_path / name
        path.write_text(content)
        done = run(str(path), home=tmp_path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert path.read_text() == content
    done = run("nobody.example", home=tmp_path)
    assert done.returncode == 2
    assert "nobody.example" in done.stderr
