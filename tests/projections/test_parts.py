"""Parts of an export: columns say what rows say, and the digest does not depend on who scores which part."""

import random
from pathlib import Path

import pytest

from domain.rulebook import RulebookSet
from projections.engines.reading_back import histories
from projections.exports.populations import ExportPopulation
from projections.simulation.comparison import by_place
from projections.simulation.scoring import PlanFolder, ReferenceFolder
from projections.spark.parts import Job, parts_of, score_here, score_part, together
from tests.domain.given import alone, library
from tests.projections.populations import DAY, exported


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("export"), 200)


@pytest.fixture(scope="module")
def job(export: Path) -> Job:
    return Job(str(export), library().documents, DAY)


def test_columns_say_what_rows_say(export: Path) -> None:
    part = ExportPopulation(export).part(0)
    told = list(histories(part.batch))

    assert len(told) == part.batch.residents == 50
    for number, (place, rows) in enumerate(told):
        resident = part.resident(number)
        assert place == resident.place
        assert len(rows) == len(resident.rows)


def test_the_plan_scores_an_export_as_the_reference_evaluator_does(export: Path) -> None:
    rulebooks: RulebookSet = alone("zj.common")
    for part in ExportPopulation(export).parts():
        for here in by_place(part):
            plan, reference = (
                folder.fold(here, [rulebooks], DAY).apply(rulebooks) for folder in (PlanFolder(), ReferenceFolder())
            )
            assert plan.total.tolist() == reference.total.tolist()
            assert plan.usable.tolist() == reference.usable.tolist()


def test_the_digest_does_not_depend_on_the_order_of_parts(job: Job) -> None:
    scores = [score_part(job, number) for number in parts_of(job)]
    random.Random(1).shuffle(scores)

    assert together(scores) == score_here(job)


def test_another_export_has_another_digest(job: Job, tmp_path: Path) -> None:
    other = exported(tmp_path / "other", 200, seed=2)

    assert score_here(job._replace(folder=str(other))).sha256 != score_here(job).sha256


def test_other_rulebooks_give_another_digest(job: Job) -> None:
    fewer = [document for document in library().documents if document.rulebook.doc != "nb.common"]

    assert score_here(job._replace(documents=fewer)).sha256 != score_here(job).sha256
