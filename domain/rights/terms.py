"""Within how many days a right is answered: declared as data by places, the narrowest place first.

The law says "in time" (及时, PIPL 45-48); the number and where it stands are data: terms/rights.yaml.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from domain.facts.rights import Right
from domain.rights.refusals import NoTermDeclared
from domain.workdays import WorkCalendar


class Term(NamedTuple):
    """So many days, by the calendar or worked, for one right (None: any) in places with a prefix."""

    place: str
    right: Right | None
    days: int
    counted: Literal["calendar", "working"]
    source: str

    def last_day(self, asked_on: date, calendar: WorkCalendar) -> date:
        """Give the last day for an answer; the day of asking does not count. Raises CalendarEnds."""
        if self.counted == "working":
            return calendar.after(asked_on, self.days)
        return asked_on + timedelta(days=self.days)


def term_for(terms: Sequence[Term], place: str, right: Right) -> Term:
    """Find the term: of the narrowest place, there of the very right before any right. Raises NoTermDeclared."""
    fitting = [one for one in terms if place.startswith(one.place) and one.right in (None, right)]
    if not fitting:
        raise NoTermDeclared(place)
    return max(fitting, key=lambda one: (len(one.place), one.right is not None))
