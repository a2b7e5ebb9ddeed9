"""The way from one score to another: one axis switched at a time, in a fixed order, entry after entry.

Late entries (of days up to the earlier of the two as-of days) in the order of positions, then feeds, then
relatives, then the calendar, then entries of later days, then place, then documents from province to district.
Walked from the coordinates that know less; the other direction is the same way backwards, step by step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from domain.change.entries import RecordedOn, Run, coming, known
from domain.change.model import Cause, Change, Coordinates, DocumentChange, Step
from domain.change.pieces import pieces_between, turns_between
from domain.change.switches import switches, together
from domain.knowledge import FactRow, in_force
from domain.rulebook.difference import Change as Difference
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from domain.scoring import score


def why(
    rows: Iterable[FactRow],
    a: Coordinates,
    b: Coordinates,
    recorded_on: RecordedOn = lambda _position: None,
    use: str | None = None,
) -> Change:
    """Say why the score of the resident of these rows differs between two coordinates.

    `recorded_on` gives the civil day on which a position was recorded, for the telling; `use` names the programme
    for which points are asked, as in domain/scoring.py. The parts add up to the difference exactly; equal
    coordinates give none; why(b, a) is why(a, b) backwards.
    """
    rows = list(rows)
    if _order(b) < _order(a):
        return _walked(rows, b, a, recorded_on, use).backwards()
    return _walked(rows, a, b, recorded_on, use)


def _order(at: Coordinates) -> tuple[bool, int, date, str, str]:
    return at.as_at is None, at.as_at or 0, at.as_of, at.place, at.under.hash


def _walked(
    rows: Sequence[FactRow], a: Coordinates, b: Coordinates, recorded_on: RecordedOn, use: str | None
) -> Change:
    walk = _Walk(a, [row for row in rows if known(row, a)], max(a.under.scale, b.under.scale), use)
    before = walk.score
    late, new = coming(rows, a, b, recorded_on)
    for run in late:
        walk.learn(run)
    walk.go(Cause.FEEDS, coverage=b.coverage)
    walk.go(Cause.FAMILY, family=b.family)
    walk.go(Cause.CALENDAR, as_of=b.as_of)
    for run in new:
        walk.learn(run)
    walk.go(Cause.PLACE, place=b.place)
    _switch_rules(walk, a.under, b.under)
    steps = _joined(walk.steps)
    idle = [*walk.idle, *(row for step in steps if not _moves(step) for row in step.facts)]
    return Change(a, b, before, walk.score, walk.scale, tuple(filter(_moves, steps)), tuple(idle))


def _moves(step: Step) -> bool:
    """Say whether anything is left of a step; what entries of one kind gave and took again is nothing."""
    return bool(step.pieces or step.turns)


@dataclass(slots=True)
class _Walk:
    """Where the walk stands: what is known, the coordinates, and the score there."""

    at: Coordinates
    rows: list[FactRow]
    scale: int
    use: str | None
    score: Score = field(init=False)
    steps: list[Step] = field(default_factory=list)
    idle: list[FactRow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.score = self._scored()

    def learn(self, run: Run) -> None:
        """Let entries become known."""
        self.rows += run.rows
        if not self._arrive(Step(run.cause, (), facts=run.facts, recorded_on=run.recorded_on)):
            self.idle += run.facts

    def go(
        self,
        cause: Cause,
        documents: tuple[DocumentChange, ...] = (),
        renamed: dict[str, str] | None = None,
        **to: object,
    ) -> None:
        """Switch an axis; what does not differ is no step."""
        moved = replace(self.at, **to)  # type: ignore[arg-type] # the names are those of the fields
        if moved == self.at and cause not in (Cause.FEEDS, Cause.FAMILY):
            return
        self.at = moved
        self._arrive(Step(cause, (), documents=documents), renamed)

    def _arrive(self, step: Step, renamed: dict[str, str] | None = None) -> bool:
        before, self.score = self.score, self._scored()
        pieces = together(pieces_between(before, self.score, self.scale), renamed)
        turns = tuple(turns_between(before, self.score))
        if pieces or turns:
            self.steps.append(replace(step, pieces=pieces, turns=turns))
        return bool(pieces or turns)

    def _scored(self) -> Score:
        at = self.at
        return score(in_force(self.rows), at.under, at.place, at.as_of, at.coverage, at.family, self.use)


def _switch_rules(walk: _Walk, old: RulebookSet, new: RulebookSet) -> None:
    """Switch restricted rows, then one document after another."""
    standing = list(old.documents)
    if old.restricted != new.restricted:
        switched = DocumentChange("", None, None, (Difference("restricted", old.restricted, new.restricted),))
        walk.go(Cause.RULES, (switched,), under=RulebookSet(old.documents, restricted=new.restricted))
    for switch in switches(old, new):
        standing = switch.applied(standing)
        under = RulebookSet(RulebookSet.of(standing).documents, restricted=new.restricted)
        walk.go(Cause.RULES, switch.documents, switch.takes_place_of, under=under)
    walk.go(Cause.RULES, under=new)


def _joined(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Join the steps of entries of one kind, cause and day of recording; the points stay what they add up to."""
    joined: dict[object, Step] = {}
    for number, step in enumerate(steps):
        alike = (step.cause, step.facts[0].kind, step.recorded_on) if step.facts and not step.turns else number
        other = joined.get(alike)
        joined[alike] = step if other is None else _together(other, step)
    return tuple(joined.values())


def _together(first: Step, second: Step) -> Step:
    pieces = together([*first.pieces, *second.pieces])
    return replace(first, pieces=pieces, facts=(*first.facts, *second.facts))
