"""Worked examples inside a programme: run when it is checked; a failing one is a problem with its line."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from domain.civil import month_text
from domain.examples import known_of
from domain.knowledge import Knowledge
from domain.plain import Misread
from domain.programme.case import Case, Person, given_points
from domain.programme.document import ProgrammeDocument
from domain.programme.evaluation import Eligibility, evaluate
from domain.programme.lottery import drawn
from domain.programme.model import Applicant, Example, Programme, Relative
from domain.programme.money import granted, payments
from domain.programme.ranking import ALL, Entrant, Ranking, rank
from domain.rulebook import Problem
from domain.shorthand import FORM, NotShort, expand

_OF_ONE = (
    *("met", "unmet", "exempt", "tier", "points", "fen_per_month"),
    *("first_month", "last_month", "payments", "order"),
)
_OF_MANY = ("ranking", "in", "out", "awaits_draw", "not_eligible", "gifts")


def check_programme(document: ProgrammeDocument) -> list[Problem]:
    """Run every example; give a problem for each expectation that is not met, with its line."""
    problems: list[Problem] = []
    for index, example in enumerate(document.programme.examples):
        problems += _run(document.programme, example, index)
    return [document.marks.place(problem) for problem in problems]


def counted_on(programme: Programme, applied_on: date) -> date:
    """Give the counting day of an application."""
    day = programme.counted_on.day
    return day if isinstance(day, date) else applied_on


def _run(programme: Programme, example: Example, index: int) -> Iterator[Problem]:
    try:
        cases = {each.name: _case(programme, example, each) for each in example.applicants}
    except (NotShort, Misread) as error:
        context = {"detail": str(error), "form": FORM}
        yield Problem("example-fact", ("examples", index, "applicants"), context=context)
        return
    found = {name: evaluate(programme, case) for name, case in cases.items()}
    known = _OF_MANY if len(cases) > 1 else (*_OF_ONE, *_OF_MANY)
    for name, expected in example.expect.items():
        path = ("examples", index, "expect", name)
        if name not in known:
            yield Problem("programme-expects", path, context={"name": name, "known": ", ".join(known)})
            continue
        if name in _OF_MANY:
            got = _of_many(programme, example, found, name)
        else:
            [(only, case)] = cases.items()
            got = _of_one(programme, case, found[only], name)
        if not _same(name, got, expected):
            context = {"name": name, "expected": str(expected), "found": str(got)}
            yield Problem("programme-example", path, context=context)


def _same(name: str, got: Any, expected: Any) -> bool:
    if name == "points" and got is not None:
        return str(Decimal(str(got)).normalize()) == str(Decimal(str(expected)).normalize())
    return str(got) == str(expected)


def _case(programme: Programme, example: Example, applicant: Applicant) -> Case:
    place = example.place or programme.authority
    day = counted_on(programme, example.applied_on)
    return Case(
        _person(applicant, day, applicant.town or place),
        place,
        day,
        example.applied_on,
        example.check_day,
        _person(applicant.spouse, day, place) if applicant.spouse else None,
        tuple(_person(parent, day, applicant.town or place) for parent in applicant.parents),
        applicant.town,
        applicant.zone,
    )


def _person(told: Relative, day: date, place: str) -> Person:
    plain: list[dict[str, Any]] = []
    for written in told.facts:
        plain += [written] if isinstance(written, dict) else expand(written, day, place)
    knowledge = known_of(plain, told.born) if plain or told.born else Knowledge()
    return Person(knowledge, told.sex, None if told.points is None else given_points(told.points))


def _of_one(programme: Programme, case: Case, found: Eligibility, name: str) -> Any:
    grant = granted(programme, case.zone, case.applied_on) if found.met else None
    pays = programme.benefit.pays if programme.benefit else None
    values: dict[str, Callable[[], Any]] = {
        "met": lambda: found.met,
        "unmet": lambda: found.unmet,
        "exempt": lambda: list(found.exemptions),
        "tier": lambda: found.tier,
        "points": lambda: found.points.text if found.points else None,
        "order": lambda: [value for _, value in found.order],
        "fen_per_month": lambda: grant.fen_per_month if grant else None,
        "first_month": lambda: month_text(grant.first) if grant else None,
        "last_month": lambda: month_text(grant.last) if grant else None,
        "payments": lambda: [payment.fen for payment in payments(grant, pays)] if grant and pays else None,
    }
    return values[name]()


def _of_many(programme: Programme, example: Example, found: dict[str, Eligibility], name: str) -> Any:
    ranking = ranked(programme, example, found)
    match name:
        case "ranking":
            return [[each.application, each.rank] for each in ranking.ranked if each.rank is not None]
        case "gifts":
            return [[each.application, gift] for each in ranking.ranked if (gift := gift_of(programme, each.rank))]
        case _:
            return ranking.named(name)  # type: ignore[arg-type] # one of the outcomes: _OF_MANY names them


def ranked(programme: Programme, example: Example, found: dict[str, Eligibility]) -> Ranking:
    """Rank the applicants of an example."""
    quota = programme.quota
    units = {
        each.name: (ALL,) if quota is None else quota.units([each.town] if each.town else [])
        for each in example.applicants
    }
    declared = quota.places if quota is not None and isinstance(quota.places, int) else None
    places = example.places or declared or len(found)
    entrants = [Entrant(name, each.key, units[name], each.met) for name, each in found.items()]
    draw = drawn(example.seed, programme.doc, found) if example.seed else None
    ties = quota.ties_at_line if quota is not None else "admit_all"
    return rank(entrants, dict.fromkeys((unit for each in units.values() for unit in each), places), ties, draw)


def gift_of(programme: Programme, place: int | None) -> str | None:
    """Give what a rank gets, not in money."""
    if place is None or programme.benefit is None:
        return None
    for gift in programme.benefit.in_kind:
        if (gift.from_rank or 1) <= place <= (gift.to_rank or place):
            return gift.id
    return None
