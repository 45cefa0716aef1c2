"""Is what a source offers really there? A conversation up to the capabilities, without a login."""

import asyncio
from dataclasses import replace
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.discovery.finding import Finding
from wizard.discovery.inquiry import Inquiry
from wizard.discovery.report import Check, Offer, Verdict
from wizard.model import AuthMethod, Protocol, Security, ServerSettings
from wizard.probe.dialogue import Conversation
from wizard.probe.report import Failure
from wizard.probe.run import Purpose, Run
from wizard.probe.smtp import offered_mechanisms
from wizard.resolver import Answer, Found, NoAnswer, Silence
from wizard.texts import Message, message

# Of each protocol; who names more servers has put the best ones first.
MOST: Final = {Protocol.IMAP: 2, Protocol.SMTP: 3, Protocol.POP3: 1}

# Where the service is known already nobody waits for its servers to the last.
DECIDED_SECONDS: Final = 5.0

CERTIFICATE: Final = (
    Cause.CERT_EXPIRED,
    Cause.CERT_HOSTNAME_MISMATCH,
    Cause.CERT_UNTRUSTED,
)
_ORDER: Final = (
    AuthMethod.XOAUTH2,
    AuthMethod.OAUTHBEARER,
    AuthMethod.PLAIN,
    AuthMethod.LOGIN,
    AuthMethod.CRAM_MD5,
)


async def check_offers(finding: Finding, inquiry: Inquiry) -> Finding:
    """The finding with its best offers checked, all at once; those that failed come last.

    Servers inside the user's own network that only a stranger names are left out.
    """
    hosts = list(dict.fromkeys(one.host for one in finding.offers))
    answers = dict(zip(hosts, await asyncio.gather(*map(inquiry.look_up, hosts)), strict=True))
    refused = {host for host, answer in answers.items() if _leads_inside(answer)}
    offers = tuple(
        replace(one, canonical=_alias(one.host, answers[one.host]))
        for one in finding.offers
        if one.host not in refused
    )
    if refused and not offers:
        said = message("discovery.inside", host=next(iter(refused)))
        return replace(finding, verdict=Verdict.FAILED, message=said, offers=())
    chosen = {one for protocol in Protocol for one in _of(offers, protocol)[: MOST[protocol]]}
    seconds = inquiry.network.stage_timeout
    if finding.decides:
        seconds = min(seconds, DECIDED_SECONDS)
    checked = await asyncio.gather(
        *(_in_time(one, inquiry, seconds) if one in chosen else _untouched(one) for one in offers)
    )
    ordered = sorted(checked, key=lambda one: one.check is Check.FAILED)
    return replace(finding, offers=tuple(ordered))


def _leads_inside(answer: Answer[str] | None) -> bool:
    return isinstance(answer, NoAnswer) and answer.reason is Silence.INSIDE


def _alias(host: str, answer: Answer[str] | None) -> str:
    """The name that a host is an alias for; empty when it is none."""
    canonical = answer.canonical if isinstance(answer, Found) else ""
    return "" if canonical == host else canonical


async def check(offer: Offer, inquiry: Inquiry) -> Offer:
    """The offer, and whether its server is there and speaks; untried when the allowance is spent.

    A server that offers no STARTTLS where it should is an offer without encryption.
    """
    if not inquiry.may_reach(offer.host):
        return offer
    settings = ServerSettings(
        offer.protocol, offer.host, offer.port, offer.security, auth=AuthMethod.NONE
    )
    await inquiry.can_verify()
    # A bare run, without the second looks of a test: they are connections nobody allowed.
    conversation = Conversation(offer.security is Security.TLS)
    failure = await Run(settings, None, inquiry.network).converse(conversation, Purpose())
    if failure is None:
        return _working(offer, conversation)
    if failure.cause is Cause.STARTTLS_NOT_OFFERED:
        return _working(replace(offer, security=Security.NONE), conversation)
    return replace(offer, check=Check.FAILED, problem=_why(failure))


def _working(offer: Offer, conversation: Conversation) -> Offer:
    auth = _methods(offer, conversation.capabilities)
    return replace(offer, check=Check.WORKING, auth=auth)


def bad_certificate(offer: Offer) -> bool:
    """Did it fail because its certificate is not valid for it?"""
    return offer.problem in [_because(cause) for cause in CERTIFICATE]


def _why(failure: Failure) -> Message:
    if failure.cause is not None:
        return _because(failure.cause)
    return message("discovery.check_failed", stage=message(f"stage.{failure.stage}"))


def _because(cause: Cause) -> Message:
    return message("discovery.check_failed_why", why=message(f"cause.{cause}.title"))


def _of(offers: tuple[Offer, ...], protocol: Protocol) -> list[Offer]:
    return [one for one in offers if one.protocol is protocol]


async def _in_time(offer: Offer, inquiry: Inquiry, seconds: float) -> Offer:
    """The checked offer; failed when the server has said nothing by then."""
    try:
        async with asyncio.timeout(seconds):
            return await check(offer, inquiry)
    except TimeoutError:
        return replace(offer, check=Check.FAILED, problem=_because(Cause.PORT_BLOCKED_OR_TIMEOUT))


async def _untouched(offer: Offer) -> Offer:
    return offer


def _methods(offer: Offer, capabilities: tuple[str, ...]) -> tuple[AuthMethod, ...]:
    """What both the source and the server name, in the source's order.

    Where they have nothing in common, the source's word stays: some servers tell only later.
    """
    told = _told(offer.protocol, capabilities)
    if not offer.auth:
        return told
    return tuple(method for method in offer.auth if method in told) or offer.auth


def _told(protocol: Protocol, capabilities: tuple[str, ...]) -> tuple[AuthMethod, ...]:
    """The methods that a server names and we know, best first."""
    match protocol:
        case Protocol.SMTP:
            names = set(offered_mechanisms(capabilities))
        case Protocol.IMAP:
            names = {one[5:] for one in capabilities if one.startswith("AUTH=")}
            if "LOGINDISABLED" not in capabilities:
                names.add("LOGIN")  # the command of this name (RFC 9051 section 6.2.3)
        case Protocol.POP3:
            lines = [one.split() for one in capabilities]
            names = {word for line in lines if line[:1] == ["SASL"] for word in line[1:]}
            if ["USER"] in lines:
                names.add("PLAIN")  # USER and PASS are what a plain login comes down to
    return tuple(method for method in _ORDER if method.upper() in names)
