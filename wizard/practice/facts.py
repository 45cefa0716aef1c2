"""What there is to know about a running practice company, for people and for programs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from wizard.model import Protocol, Security
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver
from wizard.texts import Message, message

DOMAIN: Final = "practice.test"
ADDRESS: Final = f"info@{DOMAIN}"
# It is told to everybody who practises.
PASSWORD: Final = "let me try it"
MAILBOXES: Final = ("info", "catchall", "bounce", "sales", "support", "jobs", "projects")
SMTP_HOST: Final = f"smtp.{DOMAIN}"
IMAP_HOST: Final = f"imap.{DOMAIN}"
AUTOCONFIG_HOST: Final = f"autoconfig.{DOMAIN}"
AUTOCONFIG_PATH: Final = "/mail/config-v1.1.xml"
# On loopback nothing takes longer unless it is broken.
STAGE_SECONDS: Final = 3.0
LOOKUP_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox and its login. The password is public and opens nothing else."""

    address: str
    password: str


@dataclass(frozen=True, slots=True)
class ZoneRecord:
    """A record for the practice company's zone: full name, type, and the value as text.

    A TXT value is written without quotation marks, a host name in a value with or without its
    final dot.
    """

    name: str
    type: str
    value: str


class ZoneEntry(msgspec.Struct, frozen=True):
    """What ``practice --registrar`` takes, a line of JSON each: records to enter after a while."""

    records: tuple[ZoneRecord, ...]
    after_s: float = 0.0


class PracticeServer(msgspec.Struct, frozen=True):
    """One mail server of the practice company."""

    protocol: Protocol
    host: str
    port: int
    security: Security


class PracticeFacts(msgspec.Struct, frozen=True):
    """How to reach the practice company; what ``practice --json`` prints.

    ``nameserver`` is what ``--nameserver`` takes and ``ca_file`` what ``--ca-file`` takes.
    """

    domain: str
    address: str
    accounts: tuple[Account, ...]
    servers: tuple[PracticeServer, ...]
    nameserver: str
    ca_file: str
    autoconfig_url: str


def network_to(facts: PracticeFacts) -> Network:
    """The way to a practice company, and to nothing else."""
    address, _, port = facts.nameserver.rpartition(":")
    https = urlsplit(facts.autoconfig_url).port
    return Network(
        resolver=Resolver([Nameserver(address, int(port))], timeout=LOOKUP_SECONDS),
        ca_files=(Path(facts.ca_file),),
        stage_timeout=STAGE_SECONDS,
        ports={443: https} if https else {},
    )


def facts_lines(facts: PracticeFacts) -> tuple[Message, ...]:
    """The facts as lines for a person."""
    return (
        message("practice.facts.company", domain=facts.domain),
        *(
            message(
                "practice.facts.server",
                protocol=server.protocol.upper(),
                host=server.host,
                port=server.port,
                security=message(f"practice.facts.security.{server.security}"),
            )
            for server in facts.servers
        ),
        *(
            message("practice.facts.account", address=account.address, password=account.password)
            for account in facts.accounts
        ),
        message("practice.facts.autoconfig", url=facts.autoconfig_url),
        message("practice.facts.options", nameserver=facts.nameserver, ca_file=facts.ca_file),
    )
