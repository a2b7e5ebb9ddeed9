"""Set-based = live, in a town where everything happens that a rebuild must see; whatever it overlooks is found.

The live tables and packs are made entry after entry; a rebuild makes them in three ranges from columns.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts
from domain.facts import Stream
from domain.rulebook.document import Document
from ledger.embedded import Embedded
from ledger.rulebooks import read_text
from ledger.streams import named
from projections.packing import PLAIN, WHOLE
from projections.rebuild.ordering import in_order
from projections.schemas import Schemas
from tests.database import fresh_ledger
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, district, family, province
from tests.properties.mutants import Mutant, planted
from tests.properties.rebuild_mutants import MUTANTS, OF_ORDER

HERE, THERE = "330212", "330203"
_TURNS = """
doc: test.turns
label: {zh: 试验换算表, en: Test table of turns}
authority: "330200"
tier: city
effective: {from: 2020-01-01}
scale: 2
cap: 300
items:
- id: residence
  clause: 居住时间
  label: {zh: 居住时间, en: Residence}
  measure: {kind: spells, of: residence-registered, count: full_months}
  award: {as: per, points: 0.25}
- id: hours
  clause: 参与公益
  label: {zh: 参与公益, en: Volunteering}
  measure: {kind: sum, of: volunteer-hours-served}
  award: {as: per, points: 1}
- id: education
  clause: 文化程度
  label: {zh: 文化程度, en: Education}
  measure: {kind: levels, of: education-awarded}
  award: {as: by_level, take: max, points: {bachelor: 20, college: 10, below: 1}}
- id: medical
  clause: 医疗保险
  label: {zh: 医疗保险, en: Medical insurance}
  measure: {kind: months, of: insurance-month-paid, insurance: [medical]}
  award: {as: per, points: 3}
deductions:
- id: acts
  clause: 违法行为
  label: {zh: 违法行为, en: Acts}
  measure: {kind: levels, of: restricted-fact/offence, same_act: largest_only}
  award: {as: by_level, take: sum, points: {minor: -1, detention: -2}}
holds:
- id: frozen
  clause: 冻结
  label: {zh: 冻结, en: Frozen}
  of: restricted-fact/offence
  levels: [detention]
  lasts: 24mo
  from: acted_on
  effect: zero
"""


def turning() -> Document:
    """Give points for what turns with days, and freeze them."""
    [document] = read_text(_TURNS.encode(), "test")
    return document


def everything_happens(ledger: GivenLedger) -> None:
    """Let a little of everything happen to a few residents."""
    ledger.publish(province(), city(), district(), family(), turning())
    for number in (*range(19), *range(30, 40)):
        home = (HERE, THERE)[number % 2]
        ledger.append(
            subject(number),
            facts.ParticularsCorrected(born_on=date(1960 + number, 2, 28)),
            facts.EducationAwarded(level=("college", "bachelor", "below")[number % 3], awarded_on=date(2012, 7, 1)),
            facts.BloodDonated(donated_on=date(2025, 5, 1), place=home, millilitres=10 + number % 20),
            facts.VolunteerHoursServed(served_on=date(2025, 3, 1), place=home, minutes=10 + number % 20),
            *(
                facts.InsuranceMonthPaid(month=f"2025-{month:02d}", place=home)
                for month in range(1, 4 + number % 4)
            ),
            facts.InsuranceMonthPaid(month="2025-02", place=home, insurance="medical"),
        )
        if number not in (5, 6, 9, 12):
            ledger.append(subject(number), facts.PermitIssued(on=date(2025, 2, 1), place=home, permit="P"))
    ledger.append(subject(1), facts.PermitSuspended(on=date(2025, 9, 1), place=THERE, permit="P"))
    paid = ledger.append(subject(2), facts.InsuranceMonthPaid(month="2025-11", place=HERE))
    ledger.append(subject(2), facts.FactVoided(reason="source-error"), refers_to=paid)
    for place in (HERE, THERE):  # which of two corrections counts is for the reference to say
        wrong = facts.FactCorrected(
            reason="source-error", replacement=facts.InsuranceMonthPaid(month="2025-12", place=place)
        )
        paid = (
            paid
            if place == THERE
            else ledger.append(subject(3), facts.InsuranceMonthPaid(month="2025-10", place=HERE))
        )
        ledger.append(subject(3), wrong, refers_to=paid)
    told = ledger.append(subject(4), facts.InsuranceMonthPaid(month="2025-12", place=HERE))
    ledger.append(subject(5), facts.FactVoided(reason="wrong-person"), refers_to=told)
    for number, spell, place, since, until in (
        (0, "R1", THERE, date(2024, 5, 3), date(2025, 1, 31)),
        (0, "R2", HERE, date(2025, 1, 31), None),
        (5, "R1", HERE, date(2024, 1, 15), TODAY),
        (6, "R1", HERE, date(2024, 2, 1), None),
        (6, "R2", THERE, date(2025, 2, 1), date(2026, 3, 1)),
        (7, "R1", HERE, date(2023, 2, 1), None),
        (8, "R1", HERE, date(2023, 3, 1), None),
        (9, "R1", HERE, date(2026, 5, 1), None),
        (10, "R1", HERE, date(2024, 6, 1), None),
        (12, "R1", HERE, date(2024, 7, 1), None),
    ):
        ledger.append(subject(number), facts.ResidenceRegistered(registered_on=since, place=place, spell=spell))
        if until is not None:
            ledger.append(subject(number), facts.ResidenceEnded(ended_on=until, place=place, spell=spell))
    tie = facts.FamilyTieRecorded(
        tie="spouse", subject=subject(7), other=subject(8), since=date(2020, 1, 1), spell="M"
    )
    ledger.append(named(Stream.FAMILY, "M"), tie)
    merged = facts.IdentitiesMerged(kept=subject(20), merged=subject(10))
    ledger.append(named(Stream.FAMILY, "M2"), merged)
    for number, level, on in ((0, "minor", 3), (0, "minor", 4), (3, "minor", 5), (13, "detention", 6)):
        acted = facts.RestrictedFact(category="offence", level=level, place=HERE, acted_on=date(2025, on, 1))
        ledger.append(subject(number), acted)
    ledger.append_stored([ledger.unknown(subject(12))])


@pytest.fixture(scope="module")
def town(server: Embedded) -> Iterator[GivenLedger]:
    with fresh_ledger(server) as database:
        ledger = GivenLedger(database)
        ledger.plan_from = 0
        everything_happens(ledger)
        with ledger.connect() as connection:
            ledger.run_all(connection)
        yield ledger
        ledger.close()


def told(connection: psycopg.Connection, schemas: Schemas) -> dict[str, list[Any]]:
    """Give what the tables of a schema say, packs opened and without the numbers that each schema gives itself."""
    found = {
        table: connection.execute(
            schemas.sql("SELECT * FROM {table} ORDER BY 1, 2", table=schemas.table(table))
        ).fetchall()
        for table in ("scores", "recognition", "recognition_elsewhere", "unscored")
    }
    shapes: dict[int, list[str]] = dict(
        connection.execute(schemas.sql("SELECT code, words FROM {projections}.shapes")).fetchall()
    )
    packs = connection.execute(
        schemas.sql(
            "SELECT subject, places, home, since, until, plain, whole FROM {projections}.packs ORDER BY subject"
        )
    ).fetchall()
    found["packs"] = [
        (*rest, _opened(plain, PLAIN, shapes), _opened(whole, WHOLE, shapes)) for *rest, plain, whole in packs
    ]
    return found


def _opened(packed: bytes, form: np.dtype[Any], shapes: dict[int, list[str]]) -> list[Any]:
    rows = np.frombuffer(packed, form)
    names = [name for name in rows.dtype.names or () if name not in ("shape", *_NUMBERED)]
    numbers = [_numbered(rows[name].tolist()) for name in _NUMBERED if name in (rows.dtype.names or ())]
    told = [(shapes[int(row["shape"])], *(row[name].item() for name in names)) for row in rows]
    return [*told, numbers]


_NUMBERED = ("spell", "act")


def _numbered(numbers: list[int]) -> list[int]:
    """Number in the order in which they come what was numbered by whatever order; -1 is none."""
    found = {-1: -1}
    return [found.setdefault(number, len(found) - 1) for number in numbers]


def differing(ledger: GivenLedger) -> list[str]:
    """Rebuild the scores; name the tables that differ from the live ones, or the error that it ended with."""
    rebuild = ledger.rebuild(plan_from=0, rows_in_a_part=60)
    try:
        rebuild.fill(["scores"])
        with ledger.connect() as connection:
            live, again = told(connection, ledger.schemas), told(connection, rebuild.beside)
    except Exception as error:  # noqa: BLE001 - whatever a planted error ends with
        return [type(error).__name__]
    finally:
        rebuild.drop()
    return [table for table in live if live[table] != again[table]]


def test_everything_that_happens_is_rebuilt(town: GivenLedger) -> None:
    with town.connect() as connection:
        counts = {table: len(rows) for table, rows in told(connection, town.schemas).items()}

    assert differing(town) == []
    assert min(counts["scores"], counts["packs"], counts["unscored"]) > 0


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_error_is_found(town: GivenLedger, mutant: Mutant) -> None:
    with planted(mutant):
        assert differing(town)


_COLUMNS = [("high", ">u8"), ("low", ">u8"), ("position", ">i8"), ("part", ">i2")]
_WIDE = st.sampled_from([0, 1, 2, 2**63, 2**63 + 1, 2**64 - 1])
_ROWS = st.lists(st.tuples(_WIDE, _WIDE, st.integers(1, 40), st.integers(0, 40)), unique=True, max_size=30)


def put_in_order(rows: list[tuple[int, int, int, int]], plain: int) -> tuple[list[Any], list[UUID]]:
    """Give rows of two forms in their order, each with its resident's number; and the residents."""
    forms = [np.array(some, _COLUMNS) for some in (rows[:plain], rows[plain:])]
    order, resident, subjects = in_order(*forms)
    return list(zip([rows[n] for n in order.tolist()], resident.tolist(), strict=True)), subjects


def expected_order(rows: list[tuple[int, int, int, int]]) -> tuple[list[Any], list[UUID]]:
    """Say the same by sorting tuples."""
    people = sorted({row[:2] for row in rows})
    return [(row, people.index(row[:2])) for row in sorted(rows)], [
        UUID(int=high << 64 | low) for high, low in people
    ]


@given(rows=_ROWS, plain=st.integers(0, 30))
def test_rows_lie_by_subject_position_and_part(rows: list[tuple[int, int, int, int]], plain: int) -> None:
    assert put_in_order(rows, plain) == expected_order(rows)


@pytest.mark.parametrize("mutant", OF_ORDER, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_error_of_order_is_found(mutant: Mutant) -> None:
    samples = [
        [(5, 1, 9, 0), (5, 1, 2, 0), (5, 1, 4, 1), (5, 1, 4, 0), (9, 0, 1, 0)],
        [(5, low, position, 0) for position in (3, 1, 2) for low in (2, 1)],
    ]
    with planted(mutant):
        assert any(put_in_order(rows, 2) != expected_order(rows) for rows in samples)
