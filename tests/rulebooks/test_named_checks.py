"""What the founding documents ask for by name, each shown once with the shipped programmes."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from domain import facts
from domain.facts import Fact
from domain.programme import Case, Person, evaluate, given_points, granted, payments
from domain.programme.examples import gift_of
from domain.round import Application, answer_place, evolve_application, file, free_places, offer_place, transfer
from domain.round.refusals import NoPlaceFree
from tests.domain.given import Given, born, education, employment, insured, permit
from tests.domain.test_round import day, locked, opened
from tests.rulebooks.test_published_figures import child, programme, ranked

CIXI, YUEQING = "330282", "330382"
NORTH, SOUTH = "330282111", "330282112"


def case(*known: Fact, place: str, on: str, parents: tuple[tuple[Fact, ...], ...] = (), **fields: Any) -> Case:
    """Give somebody with what is known of them and of their parents."""
    people = tuple(Person(Given(*told).known()) for told in parents)
    return Case(Person(Given(*known).known()), place, day(on), day(on), parents=people, **fields)


def attested(scheme: str, since: str) -> Fact:
    """Say that an office of Yueqing attests something."""
    return facts.Attested(scheme=scheme, place=YUEQING, valid_from=day(since))


def test_four_routes_lead_to_a_school_of_yueqing_directly_by_policy_by_employer_and_by_points() -> None:
    without, by_points = programme("330382/2020-01-01.school_direct"), programme("330382/2020-04-28.school")
    on = "2020-05-01"
    working = (*insured("2019-05", 12, place=YUEQING), employment("2019-03-01", place=YUEQING))
    vaccinated = attested("vaccination", "2019-01-01")
    routes = {
        "direct": case(vaccinated, place=YUEQING, on=on, parents=(working,)),
        "policy": case(attested("policy_pupil", "2020-01-01"), place=YUEQING, on=on),
        "employer": case(attested("employer_place", "2020-01-01"), place=YUEQING, on=on),
        "none": case(place=YUEQING, on=on, parents=(working,)),
    }
    found = ranked(by_points, {"high": child(70, "s1", YUEQING), "low": child(65, "s1", YUEQING)}, {"s1": 1})

    assert {name: evaluate(without, each).met for name, each in routes.items()} == {
        **dict.fromkeys(("direct", "policy", "employer"), True),
        "none": False,
    }
    assert (found.named("in"), found.named("out")) == (["high"], ["low"])


def test_a_diploma_gained_brings_3000_yuan_once_in_yueqing() -> None:
    diploma = programme("330382/2020-01-01.diploma")
    on = date(2020, 5, 1)
    grant = granted(diploma, None, on)
    had = facts.BenefitStarted(
        programme="diploma",
        application="A1",
        place=YUEQING,
        first_month="2020-02",
        months=1,
        granted_on=date(2020, 1, 5),
    )
    gained = education("college", "2020-03-01")

    assert grant is not None
    assert [each.fen for each in payments(grant, "once")] == [300_000]
    assert evaluate(diploma, case(gained, place=YUEQING, on="2020-05-01")).met
    assert evaluate(diploma, case(gained, had, place=YUEQING, on="2020-05-01")).unmet == ["once"]
    assert evaluate(diploma, case(place=YUEQING, on="2020-05-01")).unmet == ["diploma"]


def test_a_place_in_cixi_is_exchanged_while_the_other_town_has_one_free() -> None:
    current = locked(opened((NORTH, 2), (SOUTH, 1)))
    held = {}
    for number in ("A-1", "A-2"):
        filed = evolve_application(
            Application(), file(opened((NORTH, 2), (SOUTH, 1)), number, day("2026-04-10"), [NORTH])
        )
        offered = evolve_application(
            filed, offer_place(current, filed, NORTH, day("2026-05-21"), day("2026-06-01"))
        )
        held[number] = evolve_application(offered, answer_place(current, offered, day("2026-05-22"), "accepted"))
    on = day("2026-06-05")
    free = free_places(current, held.values(), on)
    moved = evolve_application(held["A-1"], transfer(current, held["A-1"], SOUTH, free[SOUTH], on))
    after = free_places(current, [moved, held["A-2"]], on)

    assert (free, after) == ({NORTH: 0, SOUTH: 1}, {NORTH: 1, SOUTH: 0})
    with pytest.raises(NoPlaceFree):
        transfer(current, held["A-2"], SOUTH, after[SOUTH], on)


def test_convalescence_in_cixi_goes_by_rank_of_points() -> None:
    convalescence = programme("330282/2020-01-01.convalescence")
    issued = permit("permit-issued", "2024-01-01", CIXI)
    people = {
        name: Case(
            Person(Given(issued).known(), None, given_points(points)), CIXI, day("2024-06-01"), day("2024-06-01")
        )
        for name, points in (("a", 80), ("b", 70), ("c", 60))
    }
    found = ranked(convalescence, people, 2)

    assert (found.named("in"), found.named("out")) == (["a", "b"], ["c"])
    assert gift_of(convalescence, found.of("b").rank) == "convalescence"


def test_a_valid_permit_opens_the_residents_medical_insurance_and_a_newborn_joins_through_a_parent() -> None:
    medical = programme("330282/2022-01-01.medical")
    holds, on = permit("permit-issued", "2024-01-01", CIXI), "2024-06-01"
    ended = permit("permit-ended", "2024-05-01", CIXI).model_copy(update={"reason": "other"})

    assert evaluate(medical, case(holds, place=CIXI, on=on)).met
    assert not evaluate(medical, case(holds, ended, place=CIXI, on=on)).met
    assert evaluate(medical, case(born("2024-03-01"), place=CIXI, on=on, parents=((), (holds,)))).met
    assert not evaluate(medical, case(born("2024-03-01"), place=CIXI, on=on, parents=((), ()))).met
    assert not evaluate(medical, case(born("2023-03-01"), place=CIXI, on=on, parents=((holds,),))).met


def test_the_training_duty_of_two_sessions_and_six_hours_is_counted_by_town() -> None:
    duty = programme("330282/2023-01-01.training_duty")

    def session(on: str, town: str, minutes: int, course: str = "safety") -> Fact:
        return facts.TrainingAttended(attended_on=day(on), place=town, course=course, minutes=minutes)

    residents = [
        (NORTH, [session("2024-03-01", NORTH, 180), session("2024-04-01", NORTH, 180, "law")]),
        (NORTH, [session("2024-03-01", NORTH, 360)]),
        (NORTH, [session("2024-03-01", NORTH, 180), session("2024-04-01", NORTH, 179, "law")]),
        (SOUTH, [session("2024-03-01", SOUTH, 180), session("2024-04-01", NORTH, 180, "law")]),
        (SOUTH, [education("college")]),
        (SOUTH, []),
    ]
    done: Counter[str] = Counter()
    bound: Counter[str] = Counter()
    for town, known in residents:
        found = evaluate(duty, case(*known, place=CIXI, on="2024-06-01", town=town))
        bound[town] += not found.exemptions
        done[town] += found.met and not found.exemptions

    assert (dict(done), dict(bound)) == ({NORTH: 1, SOUTH: 1}, {NORTH: 3, SOUTH: 2})
