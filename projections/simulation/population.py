"""Whom a simulation looks at: residents in parts, with what is known of them and where each is scored."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from domain.coverage import Coverage
from domain.evaluation import read_resident
from domain.factrow import FactRow
from domain.family import ALONE, Family
from domain.home import places_of
from domain.knowledge import in_force
from domain.plain import Misread

PART = 20_000
"""Residents in a part: some hundred megabytes of facts."""
_LINE_BYTES_MAX = 8 << 20


class Resident(NamedTuple):
    """A resident by a pseudonym, the district where they are scored, and the rows known of them."""

    key: str
    place: str
    rows: Sequence[FactRow]
    coverage: Coverage
    family: Family = ALONE


class Population(Protocol):
    """Residents, the same in the same order each time they are read.

    `as_at` is the position up to which they are known (None: no ledger stands behind them). `left_out` counts whom
    it could not read or place; it and `digest` hold when `parts` has been read to its end.
    """

    as_at: int | None
    left_out: int

    @property
    def digest(self) -> str:
        """Give the hash of everything that was read, in hexadecimal."""
        ...

    def parts(self) -> Iterator[Sequence[Resident]]:
        """Read the residents, families together."""
        ...


def home_of(rows: Sequence[FactRow], as_of: date) -> str | None:
    """Give where a resident is scored: the district of the permit, or the first where they are at home."""
    permit, homes = places_of(in_force(rows), as_of)
    return permit or next(iter(homes), None)


class FilePopulation:
    """Residents of a file, one JSON object a line, as `points evaluate` reads them."""

    as_at: int | None = None

    def __init__(self, path: Path, as_of: date, size: int = PART) -> None:
        self._path = path
        self._as_of = as_of
        self._size = size
        self._hash = hashlib.sha256()
        self.left_out = 0

    @property
    def digest(self) -> str:
        """Give the hash of the file's bytes."""
        return self._hash.hexdigest()

    def parts(self) -> Iterator[list[Resident]]:
        """Read the lines; one that cannot be read, or says of nobody where they live, is counted and left out."""
        self._hash, self.left_out = hashlib.sha256(), 0
        part: list[Resident] = []
        with self._path.open("rb") as lines:
            while line := lines.readline(_LINE_BYTES_MAX):
                self._hash.update(line)
                resident = self._resident(line) if line.strip() else None
                if resident is not None:
                    part.append(resident)
                if len(part) == self._size:
                    yield part
                    part = []
        if part:
            yield part

    def _resident(self, line: bytes) -> Resident | None:
        try:
            read = read_resident(line)
        except Misread:
            self.left_out += 1
            return None
        place = read.place or home_of(read.rows, self._as_of)
        if place is None:
            self.left_out += 1
            return None
        return Resident(read.subject, place[:6], read.rows, Coverage(read.feeds), read.family)
