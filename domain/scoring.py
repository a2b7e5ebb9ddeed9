"""The reference evaluator: one resident, one set of rulebooks, one day; integers and exact fractions only.

Order of evaluation, the same for every table: year cap, item cap, category cap, tier cap, sum of tiers less
deductions, floor of zero or `valid_if`, holds, validity from the permit. Caps of different levels do not commute.
"""

from datetime import date

from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.notation import units_of
from domain.permit import Permit, PermitState, permit_on
from domain.ready import Views, books_of
from domain.rulebook.model import ValidityBlock, ValidityName
from domain.rulebook.resolution import RulebookSet
from domain.score import Held, Line, Score
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
    coverage = coverage or Coverage()
    tables = [Table(book, views, coverage, use) for book in books_of(rulebooks)]
    results = [table.items() for table in tables]
    deducted = [line for table in tables for line in table.deductions()]
    held = [hold for table in tables for hold in table.holds()]
    before = sum(result.table.points for result in results)
    deductions = sum(line.points for line in deducted if isinstance(line, Line))
    total, is_valid = _floored(before + deductions, rulebooks)
    permit = permit_on(knowledge.permits, as_of)
    return Score(
        place=place,
        as_of=as_of,
        scale=rulebooks.scale,
        rulebooks=rulebooks.hash,
        documents=tuple((document.rulebook.doc, document.hash) for document in rulebooks.documents),
        lines=(*(line for result in results for line in result.lines), *deducted, *held),
        tables=tuple(result.table for result in results),
        categories=tuple(category for result in results for category in result.categories),
        before_deductions=before,
        deductions=deductions,
        total=0 if any(hold.effect == "zero" for hold in held) else total,
        is_valid=is_valid,
        ineligible=any(hold.effect == "ineligible" for hold in held),
        validity=_validity(rulebooks, permit, as_of, held),
        permit=permit,
        permit_state=permit.state(as_of),
    )


def _floored(total: int, rulebooks: RulebookSet) -> tuple[int, bool]:
    bounds = [rulebook.valid_if.above for rulebook in rulebooks.rulebooks if rulebook.valid_if is not None]
    is_valid = all(total > units_of(bound, rulebooks.scale) for bound in bounds)
    return (max(0, total) if is_valid else 0), is_valid


def _validity(rulebooks: RulebookSet, permit: Permit, as_of: date, held: list[Held]) -> ValidityName | None:
    """Read the block of the most local document that has one."""
    blocks = [rulebook.validity for rulebook in rulebooks.rulebooks if rulebook.validity is not None]
    if not blocks:
        return None
    validity = validity_of(blocks[-1], permit, as_of)
    if validity == "effective" and any(hold.effect == "suspend" for hold in held):
        return "paused"
    return validity


def validity_of(block: ValidityBlock, permit: Permit, as_of: date) -> ValidityName:
    """Say what the permit's state means for the points: 累计中, 有效, 暂停 or 失效."""
    match permit.state(as_of):
        case PermitState.NONE:
            return block.none
        case PermitState.ENDED:
            return block.ended.state
        case PermitState.SUSPENDED:
            return block.suspended.state
        case PermitState.NORMAL | PermitState.DUE if permit.awaits_request and _on_request(block):
            return block.suspended.state
        case PermitState.DUE:
            return block.due
        case PermitState.NORMAL:
            return block.normal


def _on_request(block: ValidityBlock) -> bool:
    return block.suspended.resumes == "on_request"
