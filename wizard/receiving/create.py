"""What has to be created at the provider, in its own way, as a list to hand over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.current import wanted_addresses
from wizard.erp.senders import DEFAULT_FROM
from wizard.model import Route, to_unicode
from wizard.setup import LoginMode, MailboxEntry, ReceivingWay, Setup
from wizard.texts import Message, Texts, message

if TYPE_CHECKING:
    from wizard.catalog import Catalog, Provider


class Kind(StrEnum):
    """What an address has to be at the provider."""

    MAILBOX = "mailbox"
    ALIAS = "alias"
    FORWARD = "forward"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Creation:
    """One address to create, and what it is for."""

    address: str
    kind: Kind
    why: Message


@dataclass(frozen=True, slots=True)
class CreationList:
    """Everything to create, the provider's own way to do it, and where (an address or empty)."""

    creations: tuple[Creation, ...]
    steps: tuple[Message, ...]
    url: str


# How many steps each way has: the texts ``create.<way>.<family>.<number>``.
_STEPS = {
    ("each", "google"): 3,
    ("each", "microsoft"): 4,
    ("each", "other"): 2,
    ("shared", "google"): 4,
    ("shared", "microsoft"): 4,
    ("shared", "other"): 3,
    ("forward", "google"): 3,
    ("forward", "microsoft"): 3,
    ("forward", "other"): 2,
    ("subdomain", "google"): 2,
    ("subdomain", "microsoft"): 2,
    ("subdomain", "other"): 2,
}


def creation_list(setup: Setup, catalog: Catalog) -> CreationList:
    """The list for the way of receiving that was chosen; empty without a company."""
    provider = catalog.providers.get(setup.service.provider or "")
    if setup.domain is None:
        return CreationList((), (), "")
    way = setup.receiving.way
    name = way.value if way is not ReceivingWay.READ else setup.receiving.login.value
    family = _family(provider)
    numbers = range(1, _STEPS[name, family] + 1)
    steps = tuple(message(f"create.{name}.{family}.{number}") for number in numbers)
    url = provider.console if provider else ""
    return CreationList((*_addresses(setup, setup.domain), *_senders(setup)), steps, url)


def creation_text(setup: Setup, catalog: Catalog, texts: Texts) -> str:
    """The list as plain text for the person who administers the mail; no secret is in it."""
    made = creation_list(setup, catalog)
    lines = [texts("create.title", domain=to_unicode(setup.domain or "")), ""]
    for one in made.creations:
        lines.append(f"- {one.address}: {texts(f'create.kind.{one.kind}')}")
        lines.append(f"  {texts.render(one.why)}")
    lines += ["", texts("create.how")]
    lines += [f"{number}. {texts.render(step)}" for number, step in enumerate(made.steps, 1)]
    lines += [made.url] if made.url else []
    return "\n".join(lines) + "\n"


def _family(provider: Provider | None) -> str:
    known = provider.oauth if provider is not None else ""
    return known if known in ("google", "microsoft") else "other"


def _addresses(setup: Setup, domain: str) -> list[Creation]:
    return [
        Creation(
            f"{entry.local.strip()}@{to_unicode(domain)}",
            _kind(setup, entry, index),
            message(f"mailbox.why.{entry.purpose}"),
        )
        for index, entry in enumerate(wanted_addresses(setup))
    ]


def _kind(setup: Setup, entry: MailboxEntry, index: int) -> Kind:
    if setup.receiving.way is not ReceivingWay.READ:
        return Kind.FORWARD
    if setup.receiving.login is LoginMode.EACH:
        return Kind.MAILBOX
    address = f"{entry.local.strip()}@{setup.domain}".lower()
    own = setup.receiving.form.username.strip().lower()
    home = address == own or ("@" not in own and index == 0)
    return Kind.MAILBOX if home else Kind.ALIAS


def _senders(setup: Setup) -> list[Creation]:
    """The default sender: the outgoing server has to accept it, nobody has to read it."""
    read = {entry.local.strip().lower() for entry in wanted_addresses(setup)}
    if setup.sending.route is Route.PLATFORM or DEFAULT_FROM in read:
        return []
    address = f"{DEFAULT_FROM}@{to_unicode(setup.domain or '')}"
    return [Creation(address, Kind.SENDER, message("create.why_sender"))]
