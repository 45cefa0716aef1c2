"""What a zone's own name servers say, each asked directly: published, not merely cached.

Which servers those are is ``delegation``'s. Judging the answers does not belong in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dns.flags

from wizard.answers import Answer, NoAnswer, Silence, content, read_response
from wizard.delegation import MAX_REFERRALS, Reply, Zone, ZoneServer, ask_all, referral_in, referred
from wizard.exchange import Nameserver
from wizard.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Told:
    """What one server says. ``place`` is set where its addresses say different things."""

    server: str
    answer: Answer[Any]
    place: str = ""


async def ask_servers(zone: Zone, name: str, rdtype: str, resolver: Resolver) -> tuple[Told, ...]:
    """What each of a zone's servers says about a name, all asked at once.

    Where the name is in a zone of its own further down, that zone's servers are asked.
    """
    for _ in range(MAX_REFERRALS):
        heard = await ask_all(zone, name, rdtype, resolver)
        referral = referral_in(heard, zone, name)
        if referral is None:
            break
        zone = await referred(referral, zone, resolver) or zone
    return tuple(
        told
        for server in zone.servers
        for told in _merged(server, [(p, r) for s, p, r in heard if s is server], rdtype)
    )


def _merged(
    server: ZoneServer, replies: Sequence[tuple[Nameserver, Reply]], rdtype: str
) -> list[Told]:
    """One line for a server whose addresses agree, one for each address where they do not.

    An address that stays silent beside one that answers is passed over: it may be this computer
    that has no way there.
    """
    if not replies:
        return [Told(server.name, NoAnswer(Silence.NO_ADDRESS))]
    answers = [(place, _read(reply, rdtype)) for place, reply in replies]
    spoken = [(place, one) for place, one in answers if not isinstance(one, NoAnswer)]
    if not spoken:
        told = [one for _, one in answers]
        return [Told(server.name, min(told, key=_least_telling))]
    if len({content(one) for _, one in spoken}) == 1:
        return [Told(server.name, spoken[0][1])]
    return [Told(server.name, one, str(place)) for place, one in spoken]


def _read(reply: Reply, rdtype: str) -> Answer[Any]:
    """A server that does not answer with authority is lame: it knows no better than others."""
    if isinstance(reply, NoAnswer):
        return reply
    answer = read_response(reply, rdtype)
    if isinstance(answer, NoAnswer):
        refused = answer.reason is Silence.REFUSED
        return NoAnswer(Silence.LAME, answer.detail) if refused else answer
    return answer if reply.flags & dns.flags.AA else NoAnswer(Silence.LAME)


def _least_telling(answer: Answer[Any]) -> bool:
    return isinstance(answer, NoAnswer) and answer.reason in (Silence.NETWORK, Silence.TIMEOUT)
