"""Whether one condition holds for one person on one day: a function for each kind, all pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.civil import add_months, age_on
from domain.dispute.marks import open_disputes
from domain.measures import Reading, own_day
from domain.notation import points_text, units_of
from domain.permit import PermitState, permit_on
from domain.places import Tier, lies_in
from domain.programme import conditions as kinds
from domain.programme.case import Case, Person
from domain.programme.finding import Found
from domain.programme.model import Programme
from domain.programme.points import points_for
from domain.residency.conditions import held
from domain.view import View


@dataclass(frozen=True, slots=True)
class Asked:
    """What a condition is asked about: a programme, a case, a person, a day."""

    programme: Programme
    case: Case
    person: Person
    day: date

    @property
    def view(self) -> View:
        """Read what is known of the person on the day."""
        key = ("view", id(self.person), self.day)
        if key not in self.case.memory:
            self.case.memory[key] = View(self.person.knowledge, self.case.place, self.day)
        view: View = self.case.memory[key]
        return view

    def tier(self, named: Tier | None) -> Tier:
        """Give the territory that counts: the one named, or the authority's own."""
        return named or tier_of(self.programme.authority)


def tier_of(authority: str) -> Tier:
    """Say whether an authority is a province, a city or a district.

    >>> tier_of("330000").value, tier_of("330200").value, tier_of("3302QW").value
    ('province', 'city', 'district')
    """
    if authority.endswith("0000"):
        return Tier.PROVINCE
    return Tier.CITY if authority.endswith("00") else Tier.DISTRICT


def holds(condition: Any, asked: Asked) -> Found:
    """Say whether a condition holds. Of `any_of` and `all_of` the parts are asked by the evaluator."""
    return _HOLDS[type(condition)](condition, asked)


def _permit(condition: kinds.PermitIs, asked: Asked) -> Found:
    permit = permit_on(asked.person.knowledge.permits, asked.day)
    state, place = permit.state(asked.day), permit.place or ""
    if state is not PermitState.NONE and not _in(condition.of, place, asked):
        return Found(
            met="none" in condition.is_, found="elsewhere", wanted=" | ".join(condition.is_), unit="permit"
        )
    return Found(state.value in condition.is_, state.value, " | ".join(condition.is_), unit="permit")


def _in(of: str, place: str, asked: Asked) -> bool:
    authority = asked.programme.authority
    match of:
        case "province":
            return place[:2] == authority[:2]
        case "city":
            return place[:4] == authority[:4]
        case "town":
            return asked.case.town is not None and place.startswith(asked.case.town)
        case _:
            return lies_in(place, authority)


def _measured(condition: kinds.Measured, asked: Asked) -> Found:
    measure = condition.measure
    view = asked.view.on(own_day(measure.as_of, asked.day))
    reading = Reading(asked.tier(None), f"{asked.programme.doc}/{condition.id}")
    counted = measure.count(view, reading)
    used = tuple(counted.used)
    if counted.quantity is None:
        return Found(met=False, found=None, wanted=condition.at_least, unit=counted.unit, used=used)
    if condition.at_most is not None:
        over = counted.quantity - condition.at_most
        return Found(over <= 0, counted.quantity, condition.at_most, max(0, over), counted.unit, used)
    wanted = condition.at_least or 1
    lacking = max(0, wanted - counted.quantity)
    return Found(lacking == 0, counted.quantity, wanted, lacking, counted.unit, used)


def _term(condition: kinds.TermIs, asked: Asked) -> Found:
    longest: tuple[int, Any] = (0, None)
    for row in held(asked.view, condition.of, asked.tier(condition.scope)):
        start, end = row.starts_on or asked.day, row.ends_on
        months = condition.at_least if end is None or add_months(start, condition.at_least) <= end else 1
        longest = max(longest, (months, row), key=lambda pair: pair[0])
    met = longest[0] >= condition.at_least
    used = (longest[1],) if longest[1] is not None else ()
    return Found(
        met, "long enough" if met else "too short" if used else "none", condition.at_least, None, "months", used
    )


def _score(condition: kinds.ScoreIs, asked: Asked) -> Found:
    points = points_for(asked.programme, asked.case, asked.day)
    units = points.total
    if condition.tiers is not None:
        units = sum(points.tiers.get(tier, 0) for tier in condition.tiers)
    wanted = units_of(condition.at_least, points.scale)
    lacking = max(0, wanted - units)
    missing = None if not lacking else points_text(lacking, points.scale)
    return Found(
        not lacking, points_text(units, points.scale), points_text(wanted, points.scale), missing, "points"
    )


def _age(condition: kinds.AgeIs, asked: Asked) -> Found:
    born_on, below = asked.person.knowledge.born_on, condition.below
    if isinstance(below, kinds.ByAge):
        sex = asked.person.sex or asked.person.knowledge.sex
        if sex is None:
            return Found(met=False, found="sex unknown", wanted=f"< {below.male} | {below.female}", unit="years")
        below = below.male if sex == "male" else below.female
    wanted = f"< {below}" if below is not None else f">= {condition.from_}"
    if born_on is None:
        return Found(met=False, found=None, wanted=wanted, unit="years")
    age = age_on(born_on, asked.day)
    enough = condition.from_ is None or age >= condition.from_
    return Found(enough and (below is None or age < below), age, wanted, unit="years")


def _born(condition: kinds.BornWithin, asked: Asked) -> Found:
    born_on = asked.person.knowledge.born_on
    wanted = f"{condition.from_} <= .. < {condition.to}"
    met = born_on is not None and condition.from_ <= born_on < condition.to
    return Found(met, "within" if met else "unknown" if born_on is None else "outside", wanted, unit="birth date")


def _took_part(condition: kinds.TookPart, asked: Asked) -> Found:
    wanted = str(condition.year)
    rows = [
        fact.row
        for kind in ("assessment-joined", "score-certified")
        for fact in asked.person.knowledge.of(kind)
        if fact.row.variant == wanted
        and lies_in(fact.row.place or "", asked.programme.authority)
        and fact.row.starts_on is not None
        and fact.row.starts_on <= asked.day
        and (fact.void_from is None or asked.day < fact.void_from)
    ]
    return Found(bool(rows), wanted if rows else None, wanted, unit="assessment", used=tuple(rows[:1]))


def _never_granted(condition: kinds.NeverGranted, asked: Asked) -> Found:
    """An earlier grant bars for ever, also after its months are over. One begun later than the day does not."""
    rows = [
        fact.row
        for fact in asked.person.knowledge.of("benefit-started")
        if fact.row.variant in condition.programmes
        and fact.row.starts_on is not None
        and fact.row.starts_on < asked.day
        and (fact.void_from is None or asked.day < fact.void_from)
    ]
    return Found(not rows, len(rows), 0, len(rows), "grants", tuple(rows))


def _not_barred(_condition: kinds.NotBarred, asked: Asked) -> Found:
    authority, programme = asked.programme.authority, asked.programme.programme
    rows = [
        fact.row
        for fact in asked.person.knowledge.of("fraud-found")
        if fact.row.variant in (None, programme)
        and lies_in(authority, fact.row.place or "")
        and (fact.row.starts_on or date.max) <= asked.day < (fact.end(asked.day) or date.max)
        and (fact.void_from is None or asked.day < fact.void_from)
    ]
    return Found(not rows, "barred" if rows else "not barred", "not barred", unit="bar", used=tuple(rows))


def _not_held(_condition: kinds.NotHeld, asked: Asked) -> Found:
    points = points_for(asked.programme, asked.case, asked.day)
    return Found(not points.held, "held" if points.held else "free", "free", unit="hold")


def _no_open_dispute(condition: kinds.NoOpenDispute, asked: Asked) -> Found:
    """Wherever the result was given that is contested: a table of the province counts in every place."""
    rows = [
        row
        for row in open_disputes(asked.person.knowledge, asked.day)
        if condition.items is None or row.variant in condition.items
    ]
    return Found(not rows, len(rows), 0, len(rows), "disputes", tuple(rows))


def _no_local_hukou(_condition: kinds.NoLocalHukou, asked: Asked) -> Found:
    gained = asked.view.select("local-hukou-gained", asked.tier(None)).rows
    return Found(not gained, len(gained), 0, unit="hukou", used=tuple(gained))


def _same_town(condition: kinds.HomeIs, asked: Asked) -> Found:
    town = asked.case.town
    if town is None:
        return Found(met=False, found=None, wanted="town", unit="town")
    if condition.by == "permit":
        place = permit_on(asked.person.knowledge.permits, asked.day).place
        return Found(place is not None and place.startswith(town), place, town, unit="town")
    homes = held(asked.view, "residence-registered", Tier.PROVINCE)
    here = [row for row in homes if (row.place or "").startswith(town)]
    return Found(bool(here), here[0].place if here else None, town, unit="town", used=tuple(here))


_HOLDS: dict[type, Callable[[Any, Asked], Found]] = {
    kinds.AgeIs: _age,
    kinds.BornWithin: _born,
    kinds.HomeIs: _same_town,
    kinds.Measured: _measured,
    kinds.NeverGranted: _never_granted,
    kinds.NoLocalHukou: _no_local_hukou,
    kinds.NoOpenDispute: _no_open_dispute,
    kinds.NotBarred: _not_barred,
    kinds.NotHeld: _not_held,
    kinds.PermitIs: _permit,
    kinds.ScoreIs: _score,
    kinds.TermIs: _term,
    kinds.TookPart: _took_part,
}
