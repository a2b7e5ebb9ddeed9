"""Whom a simulation looks at: residents in parts, as columns for the plan, singly for the reference evaluator."""

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
from projections.engines.batch import Batch, batch_of

PART = 20_000
"""Residents in a part: some hundred megabytes of facts in columns."""
FILE_PART = 4_000
"""Residents of a file in a part: read as single objects, they take ten times the room."""
_LINE_BYTES_MAX = 8 << 20


class Resident(NamedTuple):
    """A resident by a pseudonym, the district where they are scored, and what is known of them and their family."""

    key: str
    place: str
    rows: Sequence[FactRow]
    coverage: Coverage
    family: Family = ALONE


class Part(Protocol):
    """Some residents, in the order of the places where they are scored; families are never divided."""

    @property
    def batch(self) -> Batch:
        """Give them as columns. What is not known yet is not in it."""
        ...

    def resident(self, number: int) -> Resident:
        """Give one of them."""
        ...


class Population(Protocol):
    """Residents, the same in the same order each time they are read.

    `as_at` is the position up to which they are known (None: no ledger stands behind them). `left_out` counts whom
    it could not read or place; it and `digest` hold when `parts` has been read to its end.
    """

    @property
    def as_at(self) -> int | None:
        """Give the position."""
        ...

    @property
    def left_out(self) -> int:
        """Count whom it could not read or place."""
        ...

    @property
    def digest(self) -> str:
        """Give the hash of everything that was read, in hexadecimal."""
        ...

    @property
    def share(self) -> float:
        """Say how much of it has been read, from 0 to 1."""
        ...

    def parts(self) -> Iterator[Part]:
        """Read the residents."""
        ...


class ListedPart:
    """A part of residents that are at hand one by one."""

    def __init__(self, residents: Sequence[Resident]) -> None:
        self._residents = sorted(residents, key=lambda one: one.place)
        self.batch = batch_of((one.key, one.place, one.rows) for one in self._residents)

    def resident(self, number: int) -> Resident:
        """Give one of them."""
        return self._residents[number]


def home_of(rows: Sequence[FactRow], as_of: date) -> str | None:
    """Give where a resident is scored: the district of the permit, or the first where they are at home."""
    permit, homes = places_of(in_force(rows), as_of)
    return permit or next(iter(homes), None)


class FilePopulation:
    """Residents of a file, one JSON object a line, as `points evaluate` reads them."""

    as_at: int | None = None

    def __init__(self, path: Path, as_of: date, size: int = FILE_PART) -> None:
        self._path = path
        self._as_of = as_of
        self._size = size
        self._hash = hashlib.sha256()
        self._read = 0
        self.left_out = 0

    @property
    def share(self) -> float:
        """Say how much of the file has been read."""
        return self._read / max(self._path.stat().st_size, 1)

    @property
    def digest(self) -> str:
        """Give the hash of the file's bytes."""
        return self._hash.hexdigest()

    def parts(self) -> Iterator[Part]:
        """Read the lines; one that cannot be read, or says of nobody where they live, is counted and left out."""
        self._hash, self._read, self.left_out = hashlib.sha256(), 0, 0
        residents: list[Resident] = []
        with self._path.open("rb") as lines:
            while line := lines.readline(_LINE_BYTES_MAX):
                self._hash.update(line)
                self._read += len(line)
                resident = self._resident(line) if line.strip() else None
                if resident is not None:
                    residents.append(resident)
                if len(residents) == self._size:
                    yield ListedPart(residents)
                    residents = []
        if residents:
            yield ListedPart(residents)

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
