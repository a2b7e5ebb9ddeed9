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
from projections.cases import Cases, Snapshot
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
        then = list(determined(snapshot, current, document))
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
        current = office.run_by(one.fact.round, hand)
        if not _is_put_right(office, one):
            treated(current.late_facts, outcome)
    if done and (not found or is_settled(found[0][1], done)):
        return _again(office, one, outcome, reason, on, hand)
    after = found[0][1].after.hash if found else one.name
    fact = RedeterminationSettled(
        decision=one.name, as_at=position, after=after, outcome=outcome, settled_on=on, reason=reason
    )
    return Settled(one.name, after, office.decisions.settle(one.subject, fact, hand))


def is_revised(office: Office, round_name: str, application: str) -> bool:
    """Say whether the decision about an application was last settled as revised, to one whose conditions are met.

    The decision as it would be is made again, and is the one that was settled only if it has its hash.
    """

    def look(cases: Cases, snapshot: Snapshot) -> bool:
        done = settlements(snapshot)
        about = [
            one for one in kept(snapshot, round_name=round_name) if one.fact and one.fact.application == application
        ]
        for one in about:
            settled = done.get(one.name, [])
            if settled and settled[-1].outcome == "revised":
                known = cases.within(snapshot.cursor, settled[-1].as_at)
                after = [candidate.after for _, candidate in found_in(known, [one])]
                return any(each.met and each.hash == settled[-1].after for each in after)
        return False

    office.knowing.follow()
    return office.knowing.ask(look)


def _is_put_right(office: Office, one: Kept) -> bool:
    """Say whether a dispute about a decision was ruled to be corrected: then late facts are not only listed."""
    return any(
        dispute.filed is not None
        and dispute.filed.decision == one.name
        and dispute.ruling is not None
        and dispute.ruling.outcome == "corrected"
        for dispute in office.disputes.of(one.subject).values()
    )


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
