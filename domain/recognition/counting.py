"""What counts in the rest of the city and in the rest of the province, read off the score at home.

A table counts where it is in force both there and at home (docs/decisions/0121): what its authority is decides how
far. Where no row of a table reads less far than the table counts, its points elsewhere are those at home, so that
three sums say what recognition comes to in every place of the province.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from domain.measures import Months
from domain.permit import PermitState
from domain.places import Tier
from domain.ready import library_of
from domain.rulebook.model import Deduction, Item, Rulebook, ValidityName
from domain.rulebook.resolution import RulebookSet
from domain.score import Held, Score
from domain.scoring import validity_in

Level = Literal["province", "city", "district"]
_WIDTH = {Tier.PROVINCE: 2, Tier.CITY: 1, Tier.DISTRICT: 0}


@dataclass(frozen=True, slots=True)
class Territories:
    """How far each document of a home's set counts, by its name; a document of the district counts at home alone.

    `uniform`: every table gives the same wherever it counts. Otherwise each place must be looked at by itself.
    """

    province: frozenset[str]
    city: frozenset[str]
    uniform: bool

    @classmethod
    def of(cls, home: RulebookSet, in_city: RulebookSet, in_province: RulebookSet) -> "Territories":
        """Compare the tables in force at home with those of the city and of the province as such."""
        of_province = _shared(home, in_province)
        of_city = _shared(home, in_city) | of_province
        books = {book.doc: book for book in home.rulebooks}
        uniform = all(_reaches(books[doc], Tier.PROVINCE) for doc in of_province) and all(
            _reaches(books[doc], Tier.CITY) for doc in of_city
        )
        return cls(of_province, of_city - of_province, uniform)

    def level(self, doc: str) -> Level:
        """Say how far a document counts."""
        return "province" if doc in self.province else "city" if doc in self.city else "district"


class Recognition(NamedTuple):
    """What a score at home comes to elsewhere, in units of the set's scale.

    `total` counts at home, `in_city` in the rest of the city, `in_province` in the rest of the province: sums of
    tables less deductions, never below zero, and zero under a hold that freezes them. `province`, `city` and
    `district` are the points of the tables that count so far, before deductions: what does not count stays behind.
    """

    total: int
    in_city: int
    in_province: int
    province: int
    city: int
    district: int


NOTHING = Recognition(0, 0, 0, 0, 0, 0)


def counted(score: Score, where: Territories) -> Recognition:
    """Read off a score at home what counts elsewhere. For territories that are uniform."""
    points = {"province": 0, "city": 0, "district": 0}
    less = dict(points)
    for table in score.tables:
        points[where.level(table.doc)] += table.points
    for line in score.rows:
        if line.block == "deduction":
            less[where.level(line.doc)] += line.points
    frozen = {where.level(line.doc) for line in score.lines if isinstance(line, Held) and line.effect == "zero"}
    in_province = max(0, points["province"] + less["province"])
    in_city = max(0, points["province"] + less["province"] + points["city"] + less["city"])
    return Recognition(
        total=score.total,
        in_city=0 if frozen & {"province", "city"} else in_city,
        in_province=0 if "province" in frozen else in_province,
        **points,
    )


def validity_there(
    home: RulebookSet, there: RulebookSet, state: PermitState, at_home: ValidityName | None, *, awaits_request: bool
) -> ValidityName | None:
    """Say 有效 | 累计中 | 暂停 | 失效 in another place: what its tables make of the permit's state.

    A hold that pauses at home what the permit alone would put into effect pauses it everywhere.
    """
    own, theirs = library_of(home).validity, library_of(there).validity
    if theirs is None:
        return None
    validity = validity_in(theirs, state, awaits_request=awaits_request)
    by_permit = None if own is None else validity_in(own, state, awaits_request=awaits_request)
    is_paused = at_home == "paused" and by_permit == "effective"
    return "paused" if is_paused and validity == "effective" else validity


def _shared(home: RulebookSet, there: RulebookSet) -> frozenset[str]:
    known = {(document.rulebook.doc, document.hash) for document in there.documents}
    return frozenset(d.rulebook.doc for d in home.documents if (d.rulebook.doc, d.hash) in known)


def _reaches(book: Rulebook, territory: Tier) -> bool:
    """Say whether every row of a table reads at least a territory."""
    rows: list[Item | Deduction] = [*book.items, *book.deductions]
    scopes = {book.reach} | {scope for row in rows for scope in _scopes(row, book)}
    return all(_WIDTH[scope] >= _WIDTH[territory] for scope in scopes)


def _scopes(row: Item | Deduction, book: Rulebook) -> set[Tier]:
    base = (row.follows if isinstance(row, Deduction) else None) or book.reach
    measure = row.measure
    own: Tier = getattr(measure, "scope", None) or base
    if not isinstance(measure, Months):
        return {own}
    sets = [*(measure.any_of or ()), *(measure.all_of or ()), *(measure.minus or ())]
    return {own, *(each.scope or own for each in sets)}
