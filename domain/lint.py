"""What in a sound rulebook is probably not meant: warnings with their line and a hint, never an error.

Gaps in levels and bands, caps that nothing reaches, two items that count the same facts, rows that can give
nothing, rows that no example tries.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise

from domain.awards import NOTHING, Bands, ByLevel, ByOccurrence, Ladder, OfQuantity, Parts
from domain.countable import LEVELS, SCHEME
from domain.measures import Age, Months, OfFacts, Share, Spells, State
from domain.rulebook.document import Document
from domain.rulebook.model import Deduction, Item, Rulebook
from domain.rulebook.problems import Path, Problem

_YEAR_MONTHS, _OLDEST = 12, 130


def lint(document: Document) -> list[Problem]:
    """Give the warnings of one document, each with the place where it stands."""
    book = document.rulebook
    rows: list[tuple[Path, Item | Deduction]] = [(("items", index), item) for index, item in enumerate(book.items)]
    rows += [(("deductions", index), row) for index, row in enumerate(book.deductions)]
    found = [problem for path, row in rows for problem in _row(book, row, path)]
    found += [*_same_facts(book), *_sums(book), *_untried(book, rows)]
    return [document.marks.place(problem) for problem in found]


def most(row: Item | Deduction) -> Fraction | None:
    """Give the most points, without sign, that a row's award can ever give; None where there is no bound."""
    award, measure = row.award, row.measure
    if isinstance(award, ByLevel):
        return None if award.take == "sum" else max(abs(Fraction(points)) for points in award.points.values())
    if isinstance(award, ByOccurrence):
        return None if award.take == "sum" else max(abs(Fraction(points)) for points in award.points)
    if isinstance(award, Bands):
        return max(abs(Fraction(band.points)) for band in award.rows)
    if isinstance(award, Parts):
        return abs(Fraction(award.points)) if row.reads.startswith("housing-started") else None
    bound = _OLDEST if isinstance(award, Ladder) else _quantity_most(measure)
    if bound is None or not isinstance(award, OfQuantity):
        return None
    return max(abs(award.points_for(quantity)) for quantity in range(bound + 1))


def _quantity_most(measure: object) -> int | None:
    """Give the largest quantity a measure can find; None where there is no bound."""
    if isinstance(measure, State):
        return 1
    window = measure.window.last if isinstance(measure, OfFacts) and measure.window else None
    if window is None or (isinstance(measure, Spells) and measure.join == "per_spell"):
        return None
    if isinstance(measure, Months):
        return window
    if isinstance(measure, Spells) and measure.count_ != "days":
        years = window // _YEAR_MONTHS
        return {"full_months": window, "half_months": 2 * window, "full_years": years}[measure.count_]
    return None


def _row(book: Rulebook, row: Item | Deduction, path: Path) -> Iterator[Problem]:
    yield from _levels(book, row, path)
    yield from _bands(row, path)
    top = most(row)
    nothing = isinstance(row.award, OfQuantity) and row.award.numbers() and not any(row.award.numbers())
    if nothing or (top is not None and top == 0) or (row.cap is not None and row.cap == 0):
        yield Problem("gives-nothing", path, context={"id": row.id})
    elif top is not None and row.cap is not None and Fraction(row.cap) > top:
        context = {"cap": row.cap, "most": _number(top)}
        yield Problem("cap-unreachable", (*path, "cap"), context=context)
    if (
        isinstance(row, Item)
        and row.cap_per_year is not None
        and row.cap is not None
        and row.cap_per_year >= row.cap
    ):
        yield Problem("year-cap-unreachable", (*path, "cap_per_year"), context={"cap": row.cap})


def _levels(book: Rulebook, row: Item | Deduction, path: Path) -> Iterator[Problem]:
    if not isinstance(row.award, ByLevel):
        return
    kind, _, variant = row.reads.partition("/")
    known = LEVELS.get(kind, ())
    if kind == SCHEME:
        known = next((tuple(scheme.levels or ()) for scheme in book.schemes if scheme.id == variant), ())
    named = {level for other in _reading(book, row.reads) for level in other.points}
    left_out = [level for level in known if level not in named and _meant(row, level)]
    if left_out:
        yield Problem("levels-left-out", (*path, "award", "points"), context={"levels": ", ".join(left_out)})


def _meant(row: Item | Deduction, level: str) -> bool:
    measure = row.measure
    if not isinstance(measure, OfFacts):
        return True
    outside = measure.only is not None and measure.only.level is not None and level not in measure.only.level
    excluded = measure.exclude is not None and measure.exclude.level is not None and level in measure.exclude.level
    return not outside and not excluded


def _reading(book: Rulebook, reads: str) -> list[ByLevel]:
    """Give the level tables of all rows that read the same facts: what one leaves out another may name."""
    rows: list[Item | Deduction] = [*book.items, *book.deductions]
    return [row.award for row in rows if row.reads == reads and isinstance(row.award, ByLevel)]


def _bands(row: Item | Deduction, path: Path) -> Iterator[Problem]:
    if not isinstance(row.award, Bands):
        return
    for index, (low, high) in enumerate(pairwise(row.award.rows)):
        where = (*path, "award", "rows", index + 1)
        if low.points == high.points:
            yield Problem("band-changes-nothing", where, context={"from": high.from_})
        elif abs(high.points) < abs(low.points) and not isinstance(row.measure, Age):
            yield Problem("band-falls", where, context={"from": high.from_})
    first = row.award.rows[0].from_
    bound = _quantity_most(row.measure)
    for index, band in enumerate(row.award.rows):
        if bound is not None and band.from_ > bound:
            context = {"from": band.from_, "most": bound, "first": first}
            yield Problem("band-unreachable", (*path, "award", "rows", index), context=context)


def _same_facts(book: Rulebook) -> Iterator[Problem]:
    """Two rows of a block that read the same facts, unless levels, words or a choice keep them apart."""
    choices = {category.id for category in book.categories if category.choose == "one"}
    for (_, one), (index, other) in combinations(enumerate(book.items), 2):
        if one.category is not None and one.category == other.category and one.category in choices:
            continue
        if one.reads and one.reads == other.reads and not _apart(one, other):
            yield Problem("same-facts", ("items", index), context={"id": other.id, "other": one.id})
    for (_, first), (index, second) in combinations(enumerate(book.deductions), 2):
        if first.reads and first.reads == second.reads and not _apart(first, second):
            yield Problem("same-facts", ("deductions", index), context={"id": second.id, "other": first.id})


def _apart(one: Item | Deduction, other: Item | Deduction) -> bool:
    if isinstance(one.award, ByLevel) and isinstance(other.award, ByLevel):
        return not (one.award.points.keys() & other.award.points.keys())
    first, second = one.measure, other.measure
    if first.subjects != second.subjects:
        return True
    if isinstance(first, Months) and isinstance(second, Months) and first.insurance and second.insurance:
        return not (set(first.insurance) & set(second.insurance))
    if isinstance(first, OfFacts) and isinstance(second, OfFacts) and first.only and second.only:
        pairs = zip(_words(first), _words(second), strict=True)
        return any(mine is not None and theirs is not None and not mine & theirs for mine, theirs in pairs)
    return isinstance(first, Share) != isinstance(second, Share)


def _words(measure: OfFacts) -> list[set[str] | None]:
    only = measure.only
    lists = (only.level, only.variant, only.mark) if only else (None, None, None)
    return [None if words is None else set(words) for words in lists]


def _sums(book: Rulebook) -> Iterator[Problem]:
    """Find caps of categories and of the table above all that their rows can bring together."""
    free = _top([item for item in book.items if item.category is None])
    parts = [free]
    for index, category in enumerate(book.categories):
        rows = [item for item in book.items if item.category == category.id]
        if not rows:
            yield Problem("category-empty", ("categories", index), context={"id": category.id})
        top = _top(rows) if category.choose == "all" else _best(rows)
        if category.cap is not None and top is not None and top < Fraction(category.cap):
            context = {"cap": category.cap, "most": _number(top)}
            yield Problem("cap-unreachable", ("categories", index, "cap"), context=context)
        parts.append(_bounded(top, category.cap))
    top = _added(parts)
    if book.cap is not None and top is not None and top < Fraction(book.cap):
        yield Problem("cap-unreachable", ("cap",), context={"cap": book.cap, "most": _number(top)})


def _own_top(item: Item) -> Fraction | None:
    return _bounded(most(item), item.cap)


def _bounded(top: Fraction | None, cap: Decimal | None) -> Fraction | None:
    if cap is None:
        return top
    return Fraction(cap) if top is None else min(top, Fraction(cap))


def _top(rows: list[Item]) -> Fraction | None:
    return _added([_own_top(item) for item in rows])


def _best(rows: list[Item]) -> Fraction | None:
    tops = [_own_top(item) for item in rows]
    return None if None in tops else max((top for top in tops if top is not None), default=NOTHING)


def _added(tops: list[Fraction | None]) -> Fraction | None:
    return None if None in tops else sum((top for top in tops if top is not None), NOTHING)


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


def _untried(book: Rulebook, rows: list[tuple[Path, Item | Deduction]]) -> Iterator[Problem]:
    expected = {name for example in book.examples for name in example.expect}
    for path, row in rows:
        if row.id not in expected:
            yield Problem("not-tried", (*path, "id"), context={"id": row.id})
