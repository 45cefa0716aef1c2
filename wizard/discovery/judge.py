"""From what the sources brought to one verdict: who it is, which servers, best first, and doubts.

Where mail is delivered decides. Decides only; no look-ups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from wizard.catalog import Catalog, Provider, ProviderKind
from wizard.discovery.delivery import Delivery
from wizard.discovery.finding import Finding, place_of
from wizard.discovery.person import Person
from wizard.discovery.report import (
    Check,
    Detection,
    Evidence,
    Offer,
    Outcome,
    Owner,
    Source,
    SourceAnswer,
    Verdict,
)
from wizard.discovery.suffix import base_domain, is_within
from wizard.model import Protocol, to_unicode
from wizard.texts import Message, message


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding, and when it came, in milliseconds from the beginning."""

    finding: Finding
    ms: int


class Ended(Enum):
    """How far the search is: it runs, something better cannot come, or its time is up."""

    NOT_YET = auto()
    DECIDED = auto()
    TIME_UP = auto()


def judge(
    person: Person, heard: Sequence[Heard], catalog: Catalog, *, elapsed_ms: int, ended: Ended
) -> Detection:
    """The verdict on everything heard so far."""
    findings = _best_first([one.finding for one in heard])
    delivery = next((one.delivery for one in findings if one.delivery is not None), None)
    provider = _provider(findings, catalog)
    owned = [_owned(one, person, provider, delivery) for one in findings]
    # Who names somebody else's servers than those where the mail is delivered comes last.
    holder_known = bool(owned) and (owned[0].decides or bool(delivery and delivery.provider))
    left_over = [one for one in owned if holder_known and _is_left_over(one)]
    ranked = [one for one in owned if one not in left_over]
    fitting = [offer for one in ranked for offer in one.offers]
    fitting.sort(key=lambda offer: offer.check is Check.FAILED)
    offers = _each_once([*fitting, *(offer for one in left_over for offer in one.offers)])
    gateway = delivery.gateway if delivery else None
    found = bool(provider or gateway or offers)
    silent = delivery.silence is not None if delivery else ended is Ended.TIME_UP
    return Detection(
        address=person.address,
        domain=person.domain,
        outcome=Outcome.FOUND if found else Outcome.NO_ANSWER if silent else Outcome.NOTHING,
        provider=provider.id if provider else None,
        gateway=gateway.id if gateway else None,
        mx=delivery.hosts if delivery else (),
        incoming=tuple(one for one in offers if one.protocol is not Protocol.SMTP),
        outgoing=tuple(one for one in offers if one.protocol is Protocol.SMTP),
        evidence=_evidence([*ranked, *left_over]),
        warnings=_warnings(person, ranked, left_over, provider, delivery)
        + ((_silence(person),) if ended is Ended.TIME_UP and delivery is None else ()),
        elapsed_ms=elapsed_ms,
        answers=_answers(heard, {one.source for one in left_over}, elapsed_ms, ended),
        finished=ended is not Ended.NOT_YET,
    )


def _best_first(findings: Sequence[Finding]) -> list[Finding]:
    """Successes by their place, then the others by their rank."""

    def key(finding: Finding) -> tuple[bool, int]:
        place = place_of(finding)
        return place is None, finding.rank if place is None else place

    return sorted(findings, key=key)


def _provider(findings: Sequence[Finding], catalog: Catalog) -> Provider | None:
    """The service: as a source names it, else by the servers that the best source names."""
    named = next((one.provider for one in findings if one.provider), None)
    if named is not None:
        return catalog.providers[named]
    offers = findings[0].offers if findings else ()
    owners = {_servers(catalog).get(offer.host) for offer in offers}
    known = owners.pop() if len(owners) == 1 else None
    return catalog.providers[known] if known else None


@lru_cache(maxsize=2)
def _servers_of(providers: tuple[Provider, ...]) -> dict[str, str]:
    """A server's name to the one service for companies that has it."""
    owners: dict[str, set[str]] = {}
    for provider in providers:
        if provider.kind is not ProviderKind.MAILBOX:
            continue
        for protocol in Protocol:
            for preset in provider.presets(protocol):
                owners.setdefault(preset.host, set()).add(provider.id)
    return {host: next(iter(ids)) for host, ids in owners.items() if len(ids) == 1}


def _servers(catalog: Catalog) -> dict[str, str]:
    return _servers_of(tuple(catalog.providers.values()))


def _owned(
    finding: Finding, person: Person, provider: Provider | None, delivery: Delivery | None
) -> Finding:
    """The finding with each server's owner told by its name."""
    if all(offer.owner is Owner.PROVIDER for offer in finding.offers):
        return finding  # our own file's, or none at all
    names = _names(provider) if provider else frozenset()
    if delivery is not None and delivery.gateway is None and delivery.provider is None:
        # Who receives the domain's mail serves it, even if we do not know the name.
        names |= {base_domain(host) for host in delivery.hosts}

    def is_the_providers(host: str) -> bool:
        base = base_domain(host)
        return any(is_within(host, name) or base == base_domain(name) for name in names)

    def owner(offer: Offer) -> Owner:
        # mail.<domain> may be an alias for the service's own server.
        if offer.canonical and is_the_providers(offer.canonical):
            return Owner.PROVIDER
        if is_within(offer.host, base_domain(person.domain)):
            return Owner.COMPANY
        return Owner.PROVIDER if is_the_providers(offer.host) else Owner.OTHER

    return replace(finding, offers=tuple(replace(one, owner=owner(one)) for one in finding.offers))


@lru_cache(maxsize=200)
def _names(provider: Provider) -> frozenset[str]:
    """What a service's servers are called: whole names, and what stays of patterns."""
    hosts = [preset.host for protocol in Protocol for preset in provider.presets(protocol)]
    names = (_fixed_part(name) for name in (*hosts, *provider.mx_patterns, *provider.domains))
    return frozenset(name for name in names if "." in name)


def _fixed_part(pattern: str) -> str:
    """The labels behind the last one that is not fixed: ``kasserver.com`` of ``<n>.kasserver.com``.

    Empty when that is the top-level domain's own.
    """
    labels = pattern.split(".")
    open_labels = [place for place, label in enumerate(labels) if set(label) & set("*?<>")]
    return ".".join(labels[open_labels[-1] + 1 :] if open_labels else labels)


def _is_left_over(finding: Finding) -> bool:
    """Does it send people somewhere else than to who is known to hold the mail?"""
    named = finding.verdict is Verdict.FOUND and finding.provider is None
    return named and any(offer.owner is not Owner.PROVIDER for offer in finding.offers)


def _each_once(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    each: dict[object, Offer] = {}
    for offer in offers:
        each.setdefault(offer.endpoint, offer)
    return tuple(each.values())


def _evidence(ranked: Sequence[Finding]) -> tuple[Evidence, ...]:
    """Every reason, best first. Where the mail goes is told even if that says nothing more."""
    said: list[Evidence] = []
    for one in ranked:
        exchangers = one.delivery is not None and bool(one.delivery.hosts)
        if one.verdict is Verdict.FOUND or exchangers:
            said += [Evidence(one.source, one.message, one.trusted), *one.evidence]
    return tuple(said)


def _warnings(
    person: Person,
    ranked: Sequence[Finding],
    left_over: Sequence[Finding],
    provider: Provider | None,
    delivery: Delivery | None,
) -> tuple[Message, ...]:
    domain = to_unicode(person.domain)
    said: list[Message] = []
    if delivery is not None and not delivery.hosts:
        said += [one.message for one in ranked if one.delivery is delivery]
    best = ranked[0] if ranked and ranked[0].verdict is Verdict.FOUND else None
    if best is not None:
        strangers = {one.host for one in best.offers if one.owner is Owner.OTHER}
        said += [
            message("discovery.outside", host=host, domain=domain) for host in sorted(strangers)
        ]
        if best.offers and all(one.check is Check.FAILED for one in best.offers):
            said.append(message("discovery.none_answers"))
    for one in left_over:
        host = next(offer.host for offer in one.offers if offer.owner is not Owner.PROVIDER)
        said.append(
            message(
                "discovery.left_over",
                source=message(f"discovery.source.{one.source}"),
                host=host,
                domain=domain,
                provider=provider.name if provider else "",
            )
        )
    return tuple(said)


def _silence(person: Person) -> Message:
    """Not even the MX was told within the time."""
    reason = message("resolver.timeout")
    return message("discovery.no_answer", domain=to_unicode(person.domain), reason=reason)


def _answers(
    heard: Sequence[Heard], outdone: set[Source], elapsed_ms: int, ended: Ended
) -> tuple[SourceAnswer, ...]:
    """Each source's word, in the order of trust."""
    by_source = {one.finding.source: one for one in heard}
    answers = [_answer(source, by_source.get(source), elapsed_ms, ended) for source in Source]
    return tuple(
        replace(one, verdict=Verdict.OUTDONE) if one.source in outdone else one for one in answers
    )


def _answer(source: Source, heard: Heard | None, elapsed_ms: int, ended: Ended) -> SourceAnswer:
    if heard is None:
        verdict, key = {
            Ended.NOT_YET: (Verdict.ASKING, "asking"),
            Ended.DECIDED: (Verdict.NOT_ASKED, "needless"),
            Ended.TIME_UP: (Verdict.FAILED, "too_late"),
        }[ended]
        return SourceAnswer(source, verdict, message(f"discovery.{key}"), False, elapsed_ms)
    finding = heard.finding
    dead = bool(finding.offers) and all(one.check is Check.FAILED for one in finding.offers)
    if finding.verdict is Verdict.FOUND and dead and not finding.decides:
        said = message("discovery.not_answering", said=finding.message)
        return SourceAnswer(source, Verdict.FAILED, said, finding.trusted, heard.ms)
    return SourceAnswer(source, finding.verdict, finding.message, finding.trusted, heard.ms)
