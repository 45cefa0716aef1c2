"""Senders, recipients, limits and reputation: what is refused behind the login."""

from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.diagnosis.rule import IMAP_ONLY, MAILBOX, POP3_ONLY, SMTP_ONLY, Rule, rule
from wizard.model import Stage

_SENDER = Cause.SENDER_NOT_ALLOWED
_SPAM = Cause.SPAM_OR_REPUTATION_BLOCK
_TEMPORARY = Cause.TEMPORARILY_UNAVAILABLE
_RATE = Cause.RATE_LIMITED

SMTP: Final[tuple[Rule, ...]] = (
    rule(
        Cause.MIDDLEBOX_INTERFERENCE,
        r"220[ -]\*{4,}|XXXXXXXA|250-XXXX",
        Cause.STARTTLS_NOT_OFFERED,
        protocols=SMTP_ONLY,
    ),
    rule(Cause.CONNECTION_DROPPED, r"\b4\.4\.2\b", _TEMPORARY, protocols=SMTP_ONLY),
    rule(
        _TEMPORARY,
        r"(?<!\d)421 .{0,80}(?:timeout|timed out)",
        Cause.CONNECTION_DROPPED,
        protocols=SMTP_ONLY,
    ),
    rule(
        _RATE,
        r"5\.4\.5\b|(?:daily|hourly|sending).{0,20}(?:quota|limit)",
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.DOMAIN_AUTHENTICATION_FAILED,
        r"5\.7\.(?:26|515|509|23|25|27)\b|sender is unauthenticated|\bDMARC\b"
        r"|\bDKIM\b.{0,80}(?:fail|not pass|invalid)"
        r"|\bSPF\b.{0,80}(?:fail|not pass|reject|check|not allowed|denied|mismatch)|(?:fail\w*"
        r"|not pass).{0,30}\bSPF\b|reverse (?:DNS|lookup)|\bPTR\b|required authentication level"
        r"|does not designate"
        r"|not permitted by SPF",
        _SPAM,
    ),
    rule(
        _SENDER,
        r"5\.7\.60\b|5\.2\.252\b|SendAsDenied|permissions? to send (?:as|on behalf)"
        r"|send ?as denied|not owned by user|not allowed to send (?:as|from|with|mail from)"
        r"|(?:not|n't) (?:been )?(?:authori[sz]ed|permitted|allowed) to (?:send|use).{0,30}(?:from"
        r"|sender|address|domain|header|e-?mail|as)|relaying disallowed as|relaying disallowed\b"
        r"|(?:sender|from)(?:[- ](?:e-?mail )?(?:address|domain|identity"
        r"|header))?.{0,80}(?:not (?:been )?(?:allowed|verified|authori[sz]ed|permitted|valid"
        r"|match|accepted|owned|registered|confirmed)|unverified|mismatch|must (?:match|be)"
        r"|does(?:n't| not) match|doesn't belong|belongs to)"
        r"|domain of sender.{0,120}(?:does not exist|not found)|5\.1\.8\b"
        r"|verified sender|sender signature|not verified|is not a Sender Signature"
        r"|Sandbox subdomains|Multiple addresses in a From"
        r"|(?<!recipient )address rejected: (?:domain not found"
        r"|not owned|not allowed|access denied)|sender address rejected"
        r"|sender (?:denied|refused|rejected|not)|from address.{0,40}(?:rejected|refused)"
        r"|Absender.{0,60}(?:nicht|abgelehnt|unzulässig)|invalid sender|sender verify failed"
        r"|bad sender address|SMTPSenderRefused.{0,40}55[0-4]",
        Cause.RELAY_DENIED,
        protocols=SMTP_ONLY,
    ),
    rule(
        _SPAM,
        r"The IP you'?re using to send mail is not authorized to",
        Cause.IP_NOT_ALLOWLISTED,
        Cause.RELAY_DENIED,
    ),
    rule(
        Cause.IP_NOT_ALLOWLISTED,
        r"Tenant(?:Inbound)?Attribution|5\.7\.68\b|Direct Send not allowed|5\.7\.64\b"
        r"|\bIP(?: address)?\b.{0,60}(?:not (?:allowed|authori[sz]ed"
        r"|registered|whitelisted|allow-?listed|permitted|listed as)|unauthori[sz]ed)"
        r"|unauthori[sz]ed IP|(?:not|n't) (?:in|on) (?:the |our |your )?(?:allow|white)-?list"
        r"|unrecogni[sz]ed IP",
        Cause.RELAY_DENIED,
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.HELO_REJECTED,
        r"(?:HELO|EHLO).{0,60}(?:reject|invalid|refus|denied|requires?|need|bad|argument|not"
        r"|malformed)|(?:invalid|bad|malformed|forged|syntactically).{0,30}(?:HELO|EHLO)",
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.GREYLISTED,
        r"gr[ae]y-?list|postgrey|4\.7\.1 .{0,60}(?:try again|please retry) (?:in|after|later)"
        r"|deferred for \d+ sec",
        _TEMPORARY,
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.MAILBOX_FULL,
        r"(?:5|4)\.2\.2\b|over ?quota|mailbox (?:is )?(?:full|over)|out of storage"
        r"|quota.{0,20}(?:exceeded|full).{0,20}(?:mailbox|inbox)|(?:mailbox|inbox|user|account"
        r"|storage|disk).{0,30}quota|OVERQUOTA|pleine|Postfach.{0,20}voll"
        r"|Speicherplatz.{0,30}(?:erschöpft|überschritten)|not enough (?:disk )?(?:space|storage)",
        Cause.RECIPIENT_REJECTED,
    ),
    rule(
        Cause.MESSAGE_TOO_LARGE,
        r"5\.3\.4\b|5\.2\.3\b|maximum (?:message )?size|size (?:limit|exceed)|TOOBIG"
        r"|(?:message|attachment|e-mail|size).{0,30}(?:too (?:large|big|long)|exceeds)"
        r"|Nachricht.{0,30}zu gro(?:ß|ss)",
    ),
    rule(
        _RATE,
        r"unusual sending activity|5\.4\.[56]\b.{0,60}|(?:daily|hourly|sending|message|user"
        r"|recipient).{0,40}(?:quota|limit).{0,20}(?:exceed|reach)|(?:exceed"
        r"|reach)\w* .{0,60}(?:limit|quota|threshold|rate)|too many (?:\w+ ){0,3}(?:connections"
        r"|sessions|logins?|login attempts|messages|recipients|e-?mails|mails|commands|requests"
        r"|users|AUTH|errors)"
        r"|rate[- ]?limit|throttl|4\.7\.28\b|\[LIMIT\]|LOGIN-DELAY|(?:connection"
        r"|session).{0,20}(?:limit|rate) (?:exceeded|reached)"
        r"|maximum (?:number of )?(?:simultaneous |concurrent )?(?:connections|logins|sessions)"
        r"|Backoff Time|simultaneous (?:connections|sessions|logins)|5\.7\.(?:233|232|236)\b"
        r"|slow down|zu viele|credits? exceeded",
        Cause.ACCOUNT_LOCKED,
        _TEMPORARY,
    ),
    rule(
        _SPAM,
        r"spam|black[- ]?list|block-?list|block list|\bRBL\b|DNSBL|\bSBL\b|reputation|5\.7\.(?:705"
        r"|708|606|511|350)\b|content rejected|policy restriction|listed (?:at|in|on|by)"
        r"|blocked using|unsolicited|virus|malware|\(BL\)|banned|suspicious|junk mail|bulk mail"
        r"|policy (?:violation|reasons?)|reject due to policy|prohibited|DATA content|abuse"
        r"|tosa@rx",
        _SENDER,
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.RELAY_DENIED,
        r"relay(?:ing)?.{0,30}(?:denied|not permitted|not allowed|prohibited|refused|disallowed"
        r"|forbidden|rejected)|unable to relay|not relay|5\.7\.54\b|no relay|relay access"
        r"|non-accepted domain|not (?:an? )?(?:open relay|local (?:host|domain))|rcpthosts",
        Cause.AUTH_REQUIRED,
        protocols=SMTP_ONLY,
    ),
    rule(
        Cause.RECIPIENT_REJECTED,
        r"5\.1\.(?:1|2|3|10|0|6)\b|user unknown|no such (?:user|recipient|mailbox|address|person)"
        r"|recipient.{0,60}(?:reject|unknown|invalid|not (?:found|exist)|refused|does not exist)"
        r"|unknown (?:user|recipient|local|address|mailbox)|does not exist|not deliverable"
        r"|undeliverable|mailbox (?:unavailable|not found|unknown|disabled)|address (?:unknown"
        r"|rejected|not found|does not)|invalid (?:recipient|mailbox|address)"
        r"|Empfänger.{0,40}(?:unbekannt|abgelehnt|existiert|nicht)|mailbox name not allowed"
        r"|no mailbox here|verification failed|SMTPRecipientsRefused",
        protocols=SMTP_ONLY,
    ),
)

MAILBOXES: Final[tuple[Rule, ...]] = (
    rule(
        _TEMPORARY,
        r"\[UNAVAILABLE\]|\[IN-?USE\]|\[SERVERBUG\]|\[SYS/TEMP\]"
        r"|temporary (?:authentication )?(?:failure|error|problem)(?! in name)|unable to lock"
        r"|mailbox (?:is )?(?:locked|in use)|maildrop.{0,30}(?:lock|busy|in use)|already (?:locked"
        r"|in use)",
    ),
    rule(
        Cause.PROTOCOL_ERROR,
        r"\[NONEXISTENT\]|\[TRYCREATE\]|\[CLIENTBUG\]|unknown mailbox|mailbox (?:does ?n[o']t"
        r"|not) exist|(?:folder|mailbox).{0,30}(?:not (?:found|exist)|doesn't exist|unknown)"
        r"|invalid mailbox name",
        Cause.LICENSE_OR_MAILBOX_MISSING,
        protocols=MAILBOX,
    ),
    rule(
        Cause.PROTOCOL_ERROR,
        r"invalid state|out of sequence",
        Cause.ENCRYPTION_REQUIRED,
        protocols=MAILBOX,
    ),
)

GENERAL: Final[tuple[Rule, ...]] = (
    rule(
        Cause.PROTOCOL_ERROR,
        r"unexpected response|HTTP/1\.|SSH-2|\(-1, ?['\"]|not an? (?:SMTP|IMAP|POP3) |(?:bad"
        r"|improper|wrong) (?:sequence|order) of commands|unrecogni[sz]ed command|command (?:not "
        r"|un)(?:recogni[sz]ed|implemented|known)|unknown command|syntax error|5\.5\.[124]\b"
        r"|illegal in state|only allowed in states?|\[PARSE\]|invalid command|protocol error"
        r"|bad command|garbage|unsupported command"
        r"|malformed|too much (?:data|text)|more data than allowed",
    ),
    rule(
        _TEMPORARY,
        r"\[CONTACTADMIN\]|try (?:again )?later|try again|temporar"
        r"|service (?:is )?(?:currently )?(?:not available"
        r"|unavailable)|insufficient system (?:storage|resources)|internal (?:server )?error"
        r"|server (?:is )?(?:busy|down|error|shutting)|overloaded|maintenance|space shortage"
        r"|\b4\.3\.\d\b|local (?:error|problem)|please retry|vorübergehend|später (?:noch|erneut"
        r"|wieder)|Connection timeout\.|currently unavailable|\b421\b|\b451\b",
        _RATE,
    ),
)

FALLBACKS: Final[tuple[Rule, ...]] = (
    rule(Cause.WRONG_CREDENTIALS, r"\b535\b", protocols=SMTP_ONLY),
    rule(Cause.APP_PASSWORD_REQUIRED, r"\b534\b", Cause.WRONG_CREDENTIALS, protocols=SMTP_ONLY),
    rule(Cause.AUTH_REQUIRED, r"\b530\b", protocols=SMTP_ONLY),
    rule(
        Cause.RECIPIENT_REJECTED,
        r"\b55[013]\b",
        Cause.RELAY_DENIED,
        protocols=SMTP_ONLY,
        stages=(Stage.RCPT,),
    ),
    rule(_SENDER, r"\b55[0134]\b", _SPAM, protocols=SMTP_ONLY, stages=(Stage.MAIL_FROM,)),
    rule(_SPAM, r"\b55[04]\b|\b571\b", _SENDER, protocols=SMTP_ONLY),
    rule(Cause.RECIPIENT_REJECTED, r"\b55[13]\b", _SENDER, protocols=SMTP_ONLY),
    rule(Cause.MESSAGE_TOO_LARGE, r"\b552\b", Cause.MAILBOX_FULL, protocols=SMTP_ONLY),
    rule(_TEMPORARY, r"\b4[25]\d\b", _RATE, protocols=SMTP_ONLY),
    rule(
        Cause.AUTH_MECHANISM_UNSUPPORTED, r"\b50[234]\b", protocols=SMTP_ONLY, stages=(Stage.AUTH,)
    ),
    rule(Cause.PROTOCOL_ERROR, r"\b50[0-4]\b", protocols=SMTP_ONLY),
    rule(Cause.WRONG_CREDENTIALS, r"(?:^|\s)NO\b", protocols=IMAP_ONLY, stages=(Stage.AUTH,)),
    rule(Cause.WRONG_CREDENTIALS, r"-ERR\b", protocols=POP3_ONLY, stages=(Stage.AUTH,)),
    rule(
        Cause.LICENSE_OR_MAILBOX_MISSING,
        r"(?:^|\s)NO\b",
        protocols=IMAP_ONLY,
        stages=(Stage.SELECT,),
    ),
    rule(Cause.PROTOCOL_ERROR, r"(?:^|\s)BAD\b", protocols=IMAP_ONLY),
)
