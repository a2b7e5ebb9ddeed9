"""Working days 工作日 on a published calendar: weekends, public holidays, and weekends that are worked (调休).

Source: the State Council's yearly notice on holidays. Beyond the days that a calendar covers nothing is guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.errors import Refusal

_DAY = timedelta(days=1)
_SATURDAY = 5
TOLD_AHEAD_DAYS = 60
"""Calendar days before the last covered one from which on somebody is told that the next year is missing."""


class CalendarEnds(Refusal):
    """工作日历没有覆盖到这一天。| The calendar of working days does not reach that day."""

    hint = ("补充国务院当年放假通知。", "Add the year's notice on public holidays.")


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """What is known of the days in [first, last]: holidays on weekdays, and weekend days that are worked."""

    first: date
    last: date
    holidays: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked. Raises CalendarEnds."""
        if not self.first <= day <= self.last:
            raise CalendarEnds(day.isoformat())
        if day in self.worked:
            return True
        return day.weekday() < _SATURDAY and day not in self.holidays

    def days_left(self, on: date) -> int:
        """Count the days after one that are still covered; below zero: so many have passed since the last."""
        return (self.last - on).days

    def ends_soon(self, on: date) -> bool:
        """Say whether the next year's notice should be added now: clocks refuse days beyond the last."""
        return self.days_left(on) <= TOLD_AHEAD_DAYS

    def after(self, day: date, count: int) -> date:
        """Give the count-th working day after a day: the day itself does not count. Raises CalendarEnds."""
        while count > 0:
            day += _DAY
            count -= self.is_working(day)
        return day
