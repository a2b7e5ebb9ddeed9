"""How late a fact was recorded: the days between the last day that made it so and the day it became known."""

from collections.abc import Iterable
from datetime import date

from domain.factrow import FactRow

LATE_DAYS = 90
"""More days than these, and a fact is late: it came after the quarter in which it could have been told."""


def days_late(rows: Iterable[FactRow], recorded_on: date) -> int | None:
    """Count the days from the latest of an entry's days that had come until it was recorded; None: it has no day.

    An open spell is late from its start; one that had ended, a month or a decision, from its end or day.
    """
    days = [
        day
        for row in rows
        for day in (row.starts_on, row.ends_on, row.decided_on, row.completed_on, row.stops_on)
        if day is not None
    ]
    if not days:
        return None
    return min((recorded_on - day).days for day in days if day <= recorded_on) if min(days) <= recorded_on else 0
