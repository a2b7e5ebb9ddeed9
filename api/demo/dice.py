"""Draws that depend on the seed and on what is asked, never on the order of asking or the version of Python."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Keyed draws: the same question under the same seed has the same answer for ever."""

    def __init__(self, seed: int) -> None:
        self._key = f"points-demo/{seed}".encode()

    def below(self, bound: int, *question: str | int) -> int:
        """Give a whole number from 0 to bound - 1."""
        text = "/".join(str(part) for part in question)
        return int.from_bytes(blake2b(text.encode(), key=self._key, digest_size=8).digest(), "big") % bound

    def between(self, low: int, high: int, *question: str | int) -> int:
        """Give a whole number from low to high, both possible."""
        return low + self.below(high - low + 1, *question)

    def chance(self, percent: int, *question: str | int) -> bool:
        """Say yes so often in a hundred."""
        return self.below(100, *question) < percent

    def pick(self, choices: Sequence[T], *question: str | int) -> T:
        """Choose one."""
        return choices[self.below(len(choices), *question)]
