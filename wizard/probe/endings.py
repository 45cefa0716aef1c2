"""What it means when a conversation ends without a reply: late, hung up, not connected, no TLS."""

import ssl
from typing import Final

from wizard.diagnosis.cause import Cause
from wizard.model import Security, ServerSettings, Stage
from wizard.probe.certificate import cause_of
from wizard.probe.harmless import harmless
from wizard.probe.report import Failure

_TLS_PORTS: Final = {465, 993, 995}


def late(stage: Stage, settings: ServerSettings, seconds: float) -> Failure:
    """Nothing came in time."""
    words = f"no answer within {seconds:g} s"
    cause = _plain_on_tls_port(stage, settings) or Cause.PORT_BLOCKED_OR_TIMEOUT
    return Failure(stage, words, cause)


def hung_up(stage: Stage, settings: ServerSettings) -> Failure:
    """The server closed the connection."""
    cause = _plain_on_tls_port(stage, settings) or Cause.CONNECTION_DROPPED
    return Failure(stage, "connection closed by the server", cause)


def not_connected(problem: OSError) -> Failure:
    """There was no connection at all."""
    words = harmless(str(problem)) or "no answer"
    if isinstance(problem, ConnectionRefusedError):
        return Failure(Stage.CONNECT, words, Cause.CONNECTION_REFUSED)
    if isinstance(problem, ConnectionResetError):
        return Failure(Stage.CONNECT, words, Cause.CONNECTION_DROPPED)
    return Failure(Stage.CONNECT, words, Cause.PORT_BLOCKED_OR_TIMEOUT)


def no_handshake(problem: ssl.SSLError, settings: ServerSettings) -> Failure:
    """TLS did not come about."""
    cause = cause_of(problem)
    if settings.security is Security.STARTTLS:
        cause = _not_by_the_port(cause)
    return Failure(Stage.TLS, harmless(str(problem)), cause)


def broken(stage: Stage, problem: OSError) -> Failure:
    """The connection broke under way; in TLS by a wrong record or a late alert."""
    cause = _not_by_the_port(cause_of(problem)) if isinstance(problem, ssl.SSLError) else None
    return Failure(stage, harmless(str(problem)), cause or Cause.CONNECTION_DROPPED)


def _plain_on_tls_port(stage: Stage, settings: ServerSettings) -> Cause | None:
    """A server that waits for a handshake says nothing, or hangs up, instead of greeting."""
    plain = settings.security is not Security.TLS and settings.port in _TLS_PORTS
    return Cause.PLAINTEXT_ON_TLS_PORT if stage is Stage.GREETING and plain else None


def _not_by_the_port(cause: Cause | None) -> Cause | None:
    """Where TLS was agreed on, octets that are none of it come from somebody on the way."""
    return Cause.MIDDLEBOX_INTERFERENCE if cause is Cause.TLS_ON_PLAINTEXT_PORT else cause
