"""The whole way against real servers: Knot's DNS, Dovecot's IMAP and POP3, Postfix's submission."""

import pytest

from servers.authority import Authority
from servers.knot import DnsServer
from servers.mail import MailServer
from servers.scripted import server_context
from servers.web import web
from servers.world import CATALOG, config, server
from wizard.discovery.report import Check, Source
from wizard.discovery.search import detect
from wizard.model import AuthMethod, Protocol, Security
from wizard.network import Network
from wizard.resolver import Nameserver, Resolver

pytestmark = pytest.mark.servers
PAGE = "autoconfig.firma.test/mail/config-v1.1.xml"


async def test_address_in_working_servers_out(
    authority: Authority, dns_server: DnsServer, mail_server: MailServer
) -> None:
    page = config(
        server("mail.firma.test", mail_server.pop3s, "pop3"),
        server("mail.firma.test", mail_server.imap, security="STARTTLS"),
        server("mail.firma.test", mail_server.imaps),
        server("mail.firma.test", mail_server.submission, "smtp", "STARTTLS"),
        server("mail.firma.test", mail_server.submissions, "smtp"),
        domain="firma.test",
    )
    context = server_context(authority.issue("autoconfig.firma.test", "firma.test"))
    async with web({PAGE: page}, context) as https:
        network = Network(
            resolver=Resolver([Nameserver(dns_server.address, dns_server.port)], timeout=5),
            ca_files=(authority.ca_file,),
            ports={443: https.port},
        )
        found = await detect("anna@firma.test", CATALOG, network)
    best = [one for one in found.incoming + found.outgoing if one.source is Source.AUTOCONFIG]
    assert [(one.protocol, one.security, one.check) for one in best] == [
        (Protocol.IMAP, Security.TLS, Check.WORKING),
        (Protocol.IMAP, Security.STARTTLS, Check.WORKING),
        (Protocol.POP3, Security.TLS, Check.WORKING),
        (Protocol.SMTP, Security.TLS, Check.WORKING),
        (Protocol.SMTP, Security.STARTTLS, Check.WORKING),
    ]
    assert all(one.username == "anna@firma.test" for one in best)
    assert all(AuthMethod.PLAIN in one.auth for one in best)
    assert found.mx == ("mail.firma.test",)
