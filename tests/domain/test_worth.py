"""What a count is worth to a row: remembered, and the same as worked out anew."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from domain.ready import library_of
from tests.population_rulebooks import benchmark_rulebooks

ROWS = {row.rule.id: row for book in library_of(benchmark_rulebooks()).books for row in book.items}
AMOUNTS = st.integers(0, 10_000)
BY_YEAR = st.dictionaries(st.integers(2000, 2030), AMOUNTS, max_size=6)


@given(st.sampled_from(["insurance", "run", "blood", "employment"]), AMOUNTS)
def test_what_is_remembered_is_what_the_award_says(item: str, amount: int) -> None:
    row = ROWS[item]

    assert row.worths.of(amount).raw == row.rule.award.points_for(amount)
    assert row.worths.of(amount) is row.worths.of(amount)


@given(st.sampled_from(["insurance", "run", "blood"]), AMOUNTS)
def test_what_the_cap_took_and_what_counts_make_what_was_earned(item: str, amount: int) -> None:
    worth = ROWS[item].worths.of(amount)

    assert worth.points + sum(loss.lost for loss in worth.losses) == worth.earned


@given(BY_YEAR)
def test_each_year_is_capped_by_itself(by_year: dict[int, int]) -> None:
    row = ROWS["volunteer"]
    points = {year: row.rule.award.points_for(hours) for year, hours in by_year.items()}
    years = row.worths.by_year(by_year, 10)

    assert years.raw == sum(points.values(), Fraction(0))
    assert years.of_years == sum((min(each, Fraction(10)) for each in points.values()), Fraction(0))
    assert years.cut == tuple(sorted(year for year, each in points.items() if each > 10))
