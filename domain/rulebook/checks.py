"""What the shape of a document cannot say: names that must exist, signs, orders, and awards that must fit."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from domain.awards import FITS, Bands, ByLevel, Ladder, Marginal, Per, Prorate, Retro
from domain.countable import INSURANCE, LEVELS, SCHEME
from domain.measures import Months, Spells, Sum
from domain.measures.month_sets import MonthSet
from domain.rulebook.model import Deduction, Item, Rulebook
from domain.rulebook.problems import Path, Problem

RESERVED = ("tier", "deductions", "total", "validity", "held")
"""Names that the expectations of an example use beside the items' ids."""
AMBIGUOUS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null"})
_BY_YEAR = ("sum", "count")


def document_problems(rulebook: Rulebook) -> Iterator[Problem]:
    """Find everything that is wrong with a document as a whole."""
    yield from _life(rulebook)
    yield from _names(rulebook)
    yield from _words(rulebook)
    for index, item in enumerate(rulebook.items):
        yield from _row(rulebook, item, ("items", index))
    for index, deduction in enumerate(rulebook.deductions):
        yield from _row(rulebook, deduction, ("deductions", index))
    yield from _caps(rulebook)
    for index, category in enumerate(rulebook.categories):
        members = [item for item in rulebook.items if item.category == category.id]
        if category.choose == "one" and len(members) < 2:
            yield Problem("choice-of-one", ("categories", index, "choose"), context={"category": category.id})
    for index, hold in enumerate(rulebook.holds):
        if hold.id in RESERVED:
            yield Problem("reserved-id", ("holds", index, "id"), context={"id": hold.id})


def _life(rulebook: Rulebook) -> Iterator[Problem]:
    effective = rulebook.effective
    if effective.to is not None and effective.to <= effective.from_:
        yield Problem("effective-order", ("effective", "to"))
    for index, gap in enumerate(rulebook.untranslatable):
        if not gap.accepted:
            yield Problem("not-accepted", ("untranslatable", index), context={"clause": gap.clause})
    if (rulebook.disputed is not None) != (rulebook.transcription == "disputed"):
        yield Problem("disputed-incomplete", ("transcription",))
    for index, difference in enumerate(rulebook.disputed.differs if rulebook.disputed else ()):
        if not difference.accepted:
            yield Problem("not-accepted", ("disputed", "differs", index), context={"clause": difference.path})


def _names(rulebook: Rulebook) -> Iterator[Problem]:
    blocks = {
        "schemes": [scheme.id for scheme in rulebook.schemes],
        "categories": [category.id for category in rulebook.categories],
        "holds": [hold.id for hold in rulebook.holds],
    }
    for block, ids in blocks.items():
        for index in _repeated(ids):
            yield Problem("duplicate-id", (block, index, "id"), context={"id": ids[index]})
    rows: list[Item | Deduction] = [*rulebook.items, *rulebook.deductions]
    for index in _repeated([row.id for row in rows]):
        block, place = (
            ("items", index) if index < len(rulebook.items) else ("deductions", index - len(rulebook.items))
        )
        yield Problem("duplicate-id", (block, place, "id"), context={"id": rows[index].id})


def _repeated(ids: list[str]) -> list[int]:
    seen: Counter[str] = Counter()
    repeated = []
    for index, name in enumerate(ids):
        seen[name] += 1
        if seen[name] > 1:
            repeated.append(index)
    return repeated


def _row(rulebook: Rulebook, row: Item | Deduction, path: Path) -> Iterator[Problem]:
    if row.id in RESERVED:
        yield Problem("reserved-id", (*path, "id"), context={"id": row.id})
    fits = FITS[row.measure.kind]
    if row.award.as_ not in fits:
        context = {"award": row.award.as_, "measure": row.measure.kind, "known": ", ".join(fits)}
        yield Problem("award-does-not-fit", (*path, "award", "as"), context=context)
        return
    yield from _levels(rulebook, row, path)
    yield from _order(row, path)
    yield from _sets(rulebook, row, path)
    sign = 1 if isinstance(row, Item) else -1
    if any(points * sign < 0 for points in row.award.numbers()):
        yield Problem("points-sign", (*path, "award"), context={"block": str(path[0])})
    if not isinstance(row, Item):
        return
    if row.category is not None and row.category not in {category.id for category in rulebook.categories}:
        yield Problem("unknown-category", (*path, "category"), context={"category": row.category})
    if row.cap_per_year is not None and row.measure.kind not in _BY_YEAR:
        yield Problem("year-cap-does-not-fit", (*path, "cap_per_year"), context={"measure": row.measure.kind})


def _levels(rulebook: Rulebook, row: Item | Deduction, path: Path) -> Iterator[Problem]:
    kind, _, variant = row.reads.partition("/")
    known: Iterable[str] | None = LEVELS.get(kind)
    if kind == SCHEME:
        scheme = next((scheme for scheme in rulebook.schemes if scheme.id == variant), None)
        if scheme is None:
            yield Problem("unknown-scheme", (*path, "measure", "of"), context={"scheme": variant})
            return
        known = scheme.levels
        if known is None and isinstance(row.award, ByLevel):
            yield Problem("levels-not-declared", (*path, "measure", "of"), context={"scheme": variant})
            return
    if isinstance(row.award, ByLevel) and known is not None:
        for level in row.award.points:
            if level not in known:
                context = {"level": level, "known": ", ".join(known)}
                yield Problem("unknown-level", (*path, "award", "points", level), context=context)


def _words(rulebook: Rulebook) -> Iterator[Problem]:
    """Refuse levels that a reader of another dialect would take for true or false."""
    named: list[tuple[Path, Iterable[str]]] = [
        (("schemes", index, "levels"), scheme.levels or ()) for index, scheme in enumerate(rulebook.schemes)
    ]
    blocks: tuple[tuple[str, Sequence[Item | Deduction]], ...] = (
        ("items", rulebook.items),
        ("deductions", rulebook.deductions),
    )
    for block, rows in blocks:
        named += [
            ((block, index, "award", "points"), row.award.points)
            for index, row in enumerate(rows)
            if isinstance(row.award, ByLevel)
        ]
    named += [(("holds", index, "levels"), hold.levels or ()) for index, hold in enumerate(rulebook.holds)]
    for path, words in named:
        for word in words:
            if word in AMBIGUOUS:
                yield Problem("ambiguous-word", path, context={"word": word})


def _sets(rulebook: Rulebook, row: Item | Deduction, path: Path) -> Iterator[Problem]:
    """Look at what only some kinds can mean: a window counted from a step, sets of months, insured months."""
    measure = row.measure
    if isinstance(measure, Months | Spells) and measure.window is not None and measure.window.from_ != "acted_on":
        yield Problem("window-from", (*path, "measure", "window"), context={"measure": measure.kind})
    if isinstance(measure, Spells) and measure.join == "pooled" and measure.run != "all":
        yield Problem("pooled-run", (*path, "measure", "join"))
    if isinstance(measure, Sum) and measure.paid != "full" and measure.of != "volunteer-hours-served":
        yield Problem("paid-does-not-fit", (*path, "measure", "paid"), context={"of": measure.of})
    if not isinstance(measure, Months):
        return
    schemes = {f"{SCHEME}/{scheme.id}" for scheme in rulebook.schemes}
    sets: list[tuple[Path, MonthSet]] = [((), measure)]
    for name in ("any_of", "all_of", "minus"):
        sets += [((name, index), part) for index, part in enumerate(getattr(measure, name) or ())]
    for place, part in sets:
        where = (*path, "measure", *place)
        if place and part.of.startswith(f"{SCHEME}/") and part.of not in schemes:
            yield Problem("unknown-scheme", (*where, "of"), context={"scheme": part.of.partition("/")[2]})
        insured = part.of == INSURANCE
        wrong = [name for name in ("standing", "insurance") if getattr(part, name) is not None and not insured]
        wrong += ["part"] if part.part != "any_day" and insured else []
        for name in wrong:
            yield Problem("month-set-option", (*where, name), context={"option": name, "of": part.of})


def _order(row: Item | Deduction, path: Path) -> Iterator[Problem]:
    award = row.award
    rows = award.rows if isinstance(award, Bands | Marginal | Retro) else ()
    bonus = (award.bonus or ()) if isinstance(award, Per | Prorate) else ()
    for name, bands in (("rows", rows), ("bonus", bonus)):
        starts = [band.from_ for band in bands]
        if starts != sorted(set(starts)):
            yield Problem("bands-order", (*path, "award", name))
    if isinstance(award, Ladder) and not award.min <= award.from_ <= award.to:
        yield Problem("ladder-order", (*path, "award"))


def _caps(rulebook: Rulebook) -> Iterator[Problem]:
    caps: list[tuple[Path, Decimal | None]] = [(("cap",), rulebook.cap)]
    caps += [(("categories", index, "cap"), category.cap) for index, category in enumerate(rulebook.categories)]
    for index, item in enumerate(rulebook.items):
        caps += [(("items", index, "cap"), item.cap), (("items", index, "cap_per_year"), item.cap_per_year)]
    caps += [(("deductions", index, "cap"), row.cap) for index, row in enumerate(rulebook.deductions)]
    for path, cap in caps:
        if cap is None:
            continue
        if cap < 0:
            yield Problem("cap-negative", path)
        exponent = cap.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > rulebook.scale:
            yield Problem("cap-scale", path, context={"scale": rulebook.scale})
