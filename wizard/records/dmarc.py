"""A DMARC policy record (RFC 9989 sections 4.7 and 4.8): parsed strictly, as receivers do. Pure.

Errors behind the version are not fatal: the tag counts as not there, and ``problems`` say so.
Where the record for a domain is found is ``dmarc_discovery``.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from wizard.model import EmailAddress, Invalid, parse_address
from wizard.records.tags import TagList, parse_tags
from wizard.texts import Message, message

C = TypeVar("C", bound=StrEnum)
VERSION: Final = re.compile(r"[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_MEANT: Final = re.compile(r"[\s\"'“”„\ufeff]*v\s*[=:]?\s*dmarc", re.IGNORECASE)
_BEGINNING: Final = re.compile(r"v\s*[=:]?\s*dmarc1", re.IGNORECASE)
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s,!]+(?:![0-9]+[kmgt]?)?")
# Tags of RFC 7489 that RFC 9989 has removed (section C.6 and appendix).
REMOVED: Final = ("pct", "rf", "ri")
MAX_REPORT_ADDRESSES: Final = 10


class Policy(StrEnum):
    """What a domain's owner asks receivers to do with mail that fails, weakest first."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"

    @property
    def softer(self) -> "Policy":
        """One level below: what applies while ``t=y`` says that the policy is only tested."""
        return Policy.QUARANTINE if self is Policy.REJECT else Policy.NONE


class Alignment(StrEnum):
    """How alike the visible sender's domain and the authenticated one have to be."""

    RELAXED = "r"
    STRICT = "s"


class Psd(StrEnum):
    """Is the record's domain a public suffix?"""

    YES = "y"
    NO = "n"
    UNSAID = "u"


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """One record; None for a policy that is not there or not valid.

    ``usable`` is False where receivers do not apply DMARC at all in spite of it (section 4.10.1).
    """

    text: str
    policy: Policy | None
    subdomains: Policy | None
    missing_subdomains: Policy | None
    dkim: Alignment
    spf: Alignment
    psd: Psd
    testing: bool
    reports: tuple[str, ...]
    usable: bool
    problems: tuple[Message, ...]

    @property
    def asked(self) -> Policy:
        """The policy for the record's own domain as receivers read it."""
        policy = self.policy or Policy.NONE
        return policy.softer if self.testing else policy

    @property
    def asked_of_subdomains(self) -> Policy:
        """The policy for a subdomain that exists, inherited from this record."""
        policy = self.subdomains or self.policy or Policy.NONE
        return policy.softer if self.testing else policy

    @property
    def report_addresses(self) -> tuple[EmailAddress, ...]:
        """Where aggregate reports go by mail."""
        return tuple(found for uri in self.reports if (found := _mailto(uri)) is not None)


def is_dmarc(text: str) -> bool:
    """Does a TXT record count as a DMARC record? Its version comes first, exactly so."""
    return VERSION.match(text) is not None


def is_dmarc_near_miss(text: str) -> bool:
    """Is it meant as one, but is none (capitals, quotation marks, a space before it)?"""
    return not is_dmarc(text) and _MEANT.match(text) is not None


def suggest_dmarc(report_address: str) -> str:
    """A first record that only watches. Without an address there are no reports to learn from."""
    reports = f"; rua=mailto:{report_address}" if report_address else ""
    return f"v=DMARC1; p=none{reports}"


def mend_dmarc(text: str) -> str | None:
    """What a near miss was meant to be, if that only watches; None where it cannot be told.

    A stricter policy that has had no effect so far is not for a program to bring into effect.
    """
    plain = text.strip(" \t\r\n\"'“”„\ufeff")
    mended = _BEGINNING.sub("v=DMARC1", plain, count=1)
    if not is_dmarc(mended):
        return None
    record = parse_dmarc(mended)
    mild = record.usable and not record.problems and record.policy is Policy.NONE
    return mended if mild and record.asked_of_subdomains is Policy.NONE else None


def parse_dmarc(text: str) -> DmarcRecord:
    """Read a text for which :func:`is_dmarc` holds."""
    tags = parse_tags(text)
    problems = [message("dmarc.problem.broken", part=part[:80]) for part in tags.broken]
    problems += [message("dmarc.problem.doubled", tag=name) for name in tags.doubled]
    reader = _Reader(tags, problems)
    policies = [reader.choice(name, Policy) for name in ("p", "sp", "np")]
    reports = reader.uris("rua")
    reader.uris("ruf")
    wrong = any(
        given in tags and read is None
        for given, read in zip(("p", "sp", "np"), policies, strict=True)
    )
    if "p" not in tags:
        problems.append(message("dmarc.problem.no_policy"))
    return DmarcRecord(
        text=text,
        # Section 4.10.1: with any policy wrong the record counts as p=none, if it asks for reports.
        policy=None if wrong else policies[0],
        subdomains=None if wrong else policies[1],
        missing_subdomains=None if wrong else policies[2],
        dkim=reader.choice("adkim", Alignment) or Alignment.RELAXED,
        spf=reader.choice("aspf", Alignment) or Alignment.RELAXED,
        psd=reader.choice("psd", Psd) or Psd.UNSAID,
        testing=tags.get("t").lower() == "y",
        reports=reports,
        usable=(policies[0] is not None and not wrong) or bool(reports),
        problems=tuple(problems),
    )


def removed_tags(text: str) -> tuple[str, ...]:
    """Tags in a record that no longer mean anything."""
    tags = parse_tags(text)
    return tuple(name for name in REMOVED if name in tags)


@dataclass
class _Reader:
    tags: TagList
    problems: list[Message]

    def choice(self, name: str, kind: type[C]) -> C | None:
        """A tag with a closed set of values; one that is none of them is not there."""
        if name not in self.tags:
            return None
        value = self.tags.get(name)
        known = next((one for one in kind if one.value == value.lower()), None)
        if known is None:
            allowed = ", ".join(one.value for one in kind)
            self.problems.append(
                message("dmarc.problem.value", tag=name, value=value[:80], allowed=allowed)
            )
        return known

    def uris(self, name: str) -> tuple[str, ...]:
        """A list of addresses for reports; those that cannot be used are told."""
        good = []
        given = [one.strip() for one in self.tags.get(name).split(",")] if name in self.tags else []
        for uri in given[:MAX_REPORT_ADDRESSES]:
            mail = uri.lower().startswith("mailto:")
            if _URI.fullmatch(uri) and not (mail and _mailto(uri) is None):
                good.append(uri.partition("!")[0])
            else:
                self.problems.append(message("dmarc.problem.uri", tag=name, value=uri[:80]))
        return tuple(good)


def _mailto(uri: str) -> EmailAddress | None:
    if not uri.lower().startswith("mailto:"):
        return None
    address = parse_address(uri[len("mailto:") :].partition("!")[0])
    return None if isinstance(address, Invalid) else address
