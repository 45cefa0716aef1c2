"""A letter to each who has to act: DNS, mail, platform. Plain text without a secret. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from wizard.current import open_preparations
from wizard.erp.forms import platform_forms
from wizard.erp.senders import SenderScope, sender_settings
from wizard.flow import open_points
from wizard.model import Route, Who, to_unicode
from wizard.receiving.create import creation_text
from wizard.records.handover import hand_over
from wizard.report.document import Block, Heading, Items, Paragraph, as_text
from wizard.report.report import form_rows

if TYPE_CHECKING:
    from wizard.catalog import Catalog
    from wizard.setup import Setup
    from wizard.texts import Texts


class Person(StrEnum):
    """Who a letter is for."""

    DNS = "dns"
    MAIL = "mail"
    PLATFORM = "platform"


def letter_to(person: Person, setup: Setup, catalog: Catalog, texts: Texts) -> str:
    """The letter in the language of ``texts``; empty while there is nothing to hand over."""
    if setup.domain is None:
        return ""
    match person:
        case Person.DNS:
            plan = setup.records.plan
            host = catalog.dns_hosts.get(plan.dns_host or "") if plan else None
            return hand_over(plan, host, texts) if plan else ""
        case Person.MAIL:
            return _to_mail(setup, catalog, texts)
        case Person.PLATFORM:
            return _to_platform(setup, catalog, texts)


def _to_mail(setup: Setup, catalog: Catalog, texts: Texts) -> str:
    """What to create, what to switch on, whom to let send, what else is theirs."""
    domain = to_unicode(setup.domain or "")
    blocks: list[Block] = [Paragraph(texts("hand_over.mail.intro", domain=domain))]
    preparations = tuple(
        texts(f"preparation.{one.id}") + (f" {one.url}" if one.url else "")
        for one in open_preparations(setup, catalog)
    )
    if preparations:
        blocks += [Heading(texts("hand_over.mail.switch_on")), Items(preparations)]
    settings = sender_settings(setup)
    narrow = (SenderScope.SINGLE, SenderScope.NONE)
    if setup.sending.route is not Route.PLATFORM and settings and settings.scope in narrow:
        login = setup.sending.form.username.strip()
        blocks += [
            Heading(texts("hand_over.mail.senders")),
            Paragraph(texts("hand_over.mail.senders_why", login=login)),
            Items(settings.refused),
        ]
    listed = {texts(f"preparation.{one.id}") for one in open_preparations(setup, catalog)}
    others = tuple(
        said
        for point in open_points(setup, catalog)
        if point.who is Who.MAIL_ADMIN and (said := texts.render(point.message)) not in listed
    )
    if others:
        blocks += [Heading(texts("hand_over.mail.others")), Items(others, numbered=True)]
    return f"{creation_text(setup, catalog, texts)}\n{as_text(blocks)}"


def _to_platform(setup: Setup, catalog: Catalog, texts: Texts) -> str:
    """The values for the forms; secrets are asked for, never written down."""
    forms = platform_forms(setup, catalog)
    domain = to_unicode(setup.domain or "")
    blocks: list[Block] = [
        Heading(texts("hand_over.platform.title", domain=domain), 1),
        Paragraph(texts("hand_over.platform.intro")),
    ]
    for form in forms:
        blocks.append(Heading(texts.render(form.title)))
        if form.hint is not None:
            blocks.append(Paragraph(texts.render(form.hint)))
        rows = (f"{label}: {value}" for label, value in form_rows(form, texts))
        blocks.append(Items(tuple(rows)))
    return as_text(blocks)
