"""Laws of why a score changed: the parts add up, over random tables, histories, days, cuts and places."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.change import Cause, Change, Coordinates, Effect, tell, why
from domain.facts import Known
from domain.knowledge import FactRow, in_force, rows_of
from domain.rulebook import RulebookSet
from domain.scoring import score
from tests.properties.drawn_tables import coverages, families, rulebook_sets, settled_lives, uses
from tests.properties.drawn_tables import lives as any_lives
from tests.properties.histories import PLACES, days

lives = any_lives | settled_lives
coordinates = st.builds(
    Coordinates,
    as_of=days,
    as_at=st.none() | st.integers(0, 25),
    under=rulebook_sets(items=3),
    place=st.sampled_from(PLACES),
    coverage=coverages(),
    family=families,
)
FEW = settings(max_examples=40)
AXES = {
    Cause.LATE_FACTS: "as_at",
    Cause.NEW_FACTS: "as_at",
    Cause.CORRECTIONS: "as_at",
    Cause.IDENTITY: "as_at",
    Cause.FEEDS: "coverage",
    Cause.FAMILY: "family",
    Cause.CALENDAR: "as_of",
    Cause.PLACE: "place",
    Cause.RULES: "under",
}


def rows(history: list[Known]) -> list[FactRow]:
    return [row for entry in history for row in rows_of(entry)]


def changed(history: list[Known], a: Coordinates, b: Coordinates) -> Change:
    return why(rows(history), a, b)


@FEW
@given(lives, coordinates, coordinates, uses)
def test_the_parts_add_up_to_the_difference(
    history: list[Known], a: Coordinates, b: Coordinates, use: str | None
) -> None:
    change = why(rows(history), a, b, use=use)
    parts = list(change.parts)

    assert sum(part.points for part in parts if part.effect is not Effect.VALIDITY) == change.difference
    assert sum(part.points for part in parts) == change.usable_difference
    assert sum(change.sums.values()) == change.difference
    assert all(part.points == sum(piece.points for piece in part.pieces) for part in parts)


@FEW
@given(lives, coordinates, coordinates)
def test_the_ends_of_a_change_are_the_scores_there(history: list[Known], a: Coordinates, b: Coordinates) -> None:
    change = changed(history, a, b)

    for at, found in ((a, change.before), (b, change.after)):
        assert found == score(
            in_force(rows(history), at.as_at), at.under, at.place, at.as_of, at.coverage, at.family
        )


@FEW
@given(lives, coordinates)
def test_equal_coordinates_give_no_parts(history: list[Known], a: Coordinates) -> None:
    change = changed(history, a, a)

    assert (list(change.parts), change.steps, change.idle) == ([], (), ())


@FEW
@given(lives, coordinates, coordinates)
def test_a_change_and_its_reverse_are_one_another_backwards(
    history: list[Known], a: Coordinates, b: Coordinates
) -> None:
    forth, back = changed(history, a, b), changed(history, b, a)

    assert back.difference == -forth.difference
    assert back == forth.backwards()


@FEW
@given(lives, coordinates, coordinates, st.sets(st.sampled_from(sorted({*AXES.values()}))))
def test_only_the_axes_that_differ_appear(
    history: list[Known], a: Coordinates, b: Coordinates, differing: set[str]
) -> None:
    mixed = {name: getattr(b if name in differing else a, name) for name in {*AXES.values()}}
    change = changed(history, a, Coordinates(**mixed))

    assert {AXES[step.cause] for step in change.steps} <= differing


@FEW
@given(lives, coordinates, coordinates, st.randoms())
def test_a_change_does_not_depend_on_the_order_of_rows(
    history: list[Known], a: Coordinates, b: Coordinates, chance: object
) -> None:
    shuffled = rows(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert why(shuffled, a, b) == changed(history, a, b)


@FEW
@given(lives, coordinates, coordinates)
def test_every_entry_between_is_told_once(history: list[Known], a: Coordinates, b: Coordinates) -> None:
    change = changed(history, a, b)
    low, high = sorted((25 if at.as_at is None else at.as_at) for at in (a, b))
    told = [row.position for step in change.steps for row in step.facts] + [row.position for row in change.idle]

    assert sorted(told) == sorted({row.position for row in rows(history) if low < row.position <= high})


@FEW
@given(lives, coordinates, coordinates)
def test_a_change_is_json_and_words(history: list[Known], a: Coordinates, b: Coordinates) -> None:
    change = changed(history, a, b)
    told = change.as_json()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert all(tell(change, "zh") + tell(change, "en"))


@FEW
@given(lives, rulebook_sets(), st.sampled_from(PLACES), days, days, st.integers(0, 25))
def test_a_later_day_and_later_knowledge_are_the_sum_of_both(
    history: list[Known], under: RulebookSet, at: str, first: object, second: object, cut: int
) -> None:
    days_ = sorted((first, second))  # type: ignore[type-var]
    a, c = Coordinates(days_[0], cut, under, at), Coordinates(days_[1], None, under, at)  # type: ignore[arg-type]
    b = Coordinates(a.as_of, None, under, at)

    assert (
        changed(history, a, b).difference + changed(history, b, c).difference == changed(history, a, c).difference
    )
