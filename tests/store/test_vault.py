"""Secrets: in the keyring, or in memory where there is none; never in a plain-text backend."""

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import fail, null

from wizard.model import Secret
from wizard.store.vault import MAX_PARTS, PART_CHARACTERS, Place, Vault, system_backend


class MemoryBackend:
    """Behaves as a system keyring does, in this process."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not found")

    def _check(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")


def test_a_secret_survives_the_program() -> None:
    backend = MemoryBackend()
    assert Vault(backend).put("id", "sending", Secret("pässword ")) is Place.KEYRING
    again = Vault(backend).get("id", "sending")
    assert again is not None
    assert again.reveal() == "pässword "
    assert Vault(backend).get("id", "receiving") is None


def test_without_a_keyring_it_stays_in_memory() -> None:
    vault = Vault(None)
    assert vault.put("id", "sending", Secret("x")) is Place.MEMORY
    assert vault.get("id", "sending") == Secret("x")
    assert Vault(None).get("id", "sending") is None


def test_a_locked_keyring_is_said_and_nothing_is_lost() -> None:
    backend = MemoryBackend()
    backend.locked = True
    vault = Vault(backend)
    assert vault.put("id", "sending", Secret("x")) is Place.MEMORY
    assert vault.place is Place.LOCKED
    assert vault.get("id", "sending") == Secret("x")
    assert vault.get("id", "other") is None
    vault.forget("id", "sending")
    assert vault.get("id", "sending") is None


def test_forgetting_removes_it_everywhere() -> None:
    backend = MemoryBackend()
    vault = Vault(backend)
    vault.put("id", "sending", Secret("x"))
    vault.put("id", "sending", Secret(""))
    assert backend.entries == {}
    vault.forget("id", "sending")
    assert vault.get("id", "sending") is None


class WindowsBackend(MemoryBackend):
    """Refuses what the Credential Manager refuses."""

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2_560:
            raise OSError("The stub received bad data")
        super().set_password(service, username, password)


@pytest.mark.parametrize(
    "value",
    ["x" * 1_200, "x" * 1_201, "x" * 9_000, "ä😀" * 900, "\x1fparts=3", "\x1fparts=" + "9" * 1_300],
)
def test_long_secrets_fit_into_every_keyring(value: str) -> None:
    backend = WindowsBackend()
    assert Vault(backend).put("id", "token", Secret(value)) is Place.KEYRING
    again = Vault(backend).get("id", "token")
    assert again is not None
    assert again.reveal() == value
    # A shorter one leaves nothing of it, and forgetting nothing at all.
    assert Vault(backend).put("id", "token", Secret("short")) is Place.KEYRING
    assert list(backend.entries.values()) == ["short"]
    Vault(backend).put("id", "token", Secret(value))
    Vault(backend).forget("id", "token")
    assert backend.entries == {}


def test_half_a_secret_is_none() -> None:
    backend = MemoryBackend()
    Vault(backend).put("id", "token", Secret("x" * 5_000))
    del backend.entries[next(key for key in backend.entries if key[1].endswith("#2"))]
    assert Vault(backend).get("id", "token") is None


def test_what_no_keyring_should_hold_stays_in_memory() -> None:
    backend = MemoryBackend()
    vault = Vault(backend)
    long = Secret("x" * (PART_CHARACTERS * MAX_PARTS + 1))
    assert vault.put("id", "token", long) is Place.MEMORY
    assert backend.entries == {}
    assert vault.get("id", "token") == long


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_backends_that_keep_nothing_or_in_plain_text_are_refused(
    backend: type[keyring.backend.KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", backend)
    assert system_backend() is None
