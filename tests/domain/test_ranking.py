"""Who is in: laws of ranking, quotas, ties and draws."""

import hmac

from hypothesis import given
from hypothesis import strategies as st

from domain.programme import Entrant, Ranking, drawn, rank
from domain.programme.lottery import ticket
from domain.programme.ranking import Ties

UNITS = ("north", "south")
TIES: tuple[Ties, ...] = ("admit_all", "lottery", "shared_rank")


@st.composite
def entrants(draw: st.DrawFn) -> list[Entrant]:
    numbers = draw(st.lists(st.integers(0, 200), unique=True, max_size=25))
    return [
        Entrant(
            f"A-{number:03d}",
            (draw(st.integers(1, 2)), -draw(st.integers(0, 4))),
            tuple(draw(st.lists(st.sampled_from(UNITS), unique=True, max_size=2))),
            draw(st.booleans()) or draw(st.booleans()),
        )
        for number in numbers
    ]


SEEDS = st.sampled_from([None, "seed"])
places = st.fixed_dictionaries({unit: st.integers(0, 6) for unit in UNITS})


def admitted(ranking: Ranking, unit: str) -> int:
    return sum(each.unit == unit for each in ranking.ranked if each.outcome == "in")


@given(entrants(), places, st.sampled_from(TIES), SEEDS)
def test_the_order_in_which_applications_come_is_irrelevant(
    applied: list[Entrant], free: dict[str, int], ties: Ties, seed: str | None
) -> None:
    draw = drawn(seed, "round", [e.application for e in applied]) if seed else None

    assert rank(applied, free, ties, draw) == rank(applied[::-1], dict(reversed(free.items())), ties, draw)


@given(entrants(), places, SEEDS)
def test_a_draw_never_exceeds_a_quota(applied: list[Entrant], free: dict[str, int], seed: str | None) -> None:
    draw = drawn(seed, "round", [e.application for e in applied]) if seed else None
    ranking = rank(applied, free, "lottery", draw)

    assert all(admitted(ranking, unit) <= free[unit] for unit in UNITS)
    assert ranking.over == {}


@given(entrants(), places)
def test_all_tied_are_admitted_where_a_place_was_left_and_the_excess_is_told(
    applied: list[Entrant], free: dict[str, int]
) -> None:
    ranking = rank(applied, free, "admit_all")

    assert ranking.is_final
    assert all(ranking.over.get(unit, 0) == max(0, admitted(ranking, unit) - free[unit]) for unit in UNITS)


@given(entrants(), places, st.sampled_from(TIES))
def test_nobody_is_passed_over_for_a_worse_key(applied: list[Entrant], free: dict[str, int], ties: Ties) -> None:
    draw = drawn("seed", "round", [e.application for e in applied])
    ranking = rank(applied, free, ties, draw)
    by_name = {e.application: e for e in applied}
    worst = {
        unit: max((by_name[r.application].key for r in ranking.ranked if r.unit == unit), default=())
        for unit in UNITS
    }

    for each in ranking.ranked:
        if each.outcome == "out":
            entrant = by_name[each.application]
            assert all(worst[unit] <= entrant.key for unit in entrant.choices)


@given(entrants(), places)
def test_before_the_draw_only_contested_ties_wait_and_after_it_nobody_does(
    applied: list[Entrant], free: dict[str, int]
) -> None:
    before = rank(applied, free, "lottery")
    after = rank(applied, free, "lottery", drawn("seed", "round", [e.application for e in applied]))

    assert after.is_final
    assert all(each.tied for each in before.ranked if each.outcome == "awaits_draw")
    if before.is_final:
        assert {r.application: r.outcome for r in before.ranked} == {r.application: r.outcome for r in after.ranked}


@given(entrants(), places, st.sampled_from(TIES))
def test_each_application_stands_once_and_who_does_not_meet_the_conditions_has_no_rank(
    applied: list[Entrant], free: dict[str, int], ties: Ties
) -> None:
    ranking = rank(applied, free, ties)

    assert sorted(each.application for each in ranking.ranked) == sorted(e.application for e in applied)
    assert {each.application for each in ranking.ranked if each.rank is None} == {
        e.application for e in applied if not e.met
    }


def test_the_draw_is_the_published_formula() -> None:
    # As anybody would: printf 'cx.films-2026\nA-1' | openssl dgst -sha256 -hmac 'No. 2026135: 01 07 12'
    seed = "No. 2026135: 01 07 12"
    numbers = {
        name: hmac.digest(seed.encode(), f"cx.films-2026\n{name}".encode(), "sha256").hex()
        for name in ("A-1", "A-2", "A-3")
    }

    assert ticket(seed, "cx.films-2026", "A-1") == numbers["A-1"]
    assert list(drawn(seed, "cx.films-2026", ["A-3", "A-1", "A-2", "A-1"])) == sorted(
        numbers, key=numbers.__getitem__
    )


def test_another_seed_or_another_round_is_another_draw() -> None:
    names = [f"A-{number}" for number in range(20)]

    assert len({tuple(drawn(seed, round_name, names)) for seed in ("1", "2") for round_name in ("a", "b")}) == 4


def test_points_first_and_then_the_wish() -> None:
    ranking = rank(
        [
            Entrant("best", (-90,), ("north", "south")),
            Entrant("next", (-80,), ("north", "south")),
            Entrant("last", (-70,), ("north", "south")),
            Entrant("only", (-60,), ("south",)),
        ],
        {"north": 1, "south": 1},
        "admit_all",
    )

    assert [(r.application, r.unit) for r in ranking.ranked] == [
        *(("best", "north"), ("next", "south"), ("last", None), ("only", None)),
    ]
    assert ranking.line == {"north": (-90,), "south": (-80,)}


def test_after_a_contested_tie_nobody_gets_a_place_before_the_draw() -> None:
    ranking = rank([Entrant(name, (-80,)) for name in "abc"] + [Entrant("d", (-70,))], {"all": 2}, "lottery")

    assert (ranking.named("awaits_draw"), ranking.named("out")) == (["a", "b", "c"], ["d"])
