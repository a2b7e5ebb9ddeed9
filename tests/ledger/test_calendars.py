"""The calendar of working days that is shipped: as published, year after year, and never guessed beyond."""

from datetime import date
from pathlib import Path

import pytest

from domain.rulebook import Unsound
from domain.workdays import CalendarEnds
from ledger.calendars import read_calendar

CHINA = read_calendar(Path(__file__).parents[2] / "terms" / "working-days.yaml")
_SATURDAY = 5


def test_every_holiday_is_a_weekday_or_lies_in_a_span_and_every_worked_day_is_a_weekend() -> None:
    assert [day for day in CHINA.worked if day.weekday() < _SATURDAY] == []
    assert CHINA.worked & CHINA.holidays == set()
    assert all(len([d for d in CHINA.holidays if d.year == year]) >= 14 for year in range(2020, 2027))


@pytest.mark.parametrize(
    ("after", "count", "day"),
    [
        ("2020-12-06", 5, "2020-12-11"),  # the notice of 镇海 2020: five working days, 12-07 to 12-11
        ("2026-02-13", 2, "2026-02-24"),  # Saturday the 14th is worked, then nine days are free
        ("2025-09-27", 10, "2025-10-16"),
        ("2022-01-28", 2, "2022-01-30"),
    ],
)
def test_working_days_are_counted_over_holidays_and_worked_weekends(after: str, count: int, day: str) -> None:
    assert CHINA.after(date.fromisoformat(after), count) == date.fromisoformat(day)


def test_beyond_the_last_year_nothing_is_guessed() -> None:
    with pytest.raises(CalendarEnds):
        CHINA.after(date(2026, 12, 30), 3)


@pytest.mark.parametrize(
    "text",
    [
        "years: [{year: 2020, source: s, holidays: [2020-01-32], worked: []}]",
        "years: [{year: 2020, source: s, holidays: [2020-02-02..2020-02-01], worked: []}]",
        "years: [{year: 2020, source: s, holidays: [], worked: []}]\nmore: 1",
        "years: []",
    ],
)
def test_a_calendar_that_cannot_be_names_its_place(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Unsound) as refused:
        read_calendar(path)
    assert refused.value.problems[0].code == "wrong-type"
