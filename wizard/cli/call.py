"""What every command is given: its options, the language, and the way to the world."""

import argparse
import logging
import ssl
import sys
from dataclasses import dataclass

import msgspec

from wizard.catalog import Catalog
from wizard.network import STAGE_SECONDS, Network
from wizard.resolver import LOOKUP_SECONDS, Nameserver, Resolver
from wizard.texts import Message, Texts, system_language

MAX_SECRET_BYTES = 64 << 10


class CannotDoError(Exception):
    """The command ends here with one line on standard error and this status."""

    def __init__(self, text: str, status: int = 3) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the program."""

    options: argparse.Namespace
    network: Network
    texts: Texts
    as_json: bool
    verbose: bool

    def say(self, text: str = "") -> None:
        """A line for the person; with ``--json`` nothing but the document goes out."""
        if not self.as_json:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def render(self, said: Message) -> str:
        return self.texts.render(said)

    def emit(self, document: msgspec.Struct) -> None:
        """The JSON document, if it was asked for."""
        if self.as_json:
            encoded = msgspec.json.format(msgspec.json.encode(document), indent=1)
            sys.stdout.write(encoded.decode() + "\n")
            sys.stdout.flush()

    def catalog(self) -> Catalog:
        """All facts; what is wrong with the user's own files is told on standard error."""
        catalog = Catalog.load()
        for problem in catalog.problems:
            self.tell(self.render(problem))
        return catalog

    def tell(self, text: str) -> None:
        """Progress, on standard error."""
        sys.stderr.write(text + "\n")


def make_call(options: argparse.Namespace) -> Call:
    """Check what the common options name. Raises :class:`CannotDoError` (status 2)."""
    timeout = getattr(options, "timeout", STAGE_SECONDS)
    servers = [Nameserver(*given) for given in getattr(options, "nameserver", ())]
    network = Network(
        resolver=Resolver(servers, timeout=min(timeout, LOOKUP_SECONDS)),
        ca_files=tuple(getattr(options, "ca_file", ())),
        stage_timeout=timeout,
    )
    if getattr(options, "verbose", False):
        logging.getLogger("wizard.resolver").setLevel(logging.DEBUG)
    if network.ca_files:
        try:
            network.tls  # noqa: B018 - read now, so that a wrong file is told before any work
        except (ssl.SSLError, OSError) as problem:
            reason = problem.strerror or str(problem)
            files = ", ".join(str(path) for path in network.ca_files)
            raise CannotDoError(f"--ca-file {files}: no usable PEM file ({reason})", 2) from None
    return Call(
        options=options,
        network=network,
        texts=Texts.load(getattr(options, "lang", None) or system_language()),
        as_json=getattr(options, "json", False),
        verbose=getattr(options, "verbose", False),
    )


def read_secret() -> str:
    """A secret from standard input: the first line, without its line end and nothing else.

    Typed at a terminal it is not shown.
    """
    if sys.stdin.isatty():
        import getpass  # noqa: PLC0415

        return getpass.getpass("", sys.stderr)
    content = sys.stdin.buffer.read(MAX_SECRET_BYTES + 1)
    if len(content) > MAX_SECRET_BYTES:
        raise CannotDoError("the secret on standard input is longer than 64 KiB", 2)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotDoError("the secret on standard input is not UTF-8 text", 2) from None
    return text.split("\n", 1)[0].removesuffix("\r")
