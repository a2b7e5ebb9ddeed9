"""One table evaluated for one resident: awards, then year, item, category, tier caps; deductions and holds beside.

Every row is rounded once, at the table's own scale; what leaves the table is in units of the set's scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.civil import add_months
from domain.countable import day_of
from domain.coverage import Coverage
from domain.knowledge import FactRow, Ignored
from domain.made import made
from domain.measures import Age, OfFacts, own_day
from domain.ready import Book, Group, Row, Views
from domain.rulebook.model import Hold
from domain.score import Held, Line, LineState, Loss, Part
from domain.together import together
from domain.view import Counted
from domain.worth import Worth, Years

ELECTED = "item-elected"
_SCORED, _ZERO, _NO_DATA, _OTHER_USE = LineState.SCORED, LineState.ZERO, LineState.NO_DATA, LineState.OTHER_USE


@dataclass(slots=True)
class Result:
    """The lines of a table's items in their order, each followed by its losses, and its sums."""

    lines: list[Line | Loss]
    categories: list[Part]
    table: Part


class Table:
    """A rulebook read for one resident.

    `use` is the programme for which points are asked; None: none, so that rows limited to some do not count.
    """

    __slots__ = ("_book", "_coverage", "_ready", "_use", "_view", "_views")

    def __init__(self, book: Book, views: Views, coverage: Coverage, use: str | None = None) -> None:
        self._ready = book
        self._book = book.rulebook
        self._views = views
        self._view = views.own
        self._coverage = coverage
        self._use = use

    def items(self) -> Result:
        """Award every item, then cap items, categories and the table."""
        ready = self._ready
        lines: list[Line | Loss] = []
        points = [self._row(row, lines) for row in ready.items]
        categories = []
        earned = sum([points[number] for number in ready.free])
        for group in ready.categories:
            if group.choose_one:
                lines += self._choice(group, points)
            part, lost = group.limit.part(sum([points[number] for number in group.rows]))
            lines += lost
            categories.append(part)
            earned += part.points
        table, lost = ready.limit.part(earned)
        lines += lost
        return Result(lines, categories, table)

    def deductions(self) -> list[Line | Loss]:
        """Award every deduction; a cap bounds what it can take, and one for other uses takes nothing."""
        lines: list[Line | Loss] = []
        for row in self._ready.deductions:
            self._row(row, lines)
        return lines

    def holds(self) -> list[Held]:
        """Find the holds in force, one for each fact that causes one."""
        holds = (hold for hold in self._book.holds if not hold.applies_to or self._use in hold.applies_to)
        return [held for hold in holds for held in self._held(hold)]

    def _row(self, row: Row, lines: list[Line | Loss]) -> int:
        """Add a row's line and losses; give its points after its own caps."""
        view = self._view
        other_use = row.applies_to and self._use not in row.applies_to
        if row.lone and not other_use and row.kind not in view.knowledge.rows and row.kind not in view.ignored:
            lines.append(self._nothing(row))
            return 0
        if row.alone:
            counted, worth, used, ignored = self._own(row)
        else:
            counted, worth, used, ignored = together(row, self._views)
        raw, earned, points, losses = worth
        if other_use:
            state, points, losses = _OTHER_USE, 0, ()
        else:
            state = _SCORED if earned else self._state(row, counted)
        lines.append(
            made(
                Line,
                (
                    *row.named,
                    state,
                    counted.quantity,
                    counted.unit,
                    raw,
                    earned,
                    points,
                    tuple(used),
                    tuple(ignored),
                    None if counted.periods is None else tuple(counted.periods),
                ),
            )
        )
        if losses:
            lines += losses
        return points

    def _own(self, row: Row) -> tuple[Counted, Worth, Sequence[FactRow], Sequence[Ignored]]:
        """Count a row that reads the resident's facts alone; give the count, what it is worth, and the facts."""
        view, worths = self._view, row.worths
        if row.own_day is not None:
            view = view.on(own_day(row.own_day, view.as_of))
        counted = row.count(view, row.reading)
        if counted.quantity is None:
            return counted, worths.of_years(Years(0, 0)), counted.used, counted.ignored
        amount, used, ignored = row.award(counted)
        if worths.cap_per_year is None or counted.by_year is None:
            return counted, worths.of(amount), used, ignored
        return counted, worths.of_years(worths.by_year(counted.by_year, worths.cap_per_year)), used, ignored

    def _nothing(self, row: Row) -> Line:
        """Give the line of a row for somebody without facts, which gives nothing: the same for everybody."""
        covered = self._is_covered(row)
        found = row.nothing.get(covered)
        if found is None:
            counted, worth, _, _ = self._own(row)
            state = _ZERO if covered else _NO_DATA
            periods = None if counted.periods is None else ()
            found = row.nothing[covered] = Line(
                *row.named,
                state,
                counted.quantity,
                counted.unit,
                worth.raw,
                0,
                0,
                (),
                (),
                periods,
            )
        return found

    def _is_covered(self, row: Row) -> bool:
        """Say whether complete feeds leave no month out that a row reads."""
        measure = row.measure
        if not isinstance(measure, OfFacts) or not self._coverage.knows(row.kind):
            return False
        return self._coverage.covers(row.kind, self._view.place, *measure.months_read(self._view.as_of))

    def _choice(self, group: Group, points: list[int]) -> list[Loss]:
        """Leave one item of a category: the elected one, otherwise the best, of equal ones the first."""
        elected = self._elected(group)
        chosen = elected if elected is not None else max(group.rows, key=points.__getitem__, default=None)
        losses = []
        for number in group.rows:
            if number != chosen and points[number]:
                item = self._book.items[number]
                losses.append(Loss("choice", self._book.doc, item.id, item.label, points[number], 0))
                points[number] = 0
        return losses

    def _elected(self, group: Group) -> int | None:
        """Give the item that the applicant chose last; a choice of what is not in the category is none."""
        numbers: dict[str | None, int] = {self._book.items[number].id: number for number in group.rows}
        selection = self._view.select(f"{ELECTED}/{self._book.doc}/{group.category.id}", self._book.reach)
        choices = [row for row in selection.rows if row.level in numbers]
        newest = max(choices, key=_when, default=None)
        return None if newest is None else numbers[newest.level]

    def _state(self, row: Row, counted: Counted) -> LineState:
        """Tell zero by rule from no data, for a row that gives nothing."""
        if counted.found:
            return _ZERO
        if counted.quantity is None or isinstance(row.measure, Age):
            return _NO_DATA
        return _ZERO if self._is_covered(row) else _NO_DATA

    def _held(self, hold: Hold) -> list[Held]:
        held = []
        as_of, book = self._view.as_of, self._book
        for row in self._view.select(hold.of, book.reach).rows:
            since, until = day_of(row, hold.from_), self._until(hold, row)
            if hold.levels is not None and row.level not in hold.levels:
                continue
            if since <= as_of and (until is None or as_of < until):
                held.append(
                    Held(
                        book.doc,
                        hold.id,
                        hold.clause,
                        hold.label,
                        hold.effect,
                        row,
                        since,
                        until,
                        hold.placeholder,
                    )
                )
        return held

    @staticmethod
    def _until(hold: Hold, row: FactRow) -> date | None:
        """Give the first day without the hold; None where it holds for ever, or until somebody settles it."""
        ends = []
        if hold.lasts is not None:
            ends.append(add_months(day_of(row, hold.from_), hold.lasts))
        if hold.until_completed and row.completed_on is not None:
            ends.append(row.completed_on)
        return min(ends, default=None)


def _when(row: FactRow) -> tuple[date, int, int]:
    return row.starts_on or date.min, row.position, row.part
