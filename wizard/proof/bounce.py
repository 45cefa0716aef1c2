"""Reads reports of what could not be delivered (RFC 3464, RFC 6522), old kinds too. No sockets.

Only a report that returns a letter of ours is read; what the refusal means is the diagnosis's.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

from wizard.probe.harmless import harmless
from wizard.proof.report import Bounce, BounceAction

MAX_BYTES: Final = 48 << 10
MAX_PARTS: Final = 50
MAX_WORDS: Final = 600
# The headers that make a message worth a look, and what has to stand in them.
REPORT_HEADERS: Final = ("Content-Type", "X-Failed-Recipients", "Return-Path")
_REPORT: Final = re.compile(
    rb"^content-type:\s*multipart/report|^x-failed-recipients:|^return-path:\s*<>", re.I | re.M
)
_TOKEN: Final = re.compile(rb"[0-9a-f]{32}")
# Exim, qmail and others quote the refusing server in their text.
_QUOTED_REPLY: Final = re.compile(
    r"^\W{0,8}(?:.*?\b)?([45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3})?.*)$", re.M
)
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ACTIONS: Final = {"failed": BounceAction.FAILED, "delayed": BounceAction.DELAYED}


def may_be_report(headers: bytes) -> bool:
    """Whether a message's headers are those of a report; only then its content is looked at."""
    return _REPORT.search(headers) is not None


def read_bounce(content: bytes, tokens: frozenset[str]) -> tuple[str, Bounce] | None:
    """The token of ours that a report returns, and what it says. Any bytes are taken.

    None: it is no report about a letter with one of these tokens, or one that it was delivered.
    """
    content = content[:MAX_BYTES]
    mentioned = [found.decode() for found in _TOKEN.findall(content.lower())]
    token = next((one for one in mentioned if one in tokens), None)
    if token is None:
        return None
    try:
        message = message_from_bytes(content, policy=compat32)
    except RecursionError:
        return None  # no mail server packs messages into each other a thousand times
    fields = list(_recipient_fields(message))
    for one in fields:
        action = _ACTIONS.get(_value(one, "Action").lower())
        if action is not None:
            return token, _from_fields(one, action)
    return None if fields else (token, _from_text(message))


def _recipient_fields(message: Message) -> Iterator[Message]:
    """The per-recipient groups of every delivery status (RFC 3464 section 2.3)."""
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS:
            return
        if part.get_content_type() not in (
            "message/delivery-status",
            "message/global-delivery-status",
        ):
            continue
        payload = part.get_payload()
        for group in payload if isinstance(payload, list) else []:
            if isinstance(group, Message) and ("Action" in group or "Final-Recipient" in group):
                yield group


def _from_fields(fields: Message, action: BounceAction) -> Bounce:
    status = _STATUS.search(_value(fields, "Status"))
    words = _typed(_value(fields, "Diagnostic-Code"))
    return Bounce(
        action=action,
        recipient=_typed(_value(fields, "Final-Recipient")),
        status=status[1] if status else "",
        words=words or (status[1] if status else ""),
        remote=_typed(_value(fields, "Remote-MTA")),
    )


def _from_text(message: Message) -> Bounce:
    """A report without fields: the recipient's header, and the reply that its text quotes."""
    text = ""
    for number, part in enumerate(message.walk()):
        if number < MAX_PARTS and part.get_content_type() == "text/plain" and not text:
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    quoted = _QUOTED_REPLY.search(text[:MAX_BYTES])
    words = " ".join((quoted[1] if quoted else text).split())
    status = _STATUS.search(words)
    return Bounce(
        action=BounceAction.FAILED,
        recipient=_value(message, "X-Failed-Recipients"),
        status=status[1] if status else "",
        words=harmless(words, MAX_WORDS),
        remote="",
    )


def _value(fields: Message, name: str) -> str:
    text = str(fields.get(name, "")).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return harmless(" ".join(text.split()), MAX_WORDS)


def _typed(value: str) -> str:
    """The value behind its type: ``smtp; 550 …``, ``rfc822; a@b`` (RFC 3464 section 2.1.2)."""
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and kind.replace("-", "").isalnum() else value
