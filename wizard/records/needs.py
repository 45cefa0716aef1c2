"""Which records count for a route, and why. Pure.

If the provider sends, its include and its DKIM count and the platform's do not; if the platform
sends, the other way round; with both, both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wizard.model import Route
from wizard.records.plan import RecordNeed
from wizard.texts import Message, message

if TYPE_CHECKING:
    from wizard.catalog import Platform, Provider


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route needs. ``includes`` are the names the SPF record has to include, in order."""

    includes: tuple[str, ...]
    spf: RecordNeed
    spf_why: Message
    platform_dkim: RecordNeed
    provider_dkim: RecordNeed


def needs_of(route: Route, platform: Platform | None, provider: Provider | None) -> Needs:
    """The needs of a route; a platform or provider nobody knows contributes nothing."""
    from_platform = (platform.spf_include,) if platform and platform.spf_include else ()
    from_provider = (provider.spf_include,) if provider and provider.spf_include else ()
    includes: tuple[str, ...]
    match route:
        case Route.PLATFORM:
            includes = from_platform
        case Route.PROVIDER | Route.RELAY:
            includes = from_provider
        case Route.BOTH:
            includes = from_platform + from_provider
    platform_sends = route in (Route.PLATFORM, Route.BOTH)
    provider_sends = route is not Route.PLATFORM
    return Needs(
        includes=includes,
        spf=RecordNeed.REQUIRED if includes else RecordNeed.RECOMMENDED,
        spf_why=message(f"record.why.spf.{route if includes else 'unknown'}"),
        platform_dkim=RecordNeed.REQUIRED if platform_sends else RecordNeed.USELESS,
        provider_dkim=RecordNeed.RECOMMENDED if provider_sends else RecordNeed.HARMLESS,
    )
