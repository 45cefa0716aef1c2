"""What an Autodiscover answer says."""

import pytest

from wizard.discovery.autodiscover_document import (
    AskAt,
    AskFor,
    DocumentAnswer,
    Servers,
    question,
    read_answer,
)
from wizard.discovery.markup import read
from wizard.discovery.person import Person
from wizard.model import Protocol, Security

PERSON = Person("info@acme.example", "acme.example")
RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"


def answer(account: str, asked_for: str = "info@acme.example") -> DocumentAnswer:
    text = (
        '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">'
        f'<Response xmlns="{RESPONSE}"><Account><AccountType>email</AccountType>{account}'
        "</Account></Response></Autodiscover>"
    )
    return read_answer(read(text.encode()), PERSON, asked_for)


def section(kind: str = "IMAP", **values: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f"<Protocol><Type>{kind}</Type><Server>mail.acme.example</Server>{inner}</Protocol>"


def servers(account: str, asked_for: str = "info@acme.example") -> Servers:
    found = answer(account, asked_for)
    assert isinstance(found, Servers)
    return found


@pytest.mark.parametrize(
    ("kind", "values", "port", "security"),
    [
        ("IMAP", {"Port": "993", "SSL": "on"}, 993, Security.TLS),
        ("IMAP", {"Port": "993"}, 993, Security.TLS),
        ("IMAP", {"Port": "143", "SSL": "on"}, 143, Security.STARTTLS),
        ("IMAP", {"Port": "143", "SSL": "off"}, 143, Security.NONE),
        ("IMAP", {"Port": "143", "Encryption": "TLS"}, 143, Security.STARTTLS),
        ("IMAP", {"Port": "993", "Encryption": "Auto"}, 993, Security.TLS),
        ("IMAP", {"Port": "10143", "SSL": "off", "Encryption": "SSL"}, 10143, Security.TLS),
        ("IMAP", {}, 993, Security.TLS),
        ("SMTP", {"Port": "587", "SSL": "on"}, 587, Security.STARTTLS),
        ("SMTP", {"Port": "465", "SSL": "on"}, 465, Security.TLS),
        ("SMTP", {"Port": "25", "Encryption": "None"}, 25, Security.NONE),
        ("POP3", {"Port": "110", "SSL": "off"}, 110, Security.NONE),
        ("pop3", {}, 995, Security.TLS),
    ],
)
def test_ports_and_security(
    kind: str, values: dict[str, str], port: int, security: Security
) -> None:
    (offer,) = servers(section(kind, **values)).offers
    assert (offer.protocol, offer.port, offer.security) == (
        Protocol(kind.lower()),
        port,
        security,
    )


@pytest.mark.parametrize(
    ("values", "username"),
    [
        ({}, "info@acme.example"),
        ({"LoginName": "info"}, "info"),
        ({"LoginName": "info", "DomainRequired": "on", "DomainName": "ACME"}, "ACME\\info"),
        ({"LoginName": "info", "DomainRequired": "off", "DomainName": "ACME"}, "info"),
        ({"LoginName": "a&#10;b"}, "info@acme.example"),
    ],
)
def test_login_names(values: dict[str, str], username: str) -> None:
    assert servers(section(**values)).offers[0].username == username


def test_the_neutral_address_never_becomes_the_login_name() -> None:
    account = section(LoginName="postmaster@acme.example")
    assert servers(account, "postmaster@acme.example").offers[0].username == "info@acme.example"


def test_redirects() -> None:
    assert answer("<Action>redirectUrl</Action><RedirectUrl>https://x.example/</RedirectUrl>") == (
        AskAt("https://x.example/")
    )
    assert answer("<RedirectAddr>info@x.example</RedirectAddr>") == AskFor("info@x.example")


def test_an_exchange_without_servers_for_us() -> None:
    found = servers(section("EXCH") + section("WEB"))
    assert found == Servers((), exchange=True)


@pytest.mark.parametrize(
    "broken",
    [
        section(Port="0"),
        section(Port="many"),
        section().replace("mail.acme.example", "localhost"),
        section().replace("mail.acme.example", "10.0.0.1"),
        section().replace("mail.acme.example", ""),
        section("MAPI"),
        "<Protocol/>",
        "",
    ],
)
def test_one_broken_server_does_not_spoil_the_answer(broken: str) -> None:
    assert len(servers(broken + section()).offers) == 1


def test_an_error_names_no_server() -> None:
    assert servers("<Error><ErrorCode>500</ErrorCode></Error>") == Servers((), exchange=False)


def test_the_question_cannot_be_broken_out_of() -> None:
    asked = read(question('"</EMailAddress><x>&"@acme.example'))
    assert asked.children[0].text_of("EMailAddress") == '"</EMailAddress><x>&"@acme.example'
