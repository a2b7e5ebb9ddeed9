"""The law of the next change: the day found is the day that a walk over every day finds."""

from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.coverage import Coverage
from domain.facts import Known
from domain.family import ALONE, Family
from domain.knowledge import Knowledge
from domain.next_change import Timetable, next_change_on, outcome
from domain.rulebook import Published, RulebookSet
from domain.scoring import score
from tests.domain.given import tables
from tests.properties.drawn_tables import (
    coverages,
    documents,
    families,
    few_facts,
    known,
    lives,
    residences,
    rulebook_sets,
    settled_lives,
    spell_sets,
    uses,
)
from tests.properties.histories import PLACES, days

DAY = timedelta(days=1)
WALKED_DAYS = 1100
Rules = RulebookSet | Timetable


def under(rules: Rules, at: str, day: date) -> RulebookSet:
    return rules.under(at, day) if isinstance(rules, Timetable) else rules


class Case(NamedTuple):
    """Whatever stays while days go by."""

    at: str = "330212"
    coverage: Coverage = Coverage()
    family: Family = ALONE
    use: str | None = None


cases = st.builds(Case, st.sampled_from([*PLACES, *PLACES[:1] * 5]), coverages(), families, uses)


def walked(knowledge: Knowledge, rules: Rules, as_of: date, case: Case) -> date | None:
    """Score every day of three years, and give the first that differs from the first."""

    def on(day: date) -> object:
        return outcome(score(knowledge, under(rules, case.at, day), case.at, day, *case[1:]))

    present = on(as_of)
    following = (as_of + n * DAY for n in range(1, WALKED_DAYS))
    return next((day for day in following if on(day) != present), None)


def check(history: list[Known], rules: Rules, as_of: date, case: Case) -> None:
    expected = walked(known(history), rules, as_of, case)
    found = next_change_on(known(history), rules, case.at, as_of, *case[1:])

    if expected is None:
        assert found is None or found >= as_of + WALKED_DAYS * DAY
    else:
        assert found == expected


@settings(max_examples=50)
@given(lives | settled_lives, rulebook_sets(), days, cases)
def test_the_next_change_is_the_first_day_that_differs(
    history: list[Known], rules: RulebookSet, as_of: date, case: Case
) -> None:
    check(history, rules, as_of, case)


@settings(max_examples=70)
@given(few_facts, rulebook_sets(items=1), days, cases)
def test_the_next_change_of_few_facts_and_rows(
    history: list[Known], rules: RulebookSet, as_of: date, case: Case
) -> None:
    check(history, rules, as_of, case)


@settings(max_examples=60)
@given(residences, spell_sets(), days)
def test_the_next_change_of_spells_that_touch(history: list[Known], rules: RulebookSet, as_of: date) -> None:
    check(history, rules, as_of, Case())


@st.composite
def timetables(draw: st.DrawFn) -> Timetable:
    published = []
    for position in range(1, draw(st.integers(1, 4)) + 1):
        [document] = tables(draw(documents("t.city", "city", 2))).documents
        begins = draw(days)
        length = draw(st.none() | st.integers(1, 400))
        ends = None if length is None else begins + length * DAY
        published.append(Published(document, position, begins, ends, draw(st.none() | days), position))
    return Timetable(published, draw(st.none() | st.integers(0, 4)))


@settings(max_examples=40)
@given(few_facts, timetables(), days, coverages())
def test_the_next_change_with_rulebooks_that_come_and_go(
    history: list[Known], rules: Timetable, as_of: date, coverage: Coverage
) -> None:
    check(history, rules, as_of, Case(coverage=coverage))
