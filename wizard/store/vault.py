"""Secrets: in the system's keyring, or in memory where there is none. Never anywhere else.

Reads and writes may block without end (a keyring may ask the user), so nothing here may be called
on the window's thread; callers bound the time.
"""

from enum import StrEnum
from typing import Final, Protocol

from wizard.model import Secret

SERVICE: Final = "openAPPone Mail Wizard"
# Windows Credential Manager takes 2560 bytes (CRED_MAX_CREDENTIAL_BLOB_SIZE) in UTF-16. What is
# longer, as Microsoft's lasting tokens are, is kept in parts; too many of them stay in memory.
PART_CHARACTERS: Final = 1_200
MAX_PARTS: Final = 16
# What stands in the place of a secret that is kept in parts; no keyboard makes it.
_PARTS: Final = "\x1fparts="
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
        """The secret, or None.

        Purposes: ``sending``, ``receiving``, ``mailbox:<id>``; ``token:`` before one of these is
        the lasting token of its sign-in, ``client`` the OAuth client's own secret.
        """
        key = _key(setup_id, purpose)
        if key in self._memory:
            return self._memory[key]
        if self._backend is None:
            return None
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            value = self._read(self._backend, key)
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
        parts = _parts_of(secret.reveal())
        if self._backend is None or len(parts) > MAX_PARTS:
            return Place.MEMORY
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            self._write(self._backend, key, parts)
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
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            self._erase(self._backend, key, 0)
        except KeyringError:
            self.place = Place.LOCKED

    def _read(self, backend: Backend, key: str) -> str | None:
        value = backend.get_password(SERVICE, key)
        if value is None or not value.startswith(_PARTS):
            return value
        count = value.removeprefix(_PARTS)
        if not count.isdigit() or not 0 < int(count) <= MAX_PARTS:
            return None
        parts = [backend.get_password(SERVICE, _part(key, n)) for n in range(1, int(count) + 1)]
        # Half a secret is none.
        return None if None in parts else "".join(part or "" for part in parts)

    def _write(self, backend: Backend, key: str, parts: list[str]) -> None:
        whole = len(parts) == 1 and not parts[0].startswith(_PARTS)
        if not whole:
            for number, part in enumerate(parts, 1):
                backend.set_password(SERVICE, _part(key, number), part)
        backend.set_password(SERVICE, key, parts[0] if whole else f"{_PARTS}{len(parts)}")
        self._erase(backend, key, 1 if whole else len(parts) + 1)

    def _erase(self, backend: Backend, key: str, first: int) -> None:
        """Remove the parts from this number on, and with 0 the entry itself."""
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415

        for number in range(first, MAX_PARTS + 1):
            name = _part(key, number) if number else key
            try:
                backend.delete_password(SERVICE, name)
            except PasswordDeleteError:
                if number:
                    return  # there never was one of this number, nor any behind it

    def _remember(self, key: str, secret: Secret) -> Secret:
        self._memory[key] = secret
        return secret


def _key(setup_id: str, purpose: str) -> str:
    return f"{setup_id}/{purpose}"


def _part(key: str, number: int) -> str:
    return f"{key}#{number}"


def _parts_of(value: str) -> list[str]:
    """A value cut so that each part fits; characters beyond the BMP count twice in UTF-16."""
    parts, part, size = [], "", 0
    for character in value:
        width = 2 if ord(character) > 0xFFFF else 1
        if size + width > PART_CHARACTERS:
            parts.append(part)
            part, size = "", 0
        part += character
        size += width
    return [*parts, part]
