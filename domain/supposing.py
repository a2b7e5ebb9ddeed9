"""Supposing: what would be known if something more had happened. For trials and outlooks; nothing is recorded.

A supposed row stands in no ledger: its stream is the greatest UUID, its position beyond every real one.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from domain.factrow import FactRow, Role, rows_of
from domain.facts import Fact, Known, Ref
from domain.knowledge import InForce, Knowledge
from domain.score import RefName

SUPPOSED = UUID(int=2**128 - 1)
POSITION = 2**62


def is_supposed(row: FactRow) -> bool:
    """Say whether a row was only supposed."""
    return row.position >= POSITION


def supposed_name(name: RefName) -> RefName:
    """Name facts as `name` does, and a supposed one as what it is."""
    return lambda row: {"supposed": row.kind} if is_supposed(row) else name(row)


def suppose(knowledge: Knowledge, facts: Iterable[Fact]) -> Knowledge:
    """Give what would be known if these facts were too. Closers among them end nothing: use `ended`."""
    rows = supposed_rows(facts)
    known = {kind: list(found) for kind, found in knowledge.facts.items()}
    permits = list(knowledge.permits)
    for row in rows:
        if row.role is Role.PERMIT:
            permits.append(InForce(row, None))
        elif row.role is Role.FACT:
            known.setdefault(row.kind, []).append(InForce(row, row.ends_on))
    return Knowledge.of_facts(knowledge.born_on, known, permits, knowledge.ignored, knowledge.sex)


def ended(knowledge: Knowledge, kind: str, within: str, on: date) -> Knowledge:
    """Give what would be known if every spell of a kind in a territory ended on a day."""
    found = [
        fact._replace(ends_on=on)
        if (fact.row.place or "").startswith(within) and ((end := fact.end(on)) is None or end > on)
        else fact
        for fact in knowledge.of(kind)
    ]
    facts = {**knowledge.facts, kind: found}
    return Knowledge.of_facts(knowledge.born_on, facts, knowledge.permits, knowledge.ignored, knowledge.sex)


def supposed_rows(facts: Iterable[Fact]) -> list[FactRow]:
    """Give the rows that facts would have, at positions from POSITION on."""
    return [
        row
        for number, fact in enumerate(facts)
        for row in rows_of(Known(fact, POSITION + number, Ref(stream=SUPPOSED, version=number + 1)))
    ]
