"""What a change is made of: steps from one score to another, each with its cause and its pieces.

Points are integers of 10^-scale of the finer of the two sets of rulebooks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from domain.coverage import Coverage
from domain.family import ALONE, Family
from domain.knowledge import FactRow, Why
from domain.notation import Label, points_text
from domain.rulebook.difference import Change as Difference
from domain.rulebook.resolution import RulebookSet
from domain.score import RefName, Score, ref_name


class Cause(StrEnum):
    """What was switched in a step. The order of this page is the order of switching."""

    LATE_FACTS = "late-facts"
    CORRECTIONS = "corrections"
    IDENTITY = "identity"
    FEEDS = "feeds"
    FAMILY = "family"
    CALENDAR = "calendar"
    NEW_FACTS = "new-facts"
    PLACE = "place"
    RULES = "rules"


class Effect(StrEnum):
    """Where in the order of evaluation the points moved. VALIDITY moves what can be used, not the total."""

    EARNED = "earned"
    DEDUCTIONS = "deductions"
    CAPS = "caps"
    CHOICES = "choices"
    FLOOR = "floor"
    HOLDS = "holds"
    VALIDITY = "validity"


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Where a score stands: as of a day, as at a position (None: the last), under rulebooks, at a place.

    `coverage` and `family` are what was known of feeds and of relatives there.
    """

    as_of: date
    as_at: int | None
    under: RulebookSet
    place: str
    coverage: Coverage = field(default_factory=Coverage, compare=False)
    family: Family = field(default=ALONE, compare=False)

    def as_json(self) -> dict[str, Any]:
        """Give the coordinates as JSON values."""
        return {
            "as_of": self.as_of.isoformat(),
            "as_at": self.as_at,
            "under": self.under.hash,
            "place": self.place,
        }


class Moved(NamedTuple):
    """A fact that counts in a row after a step and not before, or the other way round, and then why not."""

    row: FactRow
    counts: bool
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Points that moved at one place of the evaluation.

    `of` names the item, deduction, category, document or hold; `level` that of a cap. `count` is the difference of
    the row's quantity in `unit`, None where it has none on one side.
    """

    effect: Effect
    points: int
    doc: str = ""
    of: str = ""
    level: str = ""
    label: Label | None = None
    count: int | None = None
    unit: str = ""
    moved: tuple[Moved, ...] = ()

    def as_json(self, scale: int, name: RefName) -> dict[str, Any]:
        """Give the piece with points as text."""
        return {
            "doc": self.doc,
            "of": self.of,
            "level": self.level or None,
            "label": None if self.label is None else {"zh": self.label.zh, "en": self.label.en},
            "points": points_text(self.points, scale),
            "count": self.count,
            "unit": self.unit or None,
            "moved": [
                {"fact": name(moved.row), "counts": moved.counts, "why": moved.why and moved.why.value}
                for moved in self.moved
            ],
        }


class Turn(NamedTuple):
    """Something beside points that turned: validity, permit, valid, ineligible, or a row's state without points."""

    what: str
    before: str
    after: str
    doc: str = ""
    of: str = ""
    label: Label | None = None


class DocumentChange(NamedTuple):
    """A document that left, came or changed (hashes; None: not in force), and where the versions differ."""

    doc: str
    old: str | None
    new: str | None
    differences: tuple[Difference, ...] = ()

    def backwards(self) -> "DocumentChange":
        """Give the change the other way."""
        differences = tuple(each._replace(old=each.new, new=each.old) for each in self.differences)
        return DocumentChange(self.doc, self.new, self.old, differences)


@dataclass(frozen=True, slots=True)
class Part:
    """The points of one effect of one step: these add up to the difference."""

    cause: Cause
    effect: Effect
    points: int
    pieces: tuple[Piece, ...]
    step: int


@dataclass(frozen=True, slots=True)
class Step:
    """One switch, everything else held still: its cause, the points it moved, and what else it turned.

    `facts` are the entries that became known, `recorded_on` the day on which they did; `forgotten` says that they
    are known in the first score and not in the second.
    """

    cause: Cause
    pieces: tuple[Piece, ...]
    turns: tuple[Turn, ...] = ()
    facts: tuple[FactRow, ...] = ()
    documents: tuple[DocumentChange, ...] = ()
    recorded_on: date | None = None
    forgotten: bool = False

    @property
    def points(self) -> int:
        """Give by how much the step moved the total."""
        return sum(piece.points for piece in self.pieces if piece.effect is not Effect.VALIDITY)

    def of(self, *effects: Effect) -> tuple[Piece, ...]:
        """Give the pieces of some effects."""
        return tuple(piece for piece in self.pieces if piece.effect in effects)

    def backwards(self) -> "Step":
        """Give the same step taken the other way."""
        return replace(
            self,
            pieces=tuple(_negated(piece) for piece in self.pieces),
            turns=tuple(turn._replace(before=turn.after, after=turn.before) for turn in self.turns),
            documents=tuple(document.backwards() for document in self.documents),
            forgotten=not self.forgotten and bool(self.facts),
        )


def _negated(piece: Piece) -> Piece:
    count = None if piece.count is None else -piece.count
    moved = tuple(each._replace(counts=not each.counts) for each in piece.moved)
    return replace(piece, points=-piece.points, count=count, moved=moved)


@dataclass(frozen=True, slots=True)
class Change:
    """The way from one score to another. `idle` are facts that became known (or unknown) and moved nothing."""

    a: Coordinates
    b: Coordinates
    before: Score
    after: Score
    scale: int
    steps: tuple[Step, ...]
    idle: tuple[FactRow, ...] = ()

    @property
    def difference(self) -> int:
        """Give the total of the second score less that of the first."""
        return in_scale(self.after, self.after.total, self.scale) - in_scale(
            self.before, self.before.total, self.scale
        )

    @property
    def usable_difference(self) -> int:
        """Give the usable points of the second score less those of the first."""
        return in_scale(self.after, self.after.usable, self.scale) - in_scale(
            self.before, self.before.usable, self.scale
        )

    @property
    def parts(self) -> Iterator[Part]:
        """Give the points by step and effect. All but VALIDITY add up to the difference, all to the usable one."""
        for number, step in enumerate(self.steps):
            for effect in Effect:
                pieces = step.of(effect)
                if pieces:
                    yield Part(step.cause, effect, sum(piece.points for piece in pieces), pieces, number)

    @property
    def sums(self) -> dict[str, int]:
        """Give the difference by cause; what caps, choices, floor and holds did under their own names."""
        sums: dict[str, int] = {}
        for part in self.parts:
            if part.effect is Effect.VALIDITY:
                continue
            by_cause = part.effect in (Effect.EARNED, Effect.DEDUCTIONS)
            name = part.cause.value if by_cause else part.effect.value
            sums[name] = sums.get(name, 0) + part.points
        return sums

    def backwards(self) -> "Change":
        """Give the same way from its end to its beginning."""
        steps = tuple(step.backwards() for step in reversed(self.steps))
        return Change(self.b, self.a, self.after, self.before, self.scale, steps, self.idle)

    def points(self, units: int) -> str:
        """Print points with the digits of the scale."""
        return points_text(units, self.scale)

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values; points as text."""
        return {
            "from": {**self.a.as_json(), **_outcome(self.before)},
            "to": {**self.b.as_json(), **_outcome(self.after)},
            "difference": self.points(self.difference),
            "usable_difference": self.points(self.usable_difference),
            "parts": [
                {
                    "step": part.step,
                    "cause": part.cause.value,
                    "effect": part.effect.value,
                    "points": self.points(part.points),
                    "pieces": [piece.as_json(self.scale, name) for piece in part.pieces],
                }
                for part in self.parts
            ],
            "sums": {name: self.points(units) for name, units in self.sums.items()},
            "steps": [self._step(step, name) for step in self.steps],
            "idle": [name(row) for row in self.idle],
        }

    def _step(self, step: Step, name: RefName) -> dict[str, Any]:
        return {
            "cause": step.cause.value,
            "points": self.points(step.points),
            "recorded_on": step.recorded_on and step.recorded_on.isoformat(),
            "forgotten": step.forgotten,
            "facts": [name(row) for row in step.facts],
            "documents": [
                {"doc": d.doc, "old": d.old, "new": d.new, "differences": [str(each) for each in d.differences]}
                for d in step.documents
            ],
            "turns": [
                {"what": t.what, "doc": t.doc or None, "of": t.of or None, "before": t.before, "after": t.after}
                for t in step.turns
            ],
        }


def _outcome(score: Score) -> dict[str, Any]:
    return {
        "total": score.points(score.total),
        "usable": score.points(score.usable),
        "validity": score.validity,
        "permit": score.permit_state.value,
    }


def in_scale(score: Score, units: int, scale: int) -> int:
    """Give units of a score's scale in units of a finer one."""
    return int(units * 10 ** (scale - score.scale))
