"""Whether a resident meets programmes, at any coordinate; what is missing, and the earliest day it could be met.

Worked out when it is asked for, from what the projections know at one position. What is kept of everybody is in
projections/eligibility.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from domain.decision.record import case_of
from domain.factrow import FactRow
from domain.home import places_of
from domain.knowledge import in_force
from domain.places import lies_in
from domain.programme import Eligibility, ProgrammeDocument, counted_on, evaluate
from domain.programme.outlook import outlook
from domain.score import ref_name
from projections.cases import Asked, Snapshot
from projections.measures import rows_at


@dataclass(frozen=True, slots=True)
class Eligible:
    """A programme for one resident. `not_before` None: never, or not known.

    `own` are the streams that are the resident's: of relatives' facts only the kind is named.
    """

    document: ProgrammeDocument
    found: Eligibility
    not_before: date | None
    own: frozenset[UUID]

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        early = None if self.not_before is None else self.not_before.isoformat()
        return {**self.found.as_json(self._name), "hash": self.document.hash, "not_before": early}

    def _name(self, row: FactRow) -> Any:
        return ref_name(row) if row.ref_stream in self.own else row.kind


def eligible(snapshot: Snapshot, document: ProgrammeDocument, asked: Asked, on: date) -> Eligible:
    """Evaluate a programme for a resident who would apply on a day. Raises as Snapshot.inputs does."""
    [inputs] = snapshot.inputs(document, [asked])
    day = counted_on(document.programme, asked.applied_on)
    case = case_of(document, snapshot.tables(asked.town or asked.place, day), inputs)
    found = evaluate(document.programme, case)
    own = frozenset(row.ref_stream for row in inputs.people[0][1])
    if found.met:
        return Eligible(document, found, on, own)
    ahead = outlook(document.programme, case, found, on)
    return Eligible(document, ahead.found, ahead.not_before, own)


def unmet_on(snapshot: Snapshot, document: ProgrammeDocument, asked: Asked, on: date) -> list[str]:
    """Name the conditions to be checked before a payment that are not met on a day."""
    [inputs] = snapshot.inputs(document, [replace(asked, applied_on=on)])
    case = case_of(document, snapshot.tables(asked.town or asked.place, on), inputs)
    found = evaluate(document.programme, replace(case, counted_on=on, applied_on=on))
    benefit = document.programme.benefit
    checked = benefit.recheck_of if benefit is not None else []
    return [name for name in found.unmet if name in checked]


def at_home(
    snapshot: Snapshot, subject: UUID, on: date, documents: Iterable[ProgrammeDocument]
) -> list[ProgrammeDocument]:
    """Give the programmes of the authorities in whose territory a resident is at home on a day."""
    rows = rows_at(snapshot.cursor, snapshot.schemas, [subject], snapshot.position)[subject]
    _, places = places_of(in_force(rows, snapshot.position), on)
    return [
        document for document in documents if any(lies_in(place, document.programme.authority) for place in places)
    ]
