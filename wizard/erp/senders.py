"""Which addresses the platform sends as, so that the test asks the server about these very ones."""

from typing import Final

from wizard.model import EmailAddress, parse_address
from wizard.setup import Setup

# The family's default sender and its two fixed aliases (manual, "outgoing mail servers").
DEFAULT_FROM: Final = "notifications"
BOUNCE: Final = "bounce"
CATCHALL: Final = "catchall"


def senders_of(setup: Setup) -> tuple[EmailAddress, ...]:
    """Login, default sender, bounce@ and catchall@, in this order and each once."""
    domain = setup.domain
    if domain is None:
        return ()
    login = parse_address(setup.sending.form.username)
    own = [login] if isinstance(login, EmailAddress) and login.domain == domain else []
    fixed = [EmailAddress(local, domain) for local in (DEFAULT_FROM, BOUNCE, CATCHALL)]
    return tuple(dict.fromkeys([*own, *fixed]))


def proof_sender(setup: Setup) -> EmailAddress | None:
    """Who the proof message comes from: the login if it is an address, else the default sender."""
    senders = senders_of(setup)
    return senders[0] if senders else None
