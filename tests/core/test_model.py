"""What people type and paste, parsed at the border."""

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.model import (
    EmailAddress,
    Invalid,
    Protocol,
    Secret,
    Security,
    parse_address,
    parse_domain,
    parse_host,
    parse_port,
    parse_username,
    port_for_security,
    security_for_port,
    to_unicode,
)

ADDRESSES = [
    ("info@acme.example", "info@acme.example"),
    ("  info@acme.example \n", "info@acme.example"),
    ("Anna Muster <anna@acme.example>", "anna@acme.example"),
    ('"Muster, Anna" <anna@acme.example> ', "anna@acme.example"),
    ("<anna@acme.example>", "anna@acme.example"),
    ("mailto:anna@acme.example?subject=x", "anna@acme.example"),
    ("anna@acme.example,", "anna@acme.example"),
    ("anna@ACME.Example.", "anna@acme.example"),
    ("Anna.Muster+erp@acme.example", "Anna.Muster+erp@acme.example"),
    ("info@müller.example", "info@xn--mller-kva.example"),
    ("info@MÜLLER.example", "info@xn--mller-kva.example"),
    ("jürgen@acme.example", "jürgen@acme.example"),
    ('"quoted local"@acme.example', '"quoted local"@acme.example'),
    ("in\u200bfo@acme.example", "info@acme.example"),
    ("o'brien@acme.example", "o'brien@acme.example"),
]


@pytest.mark.parametrize(("typed", "meant"), ADDRESSES)
def test_addresses_as_people_paste_them(typed: str, meant: str) -> None:
    assert str(parse_address(typed)) == meant


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "input.address.empty"),
        ("   ", "input.address.empty"),
        ("acme.example", "input.address.no_at"),
        ("@acme.example", "input.address.no_at"),
        ("a b@acme.example", "input.address.local"),
        ("a..b@acme.example", "input.address.local"),
        (".a@acme.example", "input.address.local"),
        ("x" * 65 + "@acme.example", "input.address.local"),
        ("a@acme", "input.domain.incomplete"),
        ("a@acme..example", "input.domain.dots"),
        ("a@-acme.example", "input.domain.characters"),
        ("a@acme.example\r\nRCPT TO:<b@c.example>", "input.address.lines"),
        ("a\r\n@acme.example", "input.address.lines"),
        ("\udcff@acme.example", "input.address.local"),
        ('"\udcff"@acme.example', "input.address.local"),
    ],
)
def test_addresses_that_cannot_be_used_say_why(typed: str, key: str) -> None:
    parsed = parse_address(typed)
    assert isinstance(parsed, Invalid)
    assert parsed.message.key == key


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acme.example", "acme.example"),
        ("ACME.example.", "acme.example"),
        ("https://www.acme.example/contact", "www.acme.example"),
        ("@acme.example", "acme.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("_dmarc.acme.example", "_dmarc.acme.example"),
    ],
)
def test_domains(typed: str, meant: str) -> None:
    assert parse_domain(typed) == meant


@pytest.mark.parametrize("typed", ["192.0.2.1", "acme", "a" * 64 + ".example", "x." * 130 + "de"])
def test_what_is_no_domain(typed: str) -> None:
    assert isinstance(parse_domain(typed), Invalid)


def test_umlaut_domains_are_readable_again() -> None:
    assert to_unicode("xn--mller-kva.example") == "müller.example"
    assert to_unicode("xn--a.example") == "xn--a.example"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("smtp.acme.example", "smtp.acme.example"),
        (" SMTP.Acme.Example. ", "smtp.acme.example"),
        ("localhost", "localhost"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_hosts(typed: str, meant: str) -> None:
    assert parse_host(typed) == meant


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("", "input.host.empty"),
        ("smtp://smtp.acme.example", "input.host.url"),
        ("smtp.acme.example:587", "input.host.port"),
        ("info@acme.example", "input.host.address"),
        ("smtp acme.example", "input.domain.characters"),
        ("smtp..acme.example", "input.domain.dots"),
    ],
)
def test_hosts_that_cannot_be_used_say_why(typed: str, key: str) -> None:
    parsed = parse_host(typed)
    assert isinstance(parsed, Invalid)
    assert parsed.message.key == key


@pytest.mark.parametrize("typed", ["", "0", "65536", "-1", "5 87", "587a", "٥٨٧", "000000587"])
def test_what_is_no_port(typed: str) -> None:
    assert isinstance(parse_port(typed), Invalid)


def test_ports() -> None:
    assert parse_port(" 587 ") == 587


def test_a_user_name_has_no_line_break() -> None:
    assert parse_username(" info@acme.example ") == "info@acme.example"
    assert isinstance(parse_username("a\r\nb"), Invalid)
    assert isinstance(parse_username(" "), Invalid)
    assert isinstance(parse_username("m\udcffller"), Invalid)


def test_standard_ports_and_their_security() -> None:
    assert security_for_port(Protocol.SMTP, 465) is Security.TLS
    assert security_for_port(Protocol.SMTP, 587) is Security.STARTTLS
    assert security_for_port(Protocol.IMAP, 143) is Security.STARTTLS
    assert security_for_port(Protocol.SMTP, 4650) is None
    assert port_for_security(Protocol.SMTP, Security.STARTTLS) == 587
    assert port_for_security(Protocol.POP3, Security.NONE) == 110


@given(st.text(max_size=80))
def test_no_text_breaks_a_parser(text: str) -> None:
    for parse in (parse_address, parse_domain, parse_host, parse_port, parse_username):
        value = parse(text)
        assert value is not None
        assert "\n" not in str(value) or isinstance(value, Invalid)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_parsed_address_parses_to_itself(local: str, domain: str) -> None:
    parsed = parse_address(f"{local}@{domain}")
    if isinstance(parsed, EmailAddress):
        assert parse_address(str(parsed)) == parsed


def test_a_secret_does_not_slip_out() -> None:
    secret = Secret("geheim")
    assert "geheim" not in f"{secret!r} {secret}"
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)
    assert not isinstance(secret, str)
    assert secret == Secret("geheim")
    assert secret != Secret("anders")
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(secret, protocol=0)
