"""Laws of what is in force: order, prefixes and repetition do not matter; folding never refuses."""

import random
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Fact, FactCorrected, Known, ParticularsCorrected, Ref
from domain.knowledge import Knowledge, in_force, rows_of
from domain.permit import permit_on
from tests.properties.histories import SUBJECT, any_fact, days, histories, permits

ALL = 10_000
subject_facts = any_fact.filter(lambda fact: not isinstance(fact, ParticularsCorrected))


def known(history: list[Known], as_at: int | None = None) -> Knowledge:
    return in_force((row for entry in history for row in rows_of(entry)), as_at)


@given(histories(), st.randoms())
def test_the_order_of_rows_is_irrelevant(history: list[Known], chance: random.Random) -> None:
    shuffled = [row for entry in history for row in rows_of(entry)]
    chance.shuffle(shuffled)

    assert in_force(shuffled) == known(history)


@given(histories(), st.integers(0, 30))
def test_what_is_known_at_a_position_is_what_its_prefix_says(history: list[Known], as_at: int) -> None:
    assert known(history, as_at) == known([entry for entry in history if entry.position <= as_at])


@given(histories(), st.lists(st.integers(0, 30), max_size=4))
def test_replay_in_any_split_is_the_same(history: list[Known], cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), ALL]
    parts = [history[first:last] for first, last in pairwise(edges)]

    assert in_force(row for part in parts for entry in part for row in rows_of(entry)) == known(history)


@given(histories(), st.lists(subject_facts, min_size=3, max_size=5))
def test_corrections_that_come_second_might_as_well_not_have_come(history: list[Known], raced: list[Fact]) -> None:
    target = Ref(stream=SUBJECT, version=len(history) + 1)
    for position, fact in enumerate(raced, len(history) + 1):
        ref = Ref(stream=SUBJECT, version=position)
        if ref == target:
            history.append(Known(fact, position, ref))
        else:
            correction = FactCorrected.model_validate({"reason": "agency-error", "replacement": fact})
            history.append(Known(correction, position, ref, target))
    told, meant = known(history), known(history, target.version + 1)

    assert (told.rows, told.born_on, told.permits) == (meant.rows, meant.born_on, meant.permits)


@given(histories())
def test_every_fact_is_in_force_or_ignored_and_never_both(history: list[Known]) -> None:
    knowledge = known(history)
    counting = [(f.row.ref_version, f.row.part) for kind in knowledge.facts.values() for f in kind]
    moves = [(f.row.ref_version, f.row.part) for f in knowledge.permits]
    ignored = [(other.row.ref_version, other.row.part) for other in knowledge.ignored]

    assert len({*counting, *moves, *ignored}) == len(counting) + len(moves) + len(ignored)


@given(histories(), days)
def test_an_end_is_never_later_than_the_facts_own(history: list[Known], day: date) -> None:
    for facts in known(history).facts.values():
        for fact in facts:
            end = fact.end(day)
            assert fact.row.ends_on is None or (end is not None and end <= fact.row.ends_on)


@given(histories(of=permits), days, st.randoms())
def test_a_permit_does_not_depend_on_the_order_of_its_facts(
    history: list[Known], day: date, chance: random.Random
) -> None:
    moves = list(known(history).permits)
    once = permit_on(moves, day)
    chance.shuffle(moves)

    assert permit_on(moves, day) == once


@given(histories(of=permits), days, days)
def test_what_a_permit_will_do_does_not_change_what_it_was(history: list[Known], first: date, second: date) -> None:
    moves = known(history).permits
    day, later = min(first, second), max(first, second)
    before = [move for move in moves if move.row.starts_on and move.row.starts_on <= later]

    assert permit_on(before, day) == permit_on(moves, day)
