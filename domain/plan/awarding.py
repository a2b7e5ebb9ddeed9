"""Awards compiled: piecewise linear in integers, or a table of levels, over one denominator."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, lcm
from typing import NamedTuple

from domain import awards
from domain.plan.model import Award, Segment
from domain.plan.understood import NotCompiled, check
from domain.rulebook.model import Deduction, Item
from domain.view import WHOLE

_ZERO = Fraction(0)


class _Piece(NamedTuple):
    """From `lo` on: base + (quantity - origin) // step × points."""

    lo: int
    origin: int = 0
    base: Fraction = _ZERO
    step: int = 1
    points: Fraction = _ZERO


def award_of(row: Item | Deduction) -> Award:
    """Compile a row's award, with its cap by year. Raises NotCompiled."""
    award = row.award
    check(award)
    if isinstance(award, awards.ByLevel):
        worth = {level: Fraction(points) for level, points in award.points.items()}
        den = lcm(*(points.denominator for points in worth.values()))
        levels = tuple(sorted((level, int(points * den)) for level, points in worth.items()))
        return Award(den=den, levels=levels, take=award.take)
    pieces = _pieces(award)
    cap = Fraction(row.cap_per_year) if isinstance(row, Item) and row.cap_per_year is not None else None
    numbers = [number for piece in pieces for number in (piece.base, piece.points)]
    den = lcm(*(number.denominator for number in (*numbers, cap or _ZERO)))
    segments = tuple(
        Segment(lo=lo, origin=origin, base=int(base * den), step=step, points=int(points * den))
        for lo, origin, base, step, points in pieces
    )
    return Award(den=den, segments=segments, year_cap=None if cap is None else int(cap * den))


def _pieces(award: awards.Award) -> Sequence[_Piece]:  # noqa: C901 - one case for each award
    pieces: Sequence[_Piece]
    match award:
        case awards.Per():
            each = _Piece(award.min, step=award.step, points=Fraction(award.points))
            pieces = _with_bonus(each, award.bonus)
        case awards.Prorate():
            each = _Piece(award.min, points=Fraction(award.points) / award.per)
            pieces = _with_bonus(each, award.bonus)
        case awards.Bands():
            pieces = [_Piece(band.from_, base=Fraction(band.points)) for band in award.rows]
        case awards.FirstThen():
            first = award.first
            pieces = [_Piece(first, first, Fraction(award.points), award.step, Fraction(award.more))]
        case awards.Marginal():
            pieces = _marginal(award.rows)
        case awards.Retro():
            pieces = [_Piece(rate.from_, step=rate.step, points=Fraction(rate.points)) for rate in award.rows]
        case awards.Ladder():
            pieces = _ladder(award)
        case awards.Parts():
            pieces = [_Piece(0, points=Fraction(award.points) / WHOLE)]
        case awards.ByOccurrence():
            pieces = _occurrences(award)
        case awards.Granted():
            pieces = [_Piece(0, points=Fraction(1, 10_000))]
        case _:
            raise NotCompiled(type(award).__name__)
    return pieces


def _with_bonus(each: _Piece, bonus: Iterable[awards.Band] | None) -> list[_Piece]:
    """Add the bonus of the band reached to what each step earns from its own least quantity on."""
    bands = list(bonus or ())
    pieces = []
    for lo in sorted({each.lo, *(band.from_ for band in bands)}):
        more = [Fraction(band.points) for band in bands if band.from_ <= lo]
        points = each.points if lo >= each.lo else _ZERO
        pieces.append(_Piece(lo, base=more[-1] if more else _ZERO, step=each.step, points=points))
    return pieces


def _marginal(rates: Sequence[awards.Rate]) -> list[_Piece]:
    pieces: list[_Piece] = []
    base = _ZERO
    for number, rate in enumerate(rates):
        pieces.append(_Piece(rate.from_, rate.from_, base, rate.step, Fraction(rate.points)))
        if number + 1 < len(rates):
            base += Fraction(rate.points) * ((rates[number + 1].from_ - rate.from_) // rate.step)
    return pieces


def _ladder(award: awards.Ladder) -> list[_Piece]:
    foot, step = Fraction(award.points), Fraction(award.younger)
    pieces = []
    if award.min < award.from_:
        pieces.append(_Piece(award.min, award.min, foot + step * (award.from_ - award.min), points=-step))
    pieces.append(_Piece(award.from_, base=foot))
    if award.older is None:
        return [*pieces, _Piece(award.to + 1)]
    older = Fraction(award.older)
    pieces.append(_Piece(award.to + 1, award.to, foot, points=-older))
    if older > 0:
        pieces.append(_Piece(award.to + max(1, ceil(foot / older))))
    return pieces


def _occurrences(award: awards.ByOccurrence) -> list[_Piece]:
    points = [Fraction(number) for number in award.points]
    if award.take == "last":
        return [_Piece(n, base=worth) for n, worth in enumerate(points, 1)]
    return [_Piece(n, n, sum(points[:n], _ZERO), points=worth) for n, worth in enumerate(points, 1)]
