"""What a ``clientConfig`` document says, and what in it is left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.discovery.clientconfig import MAX_SERVERS, servers_of, usable_host, usable_username
from wizard.discovery.markup import read
from wizard.discovery.person import Person
from wizard.discovery.report import Offer, Source
from wizard.model import AuthMethod, Protocol, Security

PERSON = Person("Info.User@acme.example", "acme.example")
PASSWORD = (AuthMethod.PLAIN, AuthMethod.LOGIN)
TOKEN = (AuthMethod.XOAUTH2, AuthMethod.OAUTHBEARER)


def servers(body: str, person: Person = PERSON) -> tuple[Offer, ...]:
    text = (
        f'<clientConfig version="1.1"><emailProvider id="x">{body}</emailProvider></clientConfig>'
    )
    return servers_of(read(text.encode()), person, Source.AUTOCONFIG)


def section(kind: str = "imap", **values: str) -> str:
    usual = {
        "hostname": "imap.acme.example",
        "port": "993",
        "socketType": "SSL",
        "username": "%EMAILADDRESS%",
        "authentication": "password-cleartext",
    }
    element = "outgoingServer" if kind == "smtp" else "incomingServer"
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in (usual | values).items())
    return f'<{element} type="{kind}">{inner}</{element}>'


def one(**values: str) -> Offer | None:
    found = servers(section(**values))
    return found[0] if found else None


def test_a_server() -> None:
    assert one() == Offer(
        Protocol.IMAP,
        "imap.acme.example",
        993,
        Security.TLS,
        PASSWORD,
        "Info.User@acme.example",
        Source.AUTOCONFIG,
    )


def test_the_best_comes_first_whatever_the_order() -> None:
    found = servers(
        section("pop3", port="995")
        + section(port="143", socketType="plain")
        + section(port="143", socketType="STARTTLS")
        + section()
    )
    assert [(offer.protocol, offer.security) for offer in found] == [
        (Protocol.IMAP, Security.TLS),
        (Protocol.IMAP, Security.STARTTLS),
        (Protocol.POP3, Security.TLS),
        (Protocol.IMAP, Security.NONE),
    ]


@pytest.mark.parametrize(
    ("values", "username", "host"),
    [
        ({"username": "%EMAILLOCALPART%"}, "Info.User", "imap.acme.example"),
        ({"username": "x-%EMAILLOCALPART%+%EMAILDOMAIN%"}, "x-Info.User+acme.example", None),
        ({"username": "%EMAILADDRESS% "}, "Info.User@acme.example", None),
        ({"username": "fred"}, "fred", None),
        ({"hostname": "imap.%EMAILDOMAIN%"}, "Info.User@acme.example", "imap.acme.example"),
        ({"hostname": "%EMAILLOCALPART%.acme.example"}, None, "info.user.acme.example"),
        ({"hostname": "IMAP.Acme.Example."}, None, "imap.acme.example"),
        ({"hostname": "imap.müller.example"}, None, "imap.xn--mller-kva.example"),
        ({"username": "a&#13;&#10;LOGOUT"}, "", None),
        ({"username": "%UNKNOWN%"}, "%UNKNOWN%", None),
    ],
)
def test_placeholders_and_names(
    values: dict[str, str], username: str | None, host: str | None
) -> None:
    found = one(**values)
    assert found is not None
    assert username is None or found.username == username
    assert host is None or found.host == host


def test_without_an_address_only_the_domain_can_be_filled_in() -> None:
    nobody = Person("", "acme.example")
    (found,) = servers(section(hostname="mail.%EMAILDOMAIN%"), nobody)
    assert (found.host, found.username) == ("mail.acme.example", "")
    assert servers(section(hostname="%EMAILLOCALPART%.acme.example"), nobody) == ()


@pytest.mark.parametrize(
    ("authentication", "auth"),
    [
        ("password-cleartext", PASSWORD),
        ("plain", PASSWORD),
        ("secure", (AuthMethod.CRAM_MD5,)),
        ("OAuth2", TOKEN),
        (
            "OAuth2</authentication><authentication>password-cleartext",
            (*TOKEN, *PASSWORD),
        ),
        ("GSSAPI</authentication><authentication>password-cleartext", PASSWORD),
        ('x</authentication><authentication system="sasl">XOAUTH2', (AuthMethod.XOAUTH2,)),
        ('x</authentication><authentication system="http">Basic', None),
        ("GSSAPI", None),
        ("none", None),
    ],
)
def test_ways_to_log_in(authentication: str, auth: tuple[AuthMethod, ...] | None) -> None:
    found = one(authentication=authentication)
    assert (found.auth if found else None) == auth


def test_a_relay_without_login_has_no_user_name() -> None:
    (found,) = servers(section("smtp", port="25", socketType="STARTTLS", authentication="none"))
    assert (found.auth, found.username) == ((AuthMethod.NONE,), "")


# One broken entry is left out; the next one is not.
BROKEN = {
    "no host": {"hostname": ""},
    "no full host": {"hostname": "mail"},
    "localhost": {"hostname": "localhost"},
    "a name for this computer": {"hostname": "imap.localhost"},
    "loopback": {"hostname": "127.0.0.1"},
    "loopback in IPv6": {"hostname": "::ffff:127.0.0.1"},
    "a private address": {"hostname": "192.168.1.1"},
    "link-local": {"hostname": "fe80::1"},
    "a URL": {"hostname": "https://imap.acme.example"},
    "a host with a port": {"hostname": "imap.acme.example:993"},
    "a host with a space": {"hostname": "imap .acme.example"},
    "a host with a line end": {"hostname": "imap&#13;&#10;.acme.example"},
    "two dots": {"hostname": "imap..acme.example"},
    "a long label": {"hostname": "i" * 64 + ".acme.example"},
    "port 0": {"port": "0"},
    "port 65536": {"port": "65536"},
    "no port": {"port": ""},
    "a port in words": {"port": "imaps"},
    "unknown security": {"socketType": "magic"},
    "no security": {"socketType": ""},
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_server_does_not_spoil_the_file(name: str) -> None:
    found = servers(section(**BROKEN[name]) + section(hostname="good.acme.example"))
    assert [offer.host for offer in found] == ["good.acme.example"]


def test_what_is_not_known_is_passed_over() -> None:
    jmap = '<incomingServer type="jmap"><url>https://x.example</url></incomingServer>'
    assert [offer.protocol for offer in servers(jmap + "<new/>" + section())] == [Protocol.IMAP]
    assert servers("") == ()


def test_the_same_server_is_named_once_and_not_without_end() -> None:
    assert len(servers(section() + section())) == 1
    many = "".join(section(hostname=f"h{n}.acme.example") for n in range(50))
    assert len(servers(many)) == MAX_SERVERS


@given(st.text(max_size=80))
def test_any_host_is_usable_or_refused(text: str) -> None:
    host = usable_host(text)
    if host is not None:
        assert host.isascii()
        assert usable_host(host) == host


@given(st.text(max_size=400))
def test_any_user_name_is_one_line(text: str) -> None:
    assert "\n" not in usable_username(text)
    assert "\r" not in usable_username(text)
