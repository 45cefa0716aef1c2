"""The route's picture says of the server what is entered, as people read it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wizard.catalog import Catalog
from wizard.erp.identities import Role, route_picture
from wizard.model import AuthMethod, Security
from wizard.server_form import ServerForm
from wizard.setup import new_setup
from wizard.texts import Message, Texts
from wizard.updates import edit_sending, enter_company

CATALOG = Catalog(providers={}, platforms={}, dns_hosts={})
FORM = ServerForm(
    "smtp.xn--mller-kva.example", "587", Security.STARTTLS, "info@xn--mller-kva.example"
)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (replace(FORM, host=" "), "the server is not entered yet"),
        (
            replace(FORM, host="", auth=AuthMethod.NONE, username=""),
            "the server is not entered yet",
        ),
        (replace(FORM, username=""), "smtp.müller.example, with no login entered yet"),
        (
            replace(FORM, auth=AuthMethod.NONE),
            "smtp.müller.example, which knows the platform by its address",
        ),
        (FORM, "smtp.müller.example, signed in as info@müller.example"),
    ],
)
def test_the_server_is_named_as_far_as_it_is_entered(form: ServerForm, said: str) -> None:
    setup = enter_company(new_setup(datetime(2026, 11, 24, tzinfo=UTC)), "info@müller.example")
    setup = edit_sending(setup, lambda _: form)
    (provider, *_) = route_picture(setup, CATALOG)
    (through,) = [line.value for line in provider.lines if line.role is Role.THROUGH]
    assert isinstance(through, Message)
    assert Texts.load("en").render(through) == said
