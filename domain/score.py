"""A score and its lines: what was counted, what it earned, what caps took, which facts were used and which not.

Points are integers of 10^-scale of the set of rulebooks. A loss to a cap is a line of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal, NamedTuple
from uuid import UUID

from domain.awards import OfQuantity
from domain.knowledge import FactRow, Ignored
from domain.notation import E4, Label, exact_text, points_text
from domain.permit import Permit, PermitState
from domain.places import Tier
from domain.rulebook.model import Deduction, Item, ValidityName
from domain.words import VALIDITY


class LineState(StrEnum):
    """Scored, zero by rule, or no data (暂未查询到数据): nothing found, and no complete feed behind that.

    A row for other uses takes nothing.
    """

    SCORED = "scored"
    ZERO = "zero"
    NO_DATA = "no_data"
    OTHER_USE = "other_use"


LossLevel = Literal["year", "item", "choice", "category", "tier"]
RefName = Callable[[FactRow], Any]


RELATIVE = UUID(int=2**128 - 1)
"""In the place of a relative's stream: whose facts they are and which is not said (domain/veil.py)."""


def ref_name(row: FactRow) -> dict[str, Any]:
    """Name a row's entry for JSON; of a relative's facts the kind and how many."""
    if row.ref_stream == RELATIVE:
        return {"kind": row.kind, "of": "relative", "count": row.quantity}
    return {"kind": row.kind, "stream": str(row.ref_stream), "version": row.ref_version, "position": row.position}


class Line(NamedTuple):
    """One row of a table. `raw` is exact, `earned` rounded, `points` what is left after the year and item caps."""

    rule: Item | Deduction
    doc: str
    tier: Tier
    source: str | None
    state: LineState
    quantity: int | None
    unit: str
    raw: Fraction
    earned: int
    points: int
    used: tuple[FactRow, ...]
    ignored: tuple[Ignored, ...]
    periods: tuple[tuple[date, date], ...] | None = None

    @property
    def item(self) -> str:
        """Give the id of the item or deduction."""
        return self.rule.id

    @property
    def clause(self) -> str:
        """Give the clause that the row stands in."""
        return self.rule.clause

    @property
    def label(self) -> Label:
        """Give the row's name."""
        return self.rule.label

    @property
    def block(self) -> Literal["item", "deduction"]:
        """Say in which block of its document the row stands."""
        return "item" if isinstance(self.rule, Item) else "deduction"

    @property
    def wanted(self) -> int | None:
        """Give the quantity with which a row that gives nothing would begin to give points (满20小时计分)."""
        award = self.rule.award
        if self.raw or self.quantity is None or not isinstance(award, OfQuantity) or self.block == "deduction":
            return None
        return award.wanted(self.quantity)

    def as_json(self, scale: int, name: RefName) -> dict[str, Any]:
        """Give the line with points as text."""
        rule = self.rule
        line: dict[str, Any] = {
            "line": self.block,
            "item": rule.id,
            "clause": rule.clause,
            "doc": self.doc,
            "source": self.source,
            "owner": rule.owner,
            "label": {"zh": rule.label.zh, "en": rule.label.en},
            "category": rule.category if isinstance(rule, Item) else None,
            "placeholder": rule.placeholder,
            "state": self.state.value,
            "quantity": self.quantity,
            "unit": self.unit,
            "raw": exact_text(self.raw),
            "earned": points_text(self.earned, scale),
            "points": points_text(self.points, scale),
            "used": [name(row) for row in self.used],
            "ignored": [_ignored(other, name) for other in self.ignored],
        }
        if self.wanted is not None:
            line["wanted"] = self.wanted
            line["missing"] = self.wanted - (self.quantity or 0)
        if self.periods is not None:
            line["periods"] = [[start.isoformat(), until.isoformat()] for start, until in self.periods]
        return line


def _ignored(other: Ignored, name: RefName) -> dict[str, Any]:
    because = {} if other.because is None else {"because": name(other.because)}
    return {"fact": name(other.row), "why": other.why.value, **because}


class Loss(NamedTuple):
    """What a cap took, at one level: `earned` counts only `counted`. `of` names the item, category or document.

    Level `choice`: an item that does not count because another of its category was chosen.
    """

    level: LossLevel
    doc: str
    of: str
    label: Label
    earned: int
    counted: int
    years: tuple[int, ...] = ()

    @property
    def lost(self) -> int:
        """Give the points lost: positive, also where a deduction is capped."""
        return abs(self.earned - self.counted)

    def as_json(self, scale: int, _name: RefName) -> dict[str, Any]:
        """Give the loss with points as text."""
        return {
            "line": f"{self.level}_cap",
            "doc": self.doc,
            "of": self.of,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "earned": points_text(self.earned, scale),
            "counted": points_text(self.counted, scale),
            "lost": points_text(self.lost, scale),
            **({"years": list(self.years)} if self.years else {}),
        }


class Held(NamedTuple):
    """A hold in force: why, since when, until when (None: for ever)."""

    doc: str
    hold: str
    clause: str
    label: Label | None
    effect: Literal["zero", "suspend", "ineligible"]
    fact: FactRow
    since: date
    until: date | None
    placeholder: bool = False

    def as_json(self, _scale: int, name: RefName) -> dict[str, Any]:
        """Give the hold."""
        return {
            "line": "hold",
            "doc": self.doc,
            "hold": self.hold,
            "clause": self.clause,
            "effect": self.effect,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "placeholder": self.placeholder,
            "used": [name(self.fact)],
        }


class Part(NamedTuple):
    """A category's or a table's points before and after its cap."""

    doc: str
    tier: Tier
    id: str
    label: Label
    earned: int
    points: int
    cap: int | None

    def as_json(self, scale: int) -> dict[str, Any]:
        """Give the part with points as text."""
        return {
            "doc": self.doc,
            "tier": self.tier.value,
            "id": self.id,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "earned": points_text(self.earned, scale),
            "points": points_text(self.points, scale),
            "cap": None if self.cap is None else points_text(self.cap, scale),
        }


@dataclass(frozen=True, slots=True)
class Score:
    """A resident's score as of a day, at a place, under a set of rulebooks.

    `before_deductions` is the sum of the tables; `deductions` is zero or less; `total` is after floor and holds;
    `validity` says whether it can be used (None: no rulebook says). `is_valid` is false where a rulebook refuses a
    total that is too low; `ineligible` where a hold bars every use.
    """

    place: str
    as_of: date
    scale: int
    rulebooks: str
    documents: tuple[tuple[str, str], ...]
    lines: tuple[Line | Loss | Held, ...]
    tables: tuple[Part, ...]
    categories: tuple[Part, ...]
    before_deductions: int
    deductions: int
    total: int
    is_valid: bool
    ineligible: bool
    validity: ValidityName | None
    permit: Permit
    permit_state: PermitState

    @property
    def usable(self) -> int:
        """Give the points that can be used today: the total while it is valid and in effect, otherwise zero."""
        in_effect = self.validity in (None, "effective")
        return self.total if in_effect and self.is_valid and not self.ineligible else 0

    @property
    def usable_e4(self) -> int:
        """Give the same in 10^-4 points, as facts keep them."""
        return int(self.usable * 10 ** (E4 - self.scale))

    @property
    def rows(self) -> Iterator[Line]:
        """Give the lines of items and deductions."""
        return (line for line in self.lines if isinstance(line, Line))

    @property
    def losses(self) -> tuple[Loss, ...]:
        """Give the lines of what caps took."""
        return tuple(line for line in self.lines if isinstance(line, Loss))

    @property
    def holds(self) -> tuple[Held, ...]:
        """Give the holds in force."""
        return tuple(line for line in self.lines if isinstance(line, Held))

    def line(self, item: str) -> Line:
        """Give the line of an item: `age`, or `zj.common/age` where two tables have one of that name.

        Raises KeyError.
        """
        for line in self.rows:
            if item in (line.item, f"{line.doc}/{line.item}"):
                return line
        raise KeyError(item)

    def tier(self, tier: Tier) -> int:
        """Give the points of all tables of a tier."""
        return sum(table.points for table in self.tables if table.tier is tier)

    def points(self, units: int) -> str:
        """Print points with the digits of the scale."""
        return points_text(units, self.scale)

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values; `name` says how a fact is named."""
        return {**self.head_as_json(), "lines": [line.as_json(self.scale, name) for line in self.lines]}

    def head_as_json(self) -> dict[str, Any]:
        """Give everything but the lines."""
        return {
            "place": self.place,
            "as_of": self.as_of.isoformat(),
            "rulebooks": {"hash": self.rulebooks, "documents": [list(pair) for pair in self.documents]},
            "total": self.points(self.total),
            "usable": self.points(self.usable),
            "before_deductions": self.points(self.before_deductions),
            "deductions": self.points(self.deductions),
            "valid": self.is_valid,
            "ineligible": self.ineligible,
            "validity": self.validity,
            "validity_label": dict(zip(("zh", "en"), VALIDITY[self.validity], strict=True))
            if self.validity
            else None,
            "permit": {
                "state": self.permit_state.value,
                "place": self.permit.place,
                "awaits_request": self.permit.awaits_request,
            },
            "tiers": {tier.value: self.points(self.tier(tier)) for tier in Tier},
            "tables": [table.as_json(self.scale) for table in self.tables],
            "categories": [category.as_json(self.scale) for category in self.categories],
        }
