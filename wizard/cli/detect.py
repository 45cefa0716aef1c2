"""``detect``: which service holds the mail, and with which settings."""

import msgspec

from wizard.cli.call import Call, CannotDoError
from wizard.discovery.report import Detection, Offer, Outcome
from wizard.discovery.search import detect
from wizard.model import Invalid
from wizard.setup import parse_company


class OfferDocument(msgspec.Struct):
    """One server, best first in its list."""

    protocol: str
    host: str
    port: int
    security: str
    auth: tuple[str, ...]
    username: str
    source: str


class EvidenceDocument(msgspec.Struct):
    """One reason to believe it."""

    source: str
    text: str
    trusted: bool


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
    elapsed_ms: int


async def run(call: Call) -> int:
    """Status 0 when servers were found, 1 when none, 3 when nobody answered."""
    entry: str = call.options.entry
    parsed = parse_company(entry)
    if isinstance(parsed, Invalid):
        raise CannotDoError(call.render(parsed.message), 2)
    found = await detect(entry, call.catalog(), call.network)
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
        elapsed_ms=found.elapsed_ms,
    )


def _offer(offer: Offer) -> OfferDocument:
    return OfferDocument(
        protocol=offer.protocol,
        host=offer.host,
        port=offer.port,
        security=offer.security,
        auth=tuple(offer.auth),
        username=offer.username,
        source=offer.source,
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
            call.say(
                f"  {offer.protocol} {offer.host}:{offer.port} {offer.security} ({offer.source})"
            )
    if not (found.incoming or found.outgoing):
        call.say(call.texts("cli.detect.nothing"))
