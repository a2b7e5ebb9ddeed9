"""Which points count where, which stay behind, and what a move would change before it is made."""

from datetime import date

from domain.factrow import FactRow
from domain.facts import Fact
from domain.places import Tier
from domain.recognition import (
    Standing,
    home_of,
    move_trial,
    places_in_scope,
    recognise,
    tell_move,
    tell_recognition,
)
from domain.residency import clocks
from domain.rulebook import RulebookSet
from domain.score import ref_name
from domain.supposing import is_supposed, suppose, supposed_name
from tests.domain.given import (
    CIXI,
    FENGHUA,
    HAISHU,
    QIANWAN,
    WENZHOU_RUIAN,
    YINZHOU,
    Given,
    attested,
    born,
    employment,
    honour,
    in_force_at,
    insured,
    offence,
    permit,
    residence,
    tables,
    worth,
)

ON = date(2024, 6, 1)
LIFE = [
    born("1990-01-01"),
    residence("2020-01-01", place=FENGHUA),
    permit("permit-issued", "2023-10-01", FENGHUA),
    *insured("2023-01", 12, YINZHOU),
    *insured("2023-12", 3, HAISHU),
    honour("city", "2023-05-01", place=FENGHUA),
]


def under(place: str, on: date) -> RulebookSet:
    return in_force_at(place, on.isoformat())


def standings(*more: Fact) -> dict[str, Standing]:
    places = [FENGHUA, YINZHOU, QIANWAN, WENZHOU_RUIAN]
    return {each.place: each for each in recognise(Given(*LIFE, *more).known(), places, ON, under)}


def points(standing: Standing, units: int) -> str:
    return standing.trial.points(units)


def test_at_home_the_figure_is_official_and_elsewhere_a_trial() -> None:
    assert [each.basis for each in standings().values()] == ["official", "trial", "trial", "trial"]


def test_months_of_two_districts_add_up_wherever_the_provinces_table_is_read() -> None:
    # January to December in 鄞州, December to February in 海曙: 14 months, 0.5 each.
    found = standings().values()

    rows = [(each, row) for each in found for row in each.rows if row.line.doc == "zj.common"]

    assert {points(each, row.here) for each, row in rows if row.line.item == "insurance"} == {"7.00"}


def test_the_citys_points_count_in_its_districts_and_zones_and_not_in_another_city() -> None:
    found = standings()

    assert [points(found[place], found[place].tiers[Tier.CITY]) for place in (YINZHOU, QIANWAN, WENZHOU_RUIAN)] == [
        *("10.00", "10.00", "0.00"),
    ]


def test_the_districts_own_points_stay_behind() -> None:
    behind = standings()[YINZHOU].left_behind

    assert [(row.line.doc, row.line.item, row.line.used[0].place) for row in behind] == [
        ("fh.individual", "honour", FENGHUA)
    ]


def test_in_another_district_its_own_table_is_a_trial_and_not_recognised() -> None:
    # Two districts, each with a table of its own: 5 units attested here, 3 there.
    books = tables(
        {"authority": "330000", "tier": "province", "schemes": [{"id": "common"}], "items": [attested("common")]},
        {"authority": YINZHOU, "tier": "district", "schemes": [{"id": "here"}], "items": [attested("here")]},
        {"authority": CIXI, "tier": "district", "schemes": [{"id": "there"}], "items": [attested("there")]},
    )

    def only(place: str, _on: date) -> RulebookSet:
        return RulebookSet.of(d for d in books.documents if d.rulebook.authority in ("330000", place))

    known = Given(
        permit("permit-issued", "2024-01-01"), worth("common", 7), worth("here", 5), worth("there", 3, CIXI)
    ).known()
    cixi = recognise(known, [CIXI], ON, only)[0]

    assert (points(cixi, cixi.recognised), points(cixi, cixi.trial.total)) == ("7.00", "10.00")


def test_deductions_of_shared_tables_are_taken_everywhere_and_never_below_zero() -> None:
    many = [offence("crime", f"2024-0{month}-01") for month in (1, 2, 3, 4)]
    found = standings(*many)

    assert found[YINZHOU].recognised == found[YINZHOU].trial.total
    assert found[YINZHOU].recognised >= 0


def test_without_a_permit_nothing_is_recognised_yet() -> None:
    known = Given(residence("2024-01-01"), *insured("2023-01", 12)).known()
    [here] = recognise(known, [YINZHOU], ON, under)

    assert (home_of(known, ON), here.basis, here.recognised, here.trial.total > 0) == (None, "trial", 0, True)


def test_a_suspended_permit_still_has_its_home_and_an_ended_one_has_none() -> None:
    suspended = [permit("permit-issued", "2023-01-01"), permit("permit-suspended", "2023-05-01")]

    homes = [home_of(Given(*suspended, *more).known(), ON) for more in ([], [permit("permit-ended", "2023-06-01")])]

    assert homes == [YINZHOU, None]


def test_the_places_in_scope_are_the_citys_districts_and_zones_the_home_first() -> None:
    assert places_in_scope(FENGHUA)[0] == FENGHUA
    assert QIANWAN in places_in_scope(FENGHUA)
    assert WENZHOU_RUIAN not in places_in_scope(FENGHUA)


def test_a_move_within_the_province_converts_on_the_day_and_its_parts_add_up() -> None:
    moved = employment("2022-01-01", place=FENGHUA)
    trial = move_trial(Given(*LIFE, moved).known(), WENZHOU_RUIAN, ON, under)

    assert (trial.permit.how, trial.permit.from_day) == ("existing-permit", ON)
    assert trial.difference == trial.after.total - trial.before.total
    assert [row.line.doc for row in trial.rows] == ["nb.common", "nb.common", "fh.individual"]


def test_a_conversion_leaves_no_gap_in_the_unbroken_months() -> None:
    trial = move_trial(Given(*LIFE).known(), YINZHOU, ON, under)

    assert trial.clocks_after == trial.clocks_before == clocks(Given(*LIFE).known(), ON)


def test_a_trial_records_nothing() -> None:
    known = Given(*LIFE).known()
    facts_before = {kind: list(found) for kind, found in known.facts.items()}
    trial = move_trial(known, YINZHOU, ON, under)

    assert {kind: list(found) for kind, found in known.facts.items()} == facts_before
    assert [row.kind for line in trial.after.rows for row in line.used if is_supposed(row)] == [
        "residence-registered"
    ]


def test_who_has_no_permit_and_too_few_months_waits() -> None:
    known = Given(residence("2024-04-01")).known()
    trial = move_trial(known, CIXI, ON, under, home=YINZHOU)

    assert (trial.permit.how, trial.permit.from_day) == ("waits", date(2024, 12, 1))


def test_both_are_told_in_both_tongues_with_the_word_for_a_trial() -> None:
    known = Given(*LIFE).known()
    found, trial = recognise(known, [FENGHUA, YINZHOU], ON, under), move_trial(known, YINZHOU, ON, under)

    assert "试算" in "\n".join(tell_recognition(found))
    assert "(trial)" in "\n".join(tell_recognition(found, "en"))
    assert next(tell_move(trial)).startswith("搬家试算")
    assert "stay" not in next(tell_move(trial, "en"))


def test_a_program_gets_the_facts_behind_each_row() -> None:
    told = standings()[YINZHOU].as_json()
    insurance = next(row for row in told["rows"] if row["item"] == "insurance")

    assert (told["basis"], told["recognised"], len(insurance["used"])) == ("trial", "50.25", 14)


def test_a_supposed_fact_is_named_as_one() -> None:
    told = move_trial(Given(*LIFE).known(), WENZHOU_RUIAN, ON, under).as_json()

    assert told["basis_label"]["zh"] == "试算"
    assert supposed_name(ref_name)(trial_row()) == {"supposed": "residence-registered"}


def trial_row() -> FactRow:
    known = suppose(Given().known(), [residence("2024-01-01")])
    return known.of("residence-registered")[0].row
