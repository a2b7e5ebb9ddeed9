"""The arithmetic of the rules against naive arithmetic: rounding, months, runs, spells."""

from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.civil import add_months, full_months, month_index
from domain.knowledge import in_force, rows_of
from domain.measures import Months, Reading, Spells
from domain.measures.months import last_run, longest_run
from domain.measures.spells import merged
from domain.notation import decimal_text, exact_text, half_up, points_text
from domain.places import Tier
from domain.view import View
from tests.domain.given import YINZHOU, Given, insurance, residence, residence_ended
from tests.properties.histories import days

READING = Reading(Tier.PROVINCE, "t/row")
DAY = timedelta(days=1)
numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000)


@given(numbers, st.integers(0, 4))
def test_half_up_is_the_half_up_of_exact_arithmetic(value: Fraction, scale: int) -> None:
    magnitude = abs(value) * 10**scale
    whole = magnitude.numerator // magnitude.denominator
    expected = whole + (1 if magnitude - whole >= Fraction(1, 2) else 0)

    assert half_up(value, scale) == (expected if value >= 0 else -expected)


@given(st.decimals(-1000, 1000, places=6), st.integers(0, 4))
def test_half_up_is_what_decimal_calls_half_up(value: Decimal, scale: int) -> None:
    rounded = value.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP)

    assert half_up(Fraction(value), scale) == int(rounded.scaleb(scale))


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_points_print_exactly(units: int, scale: int) -> None:
    assert Decimal(points_text(units, scale)) == Decimal(units).scaleb(-scale)


@given(numbers)
def test_an_exact_value_prints_exactly(value: Fraction) -> None:
    assert Fraction(exact_text(value)) == value


@given(st.decimals(-(10**6), 10**6, places=4))
def test_the_shortest_decimal_text_is_the_same_number(value: Decimal) -> None:
    text = decimal_text(value)

    assert Decimal(text) == value
    assert "." not in text or text[-1] not in "0."


month_sets = st.sets(st.integers(-3, 40))


@given(month_sets)
def test_the_last_run_against_a_walk_back(months_ago: AbstractSet[int]) -> None:
    walked = set()
    ago = 1
    while ago in months_ago:
        walked.add(ago)
        ago += 1

    assert last_run(months_ago) == walked


@given(month_sets)
def test_the_longest_run_against_every_run(months_ago: AbstractSet[int]) -> None:
    runs = [
        set(range(first, first + length))
        for first in months_ago
        for length in range(1, len(months_ago) + 1)
        if set(range(first, first + length)) <= set(months_ago)
    ]

    assert len(longest_run(months_ago)) == max((len(run) for run in runs), default=0)
    assert longest_run(months_ago) <= set(months_ago)


numbered = st.lists(st.integers(2023 * 12, 2025 * 12), max_size=30)


@given(numbered, st.dates(date(2023, 1, 1), date(2025, 6, 30)), st.sampled_from([None, "12mo"]))
def test_months_against_a_plain_set(paid: list[int], on: date, window: str | None) -> None:
    looking_back = {"window": window} if window else {}
    measure = Months.model_validate({"kind": "months", "of": "insurance-month-paid", **looking_back})
    facts = Given(*(insurance(f"{n // 12:04d}-{n % 12 + 1:02d}") for n in paid))
    now = month_index(on)
    expected = {n for n in paid if (now - 12 <= n < now if window else n <= now)}

    counted = measure.count(View(facts.known(), YINZHOU, on), READING)

    assert counted.quantity == len(expected)
    assert len(counted.used) + len(counted.ignored) == len(paid)


periods = st.tuples(days, st.integers(1, 400)).map(lambda pair: (pair[0], pair[0] + pair[1] * DAY))


def covered(spans: list[tuple[date, date]]) -> set[date]:
    return {start + n * DAY for start, end in spans for n in range((end - start).days)}


@given(st.lists(periods, max_size=6))
def test_merged_periods_cover_the_same_days_and_never_touch(spans: list[tuple[date, date]]) -> None:
    joined = merged(spans)

    assert covered(joined) == covered(spans)
    assert all(first[1] < second[0] for first, second in pairwise(joined))


def naive_full_months(all_days: set[date]) -> int:
    """Count full months in each unbroken run of days, walking day by day and month by month."""
    total = 0
    for start in (day for day in all_days if day - DAY not in all_days):
        end = start
        while end in all_days:
            end += DAY
        months = 0
        while add_months(start, months + 1) <= end:
            months += 1
        total += months
    return total


@given(st.lists(periods, max_size=5), days)
def test_spells_against_sets_of_days(spans: list[tuple[date, date]], on: date) -> None:
    facts = Given()
    for number, (start, end) in enumerate(spans):
        facts.then(residence(start.isoformat(), f"S{number}")).then(residence_ended(end.isoformat(), f"S{number}"))
    view = View(in_force([row for entry in facts.entries for row in rows_of(entry)]), YINZHOU, on)
    lived = {day for day in covered(spans) if day < on}

    def count(unit: str) -> int | None:
        measure = Spells.model_validate({"kind": "spells", "of": "residence-registered", "count": unit})
        return measure.count(view, READING).quantity

    assert count("days") == len(lived)
    assert count("full_months") == naive_full_months(lived)


@given(days, st.integers(0, 60))
def test_full_months_undo_adding_months(start: date, months: int) -> None:
    end = add_months(start, months)

    assert full_months(start, end) == months
    assert full_months(start, end - DAY) == max(0, months - 1)
