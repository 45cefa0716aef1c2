"""How often to look for a letter: quickly at first, then more and more slowly."""

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds until the next look: the first pause, how it grows, the longest."""

    first: float
    growth: float
    longest: float

    def after(self, looks: int) -> float:
        """The pause after so many looks that found nothing."""
        # The exponent is bounded: nobody may wait an infinite time.
        return float(min(self.longest, self.first * self.growth ** min(looks, 60)))


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to look. While the server tells of new mail by itself, looks are only for junk."""

    asking: Pauses = field(default=Pauses(0.25, 1.6, 15.0))
    listening: Pauses = field(default=Pauses(0.15, 1.2, 30.0))


PATIENCE: Final = Patience()
