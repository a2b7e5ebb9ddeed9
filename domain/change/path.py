"""The way from one score to another: one axis switched at a time, in a fixed order, one entry at a time.

Late entries (of days up to the earlier of the two as-of days) in the order of positions, then feeds, then
relatives, then the calendar, then entries of later days, then place, then documents from province to district.
Walked from the coordinates that know less; the other direction is the same way backwards, step by step.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from domain.change.model import Cause, Change, Coordinates, DocumentChange, Step
from domain.change.pieces import pieces_between, turns_between
from domain.change.switches import switches, together
from domain.knowledge import FactRow, Role, in_force
from domain.rulebook.resolution import RulebookSet
from domain.score import Score
from domain.scoring import score

RecordedOn = Callable[[int], date | None]
_Target = tuple[UUID, int]


def why(
    rows: Iterable[FactRow],
    a: Coordinates,
    b: Coordinates,
    recorded_on: RecordedOn = lambda _position: None,
    use: str | None = None,
) -> Change:
    """Say why the score of the resident of these rows differs between two coordinates.

    `recorded_on` gives the civil day on which a position was recorded, for the telling; `use` names the programme
    for which points are asked, as in domain/scoring.py. The parts add up to the
    difference exactly; equal coordinates give none; why(b, a) is why(a, b) backwards.
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
    walk = _Walk(a, [row for row in rows if _known(row, a)], max(a.under.scale, b.under.scale), use)
    before = walk.score
    late, new = _coming(rows, a, b)
    for entry in late:
        walk.learn(entry, Cause.LATE_FACTS, recorded_on)
    walk.go(Cause.FEEDS, coverage=b.coverage)
    walk.go(Cause.FAMILY, family=b.family)
    walk.go(Cause.CALENDAR, as_of=b.as_of)
    for entry in new:
        walk.learn(entry, Cause.NEW_FACTS, recorded_on)
    walk.go(Cause.PLACE, place=b.place)
    _switch_rules(walk, a.under, b.under)
    steps = _joined(walk.steps)
    idle = [*walk.idle, *(row for step in steps if not _moves(step) for row in step.facts)]
    return Change(a, b, before, walk.score, walk.scale, tuple(filter(_moves, steps)), tuple(idle))


def _moves(step: Step) -> bool:
    """Say whether anything is left of a step; what entries of one kind gave and took again is nothing."""
    return bool(step.pieces or step.turns)


def _known(row: FactRow, at: Coordinates) -> bool:
    return at.as_at is None or row.position <= at.as_at


@dataclass(frozen=True, slots=True)
class _Entry:
    """The rows of one entry that becomes known, and those of the entry that it voids."""

    rows: tuple[FactRow, ...]
    target: tuple[FactRow, ...]

    @property
    def cause(self) -> Cause | None:
        """Say whether it corrects; None where it only adds."""
        if any(row.role is Role.IDENTITY for row in (*self.rows, *self.target)):
            return Cause.IDENTITY
        return Cause.CORRECTIONS if any(row.role is Role.VOID for row in self.rows) else None

    def is_after(self, day: date, as_at: int | None) -> bool:
        """Say whether it can move nothing on that day: it, or the entry that it voids, begins later."""
        if self.cause is Cause.IDENTITY:
            return False
        rows = [*self.rows]
        if as_at is not None:
            rows += [row for row in self.target if row.position > as_at]
        days = [row.stops_on or row.starts_on for row in rows]
        return any(begins is not None and begins > day for begins in days)


def _coming(rows: Sequence[FactRow], a: Coordinates, b: Coordinates) -> tuple[list[_Entry], list[_Entry]]:
    """Give the entries that become known, in the order of positions: those of days before, and of days between."""
    by_ref: dict[_Target, list[FactRow]] = {}
    for row in rows:
        by_ref.setdefault((row.ref_stream, row.ref_version), []).append(row)
    pivot = min(a.as_of, b.as_of)
    late: list[_Entry] = []
    new: list[_Entry] = []
    for own in sorted(by_ref.values(), key=lambda own: (own[0].position, own[0].ref_version)):
        if _known(own[0], a) or not _known(own[0], b):
            continue
        targets = [(row.refers_stream, row.refers_version) for row in own if row.role is Role.VOID]
        target = [
            row for stream, version in targets if stream and version for row in by_ref.get((stream, version), ())
        ]
        entry = _Entry(tuple(sorted(own, key=lambda row: row.part)), tuple(target))
        (new if entry.is_after(pivot, a.as_at) else late).append(entry)
    return late, new


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

    def learn(self, entry: _Entry, adds: Cause, recorded_on: RecordedOn) -> None:
        """Let an entry become known."""
        self.rows += entry.rows
        step = Step(entry.cause or adds, (), facts=entry.rows[:1], recorded_on=recorded_on(entry.rows[0].position))
        if not self._arrive(step):
            self.idle.append(entry.rows[0])

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
        switched = (DocumentChange("", None, None, (f"restricted {old.restricted} → {new.restricted}",)),)
        walk.go(Cause.RULES, switched, under=RulebookSet(old.documents, restricted=new.restricted))
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
