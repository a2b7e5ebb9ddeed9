"""Figures that authorities published: windows, lines, ranks, amounts. Who is in, who is out, how much.

What stands in a programme's own examples is not said here again: those are run by test_programmes.py.
"""

from collections import Counter
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

import pytest

from domain.assessment import AssessmentNotOpen, join
from domain.benefit import Benefit, due_payment, evolve, start
from domain.civil import month_text
from domain.facts import AssessmentOpened, BenefitStarted, EmploymentStarted, InsuranceMonthPaid, PostHeld
from domain.programme import Case, Person, Programme, evaluate, given_points, granted, payments
from domain.programme.examples import gift_of
from domain.programme.ranking import Entrant, Ranking, rank
from domain.round import Round, evolve_round, extend, file
from domain.round.refusals import RoundClosed
from ledger.programmes import read_programmes
from tests.domain.given import HOUSE, Given, permit
from tests.domain.test_round import opened

XIANGSHAN = "330225"


@cache
def programme(path: str) -> Programme:
    """Read a shipped programme."""
    [document] = read_programmes(HOUSE / "programmes" / f"{path}.yaml")
    return document.programme


def child(points: Any, town: str | None = None, place: str = "330381") -> Case:
    """Give a child with one parent who has a permit of a district, and points."""
    day = date(2024, 4, 1)
    issued = permit("permit-issued", "2023-12-01", place)
    parent = Person(Given(issued).known(), None, given_points(points))
    return Case(Person(), town or place, day, day, parents=(parent,), town=town)


def ranked(found: Programme, cases: dict[str, Case], places: int | dict[str, int]) -> Ranking:
    """Rank cases for the places of one unit, or of several named by the town of each."""
    entrants = []
    for name, case in cases.items():
        told = evaluate(found, case)
        units = (case.town or "all",) if isinstance(places, dict) else ("all",)
        entrants.append(Entrant(name, told.key, units, told.met))
    assert found.quota is not None
    return rank(entrants, places if isinstance(places, dict) else {"all": places}, found.quota.ties_at_line)


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("330206/2024-04-01.school", "2024-04-01", "2024-04-30"),
        ("330205/2022-03-01.school", "2022-03-01", "2022-03-31"),
        ("330381/2024-03-11.school", "2024-03-11", "2024-05-06"),
        ("330326/2024-03-26.school", "2024-03-26", "2024-04-30"),
        ("330324/2022-03-25.school", "2022-03-25", "2022-05-13"),
        ("330382/2020-04-28.school", "2020-04-28", "2020-05-19"),
        ("330282/2021-09-18.rental", "2021-09-18", "2021-09-30"),
        ("330282/2022-06-14.rental", "2022-06-14", "2022-06-30"),
        ("330213/2022-09-26.rental", "2022-10-17", "2022-10-31"),
        ("330211/2020-10-16.hukou", "2020-10-16", "2020-10-31"),
    ],
)
def test_a_window_is_the_one_that_was_published(path: str, first: str, last: str) -> None:
    window = programme(path).window

    assert window is not None
    assert (window.from_.isoformat(), window.to.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("330211/2022-01-01.school", "2022-03-31"),
        ("330211/2023-01-01.school", "2023-03-31"),
        ("330206/2017-01-01.school", "2017-03-31"),
        ("330206/2024-04-01.school", "2024-03-31"),
        ("330281/2025-04-01.school", "2025-04-30"),
        ("330205/2022-03-01.school", "2022-03-31"),
        ("330784/2021-01-01.school", "2021-05-31"),
    ],
)
def test_a_counting_day_is_the_one_that_was_published(path: str, day: str) -> None:
    assert str(programme(path).counted_on.day) == day


def test_xiangshan_assessed_until_the_24th_of_may_2022() -> None:
    year = AssessmentOpened(
        year=2022,
        place=XIANGSHAN,
        opens_on=date(2022, 4, 1),
        closes_on=date(2022, 5, 24),
        counted_on=date(2022, 5, 24),
    )

    assert join(year, date(2022, 5, 24)).joined_on == date(2022, 5, 24)
    with pytest.raises(AssessmentNotOpen):
        join(year, date(2022, 5, 25))


def test_yongkang_let_its_window_close_later_and_the_last_day_counts_whole() -> None:
    current = opened()
    longer = evolve_round(current, extend(current, date(2026, 5, 31), "延期", date(2026, 5, 1)))

    assert file(longer, "A-1", date(2026, 5, 31)).filed_on == date(2026, 5, 31)
    with pytest.raises(RoundClosed):
        file(longer, "A-1", date(2026, 6, 1))
    assert isinstance(longer, Round)


@pytest.mark.parametrize(
    ("path", "least"), [("330784/2021-01-01.school_urban", "120"), ("330784/2021-01-01.school", "100")]
)
def test_yongkang_asks_120_points_for_an_urban_school_and_100_for_others(path: str, least: str) -> None:
    below = given_points(f"{int(least) - 1}.99").text

    assert evaluate(programme(path), child(least)).met
    assert not evaluate(programme(path), child(below)).met


def test_the_first_hundred_of_ruian_go_to_better_schools() -> None:
    top = programme("330381/2024-03-11.school_top")
    assert top.quota is not None
    found = ranked(top, {f"A-{n:03}": child(200 - n) for n in range(1, 103)}, int(top.quota.places))

    assert found.named("in") == [f"A-{n:03}" for n in range(1, 101)]
    assert found.named("out") == ["A-101", "A-102"]


def test_children_without_points_come_after_those_with_points_in_ruian() -> None:
    school = programme("330381/2024-03-11.school")
    found = ranked(school, {"none": child(0), "few": child("0.25")}, 1)

    assert (found.named("in"), found.named("out")) == (["few"], ["none"])


@pytest.mark.parametrize(("place", "gift"), [(1, "year"), (150, "year"), (151, "half"), (300, "half"), (301, None)])
def test_ranks_1_to_150_travel_free_for_a_year_in_yongjia_and_151_to_300_for_half(
    place: int, gift: str | None
) -> None:
    assert gift_of(programme("330324/2022-03-25.passes"), place) == gift


@pytest.mark.parametrize(
    ("school", "line"),
    [
        ("gx6", "57.5"),
        ("gx3", "46.2"),
        ("lqhz", "59.7"),
        ("ly", "69.25"),
        ("lq2", "73.85"),
        ("nbx", "55.6"),
        ("nc", "54.3"),
    ],
)
def test_who_is_over_a_school_of_ouhai_begins_at_the_published_line(school: str, line: str) -> None:
    found = ranked(
        programme("330304/2020-01-01.school"),
        {"more": child(float(line) + 0.05, school), "line": child(line, school), "less": child("1", school)},
        {school: 1},
    )

    assert (found.named("in"), found.named("out")) == (["more"], ["line", "less"])


@pytest.mark.parametrize(
    ("path", "primary", "junior"),
    [("330326/2024-03-26.school", 128, 82), ("330382/2020-04-28.school", 130, 48)],
)
def test_places_of_named_schools_add_up_to_what_was_published(path: str, primary: int, junior: int) -> None:
    towns = {f"p{n}": primary // 4 + (n < primary % 4) for n in range(4)}
    towns |= {f"j{n}": junior // 4 + (n < junior % 4) for n in range(4)}
    cases = {
        f"{town}-{n}": child(200 - n / 4, town, path[:6]) for town, count in towns.items() for n in range(count + 3)
    }
    found = ranked(programme(path), cases, towns)
    admitted = Counter(name[0] for name in found.named("in"))

    assert (admitted["p"], admitted["j"], len(found.named("out"))) == (primary, junior, 3 * len(towns))


def tenant(number: int, *, cleaner: bool = False) -> Case:
    """Give a tenant of Cixi with a permit, a contract without an end, and points that fall with the number."""
    day = date(2022, 6, 20)
    known = [
        permit("permit-issued", "2022-01-10", "330282"),
        EmploymentStarted(started_on=date(2022, 1, 1), place="330282", spell="E1", basis="labour-contract"),
        *(
            [PostHeld(started_on=date(2021, 1, 1), place="330282", spell="S1", post="sanitation")]
            if cleaner
            else []
        ),
    ]
    person = Person(Given(*known).known(), "male", given_points(0 if cleaner else 200 - number / 16))
    return Case(person, "330282", day, day, zone="centre")


def test_1500_households_of_cixi_are_in_in_2022_sanitation_workers_first() -> None:
    rental = programme("330282/2022-06-14.rental")
    assert rental.quota is not None
    keys = {n: evaluate(rental, tenant(n)) for n in (1, 1499, 1500, 1501)}
    first = evaluate(rental, tenant(0, cleaner=True))
    entrants = [Entrant(f"{n:04}", (0, -n), ("all",)) for n in range(1501)]
    found = rank(entrants, {"all": int(rental.quota.places)}, rental.quota.ties_at_line)

    assert [first.key < told.key for told in keys.values()] == [True] * 4
    assert sorted(keys, key=lambda n: keys[n].key) == [1, 1499, 1500, 1501]
    assert (len(found.named("in")), found.named("out")) == (1500, ["0000"])


@pytest.mark.parametrize(
    ("path", "zone", "on", "fen"),
    [
        ("330282/2021-09-18.rental", "centre", "2021-09-20", 25_000),
        ("330282/2021-09-18.rental", "outside", "2021-09-20", 20_000),
        ("330282/2022-06-14.rental", "centre", "2022-06-20", 31_700),
        ("330282/2022-06-14.rental", "outside", "2022-06-20", 23_100),
        ("330282/2023-01-01.rental", "centre", "2023-05-31", 31_700),
        ("330282/2023-01-01.rental", "outside", "2023-05-31", 23_100),
        ("330212/2020-07-21.rental", "street", "2020-08-10", 30_240),
        ("330212/2020-07-21.rental", "town", "2020-08-10", 18_900),
        ("330212/2021-09-08.rental", "street", "2021-09-20", 40_400),
    ],
)
def test_a_months_subsidy_is_the_amount_that_was_published(path: str, zone: str, on: str, fen: int) -> None:
    grant = granted(programme(path), zone, date.fromisoformat(on))

    assert grant is not None
    assert grant.fen_per_month == fen


def test_yinzhou_paid_808_yuan_in_december_for_october_and_november() -> None:
    grant = granted(programme("330212/2021-09-08.rental"), "street", date(2021, 9, 20))
    assert grant is not None
    first_two = list(islice(payments(grant, "monthly"), 2))

    assert [month_text(each.first) for each in first_two] == ["2021-10", "2021-11"]
    assert sum(each.fen for each in first_two) == 80_800


def test_cixi_pays_a_quarter_in_the_first_month_of_the_next_and_in_2021_a_year_at_once() -> None:
    found = {}
    for path, on in (("330282/2022-06-14.rental", "2022-06-20"), ("330282/2021-09-18.rental", "2021-09-20")):
        terms = programme(path).benefit
        grant = granted(programme(path), "centre", date.fromisoformat(on))
        assert grant is not None
        assert terms is not None
        assert terms.pays is not None
        benefit = evolve(Benefit(), start(grant, "rental", "A1", "330282", date.fromisoformat(on)))
        days = (date(2022, 6, 30), date(2022, 7, 1), date(2022, 12, 31), date(2023, 1, 1))
        found[path] = [due_payment(benefit, day, terms.pays) is not None for day in days]

    assert found["330282/2022-06-14.rental"] == [False, True, True, True]
    assert found["330282/2021-09-18.rental"] == [True, True, True, True]


def test_in_fenghua_who_has_a_place_this_year_applies_again_the_next() -> None:
    rental = programme("330213/2022-09-26.rental")
    grant = granted(rental, None, date(2022, 10, 20))
    assert grant is not None
    before = BenefitStarted(
        programme="rental",
        application="A1",
        place="330213",
        first_month="2021-11",
        months=12,
        granted_on=date(2021, 11, 1),
    )
    known = Given(permit("permit-issued", "2022-01-10", "330213"), before).known()
    day = date(2022, 10, 20)
    case = Case(Person(known, None, given_points(70)), "330213", date(2022, 10, 9), day)

    assert evaluate(rental, case).met
    assert (grant.months, month_text(grant.first), month_text(grant.last)) == (24, "2022-11", "2024-10")


def test_yiwu_ranks_by_pension_months_that_were_paid_normally() -> None:
    def paid(count: int, standing: Any = "normal") -> list[InsuranceMonthPaid]:
        return [
            InsuranceMonthPaid(
                month=month_text(2018 * 12 + n), place="330782", insurance="pension", standing=standing
            )
            for n in range(count)
        ]

    day = date(2021, 5, 1)
    lives = {"longer": paid(30), "shorter": paid(29), "bought": paid(36, "back-paid")}
    cases = {name: Case(Person(Given(*told).known()), "330782", day, day) for name, told in lives.items()}
    found = ranked(programme("330782/2020-01-01.school_e2"), cases, 1)

    assert (found.named("in"), found.named("out")) == (["longer"], ["shorter", "bought"])
