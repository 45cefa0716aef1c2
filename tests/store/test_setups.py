"""Saved set-ups: what is written can be read, what is damaged is set aside."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.model import PlainLogin, Protocol, Secret, ServerSettings
from wizard.probe.report import ProbeReport
from wizard.server_form import Exemption, ServerForm, ServerTest
from wizard.setup import mailbox_form, new_setup
from wizard.store.setups import (
    MAX_BYTES,
    VERSION,
    Damaged,
    NotSaved,
    SavedSetup,
    SetupStore,
    without_transcripts,
)
from wizard.updates import add_mailbox, edit_receiving, enter_company, take_mailbox_test

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> SetupStore:
    return SetupStore(tmp_path / "setups")


def test_what_is_saved_can_be_opened(store: SetupStore) -> None:
    setup = add_mailbox(enter_company(new_setup(NOW), "info@müller.example"), "rechnung")
    saved = store.save(setup)
    assert isinstance(saved, SavedSetup)
    loaded, damaged = store.load_all()
    assert [one.setup for one in loaded] == [setup]
    assert damaged == ()


def test_what_the_user_allowed_a_server_is_saved_with_its_form(store: SetupStore) -> None:
    given = Exemption("mail.acme.example", 993, "ab" * 32, PlainLogin.ALLOWED)
    form = ServerForm("mail.acme.example", "993", exemption=given)
    setup = edit_receiving(enter_company(new_setup(NOW), "acme.example"), lambda _: form)
    store.save(setup)
    [loaded], _ = store.load_all()
    assert loaded.setup.receiving.form.exempted == given


def test_a_form_from_before_exemptions_can_be_opened(store: SetupStore) -> None:
    setup = enter_company(new_setup(NOW), "acme.example")
    store.save(setup)
    [path] = store.folder.glob("*.json")
    tree = json.loads(path.read_text(encoding="utf-8"))
    del tree["setup"]["sending"]["form"]["exemption"]
    path.write_text(json.dumps(tree), encoding="utf-8")
    [loaded], damaged = store.load_all()
    assert (loaded.setup, damaged) == (setup, ())


def test_several_side_by_side_newest_first(store: SetupStore) -> None:
    for day, entry in enumerate(["a.example", "b.example", "c.example"]):
        store.save(enter_company(new_setup(NOW), entry), NOW + timedelta(days=day))
    loaded, _ = store.load_all()
    assert [one.setup.domain for one in loaded] == ["c.example", "b.example", "a.example"]
    store.delete(loaded[1].setup.id)
    assert len(store.load_all()[0]) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version": 1}',
        b'{"version": "one", "saved": "x", "setup": {}}',
        b'{"version": 0, "saved": "2026-11-24T12:00:00Z", "setup": {}}',
        b'{"version": 1, "saved": "2026-11-24T12:00:00Z", "setup": {"id": 5}}',
        b"\xff\xfe\x00",
        b'{"version": 1, "setup": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b" " * (5 << 20),
    ],
)
def test_a_damaged_file_is_said_and_kept_aside(store: SetupStore, content: bytes) -> None:
    good = enter_company(new_setup(NOW), "good.example")
    store.save(good)
    bad = store.folder / ("0" * 32 + ".json")
    bad.write_bytes(content)
    loaded, damaged = store.load_all()
    assert [one.setup for one in loaded] == [good]
    assert len(damaged) == 1
    assert damaged[0].path.read_bytes() == content
    assert not bad.exists()
    assert store.load_all()[1] == ()


def test_a_half_written_file_never_replaces_the_old_one(
    store: SetupStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = enter_company(new_setup(NOW), "a.example")
    store.save(setup)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    result = store.save(enter_company(setup, "b.example"))
    assert isinstance(result, NotSaved)
    monkeypatch.undo()
    loaded, _ = store.load_all()
    assert loaded[0].setup.domain == "a.example"
    assert [path.suffix for path in store.folder.iterdir()] == [".json"]


def test_a_file_of_a_newer_program_stays_where_it_is(store: SetupStore) -> None:
    setup = enter_company(new_setup(NOW), "a.example")
    store.save(setup)
    path = next(store.folder.glob("*.json"))
    tree = json.loads(path.read_text())
    tree["version"] = VERSION + 1
    path.write_text(json.dumps(tree))
    loaded, damaged = store.load_all()
    assert loaded == ()
    assert damaged[0].message.key == "store.newer"
    assert path.exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    result = SetupStore(blocked).save(enter_company(new_setup(NOW), "a.example"))
    assert isinstance(result, NotSaved)


def test_a_missing_folder_is_no_set_up(tmp_path: Path) -> None:
    assert SetupStore(tmp_path / "none").load_all() == ((), ())


def test_an_id_cannot_leave_the_folder(store: SetupStore) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        store.delete("../../etc/passwd")


def test_a_secret_cannot_be_saved(store: SetupStore) -> None:
    setup = new_setup(NOW)
    leaking = replace(setup, company=replace(setup.company, entry=Secret("x")))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        store.save(leaking)


def test_reading_a_vanished_file_is_said(store: SetupStore) -> None:
    assert isinstance(store.load(store.folder / "gone.json"), Damaged)


def test_a_set_up_with_an_older_proof_is_opened_without_it(store: SetupStore) -> None:
    """The single report of earlier versions was of an earlier session in any case."""
    setup = enter_company(new_setup(NOW), "info@acme.example")
    saved = store.save(setup)
    assert isinstance(saved, SavedSetup)
    path = store.folder / f"{setup.id}.json"
    tree = json.loads(path.read_text())
    tree["setup"]["proof"] = {"report": {"sender": "a@b.example"}, "subject": None, "session": "x"}
    del tree["setup"]["receiving"]["way"]
    path.write_text(json.dumps(tree))
    assert store.load(path) == replace(saved)


def test_a_second_damaged_file_leaves_the_first_one_alone(store: SetupStore) -> None:
    store.folder.mkdir(parents=True, exist_ok=True)
    path = store.folder / f"{'a' * 32}.json"
    kept: set[str] = set()
    for words in ("first", "second", "third"):
        path.write_text(words)
        damaged = store.load(path)
        assert isinstance(damaged, Damaged)
        kept.add(damaged.path.read_text())
    assert kept == {"first", "second", "third"}
    assert len(list(store.folder.glob("*.damaged"))) == 3


def test_what_servers_said_makes_no_file_that_is_not_read_again(store: SetupStore) -> None:
    setup = enter_company(new_setup(NOW), "acme.example")
    setup = edit_receiving(setup, lambda _: ServerForm("imap.acme.example", "993"))
    for entry in setup.receiving.mailboxes:
        form = mailbox_form(setup.receiving, entry, "acme.example")
        settings = form.parse(Protocol.IMAP)
        assert isinstance(settings, ServerSettings)
        endless = ("S: " + "x" * 1_000,) * (MAX_BYTES // 2_000)
        report = ProbeReport(settings, (), None, (), (), None, endless, 1, NOW)
        setup = take_mailbox_test(setup, entry.id, ServerTest(form, (), report))
    assert isinstance(store.save(setup), SavedSetup)
    [loaded], damaged = store.load_all()
    assert damaged == ()
    assert loaded.setup == without_transcripts(setup)
    tests = [entry.test for entry in loaded.setup.receiving.mailboxes]
    assert all(test is not None and test.report.finished == NOW for test in tests)
