"""Laws of scores: over random histories, days, places and cuts, under the tables that are shipped."""

import json
import random
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Known, Ref
from domain.knowledge import in_force, rows_of
from domain.rulebook import RulebookSet
from domain.score import Line, Score
from domain.scoring import score
from tests.domain.given import library
from tests.properties.histories import PLACES, SUBJECT, counted, days, histories

DOCS = ("zj.common", "nb.common", "nb.pilot", "fh.individual")
BOOKS = RulebookSet.of([library().document(doc) for doc in DOCS])
COPY = 10_000


def scored(history: list[Known], on: date, at: str, as_at: int | None = None) -> Score:
    rows = [row for entry in history for row in rows_of(entry)]
    return score(in_force(rows, as_at), BOOKS, at, on)


def points(result: Score) -> dict[str, int]:
    return {f"{line.doc}/{line.item}": line.points for line in result.rows} | {"total": result.total}


@given(histories(), days, st.sampled_from(PLACES), st.randoms())
def test_the_order_of_facts_is_irrelevant(history: list[Known], on: date, at: str, chance: random.Random) -> None:
    rows = [row for entry in history for row in rows_of(entry)]
    chance.shuffle(rows)

    assert score(in_force(rows), BOOKS, at, on) == scored(history, on, at)


def copied(entry: Known) -> Known:
    position = entry.position + COPY
    return Known(entry.fact, position, Ref(stream=SUBJECT, version=position))


@given(histories(of=counted), days, st.sampled_from(PLACES), st.integers(0, 24))
def test_reporting_a_fact_again_adds_nothing(history: list[Known], on: date, at: str, which: int) -> None:
    plain = [entry for entry in history if entry.refers_to is None]
    again = [copied(entry) for entry in plain[which:]]

    assert points(scored([*plain, *again], on, at)) == points(scored(plain, on, at))


@given(histories(), days, st.sampled_from(PLACES), st.integers(0, 25))
def test_a_score_as_at_a_position_is_the_score_of_the_prefix(
    history: list[Known], on: date, at: str, as_at: int
) -> None:
    assert scored(history, on, at, as_at) == scored([e for e in history if e.position <= as_at], on, at)


@given(histories(of=counted), days, st.sampled_from(PLACES), counted)
def test_one_more_good_fact_never_costs_points(history: list[Known], on: date, at: str, fact: object) -> None:
    plain = [entry for entry in history if entry.refers_to is None]
    more = Known(fact, COPY, Ref(stream=SUBJECT, version=COPY))  # type: ignore[arg-type]

    assert scored([*plain, more], on, at).total >= scored(plain, on, at).total


@given(histories(), days, st.sampled_from(PLACES))
def test_caps_hold_and_what_they_took_adds_up(history: list[Known], on: date, at: str) -> None:
    result = scored(history, on, at)
    earned = sum(line.earned for line in result.rows if line.block == "item")
    lost = sum(loss.lost for loss in result.losses)

    assert result.before_deductions + lost == earned
    assert all(part.cap is None or part.points <= part.cap for part in (*result.tables, *result.categories))
    assert result.total >= 0


@given(histories(), days, st.sampled_from(PLACES))
def test_the_total_is_what_the_order_of_evaluation_says(history: list[Known], on: date, at: str) -> None:
    result = scored(history, on, at)
    expected = max(0, sum(table.points for table in result.tables) + result.deductions)

    assert result.total == (0 if any(hold.effect == "zero" for hold in result.holds) else expected)


@given(histories(), days, st.sampled_from(PLACES))
def test_a_fact_is_used_or_ignored_once_in_a_line(history: list[Known], on: date, at: str) -> None:
    for line in scored(history, on, at).rows:
        names = [(row.ref_version, row.part) for row in (*line.used, *(other.row for other in line.ignored))]
        assert len(names) == len(set(names)), line.item


@given(histories(), days, st.sampled_from(PLACES))
def test_a_line_with_points_rests_on_facts(history: list[Known], on: date, at: str) -> None:
    def explained(line: Line) -> bool:
        return bool(line.used) or line.item == "age" or not line.earned

    assert all(explained(line) for line in scored(history, on, at).rows)


@given(histories(), days, st.sampled_from(PLACES))
def test_a_score_is_json(history: list[Known], on: date, at: str) -> None:
    told = scored(history, on, at).as_json()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
