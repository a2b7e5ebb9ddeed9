"""Decisions and rankings: 50,000 applicants ranked with choices and a draw, and decisions replayed byte for byte.

The limits are what cannot be avoided, measured in the same rounds: sorting the same keys, and scoring the same
residents without deciding anything. Seconds are of one processor.
"""

import gc
import random
import time
from datetime import date
from typing import Any
from uuid import UUID

from domain.civil import month_index, month_text
from domain.decision import Decision, Inputs, decide, replay
from domain.factrow import FactRow, rows_of
from domain.facts import EmploymentStarted, InsuranceMonthPaid, Known, PermitIssued, Ref, ResidenceRegistered
from domain.knowledge import in_force
from domain.programme import Entrant, drawn, rank
from domain.rulebook import as_published, resolve
from domain.scoring import score
from ledger.programmes import read_programmes
from ledger.rulebooks import load_directory
from tests.benchmarks.report import ROUNDS, figure, interleaved, report
from tests.domain.given import HOUSE, YINZHOU

APPLICANTS, UNITS, PLACES = 50_000, 40, 900
DECISIONS = 400
ON = date(2022, 6, 1)
NAME = "decisions"


def _entrants() -> list[Entrant]:
    chance = random.Random(20260501)
    return [
        Entrant(
            f"A-{number:06d}",
            (chance.randint(1, 5), -chance.randint(0, 30_000)),
            tuple(f"S-{unit}" for unit in chance.sample(range(UNITS), 3)),
        )
        for number in range(APPLICANTS)
    ]


def _life(number: int) -> list[FactRow]:
    """Tell of a resident with some sixty facts; each has as many months and years as the number says."""
    told: list[Any] = [
        PermitIssued(on=date(2022, 1, 1 + number % 28), place=YINZHOU, permit="P1"),
        ResidenceRegistered(registered_on=date(2012 + number % 9, 3, 1), place=YINZHOU, spell="R1"),
        EmploymentStarted(started_on=date(2020, 1, 1), place=YINZHOU, spell="E1"),
    ]
    last = month_index(ON)
    told += [InsuranceMonthPaid(month=month_text(last - ago), place=YINZHOU) for ago in range(1, 40 + number % 40)]
    entries = [Known(fact, n, Ref(stream=UUID(int=number + 1), version=n)) for n, fact in enumerate(told, 1)]
    return [row for entry in entries for row in rows_of(entry)]


def measure() -> dict[str, Any]:
    """Measure in interleaved rounds."""
    entrants = _entrants()
    free = {f"S-{unit}": PLACES for unit in range(UNITS)}
    draw = drawn("seed", "round", [entrant.application for entrant in entrants])
    [document] = read_programmes(HOUSE / "programmes" / YINZHOU / "2021-09-08.rental.yaml")
    books = resolve(as_published(load_directory(HOUSE / "rulebooks").documents), YINZHOU, ON)
    people = [_life(number) for number in range(DECISIONS)]
    asked = [
        Inputs(str(number), [("applicant", rows, None)], YINZHOU, ON, 10**6, zone="street")
        for number, rows in enumerate(people)
    ]
    made = [decide(document, books, each) for each in asked]
    stored = [Decision(each.record) for each in made]

    def ranked() -> float:
        began = _began()
        if not rank(entrants, free, "lottery", draw).is_final:
            raise AssertionError("the ranking is not final")
        return time.process_time() - began

    def ordered() -> float:
        began = _began()
        sorted(entrants, key=lambda entrant: (entrant.key, entrant.application))
        return time.process_time() - began

    def replayed() -> float:
        began = _began()
        for decision, inputs in zip(stored, asked, strict=True):
            if replay(decision, document, books, inputs).verdict != "same":
                raise AssertionError("a decision does not replay")
        return DECISIONS / (time.process_time() - began)

    def scored() -> float:
        began = _began()
        for rows in people:
            score(in_force(rows), books, YINZHOU, ON)
        return DECISIONS / (time.process_time() - began)

    rates = interleaved({"ranked": ranked, "ordered": ordered, "replayed": replayed, "scored": scored}, ROUNDS)
    return report(
        NAME,
        [
            figure("50,000 ranked", rates["ranked"], "s", limit=rates["ordered"], goal=3, at_most=True),
            figure("decisions replayed", rates["replayed"], "/s", limit=rates["scored"]),
        ],
    )


def _began() -> float:
    gc.collect()
    return time.process_time()
