"""Whom a search is about. No look-ups."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Whose settings they are to be; ``address`` is empty where only a domain is known."""

    address: str
    domain: str

    def fill(self, text: str) -> str | None:
        """Put the placeholders' values in; None where they need an address that is missing."""
        if not self.address and ("%EMAILADDRESS%" in text or "%EMAILLOCALPART%" in text):
            return None
        local = self.address.rpartition("@")[0]
        return (
            text.replace("%EMAILDOMAIN%", self.domain)
            .replace("%EMAILLOCALPART%", local)
            .replace("%EMAILADDRESS%", self.address)
        )
