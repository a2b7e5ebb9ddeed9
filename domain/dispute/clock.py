"""The clock of whoever must rule: working days, standing still while an organ checks its data."""

from datetime import date, timedelta
from typing import NamedTuple

from domain.dispute.refusals import DisputeNotOpen
from domain.dispute.state import Check, Dispute
from domain.workdays import WorkCalendar

RULING_DAYS = 10
"""Working days from acceptance to a ruling, where a place declares nothing else. Source: Ningbo's clock."""
_DAY = timedelta(days=1)


class Clock(NamedTuple):
    """How long both have waited, in working days, and until when a ruling is due (None: the clock stands still)."""

    days: int
    ours: int
    theirs: int
    due_on: date | None

    @property
    def left(self) -> int:
        """Give the working days that are left; below zero: overdue by so many."""
        return self.days - self.ours


def clock(dispute: Dispute, on: date, calendar: WorkCalendar) -> Clock:
    """Say how the clock stands on a day. Raises DisputeNotOpen, CalendarEnds.

    The day on which it starts does not count; a day on which a check waits is the organ's, the day of its answer
    ours.
    """
    if dispute.accepted is None or dispute.since is None:
        raise DisputeNotOpen
    days, day, due_on = dispute.accepted.days, dispute.since, None
    counted, ours, theirs = 0, 0, 0
    runs = not dispute.pending
    while day < on or (runs and counted < days):
        day += _DAY
        if not calendar.is_working(day):
            continue
        waits = _waits(dispute, day)
        counted += not waits
        if counted == days and not waits:
            due_on = day
        if day <= on:
            ours, theirs = ours + (not waits), theirs + waits
    return Clock(days, ours, theirs, due_on)


def _waits(dispute: Dispute, day: date) -> bool:
    return any(_waited(check, day) for check in dispute.checks)


def _waited(check: Check, day: date) -> bool:
    return check.asked_on < day and (check.answered_on is None or day < check.answered_on)
