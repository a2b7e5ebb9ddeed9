"""The set-based plan: what a set of rulebooks says, as integers and names only. Hashable, and JSON both ways.

A plan is executed over columns by projections/engines; nothing here calls anything. `Row.measure` is an index into
`Plan.measures`: rows that count alike share a measure, so that whoever changes awards and caps alone need not count
again. Every number of points is exact: a numerator over `Award.den`, or an integer of 10^-scale of the set.
"""

from typing import Literal

from domain.notation import Strict

How = Literal["age", "months", "spells", "sum", "count", "levels", "state", "share"]
TierWord = Literal["province", "city", "district"]
NOT_COMPILED = -1
"""In the place of a measure: the row is left to the reference evaluator."""


class Meant(Strict):
    """Which facts are meant, by the words they carry (None: whatever it is)."""

    level: tuple[str, ...] | None = None
    variant: tuple[str, ...] | None = None
    mark: tuple[str, ...] | None = None


class MonthsOf(Strict):
    """A set of months: insured months, or months that spells touch (`any_day`) or fill (`whole_month`)."""

    fact: str
    variant: str
    scope: TierWord
    part: Literal["any_day", "whole_month"] = "any_day"
    fits: tuple[Meant, ...] = ()
    exclude: Meant | None = None


class Counting(Strict):
    """A measure: which facts, and how they are counted.

    `day` is a row's own day as domain.measures.own_day reads it. Facts must fit every one of `fits` and not
    `exclude`. `window` months look back from the day, compared with step `window_step` of a fact's life (0 acted on
    … 3 completed on); a fact lapses `lapse_after` months after step `lapse_step` (-1: never). A quantity is divided
    by `size`; `most_per_year` bounds each calendar year before that (0: nothing does). `key` names the columns by
    which two reports are one fact. Months: the sets of `joined` together, crossed with `all_of`, less `minus`.
    """

    how: How
    day: str = ""
    fact: str = ""
    variant: str = ""
    scope: TierWord = "province"
    fits: tuple[Meant, ...] = ()
    exclude: Meant | None = None
    window: int = 0
    window_step: int = 0
    lapse_after: int = 0
    lapse_step: int = -1
    run: Literal["all", "last", "longest"] = "all"
    unit: Literal["full_months", "half_months", "full_years", "days"] = "full_months"
    join: Literal["each", "pooled", "per_spell"] = "each"
    joined: tuple[MonthsOf, ...] = ()
    all_of: tuple[MonthsOf, ...] = ()
    minus: tuple[MonthsOf, ...] = ()
    size: int = 1
    paid: Literal["full", "half", "none"] = "full"
    most_per_year: int = 0
    holders: Literal["equal", "first_double"] = "equal"
    key: tuple[str, ...] = ()
    by_year: bool = False
    once_per_act: bool = False
    until_completed: bool = False
    always_found: bool = False
    part_year: bool = False


class Segment(Strict):
    """From the quantity `lo` on: `base` + (quantity - `origin`) // `step` × `points`, over the award's `den`."""

    lo: int
    origin: int
    base: int
    step: int
    points: int


class Award(Strict):
    """An award: segments in the order of `lo` (nothing below the first), or a table of levels.

    Values are numerators over `den`; `year_cap` is one too, and bounds each calendar year.
    """

    den: int
    segments: tuple[Segment, ...] = ()
    levels: tuple[tuple[str, int], ...] = ()
    take: Literal["", "max", "sum"] = ""
    year_cap: int | None = None


class Row(Strict):
    """An item or a deduction. Points are rounded at 10^-`scale`, then multiplied by `up`; `cap` is in set units.

    `category` is an index into the table's categories, -1 for none. `counts` is false for a deduction that is
    limited to other uses. `why` names the kind that is not compiled.
    """

    doc: str
    id: str
    block: Literal["item", "deduction"]
    table: int
    category: int
    measure: int
    award: Award
    scale: int
    up: int
    cap: int | None
    counts: bool = True
    why: str = ""


class TablePlan(Strict):
    """A table: its categories with their caps, and its own, in set units."""

    doc: str
    tier: TierWord
    cap: int | None
    categories: tuple[tuple[str, int | None], ...]


class ChoicePlan(Strict):
    """A category of which one item counts: the elected one, otherwise the best, of equal ones the first.

    An election is a fact of this kind and variant, whose level is the id of an item; `rows` are indices of rows.
    """

    table: int
    category: int
    fact: str
    variant: str
    scope: TierWord
    rows: tuple[int, ...]
    items: tuple[str, ...]


class HoldPlan(Strict):
    """A hold: `lasts` months (None: for ever) from step `step` of the facts it reads. `levels` None: any level."""

    doc: str
    id: str
    fact: str
    variant: str
    scope: TierWord
    levels: tuple[str, ...] | None
    lasts: int | None
    step: int
    until_completed: bool
    effect: Literal["zero", "suspend", "ineligible"]


class ValidityPlan(Strict):
    """What each state of the permit means for the points."""

    none: str
    normal: str
    due: str
    suspended: str
    ended: str
    on_request: bool


class Plan(Strict):
    """A set of rulebooks, compiled. `rulebooks` is the hash of the set; `above` the bounds of `valid_if`."""

    rulebooks: str
    scale: int
    measures: tuple[Counting, ...]
    tables: tuple[TablePlan, ...]
    rows: tuple[Row, ...]
    holds: tuple[HoldPlan, ...]
    choices: tuple[ChoicePlan, ...] = ()
    above: tuple[int, ...] = ()
    validity: ValidityPlan | None = None

    @property
    def left_out(self) -> tuple[Row, ...]:
        """Give the rows that the reference evaluator must score."""
        return tuple(row for row in self.rows if row.measure == NOT_COMPILED)


STEPS = ("starts_on", "decided_on", "effective_on", "completed_on")
"""The steps of an act's life in their order; a step that is not known is read as the nearest earlier one."""
