"""Worked examples inside a rulebook: run when it is read; a failing one blocks its publication."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.countable import RESTRICTED
from domain.factrow import rows_of
from domain.knowledge import Knowledge, in_force
from domain.notation import decimal_text
from domain.plain import Misread, entries_of
from domain.relatives import SPOUSE, RelativeFacts, born, gather
from domain.rulebook.checks import RESERVED
from domain.rulebook.document import Document
from domain.rulebook.model import Example
from domain.rulebook.problems import Path, Problem
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from domain.scoring import score
from domain.shorthand import FORM, NotShort, expand


def check_document(document: Document) -> list[Problem]:
    """Run a document's examples alone, as it is and with its restricted rows switched off.

    Give a problem for each expectation that is not met, with its line.
    """
    alone = RulebookSet.of([document])
    problems = []
    for index, example in enumerate(document.rulebook.examples):
        found = list(_run(document, example, index, alone))
        problems += found or list(_run(document, example, index, alone.without_restricted()))
    return [document.marks.place(problem) for problem in problems]


def _run(document: Document, example: Example, index: int, rulebooks: RulebookSet) -> Iterator[Problem]:
    place = example.place or document.rulebook.authority
    path: Path = ("examples", index)
    facts, problems = _written(example.facts, example.as_of, place, (*path, "facts"))
    relatives, others = _relatives(example, place, path)
    if problems or others:
        yield from (*problems, *others)
        return
    try:
        knowledge, family = known_of(facts, example.born), gather(relatives)
    except Misread as error:
        yield Problem("example-fact", (*path, "facts"), context={"detail": str(error), "form": FORM})
        return
    scored = score(knowledge, rulebooks, place, example.as_of, family=family, use=example.use)
    everybody = (knowledge, *family.parents, *([family.spouse] if family.spouse else []))
    switched_off = not rulebooks.restricted and any(RESTRICTED in known.facts for known in everybody)
    yield from _compared(document, example, index, scored, switched_off=switched_off)


def _written(
    facts: Sequence[str | dict[str, Any]], as_of: date, place: str, path: Path
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Write short notation out; of what is no fact, give the first problem."""
    plain: list[dict[str, Any]] = []
    for number, written in enumerate(facts):
        try:
            plain += [written] if isinstance(written, dict) else expand(written, as_of, place)
        except NotShort as error:
            return [], [Problem("example-fact", (*path, number), context={"detail": str(error), "form": FORM})]
    return plain, []


def _relatives(example: Example, place: str, path: Path) -> tuple[list[RelativeFacts], list[Problem]]:
    if example.family is None:
        return [], []
    named = [("parents", index, parent) for index, parent in enumerate(example.family.parents)]
    found: list[RelativeFacts] = []
    problems: list[Problem] = []
    if example.family.spouse is not None:
        where: Path = (*path, "family", "spouse", "facts")
        facts, problems = _written(example.family.spouse.facts, example.as_of, place, where)
        found.append(RelativeFacts("family.spouse", SPOUSE, example.family.spouse.born, facts))
    for name, index, parent in named:
        facts, wrong = _written(parent.facts, example.as_of, place, (*path, "family", name, index, "facts"))
        problems += wrong
        found.append(RelativeFacts(f"family.{name}[{index}]", SPOUSE + 1 + index, parent.born, facts))
    return found, problems


def known_of(facts: list[dict[str, Any]], born_on: date | None, as_at: int | None = None) -> Knowledge:
    """Fold plainly written facts of one resident, who is known from the start to be born on a day.

    Raises Misread.
    """
    rows = [row for entry in entries_of(facts) for row in rows_of(entry)]
    if born_on is not None:
        rows.append(born(born_on))
    return in_force(rows, as_at)


def _compared(
    document: Document, example: Example, index: int, scored: Score, *, switched_off: bool
) -> Iterator[Problem]:
    rulebook = document.rulebook
    rows = {row.id for row in (*rulebook.items, *rulebook.deductions)}
    present = {line.item: line.points for line in scored.rows}
    totals = {"tier": scored.tables[0].points, "deductions": scored.deductions, "total": scored.total}
    others: dict[str, Any] = {"validity": scored.validity, "held": bool(scored.holds)}
    for name, expected in example.expect.items():
        path = ("examples", index, "expect", name)
        if name not in rows and name not in RESERVED:
            context = {"name": name, "known": ", ".join([*sorted(rows), *RESERVED])}
            yield Problem("example-expects", path, context=context)
        elif (name in rows and name not in present) or (switched_off and name in RESERVED):
            continue
        elif name in others:
            if others[name] != expected:
                yield _fails(path, name, expected, others[name])
        else:
            units = present[name] if name in rows else totals[name]
            if not _equal(expected, units, scored.scale):
                yield _fails(path, name, expected, scored.points(units))


def _equal(expected: Any, units: int, scale: int) -> bool:
    try:
        number = Decimal(str(expected))
    except ArithmeticError:
        return False
    return number.is_finite() and number == Decimal(units).scaleb(-scale)


def _fails(path: tuple[str | int, ...], name: str, expected: Any, scored: Any) -> Problem:
    text = decimal_text(expected) if isinstance(expected, Decimal) else str(expected)
    return Problem("example-fails", path, context={"name": name, "expected": text, "scored": str(scored)})
