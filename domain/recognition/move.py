"""搬家试算: what a move would change on a day, before it is made.

The move is supposed: registration ends at home and begins at the new place, and the permit converts at once where
it may (domain/residency). Nothing is recorded, and the figure is labelled 试算.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from domain.coverage import Coverage
from domain.facts.permit import ResidenceRegistered
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.places import Tier, name_of
from domain.recognition.places import Under, home_of
from domain.residency import Clocks, clocks, convert, entitlement
from domain.residency.refusals import NothingToConvert, PermitAlreadyHeld
from domain.score import Line, RefName, Score, ref_name
from domain.scoring import score
from domain.supposing import ended, suppose, supposed_name

_NUMBER, _SPELL = "trial", "trial"


class PermitAfter(NamedTuple):
    """What becomes of the permit: converted on the day by what, kept, or a new one from `from_day` on."""

    how: str
    from_day: date | None


class MovedRow(NamedTuple):
    """A row whose points differ: `line` as after the move where the row is there, otherwise as before."""

    line: Line
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class MoveTrial:
    """What a move changes. `before` is the score at home on the day, `after` the score in the new place.

    `by_tier` and `deductions` are differences in points of `scale`; with `floor` (what the floor, holds or a least
    total make of them) they add up to after - before.
    """

    from_place: str
    to_place: str
    on: date
    permit: PermitAfter
    before: Score
    after: Score
    clocks_before: Clocks
    clocks_after: Clocks
    scale: int
    by_tier: dict[Tier, int]
    deductions: int
    floor: int
    rows: tuple[MovedRow, ...]

    @property
    def difference(self) -> int:
        """Give what the move changes in all."""
        return sum(self.by_tier.values()) + self.deductions + self.floor

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values."""
        points = self.after.points if self.after.scale == self.scale else self.before.points
        name = supposed_name(name)
        return {
            "basis": "trial",
            "basis_label": {"zh": "试算", "en": "trial"},
            "from": {"place": self.from_place, "name": name_of(self.from_place), **_total(self.before)},
            "to": {"place": self.to_place, "name": name_of(self.to_place), **_total(self.after)},
            "on": self.on.isoformat(),
            "permit": {
                "how": self.permit.how,
                "from": self.permit.from_day.isoformat() if self.permit.from_day else None,
            },
            "clocks": {"before": _clocks(self.clocks_before), "after": _clocks(self.clocks_after)},
            "difference": points(self.difference),
            "by_tier": {tier.value: points(units) for tier, units in self.by_tier.items()},
            "deductions": points(self.deductions),
            "floor": points(self.floor),
            "rows": [
                {
                    "doc": row.line.doc,
                    "item": row.line.item,
                    "label": {"zh": row.line.label.zh, "en": row.line.label.en},
                    "before": points(row.before),
                    "after": points(row.after),
                    "used": [name(fact) for fact in row.line.used],
                }
                for row in self.rows
            ],
        }


def move_trial(
    knowledge: Knowledge,
    to: str,
    on: date,
    under: Under,
    coverage: Coverage | None = None,
    family: Family = ALONE,
    home: str | None = None,
) -> MoveTrial:
    """Suppose a move to a place on a day. `home` is for who holds no permit. Pure.

    Raises KeyError where no home is known or given.
    """
    from_place = home_of(knowledge, on) or home
    if from_place is None:
        raise KeyError("home")
    moved = ended(knowledge, "residence-registered", from_place[:6], on)
    moved = suppose(moved, [ResidenceRegistered(registered_on=on, place=to, spell=_SPELL)])
    permit, moved = _converted(moved, to, on)
    before = score(knowledge, under(from_place, on), from_place, on, coverage, family)
    after = score(moved, under(to, on), to, on, coverage, family)
    scale = max(before.scale, after.scale)
    up_before, up_after = 10 ** (scale - before.scale), 10 ** (scale - after.scale)
    by_tier = {tier: after.tier(tier) * up_after - before.tier(tier) * up_before for tier in Tier}
    deductions = after.deductions * up_after - before.deductions * up_before
    difference = after.total * up_after - before.total * up_before
    return MoveTrial(
        from_place,
        to,
        on,
        permit,
        before,
        after,
        clocks(knowledge, on),
        clocks(moved, on),
        scale,
        by_tier,
        deductions,
        difference - sum(by_tier.values()) - deductions,
        tuple(_moved(before, after, up_before, up_after)),
    )


def _converted(knowledge: Knowledge, to: str, on: date) -> tuple[PermitAfter, Knowledge]:
    try:
        conversion = convert(knowledge, to, on, _NUMBER)
    except PermitAlreadyHeld:
        return PermitAfter("kept", on), knowledge
    except NothingToConvert:
        return PermitAfter("waits", entitlement(knowledge, to, on).earliest), knowledge
    return PermitAfter(conversion.by, on), suppose(knowledge, [conversion])


def _moved(before: Score, after: Score, up_before: int, up_after: int) -> Iterator[MovedRow]:
    old = {(line.block, line.doc, line.item): line for line in before.rows}
    new = {(line.block, line.doc, line.item): line for line in after.rows}
    for key in dict.fromkeys([*old, *new]):
        was = old[key].points * up_before if key in old else 0
        now = new[key].points * up_after if key in new else 0
        if was != now:
            yield MovedRow(new[key] if key in new else old[key], was, now)


def _total(scored: Score) -> dict[str, Any]:
    return {
        "total": scored.points(scored.total),
        "usable": scored.points(scored.usable),
        "validity": scored.validity,
        "rulebooks": scored.rulebooks,
    }


def _clocks(read: Clocks) -> dict[str, Any]:
    since = read.unbroken_since
    return {
        "cumulative_months": read.cumulative_months,
        "unbroken_months": read.unbroken_months,
        "unbroken_since": since.isoformat() if since else None,
    }
