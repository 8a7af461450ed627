"""Seeded chance: the same key gives the same draws on every machine, so the same seed gives the same bytes."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """A random stream with the few draws that the seed needs. Never used for anything secret."""

    def uuid(self) -> str:
        """A version 4 UUID from this stream, lower case with dashes."""
        bits = f"{self.getrandbits(128):032x}"
        return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the next."""
        return options[int(self.random() * len(options))]

    def happens(self, share: float) -> bool:
        """True in `share` (0..1) of the calls."""
        return self.random() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included; cheaper than `randint`."""
        return low + int(self.random() * (high - low + 1))
