"""The residence permit 居住证: its facts folded to where it stands on a civil day.

Source: 《浙江省流动人口居住登记条例》 art. 16-19: endorsed once a year, within one month before each full year from
issue; late means that use is suspended until the late endorsement. One permit is valid at a time: a newer issue
takes the older permit's place. What a state means for points is the rulebook's `validity` block.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from domain.civil import add_months, full_months
from domain.knowledge import FactRow, InForce


class PermitState(StrEnum):
    """Where a permit stands: 无, 正常, 待签注, 中止, 终止."""

    NONE = "none"
    NORMAL = "normal"
    DUE = "due"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Permit(NamedTuple):
    """A permit after the facts so far.

    `covered_until` is the full year (counted from issue) up to which use is endorsed; on that day the calendar
    suspends it. `resumed_on` is the day on which the last suspension ended, `requested_on` the first request after
    it that points count again (积分恢复申请).
    """

    number: str | None = None
    place: str | None = None
    issued_on: date | None = None
    covered_until: date | None = None
    suspended_on: date | None = None
    resumed_on: date | None = None
    requested_on: date | None = None
    ended_on: date | None = None

    def state(self, day: date) -> PermitState:
        """Give the state on a day not before the last fact."""
        if self.issued_on is None or self.covered_until is None:
            return PermitState.NONE
        if self.ended_on is not None:
            return PermitState.ENDED
        if self.is_suspended(day):
            return PermitState.SUSPENDED
        return PermitState.DUE if day >= add_months(self.covered_until, -1) else PermitState.NORMAL

    def is_suspended(self, day: date) -> bool:
        """Say whether the use of a permit that has been issued and has not ended rests on a day."""
        return self.suspended_on is not None or (self.covered_until is not None and day >= self.covered_until)

    @property
    def awaits_request(self) -> bool:
        """Say whether use was restored after a suspension and nobody has asked yet that points count again."""
        return self.resumed_on is not None and self.requested_on is None

    def changes_on(self, day: date) -> date | None:
        """Give the next day on which the calendar alone moves the state, or None."""
        state = self.state(day)
        if self.covered_until is None or state not in (PermitState.NORMAL, PermitState.DUE):
            return None
        return add_months(self.covered_until, -1) if state is PermitState.NORMAL else self.covered_until


_NONE = Permit()


def evolve(permit: Permit, move: FactRow) -> Permit:
    """Take one permit fact. Facts about another permit than the present one, or after its end, change nothing.

    A move that names no permit (a death, local hukou) means the one that is held.
    """
    day = move.starts_on
    if day is None:
        return permit
    if move.kind == "permit-issued":
        return _issued(permit, move, day)
    if permit.number is None or move.spell not in (permit.number, None) or permit.ended_on is not None:
        return permit
    moved = permit
    match move.kind:
        case "permit-endorsed":
            moved = _in_use(permit, day, _covered_by_endorsement(permit.issued_on or day, day))
        case "permit-restored":
            moved = _in_use(permit, day, _next_full_year(permit.issued_on or day, day))
        case "permit-suspended" if permit.suspended_on is None:
            moved = permit._replace(suspended_on=day)
        case "permit-ended":
            moved = permit._replace(ended_on=day)
        case "points-reinstatement-requested":
            if permit.awaits_request and permit.state(day) is not PermitState.SUSPENDED:
                moved = permit._replace(requested_on=day)
        case _:
            pass
    return moved


def permit_on(moves: Iterable[InForce], day: date) -> Permit:
    """Fold the permit facts in force up to a civil day. Their order is that of their days, not of their arrival."""
    permit = _NONE
    for row in counting(moves, day):
        permit = evolve(permit, row)
    return permit


def in_use(moves: Iterable[InForce], day: date) -> list[InForce]:
    """Give the periods in which a permit could be used, as facts of kind `permit`: normal, or due for endorsement.

    A period begins with an issue, a late endorsement or a restoration, and ends with a suspension (also the
    calendar's), an end or a newer permit. It rests on the entry that began it; `ends_on` may lie in the future.
    """
    periods: list[InForce] = []
    permit, began = _NONE, None
    for row in counting(moves, day):
        on = row.starts_on or day
        if began is not None and permit.covered_until is not None and permit.covered_until <= on:
            periods.append(_period(began, permit, permit.covered_until))
            began = None
        before, permit = permit, evolve(permit, row)
        is_used = permit.state(on) in (PermitState.NORMAL, PermitState.DUE)
        if began is not None and (not is_used or permit.number != before.number):
            periods.append(_period(began, before, on))
            began = None
        if is_used and began is None:
            began = row
    if began is not None:
        periods.append(_period(began, permit, permit.covered_until))
    return periods


def _period(began: FactRow, permit: Permit, until: date | None) -> InForce:
    return InForce(replace(began, kind="permit", ends_on=until, place=permit.place), until)


def counting(moves: Iterable[InForce], day: date) -> list[FactRow]:
    """Give the moves that count by a day, in the order of their days."""
    counting = [
        move.row
        for move in moves
        if move.row.starts_on is not None
        and move.row.starts_on <= day
        and (move.void_from is None or day < move.void_from)
    ]
    return sorted(counting, key=_by_day) if len(counting) > 1 else counting


MOVES_OF_A_DAY = (
    "permit-issued",
    "permit-suspended",
    "permit-endorsed",
    "permit-restored",
    "points-reinstatement-requested",
    "permit-ended",
)
"""The order within a day: a new permit replaces the old before that ends, a request follows a restoration."""


_TURN = {kind: turn for turn, kind in enumerate(MOVES_OF_A_DAY)}


def _by_day(row: FactRow) -> tuple[date, int, int, int]:
    return row.starts_on or date.min, _TURN[row.kind], row.position, row.part


def _issued(permit: Permit, move: FactRow, day: date) -> Permit:
    if permit.number == move.spell and permit.ended_on is None and permit.issued_on is not None:
        return permit
    return Permit(number=move.spell, place=move.place, issued_on=day, covered_until=add_months(day, 12))


def _in_use(permit: Permit, day: date, covered_until: date) -> Permit:
    was_suspended = permit.is_suspended(day)
    if permit.covered_until is not None and permit.covered_until > covered_until:
        covered_until = permit.covered_until
    number, place, issued_on, _, _, resumed_on, requested_on, ended_on = permit
    if was_suspended:
        resumed_on, requested_on = day, None
    return Permit(number, place, issued_on, covered_until, None, resumed_on, requested_on, ended_on)


def _next_full_year(issued_on: date, day: date) -> date:
    return add_months(issued_on, (full_months(issued_on, day) // 12 + 1) * 12)


@lru_cache(maxsize=16_384)
def _covered_by_endorsement(issued_on: date, day: date) -> date:
    """Give the full year that an endorsement covers: the one of that day, within a month before it the next."""
    full_year = _next_full_year(issued_on, day)
    return full_year if day < add_months(full_year, -1) else _next_full_year(issued_on, full_year)
