"""Secrets: in the keyring, or in memory where there is none; never in a plain-text backend."""

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import fail, null

from wizard.model import Secret
from wizard.store.vault import MAX_KEYRING_BYTES, Place, Vault, system_backend


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


def test_a_token_that_is_too_long_for_the_keyring_stays_in_memory() -> None:
    backend = MemoryBackend()
    vault = Vault(backend)
    assert vault.put("id", "token", Secret("x" * (MAX_KEYRING_BYTES + 1))) is Place.MEMORY
    assert backend.entries == {}


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_backends_that_keep_nothing_or_in_plain_text_are_refused(
    backend: type[keyring.backend.KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_keyring", backend)
    assert system_backend() is None
