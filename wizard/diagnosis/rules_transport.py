"""What happens below the mail protocols: certificates, TLS, TCP and DNS, in many programs' words.

Linux, macOS and Windows; OpenSSL, GnuTLS, Schannel, Java, Go, Node and .NET; English and German.
"""

from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import SMTP_ONLY, Rule, rule
from wizard.model import Stage

CERTIFICATES: Final[tuple[Rule, ...]] = (
    rule(
        Cause.CERT_HOSTNAME_MISMATCH,
        r"(?:hostname|ip address|host name) mismatch|certificate is not valid for"
        r"|not valid for (?:the )?name"
        r"|hostname .{1,260} does(?:n't| not) match|ERR_TLS_CERT_ALTNAME_INVALID"
        r"|no alternative certificate subject name|subject name .{0,260}does not match"
        r"|certificate (?:is )?valid for .{1,260}, not|RemoteCertificateNameMismatch"
        r"|no subject alternative (?:dns )?names? (?:matching|present)|no name matching"
        r"|(?:peer certificate )?CN=?.{1,260} did not match expected|certificate name mismatch"
        r"|certificate'?s (?:owner|name) does not match|wrong\.host|altnames?:"
        r"|SSL_ERROR_BAD_CERT_DOMAIN|CERT_E_CN_NO_MATCH|SEC_E_WRONG_PRINCIPAL"
        r"|Zertifikat.{0,80}(?:anderen? (?:Namen|Host)|stimmt nicht|passt nicht|nicht (?:für|zu))",
    ),
    rule(
        Cause.CERT_EXPIRED,
        r"certificate (?:has |is )?(?:been )?expired|certificate is not yet valid|CERT_HAS_EXPIRED"
        r"|CERT_NOT_YET_VALID|CertificateExpired|NotAfter:|NotTimeValid|CERT_E_EXPIRED"
        r"|SSL_ERROR_EXPIRED_CERT|certificate has expired or is not yet valid|CERT_DATE_INVALID"
        r"|certificate_expired|expired certificate|SEC_E_CERT_EXPIRED"
        r"|Zertifikat.{0,60}(?:abgelaufen|noch nicht gültig)",
        Cause.CERT_UNTRUSTED,
    ),
    rule(
        Cause.TLS_VERSION_MISMATCH,
        r"(?:EE|CA) certificate key too (?:weak|small)|signature digest algorithm too weak"
        r"|certificate.{0,40}(?:weak|insecure) (?:key|signature)",
        Cause.CERT_UNTRUSTED,
    ),
    rule(
        Cause.MIDDLEBOX_INTERFERENCE,
        r"self[- ]signed certificate in (?:certificate )?chain|SELF_SIGNED_CERT_IN_CHAIN",
        Cause.CERT_UNTRUSTED,
    ),
    rule(
        Cause.CERT_UNTRUSTED,
        r"self[- ]signed|SELF_SIGNED|unable to get (?:local )?issuer|UNABLE_TO_GET_ISSUER"
        r"|unable to verify the first certificate|UNABLE_TO_VERIFY_LEAF|PKIX path"
        r"|unable to find valid certification path|signed by unknown authority|unknown[ _]ca\b"
        r"|certificate (?:is )?not trusted|UntrustedRoot|RemoteCertificateChainErrors"
        r"|CERT_UNTRUSTED"
        r"|SEC_ERROR_UNKNOWN_ISSUER|unknown issuer|issuer (?:is )?unknown|CERT_E_UNTRUSTEDROOT"
        r"|SEC_E_UNTRUSTED_ROOT|trust anchor|AuthenticationException.{0,80}remote certificate"
        r"|remote certificate is invalid|Zertifi(?:kat|zierungsstelle).{0,80}(?:nicht vertrau"
        r"|selbst ?signiert|unbekannt)",
    ),
    rule(
        Cause.CERT_UNTRUSTED,
        r"certificate[ _]verify[ _]failed|certificate validation failed|(?:bad|invalid) certificate"
        r"|certificate_unknown|certificate verification (?:failed|error)",
        Cause.CERT_HOSTNAME_MISMATCH,
        Cause.CERT_EXPIRED,
    ),
)

TLS: Final[tuple[Rule, ...]] = (
    rule(
        Cause.TLS_ON_PLAINTEXT_PORT,
        r"wrong[_ ]version[_ ]number|unknown[_ ]protocol|http[_ ]request\b.{0,20}(?:\(_ssl|ssl)"
        r"|packet length too long|RECORD_LAYER_FAILURE|record layer failure"
        r"|Unrecognized SSL message|plaintext connection\?|Unsupported or unrecognized SSL"
        r"|first record does not look like a TLS handshake|unexpected packet format"
        r"|corrupted frame|unexpected TLS packet|non-?properly terminated.{0,30}plain"
        r"|SEC_E_INVALID_TOKEN|0x80090308|SSL_ERROR_RX_RECORD_TOO_LONG|bad record type"
        r"|SSL: ?\[?HTTP_REQUEST",
    ),
    rule(
        Cause.TLS_VERSION_MISMATCH,
        r"UNSUPPORTED_PROTOCOL|unsupported protocol|protocol[_ ]version"
        r"|no[_ ]protocols[_ ]available"
        r"|no shared cipher|no_shared_cipher|handshake[_ ]failure|DH_KEY_TOO_SMALL|dh key too small"
        r"|EE_KEY_TOO_SMALL|CA_MD_TOO_WEAK|ee key too small|md too weak|no appropriate protocol"
        r"|No supported cipher|inappropriate[_ ]fallback|insufficient[_ ]security"
        r"|SEC_E_UNSUPPORTED_FUNCTION|SEC_E_ALGORITHM_MISMATCH|0x80090331"
        r"|do not possess a common algorithm"
        r"|server selected unsupported protocol version|protocol is disabled|cipher mismatch"
        r"|UNSAFE_LEGACY_RENEGOTIATION|unsafe legacy renegotiation"
        r"|TLS ?1\.[01] .{0,30}(?:not supported|no longer|deprecated)"
        r"|4\.7\.0 TLS (?:version|1\.)|no cipher suites in common",
    ),
    rule(
        Cause.CONNECTION_DROPPED,
        r"UNEXPECTED_EOF_WHILE_READING|EOF occurred in violation of protocol"
        r"|SSL_ERROR_SYSCALL|handshake.{0,30}(?:connection (?:was )?(?:closed|reset)|terminated)"
        r"|Remote host (?:closed connection|terminated the handshake) during handshake"
        r"|Remote host terminated the handshake|SSL connection has been closed unexpectedly"
        r"|TLS connection was non-properly terminated|tlsv1 alert internal error",
        Cause.TLS_ON_PLAINTEXT_PORT,
        Cause.TLS_VERSION_MISMATCH,
        Cause.MIDDLEBOX_INTERFERENCE,
    ),
)

DNS: Final[tuple[Rule, ...]] = (
    rule(
        Cause.DNS_UNAVAILABLE,
        r"temporary failure in name resolution|EAI_AGAIN|errno -3\b|\bSERVFAIL\b|\b11002\b"
        r"|server misbehaving|no nameservers|all nameservers failed|NoNameservers"
        r"|DNS (?:operation|query|request|lookup|server).{0,30}(?:timed out|timeout"
        r"|failed to respond)"
        r"|LifetimeTimeout|non-recoverable (?:failure|error) in name resolution|NO_RECOVERY"
        r"|EAI_FAIL|errno -4\b|Temporärer Fehler (?:in|bei) der Namensauflösung"
        r"|Namensauflösung.{0,40}(?:vorübergehend|temporär)|no resolver"
        r"|DNS_PROBE_FINISHED_NO_INTERNET",
    ),
    rule(
        Cause.HOST_NOT_FOUND,
        r"name or service not known|nodename nor servname|\b11001\b|no such host"
        r"|ENOTFOUND|NXDOMAIN|ENODATA|\bhost(?:name)? not found|unknown host(?!\s*key)"
        r"|could ?n[o']t resolve host"
        r"|no address associated|errno -[25]\b|UnknownHostException|\b11004\b|name does not resolve"
        r"|could not be resolved|failed to resolve|cannot resolve|unable to resolve|EAI_NONAME"
        r"|EAI_NODATA"
        r"|getaddrinfo(?:: | )failed|php_network_getaddresses"
        r"|Der Name oder der Dienst ist nicht bekannt"
        r"|Host ist unbekannt|Rechnername.{0,40}(?:nicht|unbekannt)"
        r"|Der angegebene Host ist unbekannt"
        r"|Host konnte nicht (?:gefunden|aufgelöst)|remote name could not|Remotename konnte nicht"
        r"|with 'idna' codec failed|label (?:empty|too long)"
        r"|codec can't encode characters.{0,60}idna"
        r"|Domain name not found|invalid server name",
    ),
)

TCP: Final[tuple[Rule, ...]] = (
    rule(
        Cause.CONNECTION_REFUSED,
        r"connection (?:was |has been )?refused|actively refused|ECONNREFUSED|\b10061\b"
        r"|errno (?:111|61)\b|verbindung.{0,40}verweiger|verbindungsaufbau abgelehnt|verweigerte"
        r"|Connexion refusée|Conexión rechazada|Connessione rifiutata",
    ),
    rule(
        Cause.PLAINTEXT_ON_TLS_PORT,
        r"unexpectedly closed: (?:timed out|the read operation timed out)|greeting never received"
        r"|(?:waiting for|reading|no) (?:the )?(?:initial )?(?:greeting|banner"
        r"|welcome).{0,40}(?:timed? ?out|timeout)?",
        Cause.PORT_BLOCKED_OR_TIMEOUT,
        Cause.CONNECTION_DROPPED,
        stages=(Stage.GREETING,),
    ),
    rule(
        Cause.PLAINTEXT_ON_TLS_PORT,
        r"SMTPServerDisconnected: connection unexpectedly closed|^connection unexpectedly closed$",
        Cause.CONNECTION_DROPPED,
        stages=(Stage.GREETING,),
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.PLAINTEXT_ON_TLS_PORT,
        r"unexpectedly closed: timed out|greeting never received|closed the connection unexpectedly"
        r".{0,80}timed out",
        Cause.PORT_BLOCKED_OR_TIMEOUT,
        Cause.CONNECTION_DROPPED,
    ),
    rule(
        Cause.CONNECTION_DROPPED,
        r"connection (?:was |has been )?(?:unexpectedly )?(?:reset|aborted|lost|terminated|dropped)"
        r"|ECONNRESET|EPIPE|\b10054\b|\b10053\b|errno (?:104|54|32)\b|broken pipe|forcibly closed"
        r"|unexpectedly closed|closed (?:the )?connection unexpectedly"
        r"|closed by (?:the )?(?:remote|foreign|peer|server)"
        r"|connection (?:was |has been |is )?closed|inactivity|read data from the transport"
        r"|lost connection|socket error: EOF|unexpected EOF|\bEOF\b"
        r"|SMTPServerDisconnected|server (?:has )?(?:disconnected|hung up)"
        r"|please run connect\(\) first"
        r"|socket (?:hang ?up|closed)|closed unexpectedly|session expired|IMAP4\.abort|Autologout"
        r"|Verbindung.{0,40}(?:zurückgesetzt|getrennt|geschlossen|abgebrochen|beendet|unterbrochen)"
        r"|4\.4\.2 .{0,80}timeout|4\.4\.2 Timeout",
        Cause.PLAINTEXT_ON_TLS_PORT,
        Cause.TEMPORARILY_UNAVAILABLE,
    ),
    rule(
        Cause.PORT_BLOCKED_OR_TIMEOUT,
        r"timed out|time-?out|ETIMEDOUT|\b10060\b|errno (?:110|60|101|113|51|65)\b"
        r"|network (?:is )?unreachable|no route to host|host (?:is )?(?:unreachable|down)"
        r"|ENETUNREACH|EHOSTUNREACH"
        r"|\b10051\b|\b10065\b|\b10013\b|errno 13\b|zeitüberschreitung|zeitlimit|nicht erreichbar"
        r"|keine Route|Die Wartezeit für die Verbindung|did not properly respond"
        r"|nicht ordnungsgemäß reagiert"
        r"|no response received|no answer within|could not connect|unable to connect"
        r"|failed to connect"
        r"|connection failed|connect\(\) failed|can'?t connect|delai|tiempo de espera"
        r"|Couldn't connect",
        Cause.CONNECTION_REFUSED,
    ),
)
