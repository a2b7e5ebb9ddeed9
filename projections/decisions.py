"""Decisions as they are kept: listed, replayed on what was known, and decided again on what is known now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.decision import Candidate, Decision, Replayed, redetermine, replay
from domain.errors import SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.facts import DecisionMade, RedeterminationSettled
from domain.programme import ProgrammeDocument
from ledger.rounds.refusals import ProgrammeUnknown
from projections.cases import Asked, Cases, Snapshot
from projections.entry_index import Used
from projections.reading import MOST
from projections.uses import decisions_at, settlements_at

GONE = ("decision-made",)


class Kept(NamedTuple):
    """A decision in the ledger. `fact` None: it can no longer be opened, and only its commitments speak."""

    position: int
    subject: UUID
    fact: DecisionMade | None

    @property
    def name(self) -> str:
        """Give the decision's hash, or where it stands."""
        return f"@{self.position}" if self.fact is None else self.fact.decision

    @property
    def decision(self) -> Decision:
        """Give the record. Raises ValueError where it can no longer be opened."""
        if self.fact is None:
            raise ValueError(self.name)
        return Decision(self.fact.record)


def kept(
    snapshot: Snapshot,
    front: str = "",
    round_name: str | None = None,
    programme: str | None = None,
    *,
    after: int = 0,
    until: int = MOST,
) -> list[Kept]:
    """Read decisions, oldest first: all, those whose hash begins so, of a round, of a programme.

    Or those at positions (after, until].
    """
    found = decisions_at(
        snapshot.cursor,
        snapshot.schemas,
        snapshot.opener,
        front=front,
        round_name=round_name,
        programme=programme,
        after=after,
        until=until,
        as_at=snapshot.position,
    )
    return [_kept(used) for used in found]


def replayed(cases: Cases, snapshot: Snapshot, each: Kept) -> Replayed:
    """Recompute a decision from what the ledger knew at its position: facts, tables, the programme itself."""
    if each.fact is None:
        return Replayed("incomplete", GONE)
    decision = each.decision
    if decision.hash != each.fact.decision:
        return Replayed("differs", ("decision",))
    known = cases.within(snapshot.cursor, each.fact.as_at)
    try:
        document = known.programme(each.fact.content)
    except ProgrammeUnknown:
        return Replayed("other_rules", ("programme.hash",))
    asked = asked_by(decision, each.subject)
    try:
        [inputs] = known.inputs(document, [asked])
    except (SubjectErased, SubjectUnknown, SubjectQuarantined) as lost:
        return Replayed("incomplete", (lost.code(),))
    return replay(decision, document, known.tables(asked.town or asked.place, each.fact.as_of), inputs)


def candidates(
    snapshot: Snapshot, decided: Iterable[Kept], document: ProgrammeDocument
) -> Iterator[tuple[Kept, Candidate]]:
    """Decide again on what is known at the snapshot's position; give the decisions that would be others.

    Who is erased or stands still is passed over: nothing can be decided about them.
    """
    for each in decided:
        if each.fact is None:
            continue
        asked = asked_by(each.decision, snapshot.now(each.subject))
        try:
            [inputs] = snapshot.inputs(document, [asked])
        except (SubjectErased, SubjectUnknown, SubjectQuarantined):
            continue
        tables = snapshot.tables(asked.town or asked.place, each.fact.as_of)
        found = redetermine(each.decision, document, tables, inputs, snapshot.position)
        if found is not None:
            yield each, found


def settlements(snapshot: Snapshot) -> dict[str, list[RedeterminationSettled]]:
    """Give what became of decisions, oldest first, by their hashes."""
    found: dict[str, list[RedeterminationSettled]] = {}
    for used in settlements_at(snapshot.cursor, snapshot.schemas, snapshot.opener, snapshot.position):
        if isinstance(used.fact, RedeterminationSettled):
            found.setdefault(used.fact.decision, []).append(used.fact)
    return found


def is_settled(candidate: Candidate, settled: Sequence[RedeterminationSettled]) -> bool:
    """Say whether everything that is a cause was known when the decision was last settled."""
    if not settled:
        return False
    return all(cause.position <= settled[-1].as_at for cause in candidate.causes)


def asked_by(decision: Decision, subject: UUID) -> Asked:
    """Say what the application asked for, as the decision binds it."""
    told: Any = decision.record["inputs"]
    return Asked(
        subject=subject,
        place=told["place"],
        applied_on=date.fromisoformat(told["applied_on"]),
        application=decision.record["application"],
        town=told["town"],
        zone=told["zone"],
        check_day=None if told["check_day"] is None else date.fromisoformat(told["check_day"]),
        lapsed=told["lapsed"],
        round=(decision.provisional or {}).get("round"),
    )


def _kept(used: Used) -> Kept:
    return Kept(used.position, used.stream, used.fact if isinstance(used.fact, DecisionMade) else None)
