"""Months and years as the rulebooks count them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.civil import add_months, age_on, full_months, month_index, month_of, month_text

DAYS = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2025, 1, 31), date(2025, 2, 28), 1),
        (date(2025, 1, 30), date(2025, 2, 27), 0),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2025, 3, 15), date(2025, 3, 15), 0),
        (date(2015, 6, 1), date(2025, 6, 1), 120),
        (date(2025, 5, 2), date(2025, 5, 1), 0),
    ],
)
def test_full_months_between_two_days(start: date, end: date, months: int) -> None:
    assert full_months(start, end) == months


@given(DAYS, DAYS)
def test_full_months_are_the_most_that_fit(start: date, end: date) -> None:
    months = full_months(start, end)

    assert (add_months(start, months) <= end < add_months(start, months + 1)) or end <= start


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2000, 2, 29), date(2025, 2, 28), 24),
        (date(2000, 2, 29), date(2025, 3, 1), 25),
        (date(1985, 7, 1), date(2025, 6, 30), 39),
        (date(1985, 7, 1), date(2025, 7, 1), 40),
    ],
)
def test_one_turns_a_year_older_on_the_birthday_and_on_1_march_when_born_on_29_february(
    born: date, day: date, years: int
) -> None:
    assert age_on(born, day) == years


@given(DAYS)
def test_a_month_is_written_and_read_back(day: date) -> None:
    assert month_of(month_text(month_index(day))) == month_index(day)
