"""The practice company's IMAP server: pymap with this company's mailboxes and bounds.

pymap brings the protocol. What is changed here: a login needs TLS on loopback too, passwords are
compared on the event loop (pymap would start threads for it), and commands that could fill the
memory are gone.
"""

import asyncio
import hmac
import ssl
from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.concurrent import Subsystem
from pymap.imap import IMAPServer
from pymap.parsing.commands import Commands
from pymap.user import UserMetadata
from pysasl import SASLAuth
from pysasl.hashing import Cleartext
from pysasl.mechanism.login import LoginMechanism
from pysasl.mechanism.plain import PlainMechanism

from wizard.model import Security
from wizard.practice.facts import IMAP_HOST, Account
from wizard.practice.listen import Converse
from wizard.practice.mailstore import MailStore

_MECHANISMS: Final = SASLAuth([PlainMechanism(), LoginMechanism()])
_NOT_OFFERED: Final = (
    b"APPEND",
    b"CREATE",
    b"DELETE",
    b"RENAME",
    b"COPY",
    b"MOVE",
    b"UID COPY",
    b"UID MOVE",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
)


def imap_conversations(
    accounts: tuple[Account, ...], store: MailStore, tls: ssl.SSLContext
) -> dict[Security, Converse]:
    """What is spoken on the port with implicit TLS, and on the one with STARTTLS."""
    configs = {
        security: _Config(tls, starttls=security is Security.STARTTLS)
        for security in (Security.TLS, Security.STARTTLS)
    }
    first = configs[Security.TLS]
    first.set_cache.update(store.mailboxes)
    login = Login(first)
    for account in accounts:
        login.users_dict[account.address] = _Owner(
            first, account.address, password=account.password
        )
    return {security: _conversation(login, config) for security, config in configs.items()}


def _conversation(login: Login, config: Config) -> Converse:
    server = IMAPServer(login, config)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        config.apply_context()
        await server(reader, writer, _Peer(writer))

    return converse


class _Peer(SocketInfoLocal):
    """A client that is nobody special for coming from this machine: all of them do."""

    @property
    def from_localhost(self) -> bool:
        return False


class _Owner(UserMetadata):
    """A mailbox's owner. Any password may be tried, also one that SASLprep would not allow."""

    def compare_authcid(self, authcid: str) -> bool:
        return _octets(authcid.lower()) == _octets(self.name)

    def compare_secret(self, value: str) -> bool:
        return hmac.compare_digest(_octets(value), _octets(self.password or ""))


class _Config(Config):
    """pymap's settings for this company."""

    def __init__(self, tls: ssl.SSLContext, *, starttls: bool) -> None:
        super().__init__(
            Namespace(proxy_protocol=None, passlib_cfg=None),
            host=None,
            port=0,
            demo_data=False,
            demo_user="",
            demo_password="",
            ssl_context=tls,
            tls_enabled=starttls,
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            invalid_user_sleep=0,
        )

    @property
    def commands(self) -> Commands:
        commands = Commands()
        for name in _NOT_OFFERED:
            commands.deregister(name)
        return commands

    @property
    def tls_auth(self) -> SASLAuth:
        return _MECHANISMS

    @property
    def greeting(self) -> bytes:
        # pymap would look up this machine's own name, and wait for it.
        return f"{IMAP_HOST} ready".encode()

    @property
    def login_capability(self) -> Sequence[bytes]:
        return (b"UIDPLUS", b"CHILDREN", b"IDLE")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
