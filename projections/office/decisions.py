"""Decisions 认定决定 as the office sees them: what later facts would change, who would move, what was settled."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from domain.decision import Candidate, Move, moves, treated
from domain.facts import RedeterminationSettled
from domain.facts.decisions import Settlement
from domain.score import ref_name
from ledger.entry import Hand, Receipt
from ledger.rounds.refusals import DecisionUnknown, SettledAlready
from projections.cases import Snapshot
from projections.decisions import Kept, candidates, is_settled, kept, settlements
from projections.office.base import Office, receipt_of
from projections.rounds import determined, ranked, ranked_again


class Pending(NamedTuple):
    """A decision that would be another one on what is known at `position`, and whether that was settled."""

    kept: Kept
    candidate: Candidate
    settled: bool
    position: int


class Settled(NamedTuple):
    """What became of a candidate: the decision as it would be, and the receipt."""

    decision: str
    after: str
    receipt: Receipt


def one_of(snapshot: Snapshot, name: str) -> Kept:
    """Find the one decision whose hash begins so. Raises DecisionUnknown."""
    found = kept(snapshot, front=name) if name else []
    if len(found) != 1:
        raise DecisionUnknown(name)
    return found[0]


def pending(office: Office, round_name: str | None = None) -> list[Pending]:
    """List decisions that later or corrected facts would change, settled ones too."""

    def look(snapshot: Snapshot) -> list[Pending]:
        done = settlements(snapshot)
        return [
            Pending(each, candidate, is_settled(candidate, done.get(each.name, [])), snapshot.position)
            for each, candidate in found_in(snapshot, kept(snapshot, round_name=round_name))
        ]

    return office.ask(look)


def moved(office: Office, name: str, found: Sequence[Pending]) -> list[Move]:
    """Say who would stand elsewhere in the ranking as it was published; it stays as it is."""
    current = office.rounds.current(name)
    if current.as_at is None or not found:
        return []

    def look(snapshot: Snapshot) -> list[Move]:
        document = snapshot.programme(current.content)
        then = determined(snapshot, current, document)
        after = {each.kept.name: each.candidate.after for each in found}
        return moves(ranked(current, document, then), ranked_again(current, document, then, after))

    return office.ask(look, current.as_at)


def settle(office: Office, name: str, outcome: Settlement, reason: str, on: date, hand: Hand) -> Settled:
    """Settle a candidate; the same call again gives the first receipt. The decision itself stays as it is.

    Raises DecisionUnknown, RoundOfAnother, SettledAlready where nothing became known since, and as
    domain.decision.treated does.
    """

    def look(snapshot: Snapshot) -> tuple[Kept, list[tuple[Kept, Candidate]], list[RedeterminationSettled], int]:
        one = one_of(snapshot, name)
        return one, found_in(snapshot, [one]), settlements(snapshot).get(one.name, []), snapshot.position

    one, found, done, position = office.ask(look)
    if one.fact is not None and one.fact.round is not None:
        treated(office.run_by(one.fact.round, hand).late_facts, outcome)
    if done and (not found or is_settled(found[0][1], done)):
        return _again(office, one, outcome, reason, on, hand)
    after = found[0][1].after.hash if found else one.name
    fact = RedeterminationSettled(
        decision=one.name, as_at=position, after=after, outcome=outcome, settled_on=on, reason=reason
    )
    return Settled(one.name, after, office.decisions.settle(one.subject, fact, hand))


def found_in(snapshot: Snapshot, wanted: Sequence[Kept]) -> list[tuple[Kept, Candidate]]:
    """Decide again, programme by programme; give the decisions that would be others."""
    by_content: dict[str, list[Kept]] = {}
    for each in wanted:
        if each.fact is not None:
            by_content.setdefault(each.fact.content, []).append(each)
    return [
        pair
        for content, group in by_content.items()
        for pair in candidates(snapshot, group, snapshot.programme(content))
    ]


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """Give what would be another decision as JSON values: each difference, and the entries that are its causes."""
    return {
        "turns": candidate.turns,
        "differences": [each._asdict() for each in candidate.differences],
        "causes": [
            {"entry": ref_name(row), "kind": row.kind, "position": row.position} for row in candidate.causes
        ],
    }


def _again(office: Office, one: Kept, outcome: Settlement, reason: str, on: date, hand: Hand) -> Settled:
    for entry in reversed(office.decisions.settled(one.subject)):
        fact = entry.fact
        if not isinstance(fact, RedeterminationSettled) or fact.decision != one.name:
            continue
        told = (fact.outcome, fact.reason, fact.settled_on, entry.hand.recorded_by)
        if told == (outcome, reason, on, hand.recorded_by):
            return Settled(one.name, fact.after, receipt_of(entry))
    raise SettledAlready
