"""Calendars of working days on disk: terms/working-days.yaml, year by year as they were published."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError

from domain.notation import Strict, Text
from domain.rulebook import Problem, Unsound
from domain.workdays import WorkCalendar
from ledger.rulebooks.yaml_tree import trees

CHINA = Path(__file__).parents[1] / "terms" / "working-days.yaml"
"""The State Council's, as shipped."""


def _span(value: object) -> tuple[date, date]:
    """Read `2026-05-01`, or `2026-05-01..2026-05-05` with both days inside."""
    first, _, last = str(value).partition("..")
    span = date.fromisoformat(first), date.fromisoformat(last or first)
    if span[1] < span[0]:
        raise ValueError("the first day comes first")
    return span


Span = Annotated[tuple[date, date], BeforeValidator(_span)]


class WorkYear(Strict):
    """One year of the calendar, with where it was published."""

    year: Annotated[int, Field(ge=2000, le=2199)]
    source: Text
    holidays: list[Span]
    worked: list[Span]


class WorkYears(Strict):
    """A calendar's years, one after the other."""

    years: Annotated[list[WorkYear], Field(min_length=1)]


@lru_cache(maxsize=8)
def read_calendar(path: Path) -> WorkCalendar:
    """Read a calendar. Raises Unsound, OSError."""
    [(tree, marks)] = trees(path.read_bytes(), str(path))
    try:
        found = WorkYears.model_validate(tree).years
    except ValidationError as error:
        place = error.errors()[0]
        where = tuple(place["loc"])
        raise Unsound([marks.place(Problem("wrong-type", where, context={"detail": place["msg"]}))]) from None
    years = [each.year for each in found]
    if years != list(range(years[0], years[-1] + 1)):
        problem = Problem("wrong-type", ("years",), context={"detail": "year after year, none left out"})
        raise Unsound([marks.place(problem)])
    return WorkCalendar(
        date(years[0], 1, 1),
        date(years[-1], 12, 31),
        frozenset(day for each in found for span in each.holidays for day in _days(span)),
        frozenset(day for each in found for span in each.worked for day in _days(span)),
    )


def _days(span: tuple[date, date]) -> Iterator[date]:
    first, last = span
    for ahead in range((last - first).days + 1):
        yield first + timedelta(days=ahead)
