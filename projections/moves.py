"""搬家试算 from the ledger: what a resident's points would come to elsewhere, at any coordinate. A trial."""

from datetime import date
from typing import Any
from uuid import UUID

from domain.errors import NowhereAtHome
from domain.factrow import FactRow
from domain.knowledge import in_force
from domain.recognition import move_trial
from domain.score import ref_name
from projections.cases import Snapshot


def moved(snapshot: Snapshot, subject: UUID, to: str, on: date) -> dict[str, Any]:
    """Suppose that a resident moved to a place on a day; of relatives' entries only the kind is named.

    Raises SubjectUnknown, SubjectErased, SubjectQuarantined, NowhereAtHome.
    """
    household = snapshot.household(subject, on)
    knowledge, rules = in_force(household.rows), snapshot.rules
    try:
        trial = move_trial(knowledge, to, on, snapshot.tables, rules.coverage, household.family)
    except KeyError:
        raise NowhereAtHome from None

    def name(row: FactRow) -> Any:
        return ref_name(row) if row.ref_stream in household.own else row.kind

    return trial.as_json(name)
