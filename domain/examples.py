"""Worked examples inside a rulebook: run when it is read; a failing one blocks its publication."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.factrow import FactRow, Role, rows_of
from domain.knowledge import Knowledge, in_force
from domain.notation import decimal_text
from domain.plain import Misread, entries_of
from domain.rulebook.checks import RESERVED
from domain.rulebook.document import Document
from domain.rulebook.model import Example
from domain.rulebook.problems import Problem
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
    facts: list[dict[str, Any]] = []
    for number, written in enumerate(example.facts):
        try:
            facts += [written] if isinstance(written, dict) else expand(written, example.as_of, place)
        except NotShort as error:
            context = {"detail": str(error), "form": FORM}
            yield Problem("example-fact", ("examples", index, "facts", number), context=context)
            return
    try:
        knowledge = known_of(facts, example.born)
    except Misread as error:
        yield Problem("example-fact", ("examples", index, "facts"), context={"detail": str(error), "form": FORM})
        return
    scored = score(knowledge, rulebooks, place, example.as_of)
    switched_off = not rulebooks.restricted and "restricted-fact" in knowledge.facts
    yield from _compared(document, example, index, scored, switched_off=switched_off)


def known_of(facts: list[dict[str, Any]], born_on: date | None, as_at: int | None = None) -> Knowledge:
    """Fold plainly written facts of one resident, who is known from the start to be born on a day.

    Raises Misread.
    """
    rows = [row for entry in entries_of(facts) for row in rows_of(entry)]
    if born_on is not None:
        rows.append(born(born_on))
    return in_force(rows, as_at)


def born(born_on: date) -> FactRow:
    """Give the row of somebody known from the start to be born on a day."""
    return FactRow(
        role=Role.IDENTITY,
        kind="identity-minted",
        position=0,
        ref_stream=UUID(int=0),
        ref_version=0,
        born_on=born_on,
    )


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
