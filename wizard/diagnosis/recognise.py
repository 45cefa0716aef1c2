"""Which protocol a text is from, where nobody says: bounces, logs and what openAPPone shows."""

import re
from typing import Final

from wizard.diagnosis.reply import Reply
from wizard.diagnosis.rule import DiagnosisProtocol

# In this order: the most telling marks first. A transport's words stand in every program's frame,
# so they come behind what only a mail server says.
_MARKS: Final[tuple[tuple[DiagnosisProtocol, str], ...]] = (
    (
        DiagnosisProtocol.OAUTH,
        r"AADSTS\d|invalid_(?:grant|client|scope|request|token)|unauthorized_client"
        r"|redirect_uri|access_denied|admin_policy_enforced|org_internal|consent_required"
        r"|authorization_(?:pending|declined)|interaction_required|\bslow_down\b|expired_token"
        r"|(?:temporarily_unavailable|server_error)\b|Error 40[0-3]: \w+_\w+",
    ),
    (DiagnosisProtocol.SMTP, r"^\W{0,4}(?:S: ?)?[2-5]\d\d[ -]"),
    (
        DiagnosisProtocol.POP3,
        r"-ERR\b|\+OK\b|poplib|\bPOP3\b|\[SYS/(?:TEMP|PERM)\]|\[LOGIN-DELAY\]",
    ),
    (
        DiagnosisProtocol.IMAP,
        r"imaplib|IMAP4|\bIMAP\b|(?:^|\s)\* (?:OK|NO|BAD|BYE|PREAUTH|CAPABILITY)\b"
        r"|(?:^|\s)[a-z]*\d+ (?-i:OK|NO|BAD)\b|(?-i:\b(?:NO|BAD) \[)|^\W*BYE\b"
        r"|\[(?:AUTHENTICATIONFAILED"
        r"|AUTHORIZATIONFAILED|PRIVACYREQUIRED|UNAVAILABLE|INUSE|NONEXISTENT|TRYCREATE)\]"
        r"|LOGINDISABLED|AUTHENTICATE (?:failed|completed)|LOGIN failed|(?-i:(?:^|\s)(?:NO|BAD) )",
    ),
    (
        DiagnosisProtocol.SMTP,
        r"smtplib|\bSMTP|(?:^|[\s(\[{'\":,])[2-5]\d\d[ -]\D|(?:^|\D)[245]\.\d{1,3}\.\d{1,3}\b"
        r"|\(\d{3}, ?b?['\"]|\b(?:MAIL FROM|RCPT TO|EHLO|HELO)\b",
    ),
    (
        DiagnosisProtocol.TLS,
        r"certificate|Zertifi|\bSSL|\bTLS|x509|handshake",
    ),
    (
        DiagnosisProtocol.DNS,
        r"getaddrinfo|name resolution|name or service|nodename nor"
        r"|no address associated|no such host|NXDOMAIN|SERVFAIL|ENOTFOUND"
        r"|EAI_|Namensauflösung|unknown host|resolve",
    ),
    (
        DiagnosisProtocol.TCP,
        r"refused|timed? ?out|unreachable|reset by|ECONN|ETIMEDOUT|errno|WinError|verweiger",
    ),
)
_COMPILED: Final = tuple((protocol, re.compile(mark, re.I)) for protocol, mark in _MARKS)


def recognise(reply: Reply) -> DiagnosisProtocol:
    """The likeliest protocol of a text; most mail that fails fails at SMTP."""
    for protocol, mark in _COMPILED:
        if mark.search(reply.flat):
            return protocol
    return DiagnosisProtocol.SMTP
