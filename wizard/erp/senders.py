"""As whom the platform sends, and the settings that follow from what the server lets it send as.

With a filter of the whole domain the platform puts its bounce address into MAIL FROM and its
default sender, or a user's own address, into From. With a filter of one address both become the
default sender, so a server for one sender works when filter and default sender are that one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wizard.model import AuthMethod, EmailAddress, Route, Stage, parse_address
from wizard.server_form import Freshness, freshness
from wizard.setup import Setup

# The family's default sender and its two fixed aliases (manual, "outgoing mail servers").
DEFAULT_FROM: Final = "notifications"
BOUNCE: Final = "bounce"
CATCHALL: Final = "catchall"


class SenderScope(StrEnum):
    """What the server lets the platform send as; ``UNTESTED`` counts on the whole domain."""

    UNTESTED = "untested"
    DOMAIN = "domain"
    SINGLE = "single"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """The platform's settings that work, and what goes out with them.

    ``from_filter`` and ``default_from`` (a local part) are the values for its forms; ``visible``
    stands in From, ``envelope`` in MAIL FROM. ``refused`` are the senders the server did not take.
    """

    scope: SenderScope
    from_filter: str
    default_from: str
    visible: str
    envelope: str
    refused: tuple[str, ...] = ()


def senders_of(setup: Setup) -> tuple[EmailAddress, ...]:
    """Login, default sender, bounce@, catchall@ and a person's address, in this order, each once.

    The company's own address stands for the people whose names the platform puts into From.
    """
    domain = setup.domain
    if domain is None:
        return ()
    login = parse_address(setup.sending.form.username)
    own = [login] if isinstance(login, EmailAddress) and login.domain == domain else []
    fixed = [EmailAddress(local, domain) for local in (DEFAULT_FROM, BOUNCE, CATCHALL)]
    person = [setup.address] if setup.address is not None else []
    return tuple(dict.fromkeys([*own, *fixed, *person]))


def sender_settings(setup: Setup) -> SenderSettings | None:
    """What to enter so that the server takes what the platform sends; None without a company."""
    domain = setup.domain
    if domain is None:
        return None
    usual, bounce = f"{DEFAULT_FROM}@{domain}", f"{BOUNCE}@{domain}"
    whole = SenderSettings(SenderScope.UNTESTED, domain, DEFAULT_FROM, usual, bounce)
    accepted = _verdicts(setup)
    if accepted is None or setup.sending.route is Route.PLATFORM:
        return whole
    refused = tuple(sender for sender, taken in accepted.items() if not taken)
    taken = [sender for sender, good in accepted.items() if good]
    if usual in taken and bounce in taken:
        return SenderSettings(SenderScope.DOMAIN, domain, DEFAULT_FROM, usual, bounce, refused)
    # The default sender's own name where it is allowed, else the login, else what there is.
    only = usual if usual in taken else next(iter(taken), "")
    if not only:
        return SenderSettings(SenderScope.NONE, domain, DEFAULT_FROM, usual, bounce, refused)
    local = only.rpartition("@")[0]
    return SenderSettings(SenderScope.SINGLE, only, local, only, only, refused)


def can_send(setup: Setup) -> bool:
    """The server works for the platform with the right settings, though not for every sender."""
    settings, test = sender_settings(setup), setup.sending.test
    failure = test.report.failure if test is not None else None
    if settings is None or settings.scope is not SenderScope.SINGLE or failure is None:
        return False
    return failure.stage in (Stage.MAIL_FROM, Stage.RCPT)


def proof_sender(setup: Setup) -> EmailAddress | None:
    """Who the proof message comes from: the login if it is an address, else the default sender."""
    senders = senders_of(setup)
    return senders[0] if senders else None


def _verdicts(setup: Setup) -> dict[str, bool] | None:
    """Sender → whether it was taken, in a test of what stands there now; None without one."""
    test = setup.sending.test
    senders = tuple(str(sender) for sender in senders_of(setup))
    if test is None or not test.report.senders:
        return None
    if freshness(test, setup.sending.form, senders) is not Freshness.FRESH:
        return None
    return {one.sender: one.accepted for one in test.report.senders}


def login_that_sends(setup: Setup) -> str:
    """The login that sends; empty for a relay that knows the platform by its address."""
    form = setup.sending.form
    return "" if form.auth is AuthMethod.NONE else form.username.strip()
