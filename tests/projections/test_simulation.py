"""What a draft would change: who gains and loses, and the same answer from either evaluator."""

import json
from pathlib import Path

import pytest

from domain.rulebook import as_published, read_tree
from projections.simulation.scoring import ReferenceFolder
from projections.simulation.sheets import Sheet, sheets
from projections.simulation.worlds import VaryMisread, Worlds, variants_of
from tests.domain.given import library
from tests.projections.populations import DAY, POINT, drafted, residents, simulated, written

LESS = drafted(points="0.4")
MORE = drafted(points="0.6")


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("population"), 400)


def sheet(found: list[Sheet], name: str) -> Sheet:
    return next(one for one in found if one.name == name)


def test_the_draft_that_changes_nothing_moves_nobody(population: Path) -> None:
    counts = simulated(population, library().document("zj.common")).counts

    assert [counts.people[f"all:{way}"] for way in ("gain", "same", "lose")] == [0, 400, 0]


def test_points_lost_are_those_of_the_item_that_pays_less(population: Path) -> None:
    found = simulated(population, LESS)

    assert found.counts.people["all:gain"] == 0
    assert found.counts.points["all:lose"] == found.counts.points["item:zj.common/insurance:lose"] < 0


def test_the_plan_and_the_reference_evaluator_say_the_same(population: Path) -> None:
    asked = {"thresholds": {"school": 60 * POINT}, "quota": 100, "vary": ("insurance.award.points=0.3,0.5",)}
    by_plan = simulated(population, MORE, **asked)  # type: ignore[arg-type] # options by name
    by_reference = simulated(population, MORE, folder=ReferenceFolder(), **asked)  # type: ignore[arg-type] # the same

    assert sheets(by_plan) == sheets(by_reference)


def test_how_the_population_is_cut_into_parts_changes_nothing(population: Path) -> None:
    assert sheets(simulated(population, LESS, size=7)) == sheets(simulated(population, LESS, size=1000))


def test_the_same_inputs_give_the_same_run(population: Path) -> None:
    assert simulated(population, LESS).run_id == simulated(population, LESS).run_id


@pytest.mark.parametrize("other", ["draft", "threshold", "quota", "vary", "population"])
def test_any_other_input_gives_another_run(population: Path, tmp_path: Path, other: str) -> None:
    first = simulated(population, LESS)
    second = {
        "draft": lambda: simulated(population, MORE),
        "threshold": lambda: simulated(population, LESS, thresholds={"school": POINT}),
        "quota": lambda: simulated(population, LESS, quota=1),
        "vary": lambda: simulated(population, LESS, vary=("insurance.award.points=0.4",)),
        "population": lambda: simulated(written(tmp_path, 399), LESS),
    }[other]()

    assert first.run_id != second.run_id


def test_a_threshold_is_crossed_by_whoever_is_on_its_other_side_after(population: Path) -> None:
    people = simulated(population, LESS, thresholds={"school": 60 * POINT}).counts.people

    assert people["threshold:school:loses"] > 0
    assert people["threshold:school:reaches"] == 0


def test_a_quota_places_as_many_as_there_are_places_and_whoever_ties_at_the_line(population: Path) -> None:
    found = simulated(population, LESS, quota=100)
    people = found.counts.people
    before = people["quota:stays_in"] + people["quota:drops_out"]
    after = people["quota:stays_in"] + people["quota:gets_in"]

    assert found.counts.line is not None
    assert min(before, after) >= 100


def test_more_places_than_people_leave_no_line(population: Path) -> None:
    assert simulated(population, LESS, quota=10_000).counts.line == (None, None)


def test_a_variant_with_the_drafts_own_number_does_what_the_draft_does(population: Path) -> None:
    people = simulated(population, LESS, vary=("insurance.award.points=0.4,0.5",)).counts.people

    assert people["variant:0:lose"] == people["all:lose"]
    assert people["variant:1:lose"] == people["variant:1:gain"] == 0


def test_variants_are_every_combination() -> None:
    names = [one.name for one in variants_of([LESS], ["insurance.award.points=0.3,0.5", "zj.common/cap=90,100"])]

    assert len(names) == 4
    assert names[0] == "insurance.award.points=0.3 zj.common/cap=90"


@pytest.mark.parametrize("wrong", ["insurance", "nobody.cap=1", "insurance.cap=", "insurance=1", "cap=90"])
def test_a_variant_of_nothing_is_refused(wrong: str) -> None:
    with pytest.raises(VaryMisread):
        variants_of([LESS], [wrong])


def test_too_many_variants_are_refused() -> None:
    with pytest.raises(VaryMisread):
        variants_of([LESS], ["insurance.cap=" + ",".join(map(str, range(201)))])


def test_a_draft_counts_as_in_force_and_replaces_the_document_of_its_name() -> None:
    world = Worlds(as_published(library().documents), [LESS], DAY).at("330212")
    hashes = {document.rulebook.doc: document.hash for document in world.draft.documents}

    assert hashes["zj.common"] == LESS.hash
    assert {document.rulebook.doc for document in world.current.documents} == set(hashes)


def test_a_draft_of_another_province_changes_nothing_here() -> None:
    tree = LESS.tree | {"authority": "320000", "doc": "js.common"}
    world = Worlds(
        as_published(library().documents),
        [type(LESS)(LESS.rulebook.model_copy(update={"authority": "320000", "doc": "js.common"}), tree, "0" * 64)],
        DAY,
    ).at("330212")

    assert world.draft.hash == world.current.hash


def test_deciles_never_divide_equal_scores(population: Path) -> None:
    counts = simulated(population, LESS).counts
    sizes = [counts.people[f"decile:{band.number}:people"] for band in counts.bands]

    assert sum(sizes) == 400
    assert len({band.least for band in counts.bands}) == len(sizes) <= 10


def test_a_line_that_cannot_be_read_is_counted_and_left_out(tmp_path: Path) -> None:
    file = written(tmp_path, 20)
    file.write_text(file.read_text() + "no json\n{}\n", encoding="utf-8")

    assert simulated(file, LESS).left_out == 2


def test_a_row_that_counts_the_spouse_is_scored_by_either_evaluator_alike(tmp_path: Path) -> None:
    lines = []
    for number, one in enumerate(residents(30)):
        months = [
            {"kind": "insurance-month-paid", "place": "330212", "month": f"2025-{m:02d}"} for m in range(1, 9)
        ]
        family = {"spouse": {"born_on": "1990-01-01", "facts": months}} if number % 2 else None
        lines.append(json.dumps(one | ({"family": family} if family else {})))
    file = tmp_path / "families.ndjson"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    tree = dict(drafted().tree)
    tree["items"] = [
        one | {"measure": one["measure"] | {"subjects": "spouse"}} if one["id"] == "insurance" else one
        for one in tree["items"]
    ]
    draft = read_tree(tree)
    by_plan, by_reference = (simulated(file, draft, folder=folder) for folder in (None, ReferenceFolder()))

    assert by_plan.counts.people == by_reference.counts.people
    assert by_plan.counts.points == by_reference.counts.points
    assert by_plan.counts.people["item:zj.common/insurance:gain"] > 0
