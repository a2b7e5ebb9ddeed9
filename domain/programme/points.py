"""Which points a programme uses for a case: live or certified, of one person, of the better of two, or of both."""

from dataclasses import replace
from datetime import date

from domain.knowledge import Knowledge
from domain.places import Tier, lies_in
from domain.programme.case import NOTHING, Case, Person, Points, points_of
from domain.programme.model import Programme, ScoreUse
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from domain.scoring import score

_E4 = 4


def points_for(programme: Programme, case: Case, day: date | None = None) -> Points:
    """Give the points of a case as of the counting day, or of another day for a live score."""
    use = programme.score or ScoreUse(clause="-")
    each = [person_points(programme, use, case, person, day or case.counted_on) for person in _people(use, case)]
    if not each:
        return NOTHING
    if use.who == "both_parents":
        return _added(each)
    return max(each, key=lambda points: points.total * int(10 ** (_E4 - points.scale)))


def person_points(programme: Programme, use: ScoreUse, case: Case, person: Person, day: date) -> Points:
    """Give the points of one person; each is worked out once for a case and a day."""
    if person.points is not None:
        return person.points
    key = (id(person), day, use.kind, use.year)
    if key not in case.memory:
        case.memory[key] = (
            _certified(programme, case, person, use.year, day)
            if use.kind == "certified" and use.year is not None
            else _live(programme, case, person, day)
        )
    points: Points = case.memory[key]
    return points


def _certified(programme: Programme, case: Case, person: Person, year: int, day: date) -> Points:
    """Give certified points; what counts provisionally moves them by what it moves a live score of that day."""
    points = certified(person, programme.authority, year, day)
    if person.recorded is None or points.state != "scored":
        return points
    with_it, without = (
        _scored(programme, case, person, known, day) for known in (person.knowledge, person.recorded)
    )
    more = (with_it.total - without.total) * int(10 ** (_E4 - with_it.scale))
    if not more:
        return points
    return replace(points, total=points.total * int(10 ** (_E4 - points.scale)) + more, scale=_E4)


def _live(programme: Programme, case: Case, person: Person, day: date) -> Points:
    return points_of(_scored(programme, case, person, person.knowledge, day))


def _scored(programme: Programme, case: Case, person: Person, known: Knowledge, day: date) -> Score:
    books = _without(case.rulebooks, case.lapsed)
    return score(known, books, case.place, day, case.coverage, case.family_of(person), programme.programme)


def _without(books: RulebookSet, lapsed: frozenset[str]) -> RulebookSet:
    """Give the same tables without some items: as if never claimed, so that others may fill a cap."""
    if not lapsed:
        return books
    kept = []
    for document in books.documents:
        table = document.rulebook
        items = [item for item in table.items if not {item.id, f"{table.doc}/{item.id}"} & lapsed]
        kept.append(replace(document, rulebook=table.model_copy(update={"items": items})))
    return RulebookSet(tuple(kept), books.restricted)


def certified(person: Person, authority: str, year: int, day: date) -> Points:
    """Give the score certified last for a year, as known; who has none did not take part, and counts 0."""
    found = [
        fact
        for fact in person.knowledge.of("score-certified")
        if fact.row.variant == str(year)
        and lies_in(fact.row.place or "", authority)
        and (fact.void_from is None or day < fact.void_from)
    ]
    if not found:
        return NOTHING
    newest = max(found, key=lambda fact: (fact.row.starts_on or date.min, fact.row.position))
    end = newest.end(day)
    if end is not None and end <= day:
        return Points(0, 2, {}, {}, "not_in_effect")
    units = newest.row.quantity or 0
    if units % 100:
        return Points(units, _E4, {}, {}, "scored")
    return Points(units // 100, 2, {}, {}, "scored")


def _people(use: ScoreUse, case: Case) -> tuple[Person, ...]:
    match use.who:
        case "best_parent" | "both_parents":
            return case.parents
        case "best_of_couple":
            return case.people("couple")
        case "self":
            return (case.applicant,)


def _added(each: list[Points]) -> Points:
    scale = max(points.scale for points in each)
    tiers: dict[Tier, int] = {}
    items: dict[str, int] = {}
    for points in each:
        up = int(10 ** (scale - points.scale))
        for tier, units in points.tiers.items():
            tiers[tier] = tiers.get(tier, 0) + units * up
        for item, units in points.items.items():
            items[item] = items.get(item, 0) + units * up
    total = sum(points.total * int(10 ** (scale - points.scale)) for points in each)
    states = {points.state for points in each}
    state = each[0].state if len(states) == 1 else "scored"
    return Points(total, scale, tiers, items, state, held=any(points.held for points in each))
