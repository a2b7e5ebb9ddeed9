"""Lives with a permit: months of two districts, two tables, a late endorsement, a move, a suspension, an end."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from domain import facts
from domain.facts import Fact
from domain.knowledge import in_force
from domain.residency import clocks
from domain.score import Score
from ledger.database import Database
from ledger.programmes import read_programmes
from ledger.rulebooks.directory import read_text
from projections.households import households_at
from projections.prospects import Prospects
from tests.domain.given import HOUSE, library
from tests.projections.given import GivenLedger, subject

YINZHOU, HAISHU, CIXI, RUIAN, QIANWAN = "330212", "330203", "330282", "330381", "3302QW"
SHE = subject(1)
NINGBO = ("zj.common", "nb.province-2022", "nb.pilot", "nb.common")
OLD_TABLE = """
doc: yz.old
label: {zh: 鄞州区旧表, en: Old table of Yinzhou}
authority: "330212"
tier: district
scope: district
effective: {from: 2019-01-01, to: 2021-09-08}
scale: 2
cap: 100
items:
- id: insurance
  clause: 占位
  placeholder: true
  label: {zh: 本区参保, en: Insured in the district}
  measure: {kind: months, of: insurance-month-paid}
  award: {as: per, points: 0.25}
- id: edu
  clause: 占位
  placeholder: true
  label: {zh: 文化程度, en: Education}
  measure: {kind: levels, of: education-awarded}
  award: {as: by_level, take: max, points: {college: 20, below: 5}}
"""


def day(text: str) -> date:
    return date.fromisoformat(text)


def months(first: str, count: int, place: str) -> list[Fact]:
    year, month = map(int, first.split("-"))
    numbers = [year * 12 + month - 1 + step for step in range(count)]
    return [
        facts.InsuranceMonthPaid(month=f"{number // 12:04d}-{number % 12 + 1:02d}", place=place)
        for number in numbers
    ]


def issued(on: str, place: str, permit: str = "P") -> Fact:
    return facts.PermitIssued(on=day(on), place=place, permit=permit)


def lives(since: str, place: str, spell: str = "R") -> Fact:
    return facts.ResidenceRegistered(registered_on=day(since), place=place, spell=spell)


class Life:
    """One resident's life in the ledger, and what is asked of it."""

    def __init__(self, ledger: GivenLedger, runner: psycopg.Connection, asking: psycopg.Connection) -> None:
        self.ledger, self.runner = ledger, runner
        self.prospects = Prospects(asking, ledger.schemas)

    def says(self, *told: Fact) -> None:
        self.ledger.append(SHE, *told)
        self.ledger.run_all(self.runner)

    def score(self, place: str, on: str) -> Score:
        return self.prospects.score(SHE, place, day(on)).score

    def total(self, place: str, on: str) -> str:
        found = self.score(place, on)
        return found.points(found.total)

    def counts(self, on: str, *places: str) -> dict[str, str]:
        found = [self.prospects.recognition(SHE, day(on), None, place).standings[0] for place in places]
        return {each.place: each.trial.points(each.recognised) for each in found}

    def clocks(self, on: str) -> tuple[int, int]:
        with self.runner.cursor(binary=True) as cursor:
            known = households_at(cursor, self.ledger.schemas, [SHE], day(on), self.ledger.head())
        read = clocks(in_force(known[SHE].rows), day(on))
        return read.cumulative_months, read.unbroken_months

    def reminded(self, on: str) -> list[str]:
        return [each.kind for each in self.prospects.reminders(SHE, day(on)).reminders]


@pytest.fixture
def life(ledger_db: Database) -> Iterator[Life]:
    ledger = GivenLedger(ledger_db)
    [old] = read_text(OLD_TABLE.encode(), "old")
    ledger.publish(
        old,
        *(document for document in library().documents if document.rulebook.doc in NINGBO),
    )
    ledger.offer(*read_programmes(HOUSE / "programmes" / YINZHOU / "2021-09-08.rental.yaml"))
    with ledger.connect() as runner, ledger.connect() as asking:
        yield Life(ledger, runner, asking)
    ledger.close()


def test_who_is_insured_in_yinzhou_and_lives_in_haishu_has_all_months_in_both(life: Life) -> None:
    life.says(lives("2023-10-01", HAISHU), issued("2024-04-01", HAISHU), *months("2023-11", 12, YINZHOU))
    life.says(*months("2024-10", 3, HAISHU))
    rows = {place: life.score(place, "2025-01-15").line("zj.common/insurance") for place in (YINZHOU, HAISHU)}

    assert {place: (row.quantity, row.points) for place, row in rows.items()} == dict.fromkeys(
        (YINZHOU, HAISHU), (14, 700)
    )
    recognised = life.counts("2025-01-15", YINZHOU, QIANWAN, RUIAN)
    assert recognised[YINZHOU] == recognised[QIANWAN] != "0.00"


def test_the_same_facts_are_49_75_under_the_districts_old_table_and_above_60_under_the_citys(life: Life) -> None:
    life.says(
        facts.ParticularsCorrected(born_on=day("1981-03-01")),
        facts.EducationAwarded(level="college", awarded_on=day("2003-07-01")),
        lives("2005-01-01", YINZHOU),
        issued("2021-01-10", YINZHOU),
        *months("2008-10", 36, HAISHU),
        *months("2011-10", 119, YINZHOU),
    )
    old, new = life.total(YINZHOU, "2021-09-07"), life.total(YINZHOU, "2021-09-20")
    [rental] = life.prospects.eligibility(SHE, day("2021-09-20")).eligible

    assert (old, float(new) > 60, rental.found.met) == ("49.75", True, True)


def test_a_late_endorsement_resets_the_unbroken_clock_and_not_the_points(life: Life) -> None:
    life.says(lives("2020-06-01", CIXI), issued("2021-01-01", CIXI), *months("2021-01", 20, CIXI))
    before = (life.clocks("2021-12-31"), life.reminded("2021-12-15"))
    paused = (life.score(CIXI, "2022-03-01").validity, life.reminded("2022-03-01"))
    late = facts.PermitEndorsed(on=day("2022-06-01"), place=CIXI, permit="P", late=True)
    request = facts.PointsReinstatementRequested(on=day("2022-06-01"), place=CIXI, permit="P")
    life.says(late, request)
    rows = [life.score(CIXI, on).line("residence") for on in ("2022-05-31", "2022-06-01")]

    assert (before, paused) == (((11, 11), ["permit-due"]), ("paused", ["permit-suspended"]))
    assert [life.clocks(on) for on in ("2022-06-01", "2022-12-01")] == [(12, 0), (18, 6)]
    assert rows[0].points <= rows[1].points
    assert life.score(CIXI, "2022-06-01").validity == "effective"


def test_a_move_from_wenzhou_converts_on_the_same_day_and_the_provinces_points_come_along(life: Life) -> None:
    life.says(lives("2023-01-01", RUIAN), issued("2023-08-01", RUIAN), *months("2023-08", 8, RUIAN))
    before = life.score(RUIAN, "2024-03-31").line("insurance").points
    ended = facts.ResidenceEnded(ended_on=day("2024-04-01"), place=RUIAN, spell="R")
    converted = facts.PermitConverted(
        on=day("2024-04-01"),
        place=CIXI,
        permit="Q",
        by="existing-permit",
        from_place=RUIAN,
        from_permit="P",
    )
    life.says(ended, lives("2024-04-01", CIXI, "R2"), converted)
    after = life.score(CIXI, "2024-04-01")

    assert (after.validity, after.permit.place, after.line("zj.common/insurance").points) == (
        "effective",
        CIXI,
        before,
    )
    assert [answer.trial for answer in life.prospects.home_scores(SHE, day("2024-04-01"))] == [False]


def test_a_suspended_and_restored_permit_has_its_points_back_only_on_request(life: Life) -> None:
    life.says(lives("2023-01-01", CIXI), issued("2023-08-01", CIXI), *months("2023-08", 8, CIXI))
    life.says(facts.PermitSuspended(on=day("2024-01-10"), place=CIXI, permit="P"))
    life.says(facts.PermitRestored(on=day("2024-02-10"), place=CIXI, permit="P"))
    waiting = (life.score(CIXI, "2024-02-20").validity, life.reminded("2024-02-20"))
    life.says(facts.PointsReinstatementRequested(on=day("2024-03-01"), place=CIXI, permit="P"))
    said = {on: life.score(CIXI, on).validity for on in ("2024-01-09", "2024-01-10", "2024-02-29", "2024-03-01")}

    assert waiting == ("paused", ["points-wait-for-request"])
    assert said == {
        "2024-01-09": "effective",
        "2024-01-10": "paused",
        "2024-02-29": "paused",
        "2024-03-01": "effective",
    }


@pytest.mark.parametrize(
    "ending", [facts.DeathRecorded(on=day("2024-05-01")), facts.LocalHukouGained(on=day("2024-05-01"), place=CIXI)]
)
def test_death_and_local_hukou_end_the_permit_and_nobody_is_told_to_apply_again(life: Life, ending: Any) -> None:
    life.says(lives("2023-01-01", CIXI), issued("2023-08-01", CIXI), *months("2023-08", 8, CIXI), ending)

    assert (life.score(CIXI, "2024-05-01").validity, life.reminded("2024-05-02")) == ("lost", [])
    assert set(life.counts("2024-05-02", YINZHOU, CIXI, RUIAN).values()) <= {"0.00", life.total(CIXI, "2024-05-02")}


def test_a_second_permit_takes_the_place_of_the_first_wherever_it_is(life: Life) -> None:
    life.says(lives("2023-01-01", CIXI), issued("2023-08-01", CIXI), issued("2024-03-01", YINZHOU, "Q"))
    life.says(facts.PermitEndorsed(on=day("2024-07-20"), place=CIXI, permit="P"))
    permit = life.score(YINZHOU, "2024-08-15").permit

    assert (permit.number, permit.place) == ("Q", YINZHOU)
    assert {a.score.place: a.trial for a in life.prospects.home_scores(SHE, day("2024-08-15"))} == {
        YINZHOU: False,
        CIXI: True,
    }
