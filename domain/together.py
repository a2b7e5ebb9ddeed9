"""Rows that count the facts of several people: the spouse's, the better parent's, both added up."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from domain.awards import NOTHING
from domain.knowledge import FactRow, Ignored
from domain.measures import own_day
from domain.measures.base import Subjects
from domain.ready import Row, Views
from domain.view import Counted, View
from domain.worth import Worth, Years

_HALF = Fraction(1, 2)


class Share(NamedTuple):
    """What one person's facts give a row: the count, exact points by and after the year's cap, the facts."""

    counted: Counted
    years: Years
    used: Sequence[FactRow]
    ignored: Sequence[Ignored]


def together(row: Row, views: Views) -> tuple[Counted, Worth, Sequence[FactRow], Sequence[Ignored]]:
    """Count and award a row for everybody whom it counts; give the count, what it is worth, and the facts."""
    subjects = row.measure.subjects
    shares = [_share(row, view) for view in views.of(subjects)]
    if not shares:
        return Counted(None, ""), row.worths.of_years(Years(0, 0)), (), ()
    largest_first = sorted(shares, key=_size, reverse=True)
    share = _TOGETHER[subjects](largest_first)
    return share.counted, row.worths.of_years(share.years), share.used, share.ignored


def _share(row: Row, view: View) -> Share:
    if row.own_day is not None:
        view = view.on(own_day(row.own_day, view.as_of))
    counted = row.count(view, row.reading)
    if counted.quantity is None:
        return Share(counted, Years(0, 0), counted.used, counted.ignored)
    amount, used, ignored = row.award(counted)
    worths = row.worths
    if worths.cap_per_year is not None and counted.by_year is not None:
        years = worths.by_year(counted.by_year, worths.cap_per_year)
    else:
        years = Years(worths.points(amount), worths.points(amount))
    return Share(counted, years, used, ignored)


def _size(share: Share) -> Fraction:
    return abs(Fraction(share.years.of_years))


def _best(shares: list[Share]) -> Share:
    """Take the largest alone; of equal ones the first, which is the resident's own where it is among them."""
    return shares[0]


def _added(shares: list[Share]) -> Share:
    return _sum(shares, [Fraction(1)] * len(shares))


def _second_at_half(shares: list[Share]) -> Share:
    return _sum(shares, [Fraction(1), *[_HALF] * (len(shares) - 1)])


def _sum(shares: list[Share], weights: list[Fraction]) -> Share:
    pairs = list(zip(shares, weights, strict=True))
    known = [share for share in shares if share.counted.quantity is not None]
    first = (known or shares)[0].counted
    counted = Counted(
        sum(share.counted.quantity or 0 for share in known) if known else None,
        first.unit,
        found=any(share.counted.found for share in shares),
    )
    years = Years(
        sum((share.years.raw * weight for share, weight in pairs), NOTHING),
        sum((share.years.of_years * weight for share, weight in pairs), NOTHING),
        tuple(sorted({year for share in shares for year in share.years.cut})),
    )
    used = [row for share in shares for row in share.used]
    return Share(counted, years, used, [other for share in shares for other in share.ignored])


_TOGETHER: dict[Subjects, Callable[[list[Share]], Share]] = {
    "spouse": _best,
    "best_parent": _best,
    "both": _added,
    "second_at_half": _second_at_half,
}
