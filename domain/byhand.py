"""Points by hand 人工赋分: a row of a table that people fill, up to its maximum, on evidence, by two people."""

from datetime import date
from decimal import Decimal

from domain.errors import Refusal
from domain.facts import ManualGrant
from domain.rulebook.model import Item
from domain.rulebook.resolution import RulebookSet

_E4 = 10_000


class NotByHand(Refusal):
    """该指标不是人工赋分项。| No points are granted by hand for this item of the tables in force."""

    hint = (
        "自动赋分项由数源部门更正数据。",
        "For an automatic item the department that keeps the facts corrects them.",
    )


class AboveMaximum(Refusal):
    """超过该指标的最高分。| More points than the item has at most."""


class EvidenceWanted(Refusal):
    """人工赋分须有证明材料。| Points by hand need evidence, named by its hash in the claim."""


def grant_by_hand(
    books: RulebookSet, item: str, points: Decimal, on: date, place: str, evidence: str | None, approval: str
) -> ManualGrant:
    """Grant points for `document/item`. Raises NotByHand, AboveMaximum, EvidenceWanted."""
    row = _row(books, item)
    units = points * _E4
    if units <= 0 or units != int(units) or (row.cap is not None and points > row.cap):
        raise AboveMaximum(str(row.cap))
    if evidence is None:
        raise EvidenceWanted
    doc, _, name = item.partition("/")
    return ManualGrant(
        doc=doc,
        item=name,
        clause=row.clause,
        place=place,
        granted_on=on,
        points_e4=int(units),
        evidence=evidence,
        approval=approval,
    )


def is_by_hand(books: RulebookSet, item: str) -> bool:
    """Say whether points are granted by hand for an item. Raises NotByHand where no table in force has it."""
    found = [row for row in _rows(books) if row[0] == item]
    if not found:
        raise NotByHand(item)
    return found[0][1].measure.kind == "grants"


def _row(books: RulebookSet, item: str) -> Item:
    for name, row in _rows(books):
        if name == item and row.measure.kind == "grants":
            return row
    raise NotByHand(item)


def _rows(books: RulebookSet) -> list[tuple[str, Item]]:
    return [(f"{table.doc}/{row.id}", row) for table in books.rulebooks for row in table.items]
