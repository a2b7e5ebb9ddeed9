"""Files whose imports are killed: what a source sends first, later, with faults, as a workbook, and all of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ledger.deliveries import ORGAN, resident
from tests.ledger.workbooks import workbook

PERSONS = 60
HEADER = ("kind", "document_number", "name", "month", "place", "base_fen", "spell", "registered_on")
_PLACE = "330212"


def home(person: int) -> tuple[Any, ...]:
    """Give the row by which somebody lives here: then they have a score."""
    return ("residence-registered", resident(person), f"居民{person}", "", _PLACE, "", f"R-{person}", "2024-01-01")


def paid(person: int, month: str, name: str = "", place: str = _PLACE) -> tuple[Any, ...]:
    """Give the row of one month paid."""
    named = name or f"居民{person}"
    return ("insurance-month-paid", resident(person), named, month, place, f"{person}00", "", "")


def first(folder: Path, _drawn: random.Random) -> Path:
    """Everybody is new."""
    rows = [home(person) for person in range(1, PERSONS)]
    rows += [paid(person, "2025-01") for person in range(1, PERSONS)]
    return _csv(folder / "first.csv", rows)


def later(folder: Path, _drawn: random.Random) -> Path:
    """Everybody is known."""
    rows = [paid(person, month) for month in ("2025-02", "2025-03") for person in range(1, PERSONS)]
    return _csv(folder / "later.csv", rows)


def _dirty(drawn: random.Random) -> list[tuple[Any, ...]]:
    rows = []
    for _ in range(150):
        person = drawn.randrange(1, PERSONS + 20)
        name = "" if drawn.random() < 0.93 else "居民乙"
        place = _PLACE if drawn.random() < 0.93 else "33"
        rows.append(paid(person, f"2025-{drawn.randrange(1, 13):02d}", name, place))
    return rows


def mixed(folder: Path, drawn: random.Random) -> Path:
    """Some are new, some rows are broken, repeated, or under another name."""
    return _csv(folder / "mixed.csv", _dirty(drawn))


def as_workbook(folder: Path, drawn: random.Random) -> Path:
    """Give such rows as a workbook."""
    return workbook(folder / "mixed.xlsx", [HEADER, *_dirty(drawn)])


def full(folder: Path, _drawn: random.Random) -> Path:
    """All that there is of one kind and month: some are no longer listed, some are new."""
    rows = [paid(person, "2025-01") for person in range(11, PERSONS + 15)]
    return _csv(folder / "full.csv", rows, columns=6)


def _csv(path: Path, rows: list[tuple[Any, ...]], columns: int = len(HEADER)) -> Path:
    lines = (",".join(map(str, row[:columns])) for row in (HEADER, *rows))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of file: what writes it, how it is imported, whether persons of an earlier month are known."""

    name: str
    write: Callable[[Path, random.Random], Path]
    options: tuple[str, ...] = ()
    crew: bool = False
    known: bool = True

    def call(self, file: Path) -> list[str]:
        """Give the verb that imports it."""
        return ["import", str(file), "--organ", ORGAN, "--json", *self.options]


_FULL = ("--kind", "insurance-month-paid", "--full", "330200/2025-01", "--yes", "--voids-max", "1")
SORTS = (
    Sort("first", first, known=False),
    Sort("later", later),
    Sort("mixed", mixed, crew=True),
    Sort("workbook", as_workbook),
    Sort("full", full, _FULL),
)
