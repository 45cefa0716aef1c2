"""How a DKIM record stands: an alias to the signer's key, or the key itself (RFC 6376). Pure.

What the states mean for the plan, and asking for the answers, do not belong in here.
"""

from dataclasses import dataclass
from enum import StrEnum

from wizard.answers import Absent, Answer, Found, NoAnswer, Txt
from wizard.records.dkim_key import DkimKey, read_key


class DkimState(StrEnum):
    """How a DKIM alias stands.

    ``NO_KEY``: the alias is right but its target publishes nothing; that is the other side's
    turn. ``NOT_SEEN``: it is right, but nobody told what is behind it. ``RELATIVE_TARGET``: the
    zone's name was put behind the target. ``PROXIED``: the DNS host answers with addresses of its
    own in place of the alias. ``COPIED_KEY``: the target's key itself stands at the name, copied
    or flattened. ``OTHER_KEY``: another key does. ``TARGET_AS_TEXT``: the target stands there as
    TXT. ``OCCUPIED``: something else is at the name.
    """

    OK = "ok"
    MISSING = "missing"
    NO_KEY = "no_key"
    BAD_KEY = "bad_key"
    NOT_SEEN = "not_seen"
    WRONG_TARGET = "wrong_target"
    RELATIVE_TARGET = "relative_target"
    PROXIED = "proxied"
    COPIED_KEY = "copied_key"
    OTHER_KEY = "other_key"
    TARGET_AS_TEXT = "target_as_text"
    OCCUPIED = "occupied"
    UNKNOWN = "unknown"


# The alias itself is as it should be, whatever is behind it.
STANDS = frozenset({DkimState.OK, DkimState.NO_KEY, DkimState.BAD_KEY, DkimState.NOT_SEEN})


@dataclass(frozen=True, slots=True)
class DkimAnswers:
    """What was heard about ``name``: its own records, the target's texts, the wildcards above.

    ``behind`` is the TXT answer at the name, aliases followed; ``wildcards`` are the targets and
    addresses that a ``*`` record gives to every name.
    """

    name: str
    cname: Answer[str]
    behind: Answer[Txt]
    addresses: Answer[str]
    key: Answer[Txt]
    wildcards: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DkimFinding:
    """What is at the name; ``value`` is the alias's target, the TXT text or the addresses."""

    state: DkimState
    value: str | None = None
    key: DkimKey | None = None
    from_wildcard: bool = False


def judge_alias(answers: DkimAnswers, target: str, zone: str) -> DkimFinding:
    """Judge the alias that should lead to ``target`` (lower-case A-labels without final dot)."""
    match answers.cname:
        case Found(values=(found, *_)) if found == target:
            return _behind(answers.key, found)
        case Found(values=(found, *_)) if found in answers.wildcards:
            return DkimFinding(DkimState.MISSING, found, from_wildcard=True)
        case Found(values=(found, *_)):
            return _elsewhere(answers, found, target, zone)
        case NoAnswer():
            return DkimFinding(DkimState.UNKNOWN)
        case _:
            return _no_alias(answers, target)


def _elsewhere(answers: DkimAnswers, found: str, target: str, zone: str) -> DkimFinding:
    if isinstance(answers.behind, Found) and answers.behind.canonical == target:
        # Over another alias, but to the right place.
        return _behind(answers.key, found)
    relative = found in (f"{target}.{zone}", f"{target}.{zone}.{zone}")
    state = DkimState.RELATIVE_TARGET if relative else DkimState.WRONG_TARGET
    return DkimFinding(state, found)


def _behind(key: Answer[Txt], value: str) -> DkimFinding:
    match key:
        case Found(values=texts):
            keys = _keys(texts)
            if not keys:
                return DkimFinding(DkimState.NO_KEY, value)
            best = next((one for one in keys if one.usable), keys[0])
            return DkimFinding(DkimState.OK if best.usable else DkimState.BAD_KEY, value, best)
        case Absent():
            return DkimFinding(DkimState.NO_KEY, value)
        case NoAnswer():
            return DkimFinding(DkimState.NOT_SEEN, value)


def _no_alias(answers: DkimAnswers, target: str) -> DkimFinding:
    match answers.behind:
        case Found(values=texts, canonical=canonical) if canonical == answers.name:
            # Behind another name stands what a resolver remembers of an alias that is gone.
            own = [txt.text for txt in texts if txt.text not in answers.wildcards]
            if own:
                return _text(own[0], answers.key, target)
        case NoAnswer():
            return DkimFinding(DkimState.UNKNOWN)
        case _:
            pass
    if isinstance(answers.addresses, Found):
        own = [one for one in answers.addresses.values if one not in answers.wildcards]
        if own:
            return DkimFinding(DkimState.PROXIED, ", ".join(own))
    return DkimFinding(DkimState.MISSING)


def _text(text: str, key: Answer[Txt], target: str) -> DkimFinding:
    """A TXT record where an alias should be."""
    if text.strip(' "').rstrip(".").lower() == target:
        return DkimFinding(DkimState.TARGET_AS_TEXT, text)
    found = read_key(text)
    if found is None:
        return DkimFinding(DkimState.OCCUPIED, text)
    theirs = [txt.text for txt in key.values] if isinstance(key, Found) else []
    same = any(_squeezed(one) == _squeezed(text) for one in theirs)
    return DkimFinding(DkimState.COPIED_KEY if same else DkimState.OTHER_KEY, text, found)


def judge_selector(behind: Answer[Txt]) -> DkimFinding:
    """Judge a selector whose value only its provider knows: is there a key that can be used?"""
    match behind:
        case Found(values=texts):
            value = texts[0].text if texts else None
            keys = _keys(texts)
            if not keys:
                return DkimFinding(DkimState.OCCUPIED, value)
            best = next((one for one in keys if one.usable), keys[0])
            return DkimFinding(DkimState.OK if best.usable else DkimState.BAD_KEY, value, best)
        case Absent(canonical=alias):
            # An alias that leads to nothing: the provider has not published its key yet.
            return DkimFinding(DkimState.NO_KEY if alias else DkimState.MISSING, alias or None)
        case NoAnswer():
            return DkimFinding(DkimState.UNKNOWN)


def _keys(texts: tuple[Txt, ...]) -> list[DkimKey]:
    return [key for txt in texts if (key := read_key(txt.text)) is not None]


def _squeezed(text: str) -> str:
    return "".join(text.split()).rstrip(";")
