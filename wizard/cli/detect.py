"""``detect``: which service holds the mail, and with which settings."""

from dataclasses import replace

import msgspec

from wizard.cli.call import Call, CannotDoError
from wizard.discovery.inquiry import Ispdb
from wizard.discovery.report import (
    Check,
    Detection,
    Offer,
    Outcome,
    Source,
    SourceAnswer,
    Verdict,
)
from wizard.discovery.search import OnProgress, detect
from wizard.model import Invalid
from wizard.setup import parse_company


class OfferDocument(msgspec.Struct):
    """One server, best first in its list.

    ``check``: ``working``, ``failed`` or ``untried``; ``owner``: ``company``, ``provider`` or
    ``other``, by the server's name.
    """

    protocol: str
    host: str
    port: int
    security: str
    auth: tuple[str, ...]
    username: str
    source: str
    check: str
    owner: str


class EvidenceDocument(msgspec.Struct):
    """One reason to believe it."""

    source: str
    text: str
    trusted: bool


class AnswerDocument(msgspec.Struct):
    """What one source said: ``found``, ``nothing``, ``failed`` or ``not_asked``."""

    source: str
    verdict: str
    text: str
    trusted: bool
    ms: int


class DetectDocument(msgspec.Struct):
    """The contract of ``detect --json``."""

    address: str
    domain: str
    provider: str | None
    gateway: str | None
    incoming: tuple[OfferDocument, ...]
    outgoing: tuple[OfferDocument, ...]
    evidence: tuple[EvidenceDocument, ...]
    warnings: tuple[str, ...]
    answers: tuple[AnswerDocument, ...]
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when servers were found, 1 when none, 3 when nobody answered."""
    entry: str = call.options.entry
    parsed = parse_company(entry)
    if isinstance(parsed, Invalid):
        raise CannotDoError(call.render(parsed.message), 2)
    network = call.network
    if call.options.https_port is not None:
        network = replace(network, ports={443: call.options.https_port})
    found = await detect(
        entry,
        call.catalog(),
        network,
        on_progress=_teller(call) if call.verbose else None,
        use_ispdb=Ispdb.LEAVE if call.options.no_ispdb else Ispdb.ASK,
    )
    call.emit(_document(call, found))
    _show(call, found)
    if found.incoming or found.outgoing:
        return 0
    return 3 if found.outcome is Outcome.NO_ANSWER else 1


def _document(call: Call, found: Detection) -> DetectDocument:
    return DetectDocument(
        address=found.address,
        domain=found.domain,
        provider=found.provider,
        gateway=found.gateway,
        incoming=tuple(_offer(offer) for offer in found.incoming),
        outgoing=tuple(_offer(offer) for offer in found.outgoing),
        evidence=tuple(
            EvidenceDocument(one.source, call.render(one.message), one.trusted)
            for one in found.evidence
        ),
        warnings=tuple(call.render(one) for one in found.warnings),
        answers=tuple(
            AnswerDocument(one.source, one.verdict, call.render(one.message), one.trusted, one.ms)
            for one in found.answers
        ),
        elapsed_ms=found.elapsed_ms,
    )


def _teller(call: Call) -> OnProgress:
    """Tells each source's answer as it comes."""
    told: dict[Source, SourceAnswer] = {}

    def tell(found: Detection) -> None:
        for one in found.answers:
            known = told.get(one.source)
            new = known is None or (known.verdict, known.message) != (one.verdict, one.message)
            if one.verdict is not Verdict.ASKING and new:
                told[one.source] = one
                verdict = call.texts(f"discovery.verdict.{one.verdict}")
                source = call.texts(f"discovery.source.{one.source}")
                call.tell(f"{one.ms:6} ms  {source}: {verdict}. {call.render(one.message)}")

    return tell


def _offer(offer: Offer) -> OfferDocument:
    return OfferDocument(
        protocol=offer.protocol,
        host=offer.host,
        port=offer.port,
        security=offer.security,
        auth=tuple(offer.auth),
        username=offer.username,
        source=offer.source,
        check=offer.check,
        owner=offer.owner,
    )


def _show(call: Call, found: Detection) -> None:
    for one in found.evidence:
        call.say(call.render(one.message))
    for said in found.warnings:
        call.say(call.render(said))
    for title, offers in (("incoming", found.incoming), ("outgoing", found.outgoing)):
        if offers:
            call.say(call.texts(f"cli.detect.{title}"))
        for offer in offers:
            server = f"{offer.protocol} {offer.host}:{offer.port} {offer.security}"
            call.say(f"  {server} ({offer.source}) {_checked(call, offer)}")
    if not (found.incoming or found.outgoing):
        call.say(call.texts("cli.detect.nothing"))


def _checked(call: Call, offer: Offer) -> str:
    said = call.texts(f"discovery.check.{offer.check}")
    if offer.check is Check.FAILED and offer.problem is not None:
        return f"{said}: {call.render(offer.problem)}"
    return said
