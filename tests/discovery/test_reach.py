"""The rule of the user's word: who may lead this program inside."""

from dataclasses import dataclass

import pytest

from wizard.discovery.reach import Place, leads_inside, place_of, vet_for
from wizard.resolver import Found, NoAnswer, Origin, Silence


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("8.8.8.8", Place.OUTSIDE),
        ("2001:4860:4860::8888", Place.OUTSIDE),
        ("127.0.0.1", Place.HERE),
        ("127.8.9.1", Place.HERE),
        ("0.0.0.0", Place.HERE),
        ("::", Place.HERE),
        ("::1", Place.HERE),
        ("169.254.169.254", Place.HERE),
        ("fe80::1", Place.HERE),
        ("224.0.0.1", Place.HERE),
        ("ff02::1", Place.HERE),
        ("10.1.2.3", Place.PRIVATE),
        ("172.16.0.1", Place.PRIVATE),
        ("192.168.178.1", Place.PRIVATE),
        ("100.64.0.1", Place.PRIVATE),
        ("fd00::1", Place.PRIVATE),
        ("fec0::1", Place.PRIVATE),
        ("192.0.2.1", Place.PRIVATE),
        ("255.255.255.255", Place.PRIVATE),
        ("::ffff:127.0.0.1", Place.HERE),
        ("::ffff:10.0.0.1", Place.PRIVATE),
        ("::ffff:8.8.8.8", Place.OUTSIDE),
        ("2002:7f00:1::", Place.HERE),
        ("64:ff9b::7f00:1", Place.HERE),
        ("64:ff9b::808:808", Place.OUTSIDE),
    ],
)
def test_where_an_address_is(address: str, place: Place) -> None:
    assert place_of(address) is place


@dataclass(frozen=True)
class Case:
    host: str
    addresses: tuple[str, ...]
    origin: Origin
    given: bool
    kept: tuple[str, ...]


OUT, PRIVATE, HERE = "8.8.8.8", "10.0.0.1", "127.0.0.1"
OWN, STRANGE = "mail.acme.example", "mail.webhost.example"


@pytest.mark.parametrize(
    "case",
    [
        Case(STRANGE, (OUT,), Origin.DNS, False, (OUT,)),
        # The resolver is the user's own choice.
        Case(STRANGE, (HERE, PRIVATE), Origin.DNS, True, (HERE, PRIVATE)),
        # The hosts file is the user's own.
        Case(STRANGE, (HERE,), Origin.HOSTS_FILE, False, (HERE,)),
        # The company's own DNS shows its servers from inside.
        Case(OWN, (PRIVATE,), Origin.DNS, False, (PRIVATE,)),
        Case("acme.example", (PRIVATE,), Origin.DNS, False, (PRIVATE,)),
        # But not this computer, and not for anybody else.
        Case(OWN, (HERE,), Origin.DNS, False, ()),
        Case("notacme.example", (PRIVATE,), Origin.DNS, False, ()),
        Case(STRANGE, (PRIVATE,), Origin.DNS, False, ()),
        Case(STRANGE, (HERE, OUT, PRIVATE), Origin.DNS, False, (OUT,)),
        # What a document says itself is nobody's word but its own.
        Case("127.0.0.1", (HERE,), Origin.NAME, True, ()),
        Case("localhost", (HERE, "::1"), Origin.NAME, True, ()),
        Case("8.8.8.8", (OUT,), Origin.NAME, False, (OUT,)),
    ],
)
def test_the_rule(case: Case) -> None:
    vet = vet_for("acme.example", given=case.given)
    answer = vet(case.host, Found(case.addresses, 60, case.host), case.origin)
    if case.kept:
        assert answer == Found(case.kept, 60, case.host)
    else:
        assert isinstance(answer, NoAnswer)
        assert answer.reason is Silence.INSIDE


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        ("localhost", True),
        ("x.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("mail.acme.example", False),
        ("8.8.8.8", False),
    ],
)
def test_names_that_lead_inside_by_themselves(host: str, inside: bool) -> None:
    assert leads_inside(host) is inside
