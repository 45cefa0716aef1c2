"""The verdict, whatever the sources brought and in whichever order it came."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from servers.world import CATALOG
from wizard.discovery.delivery import Delivery
from wizard.discovery.finding import Finding, Rank
from wizard.discovery.judge import Ended, Heard, judge
from wizard.discovery.person import Person
from wizard.discovery.report import Check, Detection, Offer, Outcome, Source, Verdict
from wizard.model import Protocol, Security
from wizard.texts import message

PERSON = Person("info@acme.example", "acme.example")
GOOGLE = CATALOG.providers["google-workspace"]
HOSTS = ("imap.gmail.com", "mail.acme.example", "mail.webhost.example", "imap.acme.example")
RANKS = {
    Source.AUTOCONFIG: Rank.AUTOCONFIG,
    Source.ISPDB: Rank.ISPDB,
    Source.AUTODISCOVER: Rank.AUTODISCOVER,
    Source.SRV: Rank.SRV,
    Source.GUESS: Rank.GUESS,
}

offers = st.builds(
    Offer,
    protocol=st.sampled_from(Protocol),
    host=st.sampled_from(HOSTS),
    port=st.sampled_from([993, 465, 143]),
    security=st.sampled_from(Security),
    auth=st.just(()),
    username=st.just("u"),
    source=st.just(Source.SRV),
    check=st.sampled_from(Check),
)


@st.composite
def findings(draw: st.DrawFn) -> list[Heard]:
    """At most one of each source, and an MX."""
    heard: list[Heard] = []
    for source in draw(st.lists(st.sampled_from(list(RANKS)), unique=True)):
        named = tuple(replace(one, source=source) for one in draw(st.lists(offers, max_size=4)))
        verdict = Verdict.FOUND if named else Verdict.NOTHING
        said = message(f"said.{source}")
        finding = Finding(source, verdict, said, RANKS[source], draw(st.booleans()), named)
        heard.append(Heard(finding, draw(st.integers(0, 9_000))))
    known = draw(st.booleans())
    provider = GOOGLE if known else None
    delivery = Delivery(("mx.example",), provider, None, null_mx=False, silence=None)
    mx = Finding(
        source=Source.MX,
        verdict=Verdict.FOUND if known else Verdict.NOTHING,
        message=message("said.mx"),
        rank=Rank.DELIVERY if known else Rank.MX,
        provider="google-workspace" if known else None,
        delivery=delivery,
    )
    return [*heard, Heard(mx, 1)]


def verdict(heard: list[Heard]) -> Detection:
    return judge(PERSON, heard, CATALOG, elapsed_ms=1, ended=Ended.DECIDED)


@given(findings(), st.randoms())
def test_the_order_of_arrival_does_not_matter(heard: list[Heard], random: object) -> None:
    shuffled = list(heard)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert verdict(shuffled) == verdict(heard)


@given(findings())
def test_nothing_is_lost_and_nothing_is_named_twice(heard: list[Heard]) -> None:
    found = verdict(heard)
    shown = [one.endpoint for one in found.incoming + found.outgoing]
    assert sorted(set(shown)) == sorted(shown)
    assert set(shown) == {one.endpoint for it in heard for one in it.finding.offers}
    assert [one.source for one in found.answers] == list(Source)
    assert found.outcome is (Outcome.FOUND if shown or found.provider else Outcome.NOTHING)


@given(findings())
def test_where_mail_is_delivered_decides(heard: list[Heard]) -> None:
    found = verdict(heard)
    known = any(it.finding.provider for it in heard)
    outdone = {one.source for one in found.answers if one.verdict is Verdict.OUTDONE}
    if not known:
        assert not outdone
        return
    assert found.provider == "google-workspace"
    assert found.evidence[0].source is Source.MX
    foreign = {
        it.finding.source
        for it in heard
        if any(one.host != "imap.gmail.com" for one in it.finding.offers)
    }
    assert outdone == foreign
    # Who is outdone stands behind everybody else.
    for shown in (found.incoming, found.outgoing):
        late = [one.source in outdone for one in shown]
        assert late == sorted(late)


@given(findings())
def test_what_failed_does_not_come_before_what_works(heard: list[Heard]) -> None:
    found = verdict([it for it in heard if it.finding.provider is None])
    for shown in (found.incoming, found.outgoing):
        failed = [one.check is Check.FAILED for one in shown]
        assert failed == sorted(failed)
