"""Logins that are refused, over SMTP, IMAP and POP3."""

from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import IMAP_ONLY, MAILBOX, SMTP_ONLY, Family, Rule, rule
from wizard.model import Stage

_WRONG = Cause.WRONG_CREDENTIALS
_APP = Cause.APP_PASSWORD_REQUIRED
_RETIRED = Cause.BASIC_AUTH_RETIRED
_POLICY = Cause.ACCESS_POLICY_BLOCKED
_MAILBOX_OFF = Cause.SMTP_AUTH_DISABLED_MAILBOX
_TENANT_OFF = Cause.SMTP_AUTH_DISABLED_TENANT
_TOKEN = Cause.OAUTH_TOKEN_REJECTED

# What only one provider says, or means. Microsoft: learn.microsoft.com/exchange/…/authenticated-
# client-smtp-submission; Google: support.google.com/mail/answer/… at the end of each reply.
PROVIDERS: Final[tuple[Rule, ...]] = (
    rule(
        _TENANT_OFF,
        r"SmtpClientAuth(?:entication)?.{0,20}disabled for the Tenant|smtp_auth_disabled",
        _MAILBOX_OFF,
    ),
    rule(
        _MAILBOX_OFF,
        r"SmtpClientAuth(?:entication)?.{0,20}disabled for the Mailbox"
        r"|SmtpClientAuth(?:entication)? is disabled",
        _TENANT_OFF,
        _RETIRED,
    ),
    rule(
        _RETIRED,
        r"5\.7\.30\b|basic auth(?:entication)? (?:is |has been )?"
        r"(?:not supported|disabled|deprecated|retired|blocked|turned off|no longer)",
        _MAILBOX_OFF,
    ),
    rule(_POLICY, r"security defaults", _RETIRED, Cause.ACCOUNT_LOCKED),
    rule(
        _POLICY,
        r"did not meet the criteria to be authenticated|conditional access|geo-?block"
        r"|(?:country|region|location) (?:is )?(?:blocked|not allowed|denied)"
        r"|(?:login|access|sign-?in) .{0,40}(?:not allowed|blocked|denied) (?:from"
        r"|by) .{0,20}(?:country|region|location|policy)"
        r"|disabled by your (?:domain )?administrator|not allowed by (?:your )?admin",
        _RETIRED,
        _MAILBOX_OFF,
    ),
    rule(
        _APP,
        r"application[- ]specific password|InvalidSecondFactor"
        r"|app(?:lication)?[- ]?password(?:s)? (?:is |are )?(?:required|needed)"
        r"|(?:use|need|generate|create"
        r"|requires?) (?:an? )?app(?:lication)?[- ](?:specific )?password"
        r"|#AUTH005|third[- ]party app.{0,40}password|app-?passwor[dt]"
        r"|Anwendungs(?:spezifisches )?passwort"
        r"|(?:password|key) for external (?:apps|applications)|NEED_APP_PASSWORD",
        _WRONG,
    ),
    # RFC 5530: the password has to be renewed by its owner.
    rule(
        Cause.INTERACTIVE_LOGIN_REQUIRED,
        r"\[EXPIRED\]|password (?:has )?expired|Passwort (?:ist )?abgelaufen",
        Cause.ACCOUNT_LOCKED,
        _WRONG,
    ),
    rule(
        Cause.INTERACTIVE_LOGIN_REQUIRED,
        r"web browser|WebLoginRequired|answer[=/]78754|signin/continue|webloginrequired"
        r"|verify (?:your )?(?:account|identity)|confirm (?:your )?(?:account|identity)"
        r"|unusual (?:sign-?in|login)|suspicious (?:sign-?in|login)|captcha",
        _APP,
    ),
    rule(
        Cause.IP_NOT_ALLOWLISTED,
        r"invalid credentials for relay|mail relay denied",
        Cause.RELAY_DENIED,
        protocols=SMTP_ONLY,
    ),
    # What a server says before its refusal of a token (RFC 7628 section 3.2.2), also in base64.
    rule(_TOKEN, r"eyJzdGF0dXMi|\"status\" ?: ?\"?40\d|\bstatus=(?:40\d|invalid)", _WRONG),
    rule(
        _TOKEN,
        r"XOAUTH2.{0,400}5\.7\.3 |OAUTHBEARER.{0,400}5\.7\.3 ",
        _MAILBOX_OFF,
        _WRONG,
        protocols=SMTP_ONLY,
    ),
    rule(
        _WRONG,
        r"(?:5\.7\.139|5\.7\.3)\b.{0,40}(?:authentication unsuccessful|credentials)",
        _MAILBOX_OFF,
        _POLICY,
        _TOKEN,
        protocols=SMTP_ONLY,
        families=(Family.MICROSOFT, Family.OTHER),
    ),
    rule(
        _TOKEN,
        r"XOAUTH2.{0,60}(?:error|fail|invalid|400|401|unsuccessful)|OAUTHBEARER.{0,60}(?:error"
        r"|fail|invalid)"
        r"|AuthFailed:LogonDenied|AUTHENTICATE failed|AccessTokenExpired|token (?:is )?expired"
        r"|(?:invalid|bad|rejected|expired) (?:access )?(?:oauth )?token|invalid sasl argument",
        _RETIRED,
        _WRONG,
        families=(Family.MICROSOFT,),
    ),
    rule(
        _TOKEN,
        r"XOAUTH2.{0,60}(?:error|fail|invalid|400|401|unsuccessful)|OAUTHBEARER.{0,60}(?:error"
        r"|fail|invalid)"
        r"|(?:invalid|bad|rejected|expired) (?:access |bearer )?(?:oauth2? )?token"
        r"|access token.{0,30}(?:expired|invalid)"
        r"|invalid sasl argument|SASL\(-\d+\).{0,40}OAUTH",
        Cause.OAUTH_GRANT_EXPIRED,
    ),
    rule(
        _TOKEN,
        r"BAD (?:b['\"])?Command Argument Error",
        Cause.PROTOCOL_ERROR,
        protocols=IMAP_ONLY,
    ),
    rule(
        _RETIRED,
        r"LOGIN failed|(?:Authentication|Logon) failure: unknown user name or bad password",
        _WRONG,
        _TOKEN,
        protocols=MAILBOX,
        families=(Family.MICROSOFT,),
    ),
    rule(
        _APP,
        r"AUTHENTICATIONFAILED|authentication failed|535",
        _WRONG,
        families=(Family.ICLOUD,),
    ),
    rule(
        Cause.IMAP_POP_DISABLED,
        r"not enabled for (?:pop|imap)|(?:imap|pop3?)(?: access)? (?:is |has been )?(?:disabled"
        r"|deactivated|not enabled|turned off|not allowed|blocked)"
        r"|(?:enable|activate|turn on) (?:imap|pop)|(?:imap|pop3?).{0,40}(?:deaktiviert"
        r"|ausgeschaltet|nicht (?:aktiviert|freigeschaltet|erlaubt))"
        r"|protocol (?:is )?(?:disabled|not enabled)|(?:imap|pop3?) (?:service )?(?:not available"
        r"|unavailable) for (?:this|your)",
        _WRONG,
        _POLICY,
        _APP,
    ),
    rule(
        Cause.LICENSE_OR_MAILBOX_MISSING,
        r"authenticated but not connected|AUTHORIZATIONFAILED|ObjectNotFoundException"
        r"|MapiExceptionNotFound"
        r"|mailbox.{0,30}(?:not (?:enabled|hosted|licensed|provisioned)|does not exist for)"
        r"|no (?:such )?mailbox for (?:this )?(?:user|account)"
        r"|(?:not|no) (?:a )?(?:valid )?licen[cs]e|user has no mailbox",
        _TOKEN,
        _WRONG,
        _POLICY,
    ),
    rule(
        Cause.ACCOUNT_LOCKED,
        r"too many (?:invalid|failed|bad|unsuccessful|wrong|incorrect) (?:log-?[io]n|auth|password"
        r"|attempts|sign)"
        r"|(?:account|user|mailbox|login|sender|client|ip(?: address)?)"
        r"\b.{0,40}(?:\blocked|suspended"
        r"|disabled|deactivated|banned|restricted|hacked|frozen|inactive)"
        r"|(?:account|mailbox) (?:is |has been )?(?:temporarily )?blocked|not yet activated"
        r"|bad outbound sender|\bIdsLocked\b"
        r"|(?:Konto|Benutzer|Zugang|Postfach).{0,40}(?:gesperrt|deaktiviert|blockiert)"
        r"|5\.7\.(?:750|501|502|503)\b",
        _WRONG,
        Cause.RATE_LIMITED,
    ),
)

ENCRYPTION: Final[tuple[Rule, ...]] = (
    rule(
        Cause.TEMPORARILY_UNAVAILABLE,
        r"(?:454|4\.7\.0) .{0,20}TLS (?:is )?(?:not available|unavailable|currently unavailable)",
        Cause.STARTTLS_NOT_OFFERED,
    ),
    rule(
        Cause.STARTTLS_NOT_OFFERED,
        r"STARTTLS.{0,40}(?:not (?:be )?(?:supported|offered|available|advertised|enabled"
        r"|implemented|recogni[sz]ed)|unsupported|missing|nicht)"
        r"|(?:not|n't) (?:support|offer|advertise|announce).{0,20}(?:STARTTLS|STLS)"
        r"|TLS support is not enabled|no STARTTLS|STARTTLS failed"
        r"|TLS (?:is )?not (?:supported|enabled|configured)",
        Cause.MIDDLEBOX_INTERFERENCE,
    ),
    rule(
        Cause.STARTTLS_NOT_OFFERED,
        r"\b50[0-4]\b|\bBAD\b|-ERR\b",
        Cause.PROTOCOL_ERROR,
        stages=(Stage.STARTTLS,),
    ),
    rule(
        Cause.ENCRYPTION_REQUIRED,
        r"must issue an? ?STARTTLS|issue an? ?STARTTLS|STARTTLS (?:is )?(?:required|first"
        r"|command first|needed)"
        r"|(?:encryption|encrypted connection|TLS"
        r"|SSL)(?:/TLS)?(?:[- ]connection)? (?:is )?(?:required|needed|mandatory)"
        r"|5\.7\.11\b|\b538\b|PRIVACYREQUIRED|LOGINDISABLED|only available under a layer"
        r"|plaintext (?:auth\w*|logins?|passwords?) (?:is |are )?(?:disallowed|disabled|not)"
        r"|(?:clear|plain)-?text.{0,60}(?:disallowed|disabled|not (?:allowed|permitted))"
        r"|session (?:is )?not encrypted|without (?:TLS|SSL|encryption).{0,30}(?:not|refused"
        r"|denied|disabled)"
        r"|(?:must|need to|please|have to) (?:use|enable|start) (?:TLS|SSL|STARTTLS|encrypt\w*"
        r"|a secure)|secure connection is required|requires? (?:a )?(?:TLS|SSL|secure connection"
        r"|encrypt\w*)"
        r"|disallowed on non-?secure|(?:nur|erst) (?:mit|über|nach).{0,20}(?:TLS|SSL"
        r"|Verschlüsselung)|Verschlüsselung (?:ist )?(?:erforderlich|notwendig|nötig)",
        Cause.AUTH_MECHANISM_UNSUPPORTED,
    ),
    rule(
        Cause.AUTH_MECHANISM_UNSUPPORTED,
        r"unrecogni[sz]ed authentication type|authentication (?:is )?not enabled|AUTH(?:ENTICATE"
        r"|entication)?(?: extension| command| mechanism)? (?:is )?not (?:supported|implemented"
        r"|available|advertised|recogni[sz]ed|enabled|allowed)"
        r"|AUTH command used when not advertised|mechanism.{0,40}(?:not (?:supported|available"
        r"|allowed)|unsupported|unknown|invalid)|(?:no|not find).{0,30}(?:suitable|supported"
        r"|mutual|common|matching|compatible|usable|known).{0,30}(?:auth|mechanism|sasl)"
        r"|unsupported (?:auth\w*|mechanism|sasl)|unknown (?:auth\w*|sasl) (?:mechanism|method"
        r"|type)|SASL mechanism|server does not support (?:smtp )?(?:auth|login)"
        r"|does not support (?:the )?.{0,30}authentication|5\.5\.4 .{0,40}authentication mechanism"
        r"|Unsupported command: AUTH",
        Cause.ENCRYPTION_REQUIRED,
        Cause.BASIC_AUTH_RETIRED,
    ),
)

REQUIRED: Final[tuple[Rule, ...]] = (
    rule(
        Cause.AUTH_REQUIRED,
        r"auth(?:entication|entifi?cation|orization)?(?: is)? (?:required|needed|mandatory)"
        r"|sender address rejected: not logged in|(?:not"
        r"|n't) (?:yet )?(?:be(?:en)? )?authenticated|must (?:first )?(?:be )?(?:auth|log ?in)"
        r"|please (?:auth(?:enticate)?\b|log ?in)"
        r"|SMTP[- ]?AUTH (?:is )?required|5\.7\.57\b|need to (?:auth|log ?in)|(?:auth\w*"
        r"|log ?in) (?:first|before)|\b530\b.{0,12}(?:5\.[57]\.[01]|auth)|5\.5\.1 Authentication"
        r"|client was not authenticated|login required|no authentication"
        r"|Anmeldung (?:ist )?(?:erforderlich|notwendig)"
        r"|Authentifizierung (?:ist )?(?:erforderlich|notwendig)|POP before SMTP"
        r"|check for (?:new )?mail first|missing credentials",
        Cause.RELAY_DENIED,
        Cause.SENDER_NOT_ALLOWED,
        protocols=SMTP_ONLY,
    ),
)

CREDENTIALS: Final[tuple[Rule, ...]] = (
    rule(
        Cause.WRONG_CREDENTIALS,
        r"5\.7\.8\b|AUTHENTICATIONFAILED|\[AUTH\]|username and password not accepted"
        r"|BadCredentials|Password not accepted"
        r"|(?:invalid|incorrect|wrong|bad|unknown|falsche[rs]?"
        r"|ungültige[rs]?) (?:auth\w* )?(?:credentials?|login|log-?on|user|username|user ?name"
        r"|password|passwort|kennwort|account|authentication data|e-?mail)"
        r"|(?:authentication|auth|login|log-?on|sign-?in|password|credentials?|authentifizierung"
        r"|anmeldung)(?: \w+)? ?(?:was |were |is |are |has |have )?(?:been )?(?:failed|failure"
        r"|fail|fehlgeschlagen|unsuccessful|incorrect|invalid|denied|rejected|wrong|mismatch"
        r"|not accepted|error|refused)"
        r"|(?:could not|unable to|failed to|cannot) (?:authenticate|log ?in)"
        r"|authori[sz]ation failed"
        r"|(?:Anmeldung|Login|Authentifizierung).{0,40}(?:abgelehnt|verweigert|nicht möglich)"
        r"|AuthenticationFailedException"
        r"|AuthenticationException|(?:Benutzername|Passwort|Kennwort|Zugangsdaten).{0,40}(?:falsch"
        r"|ungültig|nicht (?:korrekt|akzeptiert|gültig)|stimm)"
        r"|Verify (?:your )?(?:user ?name|password)|identifiants|mot de passe|EAUTH\b|#MBR1212"
        r"|\b535\b|login or password|user name or bad password|credentials invalid",
    ),
)
