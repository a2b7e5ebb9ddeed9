"""What became known of a round's applicants after its lock, and speaks of days that counted: listed.

What becomes of it is the rule that the round declared: listed alone, or re-determined (domain/decision/late.py).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from domain.decision import late_rows
from domain.errors import SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.factrow import FactRow
from domain.programme import ProgrammeDocument, counted_on
from domain.round import Round
from domain.score import ref_name
from projections.cases import Snapshot
from projections.rounds import Filed, applications_of, asked_of


class Late(NamedTuple):
    """One entry, and the application it speaks to. `of` is the role of the person: applicant, spouse, parent."""

    application: str
    of: str
    row: FactRow

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values; of a relative's entry only the kind is named."""
        named = ref_name(self.row) if self.of == "applicant" else {"kind": self.row.kind}
        day = self.row.starts_on or self.row.stops_on
        return {
            "application": self.application,
            "of": self.of,
            "fact": named,
            "role": self.row.role.value,
            "day": None if day is None or self.of != "applicant" else day.isoformat(),
        }


def late_of(snapshot: Snapshot, current: Round, document: ProgrammeDocument) -> Iterator[Late]:
    """Give what is known at the snapshot's position and was not at the lock, application by application.

    Who is erased or stands still is passed over. Nothing is late before the lock.
    """
    if current.as_at is None:
        return
    for filed in applications_of(snapshot, current.name).values():
        if filed.application.stands(current):
            yield from _of(snapshot, current, document, filed, current.as_at)


def _of(
    snapshot: Snapshot, current: Round, document: ProgrammeDocument, filed: Filed, as_at: int
) -> Iterator[Late]:
    asked = asked_of(current, _as_now(snapshot, filed))
    try:
        [inputs] = snapshot.inputs(document, [asked])
    except (SubjectErased, SubjectUnknown, SubjectQuarantined):
        return
    day = counted_on(document.programme, asked.applied_on)
    for role, rows, _ in inputs.people:
        for row in late_rows((row for row in rows if row.position <= snapshot.position), as_at, day):
            yield Late(asked.application or "", role, row)


def _as_now(snapshot: Snapshot, filed: Filed) -> Filed:
    """Name the subject that an applicant is now: who was merged is somebody else's history."""
    return filed._replace(subject=snapshot.now(filed.subject))
