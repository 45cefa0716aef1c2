"""The words of the command line. Imports nothing that ``--help`` does not need."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from wizard import __version__
from wizard.model import AuthMethod, Invalid, Protocol, Route, Security, parse_fingerprint

PROGRAM: Final = "mail-wizard"
EXIT_USAGE: Final = 2
MAX_TIMEOUT: Final = 600.0
MAX_MINUTES: Final = 31 * 24 * 60.0
HIGHEST_PORT_BASE: Final = 65_000


class Parser(argparse.ArgumentParser):
    """Wrong usage is one clear line and status 2."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message} (see {self.prog} --help)\n")
        raise SystemExit(EXIT_USAGE)


class _Gather(argparse.Action):
    """Like ``append``, but keeps what stood before the command too.

    A command's options are parsed into a namespace of their own, which then replaces the values of
    the common one: the list is therefore kept with the parser's own words.
    """

    gathered: Final[dict[str, list[object]]] = {}

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        self.gathered.setdefault(self.dest, []).append(values)
        setattr(namespace, self.dest, self.gathered[self.dest])


def build_parser() -> Parser:
    """All commands and their options. The common ones may stand before or after the command."""
    _Gather.gathered.clear()
    parser = Parser(
        prog=PROGRAM,
        description="Sets up a company's mail for openAPPone. Without a command: the window.",
        epilog="Also: %(prog)s tour [--pictures DIR]: plays the window without a display.",
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    _add_common(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, add_arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        _add_common(command)
        add_arguments(command)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    # SUPPRESS: an option before the command must not be overwritten by a default behind it.
    common = parser.add_argument_group("options of every command")
    common.add_argument(
        "--nameserver",
        action=_Gather,
        type=nameserver,
        metavar="IP[:PORT]",
        default=argparse.SUPPRESS,
        help="ask this resolver instead of the system's (repeatable)",
    )
    common.add_argument(
        "--ca-file",
        action=_Gather,
        type=Path,
        metavar="PEM",
        default=argparse.SUPPRESS,
        help="trust these certification authorities too (repeatable)",
    )
    common.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        default=argparse.SUPPRESS,
        help="bound for one stage of a connection (default 10)",
    )
    common.add_argument(
        "--lang",
        choices=("de", "en"),
        default=argparse.SUPPRESS,
        help="language of texts (default: the system's)",
    )
    common.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON document on standard output",
    )
    common.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,
        help="the conversation on standard error, secrets masked",
    )


def nameserver(text: str) -> tuple[str, int]:
    """``IP``, ``IP:PORT`` or ``[IPv6]:PORT``."""
    import ipaddress  # noqa: PLC0415

    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or "53"
    elif text.count(":") == 1:
        address, port = text.split(":")
    try:
        ipaddress.ip_address(address)
        number = int(port)
    except ValueError:
        number = 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address with an optional port")
    return address, number


def seconds(text: str) -> float:
    """A positive number of seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= MAX_TIMEOUT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds from 0 to {MAX_TIMEOUT:.0f}"
        )
    return value


def minutes(text: str) -> float:
    """A positive number of minutes; parts of one are allowed."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= MAX_MINUTES:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes up to a month")
    return value


def _detect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entry", metavar="ADDRESS|DOMAIN")
    parser.add_argument(
        "--no-ispdb",
        action="store_true",
        help="do not ask Thunderbird's public list, which is told the domain",
    )
    parser.add_argument(
        "--https-port",
        type=tcp_port,
        metavar="N",
        help="where the web servers of a local test set-up listen (default 443)",
    )


def _test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("protocol", choices=list(map(str, Protocol)))
    parser.add_argument("server", metavar="HOST[:PORT]")
    parser.add_argument("--security", required=True, choices=list(map(str, Security)))
    parser.add_argument("--user", metavar="NAME", help="login name")
    parser.add_argument(
        "--auth",
        choices=list(map(str, AuthMethod)),
        help="how to log in (default: the best that both sides know)",
    )
    secret = parser.add_mutually_exclusive_group()
    secret.add_argument("--password-stdin", action="store_true", help="read the password")
    secret.add_argument("--token-stdin", action="store_true", help="read an OAuth access token")
    parser.add_argument(
        "--sender", action="append", default=[], metavar="ADDRESS", help="smtp: offer this sender"
    )
    parser.add_argument("--recipient", metavar="ADDRESS", help="smtp: offer this recipient")
    parser.add_argument("--provider", metavar="ID", help="context for the explanation")
    parser.add_argument(
        "--trust-certificate",
        type=fingerprint,
        default=None,
        metavar="SHA256",
        help="trust the one certificate with this fingerprint, for a server of your own",
    )
    parser.add_argument(
        "--allow-plain-login",
        action="store_true",
        help="let the password go unencrypted to this server; everybody on the way can read it",
    )


def fingerprint(text: str) -> str:
    """A certificate's SHA-256 fingerprint, with or without colons."""
    parsed = parse_fingerprint(text)
    if isinstance(parsed, Invalid):
        raise argparse.ArgumentTypeError(f"{text[:200]!r} is no SHA-256 fingerprint (64 digits)")
    return parsed


def _diagnose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--protocol",
        choices=["smtp", "imap", "pop3", "oauth", "tls", "tcp", "dns"],
        help="where the text is from (default: the text tells)",
    )
    parser.add_argument("--stage", metavar="STAGE", help="where it happened")
    parser.add_argument("--provider", metavar="ID", help="whose server said it")


def _spf(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument(
        "--include",
        action="append",
        metavar="NAME",
        help="a name that has to be included (default: what the platform needs)",
    )
    parser.add_argument(
        "--server",
        metavar="HOST|IP",
        help="also say whether mail from this server would pass",
    )


def _way(parser: argparse.ArgumentParser) -> None:
    """What decides which records are needed."""
    parser.add_argument("--platform", metavar="ID", default="openappone-online")
    parser.add_argument("--provider", metavar="ID", help="default: recognised from the MX")
    parser.add_argument(
        "--route",
        choices=[str(route) for route in Route if route is not Route.RELAY],
        default=str(Route.PLATFORM),
    )


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file",
        metavar="FILE.csv|FILE.txt|-",
        help="domains, one a line, or a CSV file with a column “domain”; - is standard input",
    )
    _way(parser)


def _dns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("domain", metavar="DOMAIN")
    _way(parser)
    parser.add_argument(
        "--format",
        choices=["zone", "csv", "markdown", "text"],
        help="for a zone file, a sheet, a ticket, a letter to who owns the DNS",
    )
    parser.add_argument(
        "--dmarc-reports",
        metavar="ADDRESS",
        help="where the suggested DMARC record has reports sent to",
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="look again by itself until all required records are in place",
    )
    parser.add_argument(
        "--for",
        dest="minutes",
        type=minutes,
        metavar="MINUTES",
        help="with --watch: end after so long, status 1",
    )


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "setup", metavar="SETUP", help="a saved set-up: the path of its file, its id, or its domain"
    )


def _practice(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port-base", type=port_base, metavar="N", help="the first port (default: free ports)"
    )
    parser.add_argument(
        "--registrar",
        action="store_true",
        help='enter records given on standard input, a line each: {"records": [{"name": …, '
        '"type": …, "value": …}], "after_s": 3}; end when it closes',
    )


def tcp_port(text: str) -> int:
    """A TCP port."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def port_base(text: str) -> int:
    """The first of a row of ports that need no administrator rights."""
    if not (text.isdigit() and 1024 <= int(text) <= HIGHEST_PORT_BASE):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1024 to {HIGHEST_PORT_BASE}")
    return int(text)


# Each is a module of this package with ``async run(call) -> status``.
COMMANDS: Final[dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]]] = {
    "detect": ("which service holds the mail of an address, and with which settings", _detect),
    "test": ("talk to a mail server up to the login and beyond; nothing is sent", _test),
    "diagnose": ("explain an error message from standard input", _diagnose),
    "spf": ("the SPF record of a domain as it is, and as it should be", _spf),
    "check": ("what dns says for each of many domains, as JSON lines", _check),
    "dns": ("every record that this set-up needs, and its state now", _dns),
    "doctor": ("test a saved set-up again: what works, and what changed since", _doctor),
    "practice": ("start the practice company on loopback", _practice),
}
