"""Octets of a TXT record as a person sees them. They are kept as Latin-1 everywhere else."""


def decoded(text: str) -> str:
    """The characters that octets stand for when they are UTF-8; else the octets as they are."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def as_read(text: str) -> str:
    """What a person sees, unprintable characters as escapes."""
    text = decoded(text)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
