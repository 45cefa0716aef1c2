"""Secrets: in the system's keyring, or in memory where there is none. Never anywhere else.

Reads and writes may block without end (a keyring may ask the user), so nothing here may be called
on the window's thread; callers bound the time.
"""

from enum import StrEnum
from typing import Final, Protocol

from wizard.model import Secret

SERVICE: Final = "openAPPone Mail Wizard"
# Windows Credential Manager takes 2560 bytes; tokens longer than that stay in memory.
MAX_KEYRING_BYTES: Final = 2_000
_REAL_BACKENDS: Final = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)


class Place(StrEnum):
    """Where a secret is kept; said to the user by the text ``vault.<place>``."""

    KEYRING = "keyring"
    MEMORY = "memory"
    LOCKED = "locked"


class Backend(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


def system_backend() -> Backend | None:
    """The system's keyring if it is a real one; plain-text and null backends are refused."""
    import keyring  # noqa: PLC0415 - 60 ms, not before the first paint
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    backend = keyring.get_keyring()
    candidates = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    for candidate in candidates:
        if type(candidate).__module__.startswith(_REAL_BACKENDS):
            return candidate
    return None


class Vault:
    """Secrets by set-up and purpose. What the keyring does not take stays in memory."""

    def __init__(self, backend: Backend | None) -> None:
        self._backend = backend
        self._memory: dict[str, Secret] = {}
        self.place = Place.KEYRING if backend is not None else Place.MEMORY

    def get(self, setup_id: str, purpose: str) -> Secret | None:
        """The secret, or None. Purposes: ``sending``, ``receiving``, ``mailbox:<id>``."""
        key = _key(setup_id, purpose)
        if key in self._memory:
            return self._memory[key]
        if self._backend is None:
            return None
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            value = self._backend.get_password(SERVICE, key)
        except KeyringError:
            self.place = Place.LOCKED
            return None
        return None if value is None else self._remember(key, Secret(value))

    def put(self, setup_id: str, purpose: str, secret: Secret) -> Place:
        """Keep a secret (an empty one is forgotten); tells where it is now."""
        key = _key(setup_id, purpose)
        if not secret:
            self.forget(setup_id, purpose)
            return self.place
        self._remember(key, secret)
        if self._backend is None or len(secret.reveal().encode()) > MAX_KEYRING_BYTES:
            return Place.MEMORY
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            self._backend.set_password(SERVICE, key, secret.reveal())
        except KeyringError:
            self.place = Place.LOCKED
            return Place.MEMORY
        self.place = Place.KEYRING
        return self.place

    def forget(self, setup_id: str, purpose: str) -> None:
        """Remove a secret everywhere."""
        key = _key(setup_id, purpose)
        self._memory.pop(key, None)
        if self._backend is None:
            return
        from keyring.errors import KeyringError, PasswordDeleteError  # noqa: PLC0415

        try:
            self._backend.delete_password(SERVICE, key)
        except PasswordDeleteError:
            pass  # it was never stored
        except KeyringError:
            self.place = Place.LOCKED

    def _remember(self, key: str, secret: Secret) -> Secret:
        self._memory[key] = secret
        return secret


def _key(setup_id: str, purpose: str) -> str:
    return f"{setup_id}/{purpose}"
