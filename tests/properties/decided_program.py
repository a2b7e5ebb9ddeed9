"""Decide about invented residents and print one hash over the bytes of all decisions: the same everywhere.

A program of its own: `python -m tests.properties.decided_program`, with the repository as the working directory.
"""

import random
import sys
from datetime import date
from hashlib import sha256
from uuid import UUID

from domain.civil import month_text
from domain.decision import Inputs, decide
from domain.factrow import FactRow, rows_of
from domain.facts import (
    EducationAwarded,
    EmploymentStarted,
    Fact,
    InsuranceMonthPaid,
    Known,
    ParticularsCorrected,
    PermitIssued,
    Ref,
    ResidenceRegistered,
    RestrictedFact,
    VolunteerHoursServed,
)
from domain.rulebook import as_published, resolve
from ledger.programmes import read_programmes
from ledger.rulebooks import load_directory
from tests.domain.given import CIXI, HOUSE

RESIDENTS = 120
USES = ("2020-01-01.loan", "2022-01-01.medical", "2023-01-01.training_duty", "2023-01-01.rental")


def life(chance: random.Random) -> list[Fact]:
    """Tell of somebody."""
    since = date(chance.randint(2012, 2024), chance.randint(1, 12), chance.randint(1, 28))
    told: list[Fact] = [
        ParticularsCorrected(born_on=date(chance.randint(1955, 2005), 2, 28)),
        ResidenceRegistered(registered_on=since, place=CIXI, spell="R1"),
        PermitIssued(on=date(2025, chance.randint(1, 12), 1), place=CIXI, permit="P1"),
        EmploymentStarted(started_on=since, place=CIXI, spell="E1"),
        EducationAwarded(level=chance.choice(["bachelor", "college", "below"]), awarded_on=since),
    ]
    months = chance.sample(range(2015 * 12, 2026 * 12), chance.randint(0, 90))
    told += [InsuranceMonthPaid(month=month_text(month), place=CIXI) for month in months]
    told += [VolunteerHoursServed(served_on=since, place=CIXI, minutes=chance.randint(1, 900))]
    if chance.random() < 0.2:
        told.append(RestrictedFact(category="offence", level="minor", place=CIXI, acted_on=date(2025, 5, 1)))
    return told


def rows(number: int, told: list[Fact]) -> list[FactRow]:
    """Give the rows of somebody's entries."""
    stream = UUID(int=number + 1)
    entries = [Known(fact, n, Ref(stream=stream, version=n)) for n, fact in enumerate(told, 1)]
    return [row for entry in entries for row in rows_of(entry)]


def digest() -> str:
    """Decide, and hash."""
    chance = random.Random(20260101)
    documents = [read_programmes(HOUSE / "programmes" / CIXI / f"{name}.yaml")[0] for name in USES]
    published = as_published(load_directory(HOUSE / "rulebooks").documents)
    found = sha256()
    for number in range(RESIDENTS):
        known = rows(number, life(chance))
        on = date(2026, chance.randint(1, 6), chance.randint(1, 28))
        books = resolve(published, CIXI, on)
        for document in documents:
            inputs = Inputs(str(number), [("applicant", known, None)], CIXI, on, 10**6, zone="centre")
            found.update(decide(document, books, inputs).bytes)
    return found.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(f"{sys.version_info.major}.{sys.version_info.minor} {digest()}\n")
