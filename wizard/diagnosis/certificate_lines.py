"""A server's certificate as lines to read, compare and copy, in the words of a language."""

from wizard.probe.report import TlsInfo
from wizard.texts import Texts

Line = tuple[str, str]


def certificate_lines(tls: TlsInfo, texts: Texts) -> list[Line]:
    """What stands in it, each with its name; the fingerprint last."""
    until = "–"
    if tls.not_before is not None and tls.not_after is not None:
        until = f"{tls.not_before:%Y-%m-%d %H:%M} – {tls.not_after:%Y-%m-%d %H:%M} UTC"
    rows = (
        ("names", ", ".join(tls.names) or tls.subject),
        ("issuer", tls.issuer),
        ("valid", until),
        ("key", tls.key),
        ("fingerprint", grouped(tls.fingerprint)),
    )
    return [(texts(f"certificate.{key}"), value or "–") for key, value in rows]


def chain_lines(tls: TlsInfo, texts: Texts) -> list[str]:
    """What the server sent, its own certificate first, and who stands behind each."""
    return [
        texts(
            "certificate.link",
            number=str(number),
            subject=one.subject or "–",
            issuer=one.issuer or "–",
            until=f"{one.not_after:%Y-%m-%d}",
            fingerprint=grouped(one.fingerprint),
        )
        for number, one in enumerate(tls.chain, 1)
    ]


def certificate_text(tls: TlsInfo, texts: Texts) -> str:
    """All of it as text."""
    lines = [f"{name}: {value}" for name, value in certificate_lines(tls, texts)]
    return "\n".join([*lines, *chain_lines(tls, texts)]) + "\n"


def shortened(fingerprint: str) -> str:
    """Enough of a fingerprint to know it again: its beginning and its end."""
    whole = grouped(fingerprint)
    return f"{whole[:23]} … {whole[-11:]}"


def grouped(fingerprint: str) -> str:
    """A fingerprint as people compare it: ``AB:CD:…``."""
    pairs = [fingerprint[start : start + 2] for start in range(0, len(fingerprint), 2)]
    return ":".join(pairs).upper()
