"""Civil dates in Asia/Shanghai: months, ages, full months. Formulas are written out, never an engine's."""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone

_DAYS_OF_EVERY_MONTH = 28
AHEAD_OF_UTC = timedelta(hours=8)
SHANGHAI = timezone(AHEAD_OF_UTC, "Asia/Shanghai")
"""Eight hours ahead without daylight saving since 1991, so that no time-zone database is needed."""


def civil_day(instant: datetime) -> date:
    """Give the civil date of an aware instant."""
    return instant.astimezone(SHANGHAI).date()


def month_index(day: date) -> int:
    """Number the month of `day`: years × 12 + month - 1."""
    return day.year * 12 + day.month - 1


def month_of(text: str) -> int:
    """Number the month written `YYYY-MM`."""
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def month_text(index: int) -> str:
    """Write a month number as `YYYY-MM`."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def first_day(index: int) -> date:
    """Give the first day of a numbered month."""
    return date(index // 12, index % 12 + 1, 1)


def add_months(day: date, months: int) -> date:
    """Move `day` by whole months; a day the target month lacks becomes its last (31 January + 1 = 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    number = day.day
    if number > _DAYS_OF_EVERY_MONTH:
        number = min(number, monthrange(year, month + 1)[1])
    return date(year, month + 1, number)


def full_months(start: date, end: date) -> int:
    """Count full months in the half-open [start, end): the greatest n with add_months(start, n) <= end."""
    if end <= start:
        return 0
    months = month_index(end) - month_index(start)
    return months if add_months(start, months) <= end else months - 1


def age_on(born: date, day: date) -> int:
    """Count full years. Born on 29 February, one turns on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, age: int) -> date:
    """Give the day on which somebody turns an age, as `age_on` counts."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def days(start: date, end: date) -> int:
    """Count days in the half-open [start, end)."""
    return max(0, (end - start) // timedelta(days=1))
