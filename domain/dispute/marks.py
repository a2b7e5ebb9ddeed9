"""Which items are disputed on a day: a mark for every reader of a score, and a condition of programmes."""

from datetime import date

from domain.factrow import FactRow
from domain.knowledge import Knowledge

KIND = "dispute-opened"


def open_disputes(knowledge: Knowledge, as_of: date) -> list[FactRow]:
    """Give the disputes that are open on a day, in the order of filing. `variant` is the item."""
    return [
        fact.row
        for fact in knowledge.of(KIND)
        if fact.row.starts_on is not None
        and fact.row.starts_on <= as_of
        and ((end := fact.end(as_of)) is None or end > as_of)
        and (fact.void_from is None or as_of < fact.void_from)
    ]


def disputed_items(knowledge: Knowledge, as_of: date) -> tuple[str, ...]:
    """Give the items (document/item) with a dispute that is open on a day, in the order of filing."""
    items = (row.variant for row in open_disputes(knowledge, as_of))
    return tuple(dict.fromkeys(item for item in items if item is not None))
