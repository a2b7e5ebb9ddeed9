"""The reference evaluator: one resident, one set of rulebooks, one day; integers and exact fractions only.

Order of evaluation, the same for every table: year cap, item cap, category cap, tier cap, sum of tiers less
deductions, floor of zero or `valid_if`, holds, validity from the permit. Caps of different levels do not commute.
"""

from collections.abc import Sequence
from datetime import date

from domain.coverage import NO_FEEDS, Coverage
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.permit import Permit, PermitState, permit_on
from domain.ready import Book, Views, library_of
from domain.rulebook.model import ValidityBlock, ValidityName
from domain.rulebook.resolution import RulebookSet
from domain.score import Held, Line, Loss, Part, Score
from domain.table import Table
from domain.view import View


def score(
    knowledge: Knowledge,
    rulebooks: RulebookSet,
    place: str,
    as_of: date,
    coverage: Coverage | None = None,
    family: Family = ALONE,
    use: str | None = None,
) -> Score:
    """Score what is known of a resident as of a day at a place. Pure; refuses nothing.

    Without `coverage` no feed is known to be complete, so that an item for which nothing is found has no data.
    `family` is what is known of the relatives, for rows that count them. `use` names the programme 积分应用 for
    which points are asked; deductions and holds that are limited to programmes count for those alone.
    """
    views = Views(View(knowledge, place, as_of), family)
    library = library_of(rulebooks)
    coverage = NO_FEEDS if coverage is None else coverage
    lines, parts, categories, deducted, held = _of_books(library.books, views, coverage, use)
    before = sum([part.points for part in parts])
    deductions = sum([line.points for line in deducted if isinstance(line, Line)])
    total = before + deductions
    is_valid = all(total > bound for bound in library.bounds)
    permit = permit_on(knowledge.permits, as_of)
    state = permit.state(as_of)
    effects = [hold.effect for hold in held]
    return Score(
        place=place,
        as_of=as_of,
        scale=rulebooks.scale,
        rulebooks=rulebooks.hash,
        documents=library.documents,
        lines=(*lines, *deducted, *held),
        tables=tuple(parts),
        categories=tuple(categories),
        before_deductions=before,
        deductions=deductions,
        total=max(0, total) if is_valid and "zero" not in effects else 0,
        is_valid=is_valid,
        ineligible="ineligible" in effects,
        validity=_validity(library.validity, permit, as_of, held),
        permit=permit,
        permit_state=state,
    )


def _of_books(
    books: Sequence[Book], views: Views, coverage: Coverage, use: str | None
) -> tuple[list[Line | Loss], list[Part], list[Part], list[Line | Loss], list[Held]]:
    """Give what the tables say: lines, a part per table, categories, deductions, holds."""
    lines: list[Line | Loss] = []
    parts: list[Part] = []
    categories: list[Part] = []
    deducted: list[Line | Loss] = []
    held: list[Held] = []
    for book in books:
        table = Table(book, views, coverage, use)
        result = table.items()
        lines += result.lines
        parts.append(result.table)
        categories += result.categories
        if book.deductions:
            deducted += table.deductions()
        if book.rulebook.holds:
            held += table.holds()
    return lines, parts, categories, deducted, held


def _validity(block: ValidityBlock | None, permit: Permit, as_of: date, held: list[Held]) -> ValidityName | None:
    if block is None:
        return None
    validity = validity_of(block, permit, as_of)
    if validity == "effective" and any(hold.effect == "suspend" for hold in held):
        return "paused"
    return validity


def validity_of(block: ValidityBlock, permit: Permit, as_of: date) -> ValidityName:
    """Say what the permit means for the points on a day: 累计中, 有效, 暂停 or 失效."""
    return validity_in(block, permit.state(as_of), awaits_request=permit.awaits_request)


def validity_in(block: ValidityBlock, state: PermitState, *, awaits_request: bool) -> ValidityName:
    """Say what a permit's state means for the points; `awaits_request`: restored, and nobody has asked yet."""
    match state:
        case PermitState.NONE:
            return block.none
        case PermitState.ENDED:
            return block.ended.state
        case PermitState.SUSPENDED:
            return block.suspended.state
        case PermitState.NORMAL | PermitState.DUE if awaits_request and _on_request(block):
            return block.suspended.state
        case PermitState.DUE:
            return block.due
        case PermitState.NORMAL:
            return block.normal


def _on_request(block: ValidityBlock) -> bool:
    return block.suspended.resumes == "on_request"
